"""/v1/payment_methods, and those of a customer."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.core.store import Object
from stripe_sandbox.endpoints.payment_resources.customers import ADDRESS
from stripe_sandbox.errors import CardDeclined, InvalidRequest
from stripe_sandbox.payments import cards
from stripe_sandbox.payments import methods as payment_methods
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Email, Integer, Text, choice
from stripe_sandbox.rest.resources import Resource, filters, page
from stripe_sandbox.rest.shapes import METADATA, Shape, changes_to, listed, shape, unmodelled

operations = Operations()
resource = Resource(operations, "payment_method", "/v1/payment_methods", dated=False)

TYPES = ("card", "sepa_debit")
REDISPLAY = choice("always", "limited", "unspecified")
BILLING = shape(
    address=ADDRESS,
    email=Email(clearable=True),
    name=Text(clearable=True),
    phone=Text(clearable=True),
    **unmodelled("tax_id"),
)
CREATE = shape(
    allow_redisplay=REDISPLAY,
    billing_details=BILLING,
    card=shape(
        cvc=Text(max_length=4),
        exp_month=Integer(minimum=1, maximum=12),
        exp_year=Integer(minimum=2000, maximum=2100),
        number=Text(max_length=30),
        token=Text(),
        **unmodelled("networks"),
    ),
    metadata=METADATA,
    sepa_debit=Shape({"iban": Text(required=True, max_length=42)}),
    type=choice(*TYPES, required=True),
    **unmodelled(
        """acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact
        billie bizum blik boleto cashapp crypto custom customer customer_balance eps fpx giropay grabpay
        ideal interac_present kakao_pay klarna konbini kr_card link mb_way mobilepay multibanco naver_pay
        nz_bank_account oxxo p24 pay_by_bank payco payment_method paynow paypal paypay payto pix promptpay
        radar_options revolut_pay samsung_pay satispay scalapay sequra sofort sunbit swish twint upi
        us_bank_account wechat_pay zip"""
    ),
)
UPDATE = shape(
    allow_redisplay=REDISPLAY,
    billing_details=BILLING,
    card=shape(
        exp_month=Integer(minimum=1, maximum=12),
        exp_year=Integer(minimum=2000, maximum=2100),
        **unmodelled("networks"),
    ),
    metadata=METADATA,
    **unmodelled("us_bank_account"),
)


@resource.create(CREATE, publishable=True)
def create(call: Call) -> Object:
    """Create a payment method from a test card's number, a token such as tok_visa, or a test IBAN."""
    given = call.params.get("card") or {}
    if call.caller.publishable and given.get("number") is not None and not call.caller.own_frame:
        raise InvalidRequest(
            "Sending card numbers from your own page is unsafe, and is refused. Collect them with Elements "
            "or the payment page: they then never reach your page.",
            param="card[number]",
        )
    method = payment_methods.card_payment_method(
        call.sandbox,
        _card(given) if call.params["type"] == "card" else _account(call.params),
        _billing(call.params.get("billing_details")),
        exp_month=given.get("exp_month") or 12,
        exp_year=given.get("exp_year") or 2034,
        allow_redisplay=call.params.get("allow_redisplay") or "unspecified",
    )
    method["metadata"] = call.params.get("metadata") or {}
    return call.sandbox.store.update(method)


resource.add_reads(
    allow_redisplay=REDISPLAY,
    customer=Text(),
    type=choice(*TYPES),
    **unmodelled("customer_account"),
)


@operations.get(
    "/v1/customers/{customer}/payment_methods", listed(allow_redisplay=REDISPLAY, type=choice(*TYPES))
)
def list_of_customer(call: Call) -> Object:
    """List a customer's payment methods."""
    customer = call.path["customer"]
    call.sandbox.require("customer", customer, param="customer", status=404)
    url = f"/v1/customers/{customer}/payment_methods"
    return page(
        call, "payment_method", url, where={"customer": customer, **filters(call, "allow_redisplay", "type")}
    )


@operations.get("/v1/customers/{customer}/payment_methods/{id}")
def retrieve_of_customer(call: Call) -> Object:
    """Retrieve one of a customer's payment methods."""
    method = call.sandbox.require("payment_method", call.id, param="payment_method", status=404)
    if method["customer"] != call.path["customer"]:
        raise InvalidRequest(
            f"No such payment method: '{call.id}' for this customer.",
            param="payment_method",
            code="resource_missing",
            status=404,
        )
    return method


@resource.post(params=UPDATE)
def update(call: Call, method: Object) -> Object:
    """Change the expiry, the billing details or the metadata of an attached card."""
    changes = changes_to(method, call.params)
    if "card" in changes:
        changes["card"] = {**method["card"], **changes["card"]}
    if "billing_details" in changes:
        changes["billing_details"] = {**method["billing_details"], **_only_given(changes["billing_details"])}
    return call.sandbox.events.changed(method, "payment_method.updated", **changes)


@operations.post(
    resource.url + "/{id}/attach", shape(customer=Text(required=True), **unmodelled("customer_account"))
)
def attach(call: Call) -> Object:
    """Attach a payment method to a customer; a card that is declined is not attached."""
    method = payment_methods.resolve(call.sandbox, call.id, param="id")
    call.sandbox.require("customer", call.params["customer"], param="customer")
    decline = payment_methods.test_card_of(method).decline
    if decline is not None and not decline.at_charge_only:
        raise CardDeclined(decline.message, code=decline.code, decline_code=decline.decline_code)
    return payment_methods.attach(call.sandbox, method, call.params["customer"])


@resource.post("/detach")
def detach(call: Call, method: Object) -> Object:
    """Detach a payment method from its customer."""
    return payment_methods.detach(call.sandbox, method)


def _card(given: dict[str, Any]) -> cards.TestCard:
    if (given.get("number") is None) == (given.get("token") is None):
        raise InvalidRequest(
            "Missing required param: card[number] (or card[token]).", param="card", code="parameter_missing"
        )
    if given.get("token") is not None:
        name = cards.ALIASES.get(given["token"])
        if name is None:
            raise InvalidRequest(
                f"No such token: '{given['token']}'", param="card[token]", code="resource_missing"
            )
        return cards.BY_NAME[name]
    for name in ("exp_month", "exp_year"):
        if given.get(name) is None:
            raise InvalidRequest(
                f"Missing required param: card[{name}].", param=f"card[{name}]", code="parameter_missing"
            )
    return cards.by_number(given["number"])


def _account(params: dict[str, Any]) -> cards.TestCard:
    if params.get("sepa_debit") is None:
        raise InvalidRequest(
            "Missing required param: sepa_debit.", param="sepa_debit", code="parameter_missing"
        )
    billing = params.get("billing_details") or {}
    for name in ("name", "email"):
        if not billing.get(name):
            path = f"billing_details[{name}]"
            raise InvalidRequest(f"Missing required param: {path}.", param=path, code="parameter_missing")
    return cards.by_iban(params["sepa_debit"]["iban"])


def _billing(given: dict[str, Any] | None) -> Object:
    return {**payment_methods.billing_details(), **_only_given(given or {})}


def _only_given(given: dict[str, Any]) -> dict[str, Any]:
    changes = dict(given)
    if "address" in changes:
        changes["address"] = {**payment_methods.EMPTY_ADDRESS, **(changes["address"] or {})}
    return changes
