"""Checkout Sessions for the embedded page and for Elements, through the API."""

from typing import Any

import httpx
import pytest
import stripe
from sandbox_server import Running, line

KEY = "pk_test_shop"
RETURN = "https://shop.example/back?session={CHECKOUT_SESSION_ID}"


def create(sandbox: Running, ui_mode: str, **changes: Any) -> stripe.checkout.Session:
    urls = {"success_url": None, "cancel_url": None, "return_url": RETURN}
    return sandbox.session(**{"ui_mode": ui_mode, **urls, **changes})


def call(sandbox: Running, session: stripe.checkout.Session, what: str, **form: str) -> httpx.Response:
    path = f"/v1/payment_pages/{session.id}/{what}"
    return sandbox.http.post(path, data={"key": KEY, "client_secret": session.client_secret or "", **form})


@pytest.mark.parametrize("ui_mode", ["embedded_page", "elements"])
def test_a_session_for_a_page_of_the_shop(sandbox: Running, ui_mode: str) -> None:
    session = create(sandbox, ui_mode)
    assert session.url is None
    assert session.return_url == RETURN
    assert (session.client_secret or "").startswith(f"{session.id}_secret_")
    expected = "always" if ui_mode == "embedded_page" else None
    assert session.to_dict().get("redirect_on_completion") == expected
    assert sandbox.http.get(f"/c/pay/{session.id}").status_code == 404, "it has no hosted page"
    hosted = sandbox.session()
    assert hosted.client_secret is None
    assert "return_url" not in hosted


@pytest.mark.parametrize(
    ("changes", "param", "says"),
    [
        ({"ui_mode": "embedded_page", "return_url": None}, "return_url", "required"),
        ({"ui_mode": "embedded_page", "cancel_url": "https://a.example"}, "cancel_url", "not supported"),
        ({"ui_mode": "embedded_page", "success_url": "https://a.example"}, "success_url", "not supported"),
        ({"ui_mode": "embedded_page", "redirect_on_completion": "never"}, "return_url", "cannot be used"),
        ({"ui_mode": "elements", "cancel_url": "https://a.example"}, "cancel_url", "ui_mode: elements"),
        (
            {"ui_mode": "elements", "redirect_on_completion": "never"},
            "redirect_on_completion",
            "not supported",
        ),
        ({"ui_mode": "hosted_page", "success_url": "https://a.example"}, "return_url", "not supported"),
    ],
)
def test_urls_that_the_ui_mode_does_not_allow_are_refused(
    sandbox: Running, changes: dict[str, Any], param: str, says: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=says) as caught:
        create(sandbox, **changes)
    assert caught.value.param == param


def test_without_a_redirect_no_return_url_is_needed(sandbox: Running) -> None:
    create(sandbox, "embedded_page", return_url=None, redirect_on_completion="never")
    create(sandbox, "elements", return_url=None)


def test_session_of_elements_requires_its_client_secret(sandbox: Running) -> None:
    session = create(sandbox, "elements", customer_email="anna@example.com")
    shown = call(sandbox, session, "init").json()["session"]
    assert shown["id"] == session.id
    assert shown["email"] == "anna@example.com"
    assert shown["total"]["total"]["minorUnitsAmount"] == 1990
    assert shown["lineItems"][0]["name"] == "Course"
    assert shown["status"] == {"type": "open"}
    for what in ("init", "update", "submit"):
        wrong = call(sandbox, session, what, client_secret="cs_test_x_secret_y")
        assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "client_secret")
    hosted = sandbox.session()
    assert call(sandbox, hosted, "init", client_secret="x").status_code == 400
    embedded = create(sandbox, "embedded_page")
    assert "ui_mode: embedded_page" in call(sandbox, embedded, "init").json()["error"]["message"]


def test_buyer_s_entries_are_stored_in_the_completed_session(sandbox: Running) -> None:
    session = create(sandbox, "elements", phone_number_collection={"enabled": True})
    assert call(sandbox, session, "init").json()["page"]["missing"] == ["email", "phone_number"]
    assert call(sandbox, session, "update", email="invalid").json()["error"]["code"] == "email_invalid"
    call(sandbox, session, "update", email="anna@example.com", phone_number="+46 8 1")
    address = {"billing_address[name]": "Anna Ek", "billing_address[address][country]": "SE"}
    shown = call(sandbox, session, "update", **address).json()["session"]
    assert shown["billingAddress"]["address"]["country"] == "SE"
    done = call(sandbox, session, "submit", payment_method="pm_card_visa").json()
    assert done["session"]["status"] == {"type": "complete", "paymentStatus": "paid"}
    details = sandbox.client.v1.checkout.sessions.retrieve(session.id).customer_details
    assert details is not None
    assert (details.email, details.name, details.phone) == ("anna@example.com", "Anna Ek", "+46 8 1")
    assert details.address is not None
    assert details.address.country == "SE"
    assert call(sandbox, session, "submit", payment_method="pm_card_visa").status_code == 400


