"""Where the sandbox's API version (2026-10-28.endive) differs from the newest document (2026-05-27.dahlia).

Each line is compared with stripe-python, which is generated for endive: test_sandbox_differences.py fails if
a line is missing or no longer needed, so that the list stays exact with a newer document.
"""

#: Paths (patterns) that the document does not have.
NO_OPERATION = (r"/v1/payment_pages/",)

#: Kind of object -> dotted fields that endive has and the document has not.
FIELDS_ADDED: dict[str, str] = {
    "product": "tax_details type",
    "price": "recurring.trial_period_days",
    "checkout.session": """
        allowed_payment_method_types payment_method_options.card.restrictions.funding_types_blocked
        payment_method_options.payco.setup_future_usage
        payment_method_options.samsung_pay.setup_future_usage payment_method_options.sequra
        payment_method_options.sunbit payment_method_options.wechat_pay
    """,
    "payment_intent": """
        allowed_payment_method_types
        next_action.swish_handle_redirect_or_display_qr_code.mobile_auth_url
        next_action.swish_handle_redirect_or_display_qr_code.qr_code.expires_at
        payment_method_options.billie.company_details payment_method_options.billie.reference
        payment_method_options.blik.mandate_options payment_method_options.card.setup_credential_usage
        payment_method_options.card.stored_credential_usage
        payment_method_options.link.persistent_token payment_method_options.payco.setup_future_usage
        payment_method_options.paypay payment_method_options.samsung_pay.setup_future_usage
        payment_method_options.satispay.setup_future_usage payment_method_options.sequra
        payment_method_options.sunbit payment_record source
    """,
    "setup_intent": """
        allowed_payment_method_types payment_method_options.blik
        payment_method_options.card.setup_credential_usage
    """,
    "payment_method": """
        card.description card.generated_from.payment_method_details.card_present.iin card.iin
        card.issuer card_present.iin fpx.account_holder_type interac_present.iin link.persistent_token
        paypay sequra
    """,
    "charge": """
        authorization_code level3 payment_method_details.bizum.buyer_id
        payment_method_details.card.description
        payment_method_details.card.electronic_commerce_indicator payment_method_details.card.iin
        payment_method_details.card.issuer payment_method_details.card.moto
        payment_method_details.card.setup_credential_usage
        payment_method_details.card.stored_credential_usage
        payment_method_details.card.transaction_link_id payment_method_details.card_present.iin
        payment_method_details.fpx.account_holder_type payment_method_details.interac_present.iin
        payment_method_details.link.funding_source_group payment_method_details.paypay
        payment_method_details.pix.fingerprint payment_method_details.sepa_credit_transfer
        payment_method_details.sequra source
    """,
    "refund": """
        customer customer_account destination_details.paypal.reference
        destination_details.paypal.reference_status payment_method
    """,
    "dispute": """
        evidence.appeal evidence.enhanced_evidence.mastercard_compliance
        evidence_details.enhanced_eligibility.mastercard_compliance evidence_details.submission_method
        intended_submission_method network_reason_code payment_method_details.card.network
    """,
    "subscription": """
        cancellation_details.feedback_option invoice_settings.custom_fields
        invoice_settings.description invoice_settings.footer
        payment_settings.payment_method_options.billie payment_settings.payment_method_options.blik
        pending_update.cancel_at_period_end status_details
        trial_settings.end_behavior.billing_cycle_anchor
    """,
    "subscription_item": "current_trial plan",
    "invoice": """
        payment_settings.payment_method_options.billie payment_settings.payment_method_options.blik
        status_details
    """,
    "invoiceitem": "frozen_fields invoicing_rules",
    "billing_portal.configuration": """
        features.subscription_cancel.cancellation_reason.feedback_options features.subscription_pause
    """,
    "billing_portal.session": "after_expiration flow.customer_update flow.subscription_pause",
}

#: Kind of object -> dotted fields that the document has and endive no longer has.
FIELDS_REMOVED: dict[str, str] = {}

_OF_PAYMENT_INTENT = """
        allowed_payment_method_types payment_method_data.fpx.account_holder_type
        payment_method_data.paypay payment_method_data.sequra
        payment_method_options.billie.company_details payment_method_options.billie.reference
        payment_method_options.blik.mandate_options payment_method_options.card.moto
        payment_method_options.card.setup_credential_usage
        payment_method_options.card.stored_credential_usage
        payment_method_options.link.persistent_token payment_method_options.payco.setup_future_usage
        payment_method_options.paypay payment_method_options.samsung_pay.setup_future_usage
        payment_method_options.satispay.setup_future_usage payment_method_options.sequra
        payment_method_options.sunbit
"""
_OF_SETUP_INTENT = """
        allowed_payment_method_types payment_method_data.fpx.account_holder_type
        payment_method_data.paypay payment_method_data.sequra payment_method_options.blik
        payment_method_options.card.moto payment_method_options.card.setup_credential_usage
"""

