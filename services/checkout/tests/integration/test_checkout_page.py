"""What a buyer asks for reaches Stripe's payment page: language, currency, return addresses, lifetime."""

from datetime import datetime, timedelta

from checkout_shop import Shop

TERMS = "2026-01"


def test_a_buyer_without_an_address_is_told_so(shop: Shop) -> None:
    token = shop.issuer.token("usr_asha", None)
    answer = shop.http.post(
        "/v1/checkout/sessions",
        json={"course_id": "ragas", "terms_version": TERMS},
        headers={"Authorization": f"Bearer {token}"},
    )
    shop.problem(answer, 422, "email-missing")


def test_the_currency_defaults_and_the_payment_page_speaks_the_buyers_language(shop: Shop) -> None:
    body = {"course_id": "ragas", "terms_version": TERMS, "currency": "jpy"}
    headers = shop.bearer() | {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
    handed = shop.http.post("/v1/checkout/sessions", json=body, headers=headers).json()
    session = shop.stripe.get(f"/checkout/sessions/{handed['session_id']}")
    assert (session["amount_total"], session["currency"], session["locale"]) == (5000, "jpy", "de")
    assert shop.announced()[0][2]["locale"] == "de-AT"


def test_return_addresses_of_the_frontend_carry_the_session(shop: Shop) -> None:
    handed = shop.buy(success_url="https://app.example/done?x=1", cancel_url="https://app.example/no").json()
    session = shop.stripe.get(f"/checkout/sessions/{handed['session_id']}")
    assert session["success_url"] == "https://app.example/done?x=1&session_id={CHECKOUT_SESSION_ID}"
    assert session["cancel_url"] == "https://app.example/no"


def test_the_page_lives_as_long_as_the_house_says(shop: Shop) -> None:
    handed = shop.buy().json()
    life = datetime.fromisoformat(handed["expires_at"]) - shop.clock()
    assert timedelta(hours=22, minutes=55) < life <= timedelta(hours=23)
