"""The hosted pages in a browser without JavaScript."""

import threading

import pytest
from sandbox_server import Running, line

CARD = {
    "email": "anna@example.com",
    "number": "4242 4242 4242 4242",
    "expiry": "12 / 34",
    "cvc": "123",
    "name": "Anna Ek",
}


def path_of(sandbox: Running, **changes: object) -> str:
    url = sandbox.session(**changes).url
    assert url is not None
    return url.removeprefix(sandbox.url)


def test_page_shows_the_order_and_accepts_a_card(sandbox: Running) -> None:
    path = path_of(sandbox, line_items=[line(1990, name="Pottery <for> beginners")])
    page = sandbox.http.get(path)
    assert page.status_code == 200
    assert "19.90 USD" in page.text
    assert "Pottery &lt;for&gt; beginners" in page.text
    assert 'href="https://shop.example/cart"' in page.text
    answer = sandbox.http.post(path, data=CARD)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"https://shop.example/thanks?session={path.rsplit('/', 1)[1]}"
    assert "checkout.session.completed" in sandbox.receiver.types(), "acknowledged before the redirect"
    again = sandbox.http.get(path)
    assert "payment is complete" in again.text


def test_a_decline_is_shown_and_the_card_is_not_repeated(sandbox: Running) -> None:
    path = path_of(sandbox)
    page = sandbox.http.post(path, data={**CARD, "number": "4000 0000 0000 9995"})
    assert page.status_code == 200
    assert "Your card has insufficient funds." in page.text
    assert 'value="anna@example.com"' in page.text
    assert "9995" not in page.text.replace("4000 0000 0000 9995</code>", "")
    assert sandbox.http.post(path, data=CARD).status_code == 303


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("email", "anna", "email is incomplete"),
        ("number", "", "card number is incomplete"),
        ("number", "4242 4242 4242 4241", "card number is incorrect"),
        ("number", "4111 1111 1111 1111", "non test card"),
        ("expiry", "13 / 30", "expiration date is incomplete"),
        ("expiry", "01 / 20", "in the past"),
        ("cvc", "1", "security code is incomplete"),
        ("name", "", "enter the name on the card"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_charged(
    sandbox: Running, field: str, value: str, message: str
) -> None:
    path = path_of(sandbox)
    page = sandbox.http.post(path, data={**CARD, field: value})
    assert message in page.text
    assert f'id="{field}-error"' in page.text
    assert sandbox.client.v1.events.list().data == []


@pytest.mark.parametrize(("outcome", "paid"), [("complete", True), ("fail", False)])
def test_three_d_secure_has_its_own_page(sandbox: Running, outcome: str, paid: bool) -> None:
    path = path_of(sandbox)
    to_bank = sandbox.http.post(path, data={**CARD, "number": "4000 0000 0000 3220"})
    assert to_bank.status_code == 303
    bank = to_bank.headers["location"]
    assert "Complete authentication" in sandbox.http.get(bank).text
    done = sandbox.http.post(bank, data={"outcome": outcome})
    if paid:
        assert done.headers["location"].startswith("https://shop.example/thanks")
    else:
        assert "unable to authenticate" in done.text
        assert f'action="{path}"' in done.text, "the retry goes to the payment page"
    assert sandbox.http.get(bank).status_code == 404


def test_the_terms_must_be_accepted(sandbox: Running) -> None:
    path = path_of(sandbox, consent_collection={"terms_of_service": "required"})
    assert "Please accept the terms" in sandbox.http.post(path, data=CARD).text
    assert sandbox.http.post(path, data={**CARD, "terms": "accepted"}).status_code == 303


def test_free_order_requires_no_card(sandbox: Running) -> None:
    path = path_of(sandbox, line_items=[line(0)])
    page = sandbox.http.get(path)
    assert 'name="number"' not in page.text
    assert sandbox.http.post(path, data={"email": "a@example.com"}).status_code == 303


def test_expired_and_unknown_sessions_show_an_explanation(sandbox: Running) -> None:
    session = sandbox.session()
    sandbox.client.v1.checkout.sessions.expire(session.id)
    assert "has expired" in sandbox.http.get(f"/c/pay/{session.id}").text
    assert "has expired" in sandbox.http.post(f"/c/pay/{session.id}", data=CARD).text
    assert sandbox.http.get("/c/pay/cs_test_none").status_code == 404


def test_the_redirect_waits_for_the_acknowledgement(sandbox: Running) -> None:
    path = path_of(sandbox)
    sandbox.control("webhooks/pause")
    answers: list[int] = []
    buyer = threading.Thread(target=lambda: answers.append(sandbox.http.post(path, data=CARD).status_code))
    buyer.start()
    buyer.join(0.4)
    assert buyer.is_alive(), "the webhook is not acknowledged yet"
    sandbox.control("webhooks/resume")
    buyer.join(5)
    assert answers == [303]


def test_submitting_twice_charges_once(sandbox: Running) -> None:
    path = path_of(sandbox)
    buyers = [threading.Thread(target=lambda: sandbox.http.post(path, data=CARD)) for _ in range(4)]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join(10)
    assert len(sandbox.client.v1.charges.list().data) == 1


def test_index_shows_the_latest_objects_and_deliveries(sandbox: Running) -> None:
    sandbox.pay(sandbox.session().id)
    page = sandbox.http.get("/").text
    for text in ("checkout.session.completed", "19.90 USD", sandbox.receiver.url, "delivered"):
        assert text in page


def test_a_receipt(sandbox: Running) -> None:
    paid = sandbox.pay(sandbox.session().id)
    charge = sandbox.client.v1.charges.retrieve(paid["payment_intent"]["latest_charge"])
    assert "visa ending in 4242" in sandbox.http.get(str(charge.receipt_url)).text
    assert sandbox.http.get("/receipts/pi_none").status_code == 404


@pytest.mark.parametrize(
    "path", ["/c/pay/{}", "/c/pay/{}/promotion", "/3ds/{}", "/js/embedded/{}/pay", "/js/three-ds/{}"]
)
def test_a_form_of_absurd_size_is_refused(sandbox: Running, path: str) -> None:
    answer = sandbox.http.post(path.format(sandbox.session().id), content="x=" + "y" * 100_000)
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_malformed_form_is_reported_as_invalid(sandbox: Running) -> None:
    path = path_of(sandbox)
    for body in (b"\xff\xfe", b"%%%", b"=&=&=", b"email=%ff&number=%00", b"email[]=x", b'{"email": 1}'):
        page = sandbox.http.post(path, content=body)
        assert page.status_code == 200
        assert "Your email is incomplete." in page.text


def test_texts_of_the_shop_are_escaped(sandbox: Running) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    text = f"[terms](https://shop.example/terms) [no](javascript:alert(1)) {evil}"
    path = path_of(
        sandbox,
        line_items=[line(1990, name=evil)],
        consent_collection={"terms_of_service": "required"},
        custom_text={
            "submit": {"message": text},
            "after_submit": {"message": evil},
            "terms_of_service_acceptance": {"message": text},
        },
        metadata={"x": evil},
    )
    page = sandbox.http.post(path, data={**CARD, "email": evil, "name": evil}).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert '<a href="https://shop.example/terms" target="_blank" rel="noopener">terms</a>' in page
    assert 'href="javascript' not in page


def test_the_whole_address_and_the_phone_number_where_they_are_asked_for(sandbox: Running) -> None:
    path = path_of(sandbox, billing_address_collection="required", phone_number_collection={"enabled": True})
    form = {
        **CARD,
        "phone": "+46 8 1",
        "country": "se",
        "line1": "Storgatan 1",
        "city": "Lund",
        "postal_code": "22222",
    }
    for name in ("phone", "line1", "city", "postal_code"):
        page = sandbox.http.post(path, data={**form, name: " "})
        assert f'id="{name}-error"' in page.text
    assert 'id="country-error"' in sandbox.http.post(path, data={**form, "country": "Sverige"}).text
    assert sandbox.http.post(path, data=form).status_code == 303
    details = sandbox.client.v1.checkout.sessions.list().data[0].customer_details
    assert details is not None
    assert details.address is not None
    assert (details.phone, details.address.country, details.address.city) == ("+46 8 1", "SE", "Lund")