#: Operation -> dotted parameters that endive has and the document has not.
PARAMETERS_ADDED: dict[tuple[str, str], str] = {
    ("POST", "/v1/checkout/sessions"): """
        allowed_payment_method_types line_items.price_data.product_data.tax_details
        payment_method_options.blik payment_method_options.card.restrictions.funding_types_blocked
        payment_method_options.payco.setup_future_usage
        payment_method_options.samsung_pay.setup_future_usage payment_method_options.sequra
        payment_method_options.sunbit subscription_data.billing_cycle_anchor_config
        subscription_data.invoice_settings.account_tax_ids
        subscription_data.invoice_settings.custom_fields subscription_data.invoice_settings.description
        subscription_data.invoice_settings.footer
    """,
    (
        "POST",
        "/v1/checkout/sessions/{session}",
    ): """
        line_items.price_data.product_data.tax_details payment_intent_data
    """,
    ("POST", "/v1/payment_intents"): _OF_PAYMENT_INTENT + " radar_options.referrer",
    ("POST", "/v1/payment_intents/{intent}"): _OF_PAYMENT_INTENT,
    ("POST", "/v1/payment_intents/{intent}/confirm"): _OF_PAYMENT_INTENT + " radar_options.referrer",
    ("POST", "/v1/setup_intents"): _OF_SETUP_INTENT,
    ("POST", "/v1/setup_intents/{intent}"): _OF_SETUP_INTENT,
    ("POST", "/v1/setup_intents/{intent}/confirm"): _OF_SETUP_INTENT,
    ("POST", "/v1/payment_methods"): "fpx.account_holder_type paypay sequra",
    ("POST", "/v1/customers"): "validate",
    ("POST", "/v1/customers/{customer}"): "validate",
    ("POST", "/v1/products"): "tax_details type",
    ("GET", "/v1/products"): "type",
    ("POST", "/v1/products/{id}"): "tax_details",
    ("POST", "/v1/prices"): "product_data.tax_details recurring.trial_period_days",
    ("POST", "/v1/disputes/{dispute}"): """
        evidence.appeal evidence.enhanced_evidence.mastercard_compliance intended_submission_method
    """,
    ("POST", "/v1/subscriptions"): """
        invoice_settings.custom_fields invoice_settings.description invoice_settings.footer
        items.current_trial items.plan payment_settings.payment_method_options.billie
        payment_settings.payment_method_options.blik trial_settings.end_behavior.billing_cycle_anchor
    """,
    ("GET", "/v1/subscriptions"): "plan",
    ("POST", "/v1/subscriptions/{subscription_exposed_id}"): """
        billing_cycle_anchor.type cancellation_details.feedback_option invoice_settings.custom_fields
        invoice_settings.description invoice_settings.footer items.current_trial items.plan
        payment_settings.payment_method_options.billie payment_settings.payment_method_options.blik
        trial_settings.end_behavior.billing_cycle_anchor
    """,
    ("DELETE", "/v1/subscriptions/{subscription_exposed_id}"): "cancellation_details.feedback_option",
    ("POST", "/v1/subscriptions/{subscription}/resume"): "billing_cycle_anchor.type payment_behavior",
    ("POST", "/v1/subscription_items"): "current_trial plan",
    ("POST", "/v1/subscription_items/{item}"): "current_trial plan",
    ("POST", "/v1/invoiceitems/{invoiceitem}"): "invoicing_rules",
    ("POST", "/v1/invoices"): """
        payment_settings.payment_method_options.billie payment_settings.payment_method_options.blik
    """,
    ("POST", "/v1/invoices/create_preview"): """
        schedule_details.pause_schedules schedule_details.phases.currency
        schedule_details.phases.items.plan subscription_details.billing_cycle_anchor.timestamp
        subscription_details.billing_cycle_anchor.type subscription_details.items.current_trial
        subscription_details.items.plan subscription_details.metadata subscription_details.pause
    """,
    ("POST", "/v1/invoices/{invoice}"): """
        payment_settings.payment_method_options.billie payment_settings.payment_method_options.blik
    """,
    ("POST", "/v1/billing_portal/configurations"): """
        features.subscription_cancel.cancellation_reason.feedback_options features.subscription_pause
    """,
    ("POST", "/v1/billing_portal/configurations/{configuration}"): """
        features.subscription_cancel.cancellation_reason.feedback_options features.subscription_pause
    """,
    ("POST", "/v1/billing_portal/sessions"): "after_expiration flow_data.subscription_pause",
}

#: Operation -> dotted parameters that the document has and endive no longer takes.
PARAMETERS_REMOVED: dict[tuple[str, str], str] = {
    ("POST", "/v1/checkout/sessions"): "line_items.dynamic_tax_rates payment_method_types",
    ("POST", "/v1/payment_intents"): "payment_method_types",
    ("POST", "/v1/payment_intents/{intent}"): "payment_method_types",
    ("POST", "/v1/payment_intents/{intent}/confirm"): "client_secret payment_method_types",
    ("POST", "/v1/setup_intents"): "payment_method_types",
    ("POST", "/v1/setup_intents/{intent}"): "payment_method_types",
    ("POST", "/v1/setup_intents/{intent}/confirm"): "client_secret",
    ("POST", "/v1/payment_methods/{payment_method}"): "payto",
    ("POST", "/v1/customers/{customer}"): """
        bank_account card default_alipay_account default_bank_account default_card
    """,
}
