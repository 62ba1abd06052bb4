"""The parameters of `POST /v1/checkout/sessions`."""

from __future__ import annotations

from stripe_sandbox.payments.parameters import INTENT, PAYMENT_METHOD_TYPES
from stripe_sandbox.rest.params import Boolean, Currency, Email, Integer, ListOf, Text, Url, choice, timestamp
from stripe_sandbox.rest.shapes import METADATA, shape, unmodelled
from stripe_sandbox.sessions import line_items

LOCALES = tuple(
    """auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt
    pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW""".split()  # noqa: SIM905
)
UI_MODES = ("elements", "embedded_page", "hosted_page")

PAYMENT_INTENT_DATA = shape(
    **INTENT,
    **unmodelled("application_fee_amount on_behalf_of transfer_data"),
)
SUBSCRIPTION_DATA = shape(
    description=Text(max_length=500),
    metadata=METADATA,
    trial_end=timestamp(),
    trial_period_days=Integer(minimum=1, maximum=730),
    trial_settings=shape(
        end_behavior=shape(missing_payment_method=choice("cancel", "create_invoice", "pause", required=True))
    ),
    **unmodelled(
        """application_fee_percent billing_cycle_anchor billing_cycle_anchor_config billing_mode
        default_tax_rates invoice_settings on_behalf_of pending_invoice_item_interval
        proration_behavior transfer_data"""
    ),
)
CUSTOM_TEXT = shape(message=Text(required=True, max_length=1200))

PARAMS = shape(
    allow_promotion_codes=Boolean(),
    discounts=ListOf(shape(coupon=Text(), promotion_code=Text()), maximum=1),
    after_expiration=shape(recovery=shape(enabled=Boolean(required=True), allow_promotion_codes=Boolean())),
    billing_address_collection=choice("auto", "required"),
    cancel_url=Url(),
    client_reference_id=Text(max_length=200),
    consent_collection=shape(
        payment_method_reuse_agreement=shape(position=choice("auto", "hidden", required=True)),
        promotions=choice("auto", "none"),
        terms_of_service=choice("none", "required"),
    ),
    currency=Currency(),
    custom_text=shape(
        after_submit=CUSTOM_TEXT,
        submit=CUSTOM_TEXT,
        terms_of_service_acceptance=CUSTOM_TEXT,
        **unmodelled("shipping_address"),
    ),
    customer=Text(),
    customer_creation=choice("always", "if_required"),
    customer_email=Email(),
    expires_at=timestamp(),
    integration_identifier=Text(),
    line_items=ListOf(line_items.LINE_ITEM, maximum=100),
    locale=choice(*LOCALES),
    metadata=METADATA,
    mode=choice("payment", "setup", "subscription", required=True),
    origin_context=choice("mobile_app", "web"),
    payment_intent_data=PAYMENT_INTENT_DATA,
    payment_method_collection=choice("always", "if_required"),
    subscription_data=SUBSCRIPTION_DATA,
    setup_intent_data=shape(description=Text(), metadata=METADATA, **unmodelled("on_behalf_of")),
    payment_method_types=PAYMENT_METHOD_TYPES,
    phone_number_collection=shape(enabled=Boolean(required=True)),
    redirect_on_completion=choice("always", "if_required", "never"),
    return_url=Url(),
    submit_type=choice("auto", "book", "donate", "pay", "subscribe"),
    success_url=Url(),
    ui_mode=choice(*UI_MODES),
    **unmodelled(
        """adaptive_pricing allowed_payment_method_types automatic_tax branding_settings
        custom_fields customer_account customer_update excluded_payment_method_types
        invoice_creation managed_payments name_collection optional_items
        payment_method_configuration payment_method_data payment_method_options permissions
        saved_payment_method_options shipping_address_collection shipping_options
        tax_id_collection wallet_options"""
    ),
)
