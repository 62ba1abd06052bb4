"""Configurations of the customer portal."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object

CANCEL_REASONS = [
    "too_expensive",
    "missing_features",
    "switched_service",
    "unused",
    "customer_service",
    "too_complex",
    "low_quality",
    "other",
]


def features(given: dict[str, Any]) -> Object:
    """All features of the portal: the given settings over the defaults."""
    base: Object = {
        "customer_update": {"allowed_updates": ["email", "name"], "enabled": False},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True, "payment_method_configuration": None},
        "subscription_cancel": {
            "cancellation_reason": {"enabled": False, "options": CANCEL_REASONS},
            "enabled": True,
            "mode": "at_period_end",
            "proration_behavior": "none",
        },
        "subscription_update": {
            "billing_cycle_anchor": "unchanged",
            "default_allowed_updates": ["price"],
            "enabled": False,
            "products": [],
            "proration_behavior": "create_prorations",
            "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
        },
    }
    return {name: {**default, **(given.get(name) or {})} for name, default in base.items()}


def new_configuration(sandbox: Sandbox, given: dict[str, Any], *, is_default: bool = False) -> Object:
    """Store a configuration and emit `billing_portal.configuration.created`."""
    profile = given.get("business_profile") or {}
    configuration = sandbox.new(
        "bpc",
        "billing_portal.configuration",
        active=True,
        application=None,
        business_profile={
            "headline": profile.get("headline"),
            "privacy_policy_url": profile.get("privacy_policy_url"),
            "terms_of_service_url": profile.get("terms_of_service_url"),
        },
        default_return_url=given.get("default_return_url"),
        features=features(given.get("features") or {}),
        is_default=is_default,
        login_page={"enabled": False, "url": None},
        metadata=given.get("metadata") or {},
        name=given.get("name"),
        updated=sandbox.clock.now(),
    )
    sandbox.store.insert(configuration)
    sandbox.events.emit("billing_portal.configuration.created", configuration)
    return configuration


def default_configuration(sandbox: Sandbox) -> Object:
    """The default configuration, created when first needed."""
    found = sandbox.store.find("billing_portal.configuration", {"is_default": True}, limit=1)
    return found[0] if found else new_configuration(sandbox, {}, is_default=True)