def test_a_decline_leaves_the_session_open_and_three_d_secure_names_its_intent(sandbox: Running) -> None:
    session = create(sandbox, "elements", customer_email="anna@example.com")
    declined = call(sandbox, session, "submit", payment_method="pm_card_chargeDeclined")
    assert (declined.status_code, declined.json()["error"]["decline_code"]) == (402, "generic_decline")
    shown = call(sandbox, session, "init").json()["session"]
    assert shown["lastPaymentError"] == {"message": "Your card was declined."}
    waiting = call(sandbox, session, "submit", payment_method="pm_card_threeDSecure2Required").json()
    intent = waiting["page"]["intent"]
    answer = {"key": KEY, "client_secret": intent["client_secret"], "outcome": "complete"}
    sandbox.http.post(f"/v1/payment_pages/{intent['id']}/authenticate", data=answer).raise_for_status()
    assert call(sandbox, session, "init").json()["session"]["status"]["type"] == "complete"


def test_confirmation_requires_return_url_and_email(sandbox: Running) -> None:
    session = create(sandbox, "elements", return_url=None)
    assert "email" in call(sandbox, session, "submit").json()["error"]["message"]
    error = call(sandbox, session, "submit", email="a@example.com", payment_method="pm_card_visa").json()[
        "error"
    ]
    assert "returnUrl" in error["message"]
    form = {"return_url": "https://shop.example/ok/{CHECKOUT_SESSION_ID}", "payment_method": "pm_card_visa"}
    done = call(sandbox, session, "submit", email="a@example.com", **form).json()
    assert done["page"]["return_url"] == f"https://shop.example/ok/{session.id}"


def test_a_card_of_another_customer_is_refused(sandbox: Running) -> None:
    v1 = sandbox.client.v1
    other = v1.customers.create({"email": "b@example.com"}).id
    theirs = v1.payment_methods.attach("pm_card_visa", {"customer": other}).id
    session = create(sandbox, "elements", customer_email="a@example.com")
    assert (
        "another customer"
        in call(sandbox, session, "submit", payment_method=theirs).json()["error"]["message"]
    )


def test_session_of_a_subscription_shows_the_recurring_amounts(sandbox: Running) -> None:
    v1 = sandbox.client.v1
    coupon = v1.coupons.create({"percent_off": 50, "duration": "repeating", "duration_in_months": 3}).id
    v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon}, "code": "HALF"})
    price: Any = line(2000)
    price["price_data"]["recurring"] = {"interval": "month", "interval_count": 3}
    session = create(
        sandbox,
        "elements",
        mode="subscription",
        payment_intent_data=None,
        line_items=[price],
        allow_promotion_codes=True,
        customer_email="a@example.com",
        subscription_data={"trial_period_days": 7},
    )
    shown = call(sandbox, session, "update", promotion_code="half").json()["session"]
    assert shown["total"]["total"]["minorUnitsAmount"] == 0
    later = shown["recurring"]
    assert (later["interval"], later["intervalCount"]) == ("month", 3)
    assert later["dueNext"]["total"]["minorUnitsAmount"] == 1000
    assert later["trial"]["trialPeriodDays"] == 7
    assert shown["discountAmounts"][0]["promotionCode"] == "HALF"
    assert shown["discountAmounts"][0]["recurring"] == {"type": "repeating", "durationInMonths": 3}
    back = call(sandbox, session, "update", promotion_code="").json()["session"]
    assert back["discountAmounts"] is None
    assert back["recurring"]["dueNext"]["total"]["minorUnitsAmount"] == 2000


