"""Coupons and promotion codes, up to a hundred percent."""

from typing import Any

import pytest
import stripe
from sandbox_server import Running, line


def coupon(sandbox: Running, **params: Any) -> stripe.Coupon:
    return sandbox.client.v1.coupons.create({"percent_off": 20, **params})  # type: ignore[typeddict-item]


def code(sandbox: Running, coupon_id: str, text: str = "SPRING", **params: Any) -> stripe.PromotionCode:
    promotion: Any = {"type": "coupon", "coupon": coupon_id}
    return sandbox.client.v1.promotion_codes.create({"promotion": promotion, "code": text, **params})


def test_a_coupon_is_spread_over_the_lines_exactly(sandbox: Running) -> None:
    third = coupon(sandbox, percent_off=33.33, name="A third")
    session = sandbox.session(
        line_items=[line(1000, name="A"), line(1000, name="B"), line(1001, name="C")],
        discounts=[{"coupon": third.id}],
    )
    assert session.total_details is not None
    assert (session.amount_subtotal, session.total_details.amount_discount, session.amount_total) == (
        3001,
        1000,
        2001,
    )
    assert [one.to_dict() for one in session.discounts or []] == [
        {"coupon": third.id, "promotion_code": None}
    ]
    full = sandbox.client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["line_items.data.discounts", "total_details.breakdown"]}
    )
    assert full.line_items is not None
    assert sum(item.amount_discount for item in full.line_items.data) == 1000
    assert full.line_items.data[0].discounts is not None
    assert full.line_items.data[0].discounts[0].discount.source.coupon == third.id
    assert full.total_details is not None
    assert full.total_details.breakdown is not None
    assert full.total_details.breakdown.discounts[0].amount == 1000
    paid = sandbox.pay(session.id)
    assert paid["payment_intent"]["amount"] == 2001
    assert sandbox.client.v1.coupons.retrieve(third.id).times_redeemed == 1


def test_fixed_discount_never_exceeds_the_total(sandbox: Running) -> None:
    off = sandbox.client.v1.coupons.create({"amount_off": 5000, "currency": "usd"})
    session = sandbox.session(discounts=[{"coupon": off.id}])
    assert (session.amount_total, session.payment_status) == (0, "no_payment_required")
    with pytest.raises(stripe.InvalidRequestError, match="cannot be used for eur"):
        sandbox.session(line_items=[line(1000, "eur")], discounts=[{"coupon": off.id}])


def test_coupon_applies_only_to_its_products(sandbox: Running) -> None:
    product = sandbox.client.v1.products.create({"name": "Course"})
    price = sandbox.client.v1.prices.create({"product": product.id, "currency": "usd", "unit_amount": 1000})
    half = coupon(sandbox, percent_off=50, applies_to={"products": [product.id]})
    expanded = sandbox.client.v1.coupons.retrieve(half.id, {"expand": ["applies_to"]})
    assert expanded.applies_to is not None
    assert expanded.applies_to.products == [product.id]
    session = sandbox.session(
        line_items=[{"price": price.id, "quantity": 1}, line(1000)], discounts=[{"coupon": half.id}]
    )
    assert session.amount_total == 1500


