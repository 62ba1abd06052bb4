"""Creates Checkout Sessions."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.billing import discounts
from stripe_sandbox.billing import subscribing as subscribe
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import setups
from stripe_sandbox.sessions import line_items
from stripe_sandbox.sessions.checks import (
    LONGEST,
    _after_expiration,
    _check_pages,
    _check_total,
    _consent_collection,
    _customer_creation,
    _expires_at,
    _refuse_data,
)


def create(sandbox: Sandbox, params: dict[str, Any]) -> Object:
    """Store a new open session; raises InvalidRequest if its parameters contradict each other."""
    _check_pages(params)
    if params["mode"] == "setup":
        return _create_setup(sandbox, params)
    if params["mode"] == "subscription" and params.get("customer_creation") is not None:
        raise InvalidRequest(
            "`customer_creation` can only be used in `payment` mode.", param="customer_creation"
        )
    wanted = params.get("line_items")
    if not wanted:
        raise InvalidRequest(
            f"You must provide at least one line item in `{params['mode']}` mode.",
            param="line_items",
            code="parameter_missing",
        )
    other = "payment_intent_data" if params["mode"] == "subscription" else "subscription_data"
    _refuse_data(params, "setup_intent_data", other)
    lines = line_items.build(sandbox, wanted, params["mode"], params.get("currency"))
    currency = lines[0]["currency"]
    if any(line["currency"] != currency for line in lines):
        raise InvalidRequest("All line items of a session must have the same currency.", param="line_items")
    if subscribe.trial_end(params.get("subscription_data") or {}, sandbox.clock.now()) is not None:
        line_items.free(lines)
    subtotal = sum(line["amount_subtotal"] for line in lines)
    session = _object(sandbox, params, currency, subtotal)
    session["_"]["line_items"] = lines
    _discount(sandbox, session, params)
    _check_total(session["amount_total"], currency)
    return _store(sandbox, session)


def _create_setup(sandbox: Sandbox, params: dict[str, Any]) -> Object:
    """A session that stores a card for later: no lines and no amounts, and a setup intent from the start."""
    _refuse_data(
        params, "payment_intent_data", "subscription_data", "line_items", "discounts", "allow_promotion_codes"
    )
    session = _object(sandbox, params, params.get("currency"), 0)
    data = params.get("setup_intent_data") or {}
    intent = setups.create_intent(
        sandbox,
        links={"checkout_session": session["id"]},
        customer=session["customer"],
        description=data.get("description"),
        metadata=data.get("metadata") or {},
    )
    session.update(
        amount_subtotal=None,
        amount_total=None,
        total_details=None,
        payment_status="no_payment_required",
        payment_method_collection="always",
        setup_intent=intent["id"],
        _={**session["_"], "intent": intent["id"]},
        invoice_creation=None,
    )
    session["_"]["line_items"] = []
    return _store(sandbox, session)


def _store(sandbox: Sandbox, session: Object) -> Object:
    sandbox.store.insert(session)
    sandbox.store.schedule("session.expire", session["id"], session["expires_at"])
    return session


def _discount(sandbox: Sandbox, session: Object, params: dict[str, Any]) -> None:
    """The discount that the caller chose for the buyer."""
    for given in params.get("discounts") or []:
        if params.get("allow_promotion_codes") is not None:
            raise InvalidRequest(
                "You may only specify one of these parameters: allow_promotion_codes, discounts.",
                param="discounts",
            )
        if (given.get("coupon") is None) == (given.get("promotion_code") is None):
            raise InvalidRequest(
                "You must specify exactly one of `coupon` and `promotion_code`.", param="discounts[0]"
            )
        code = None
        if given.get("promotion_code") is not None:
            code = sandbox.require(
                "promotion_code", given["promotion_code"], param="discounts[0][promotion_code]"
            )
        coupon_id = given.get("coupon") or (code or {})["promotion"]["coupon"]
        coupon = sandbox.require("coupon", coupon_id, param="discounts[0][coupon]")
        discounts.apply(sandbox, session, coupon, code, param="discounts[0]")


def _object(sandbox: Sandbox, params: dict[str, Any], currency: str | None, subtotal: int) -> Object:
    ui_mode = params.get("ui_mode") or "hosted_page"
    customer = None
    if params.get("customer"):
        customer = sandbox.require("customer", params["customer"], param="customer")
    id_ = sandbox.ids.new("cs_test")
    email = customer["email"] if customer is not None else params.get("customer_email")
    session = sandbox.new(
        "cs_test",
        "checkout.session",
        null="""
            allowed_payment_method_types collected_information consent
            currency_conversion customer_account invoice payment_intent payment_link
            payment_method_configuration_details permissions recovered_from
            saved_payment_method_options setup_intent shipping_address_collection
            shipping_cost subscription wallet_options
        """,
        id=id_,
        adaptive_pricing={"enabled": False},
        after_expiration=_after_expiration(params),
        allow_promotion_codes=params.get("allow_promotion_codes"),
        amount_subtotal=subtotal,
        amount_total=subtotal,
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        billing_address_collection=params.get("billing_address_collection"),
        branding_settings={
            "background_color": "#ffffff",
            "border_style": "rounded",
            "button_color": "#0074d4",
            "display_name": "Stripe Sandbox",
            "font_family": "default",
            "icon": None,
            "logo": None,
        },
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        client_secret=None if ui_mode == "hosted_page" else f"{id_}_secret_{sandbox.ids.text(48)}",
        consent_collection=_consent_collection(params),
        currency=currency,
        custom_fields=[],
        custom_text={
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
            **(params.get("custom_text") or {}),
        },
        customer=None if customer is None else customer["id"],
        customer_creation=_customer_creation(params),
        customer_details=None
        if email is None
        else {
            "address": None,
            "business_name": None,
            "email": email,
            "individual_name": None,
            "name": None,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": None,
        },
        customer_email=params.get("customer_email"),
        discounts=[],
        expires_at=_expires_at(sandbox, params.get("expires_at")),
        integration_identifier=params.get("integration_identifier"),
        invoice_creation=None
        if params["mode"] == "subscription"
        else {
            "enabled": False,
            "invoice_data": {
                "account_tax_ids": None,
                "custom_fields": None,
                "description": None,
                "footer": None,
                "issuer": None,
                "metadata": {},
                "rendering_options": None,
            },
        },
        locale=params.get("locale"),
        managed_payments={"enabled": False},
        metadata=params.get("metadata") or {},
        mode=params["mode"],
        origin_context=params.get("origin_context"),
        payment_method_collection=params.get("payment_method_collection")
        or ("always" if params["mode"] == "subscription" else "if_required"),
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        payment_method_types=["card"],
        payment_status="no_payment_required" if subtotal == 0 else "unpaid",
        phone_number_collection=params.get("phone_number_collection") or {"enabled": False},
        shipping_options=[],
        status="open",
        submit_type=params.get("submit_type"),
        success_url=params.get("success_url"),
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        ui_mode=ui_mode,
        url=f"{sandbox.settings.base_url}/c/pay/{id_}" if ui_mode == "hosted_page" else None,
        _={
            "subscription_data": params.get("subscription_data") or {},
            "payment_intent_data": params.get("payment_intent_data") or {},
            "customer_email": email,
        },
    )
    if params.get("return_url") is not None:
        session["return_url"] = params["return_url"]
    if ui_mode == "embedded_page":
        session["redirect_on_completion"] = params.get("redirect_on_completion") or "always"
    return session


#: Fields that a recovered session does not take over from the expired one.
_NOT_RECOVERED = ("intent", "details", "entered", "confirm_return_url")


def recover(sandbox: Sandbox, old: Object) -> Object:
    """A new open session with the lines and metadata of an expired one, and `recovered_from`. It uses the
    hosted page, whatever page the expired session used.
    """
    now = sandbox.clock.now()
    id_ = sandbox.ids.new("cs_test")
    session = {
        **old,
        "id": id_,
        "created": now,
        "expires_at": now + LONGEST,
        "status": "open",
        "payment_intent": None,
        "_": {
            name: value for name, value in old["_"].items() if name not in ("intent", "details", "entered")
        },
        "recovered_from": old["id"],
        "ui_mode": "hosted_page",
        "client_secret": None,
        "success_url": old["success_url"] or old.get("return_url"),
        "url": f"{sandbox.settings.base_url}/c/pay/{id_}",
        "after_expiration": {
            "recovery": {**old["after_expiration"]["recovery"], "url": None, "expires_at": None}
        },
    }
    session.pop("return_url", None)
    session.pop("redirect_on_completion", None)
    sandbox.store.insert(session)
    sandbox.store.schedule("session.expire", id_, session["expires_at"])
    return session
