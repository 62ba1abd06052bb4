"""Checks of the parameters when a session is created."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.core import money
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest

SHORTEST, LONGEST = 30 * 60, 24 * 3600


def _refuse_data(params: dict[str, Any], *names: str) -> None:
    """Refuse parameters that the session's mode does not allow."""
    for name in names:
        if params.get(name) is not None:
            raise InvalidRequest(f"You can not pass `{name}` in `{params['mode']}` mode.", param=name)


#: Parameters that only other modes have.
_OTHER_PAGES = {
    "hosted_page": ("redirect_on_completion", "return_url"),
    "embedded_page": ("cancel_url", "success_url"),
    "elements": ("cancel_url", "redirect_on_completion", "success_url"),
}


def _check_pages(params: dict[str, Any]) -> None:
    ui_mode = params.get("ui_mode") or "hosted_page"
    never = params.get("redirect_on_completion") == "never"
    # With Elements, the page may name its return URL when it confirms.
    wanted = {"hosted_page": "success_url", "embedded_page": None if never else "return_url"}.get(ui_mode)
    if wanted is not None and params.get(wanted) is None:
        raise InvalidRequest(
            f"Missing required param: {wanted}. It is required when `ui_mode` is `{ui_mode}`.",
            param=wanted,
            code="parameter_missing",
        )
    sent = [name for name in _OTHER_PAGES[ui_mode] if params.get(name) is not None]
    if sent:
        raise InvalidRequest(
            f"The following parameters are not supported with `ui_mode: {ui_mode}`: {', '.join(sent)}.",
            param=sent[0],
        )
    if never and params.get("return_url") is not None:
        raise InvalidRequest(
            "`return_url` cannot be used when `redirect_on_completion` is `never`.", param="return_url"
        )
    if params.get("customer") and params.get("customer_email"):
        raise InvalidRequest(
            "You may only specify one of these parameters: customer, customer_email.", param="customer_email"
        )
    if params.get("customer") and params.get("customer_creation"):
        raise InvalidRequest(
            "You may only specify one of these parameters: customer, customer_creation.",
            param="customer_creation",
        )


def _check_total(total: int, currency: str) -> None:
    least = money.minimum(currency)
    if 0 < total < least:
        raise InvalidRequest(
            "The Checkout Session's total amount due must add up to at least "
            f"{money.show(least, currency)}; it is {money.show(total, currency)}.",
            code="amount_too_small",
        )
    if total > money.MAXIMUM:
        raise InvalidRequest(
            f"The total amount due must be no more than {money.show(money.MAXIMUM, currency)}.",
            code="amount_too_large",
        )


def _expires_at(sandbox: Sandbox, given: int | None) -> int:
    now = sandbox.clock.now()
    if given is None:
        return now + LONGEST
    # One minute of tolerance: the caller computed the time moments ago, with another clock.
    if given > now + LONGEST + 60:
        raise InvalidRequest(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    if given < now + SHORTEST - 60:
        raise InvalidRequest(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
            param="expires_at",
        )
    return given


def _customer_creation(params: dict[str, Any]) -> str | None:
    """A subscription always creates a customer; a payment only on request."""
    if params.get("customer") is not None:
        return None
    wanted: str | None = params.get("customer_creation")
    return "always" if params["mode"] == "subscription" else wanted or "if_required"


def _after_expiration(params: dict[str, Any]) -> Object | None:
    recovery = (params.get("after_expiration") or {}).get("recovery")
    if recovery is None:
        return None
    return {
        "recovery": {
            "allow_promotion_codes": recovery.get("allow_promotion_codes", False),
            "enabled": recovery["enabled"],
            "expires_at": None,
            "url": None,
        }
    }


def _consent_collection(params: dict[str, Any]) -> Object | None:
    wanted = params.get("consent_collection")
    if wanted is None:
        return None
    return {
        "payment_method_reuse_agreement": wanted.get("payment_method_reuse_agreement"),
        "promotions": wanted.get("promotions"),
        "terms_of_service": wanted.get("terms_of_service"),
    }