def test_code_for_a_full_discount_completes_without_payment(sandbox: Running) -> None:
    free = code(sandbox, coupon(sandbox, percent_off=100).id, "Free4All", max_redemptions=1)
    assert free.code == "FREE4ALL"
    session = sandbox.session(allow_promotion_codes=True)
    path = f"/c/pay/{session.id}"
    assert "Promotion code" in sandbox.http.get(path).text
    wrong = sandbox.http.post(f"{path}/promotion", data={"code": "NOPE"})
    assert "This code is invalid." in wrong.text
    assert sandbox.http.post(f"{path}/promotion", data={"code": "free4all"}).status_code == 303
    page = sandbox.http.get(path).text
    assert "0.00 USD" in page
    assert 'name="number"' not in page
    assert sandbox.http.post(path, data={"email": "a@example.com"}).status_code == 303
    done = sandbox.client.v1.checkout.sessions.retrieve(session.id)
    assert (done.payment_status, done.payment_intent, done.amount_total) == ("no_payment_required", None, 0)
    assert [one.to_dict() for one in done.discounts or []] == [{"coupon": None, "promotion_code": free.id}]
    assert sandbox.receiver.types()[-1] == "checkout.session.completed"
    used = sandbox.client.v1.promotion_codes.retrieve(free.id)
    assert (used.times_redeemed, used.active) == (1, False)
    second = sandbox.session(allow_promotion_codes=True)
    assert (
        "This code is invalid."
        in sandbox.http.post(f"/c/pay/{second.id}/promotion", data={"code": "FREE4ALL"}).text
    )


def test_promotion_code_can_be_removed(sandbox: Running) -> None:
    code(sandbox, coupon(sandbox).id)
    session = sandbox.session(allow_promotion_codes=True)
    path = f"checkout/sessions/{session.id}/promotion_code"
    assert sandbox.control(path, {"code": "spring"})["amount_total"] == 1592
    assert sandbox.control(path, {"code": ""})["amount_total"] == 1990


@pytest.mark.parametrize(
    ("restrictions", "reason"),
    [
        ({"restrictions": {"minimum_amount": 5000, "minimum_amount_currency": "usd"}}, "at least 50.00 USD"),
        ({"expires_at": 1}, "expired"),
        ({"customer": True}, "another customer"),
        ({"restrictions": {"first_time_transaction": True}}, "first purchases"),
    ],
)
def test_limits_of_a_promotion_code_are_enforced(
    sandbox: Running, restrictions: dict[str, Any], reason: str
) -> None:
    customer = sandbox.client.v1.customers.create({"email": "a@example.com"})
    sandbox.pay(sandbox.session(customer=customer.id).id)
    if restrictions.get("customer"):
        restrictions = {"customer": sandbox.client.v1.customers.create({"name": "B"}).id}
    limited = code(sandbox, coupon(sandbox).id, **restrictions)
    with pytest.raises(stripe.InvalidRequestError, match=reason) as caught:
        sandbox.session(customer=customer.id, discounts=[{"promotion_code": limited.id}])
    assert caught.value.code == "promotion_code_invalid"


def test_invalid_coupons_and_codes_are_refused(sandbox: Running) -> None:
    for params in (
        {"percent_off": 0},
        {"percent_off": 101},
        {"amount_off": 5},
        {},
        {"duration": "repeating"},
    ):
        with pytest.raises(stripe.InvalidRequestError):
            sandbox.client.v1.coupons.create(
                {**({"percent_off": 5} if "duration" in params else {}), **params}
            )  # type: ignore[typeddict-item]
    once = coupon(sandbox, id="ONCE", max_redemptions=1)
    with pytest.raises(stripe.InvalidRequestError, match="already exists"):
        coupon(sandbox, id="ONCE")
    sandbox.pay(sandbox.session(discounts=[{"coupon": "ONCE"}]).id)
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        sandbox.session(discounts=[{"coupon": once.id}])
    assert sandbox.client.v1.coupons.retrieve("ONCE").valid is False
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        sandbox.session(discounts=[{"coupon": coupon(sandbox).id}], allow_promotion_codes=True)
    first = code(sandbox, coupon(sandbox).id)
    with pytest.raises(stripe.InvalidRequestError, match="already exists"):
        code(sandbox, coupon(sandbox).id, "spring")
    assert sandbox.client.v1.promotion_codes.update(first.id, {"active": False}).active is False
    assert [one.id for one in sandbox.client.v1.promotion_codes.list({"code": "spring"}).data] == [first.id]
    assert sandbox.client.v1.coupons.delete("ONCE").deleted is True