def test_code_after_a_decline_changes_the_charged_amount(sandbox: Running) -> None:
    v1 = sandbox.client.v1
    for code, percent in (("HALF", 50), ("ALL", 100)):
        coupon = v1.coupons.create({"percent_off": percent}).id
        v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon}, "code": code})
    for code, paid in (("HALF", 995), ("ALL", None)):
        session = create(sandbox, "elements", customer_email="a@example.com", allow_promotion_codes=True)
        assert call(sandbox, session, "submit", payment_method="pm_card_chargeDeclined").status_code == 402
        call(sandbox, session, "update", promotion_code=code).raise_for_status()
        call(sandbox, session, "submit", payment_method="pm_card_visa").raise_for_status()
        found = v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
        assert found.status == "complete"
        intent: Any = found.payment_intent
        assert (None if intent is None else intent.amount_received) == paid


def test_recovery_leads_to_the_hosted_page(sandbox: Running) -> None:
    session = create(sandbox, "embedded_page", after_expiration={"recovery": {"enabled": True}})
    sandbox.client.v1.checkout.sessions.expire(session.id)
    found = sandbox.client.v1.checkout.sessions.retrieve(session.id)
    assert found.after_expiration is not None
    assert found.after_expiration.recovery is not None
    url = str(found.after_expiration.recovery.url)
    page = sandbox.http.get(url)
    assert page.status_code == 303
    assert sandbox.http.get(page.headers["location"]).status_code == 200
    renewed = sandbox.client.v1.checkout.sessions.list({"limit": 1}).data[0]
    assert (renewed.ui_mode, renewed.success_url, renewed.recovered_from) == (
        "hosted_page",
        RETURN,
        session.id,
    )


def test_session_in_setup_mode_saves_a_card(sandbox: Running) -> None:
    customer = sandbox.client.v1.customers.create({"email": "a@example.com"}).id
    setup = {"mode": "setup", "line_items": None, "payment_intent_data": None, "customer": customer}
    session = create(sandbox, "elements", **setup)
    shown = call(sandbox, session, "init").json()
    assert (shown["page"]["mode"], shown["session"]["total"]["total"]["minorUnitsAmount"]) == ("setup", 0)
    done = call(sandbox, session, "submit", payment_method="pm_card_visa").json()
    assert done["session"]["status"] == {"type": "complete", "paymentStatus": "no_payment_required"}
    assert len(sandbox.client.v1.payment_methods.list({"customer": customer}).data) == 1


@pytest.mark.parametrize("number", ["4111111111111111", "5105105105105100", "0" * 16])
def test_unknown_card_number_is_not_stored(sandbox: Running, number: str) -> None:
    hosted, embedded = sandbox.session(), create(sandbox, "embedded_page")
    form = {"email": "a@example.com", "number": number, "expiry": "12/34", "cvc": "123", "name": "Anna"}
    page = sandbox.http.post(f"/c/pay/{hosted.id}", data=form)
    frame = sandbox.http.post(
        f"/js/embedded/{embedded.id}/pay", data={**form, "client_secret": embedded.client_secret or ""}
    )
    assert "number-error" in page.text
    assert "number-error" in frame.json()["html"]
    assert number not in page.text + frame.text
    assert number not in "\n".join(sandbox.app.state.server.sandbox.store.db.iterdump())


def test_frame_of_the_embedded_page_requires_the_client_secret(sandbox: Running) -> None:
    session = create(sandbox, "embedded_page")
    path = f"/js/embedded/{session.id}"
    for secret in ("", "x", "\x00", "é", create(sandbox, "embedded_page").client_secret or ""):
        answer = sandbox.http.post(f"{path}/show", data={"client_secret": secret})
        assert (answer.status_code, "does not match" in answer.text) == (400, True)
    good = {"client_secret": session.client_secret or ""}
    assert "19.90 USD" in sandbox.http.post(f"{path}/show", data=good).json()["html"]
    for action in ("explode", "authenticate"):
        assert "reload" in sandbox.http.post(f"{path}/{action}", data=good).json()["error"]["message"]
    assert sandbox.http.post("/js/embedded/cs_none/show", data=good).status_code == 404
    assert (
        sandbox.http.post(f"{path}/show", data=good, headers={"Origin": "https://evil.example"}).status_code
        == 403
    )
    intent = sandbox.client.v1.payment_intents.create({"amount": 100, "currency": "usd"})
    assert sandbox.http.post(f"/js/three-ds/{intent.id}", data={"client_secret": "x"}).status_code == 400
    assert sandbox.http.post("/js/three-ds/pi_none", data={"client_secret": "x"}).status_code == 404
