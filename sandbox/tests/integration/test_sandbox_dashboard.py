"""The dashboard: its pages, its buttons, and its speed with a long history."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sandbox_server import Running

from stripe_sandbox.dashboard.sections import BY_NAME

EVIL = "<script>alert(1)</script>"


def get(sandbox: Running, path: str, status: int = 200) -> str:
    answer = sandbox.http.get(path, follow_redirects=True)
    assert answer.status_code == status, answer.text
    return answer.text


def press(sandbox: Running, name: str, back: str = "/", **form: str) -> str:
    """Press a button without a browser; returns its message."""
    answer = sandbox.http.post(f"/dashboard/actions/{name}", data={"back": back, **form})
    assert answer.status_code == 303
    page = get(sandbox, answer.headers["location"])
    note = re.search(r'id="note">(.*?)</p>', page)
    assert note is not None
    assert 'id="note"' not in get(sandbox, answer.headers["location"]), "the message is shown once"
    return note[1]


def subscribe(sandbox: Running, **changes: Any) -> str:
    v1 = sandbox.client.v1
    customer = v1.customers.create({"email": "anna@example.com", "name": EVIL}).id
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer}).id
    v1.customers.update(customer, {"invoice_settings": {"default_payment_method": card}})
    product = v1.products.create({"name": "All courses"}).id
    price = v1.prices.create(
        {"product": product, "currency": "usd", "unit_amount": 2000, "recurring": {"interval": "month"}}
    ).id
    requested: Any = {"customer": customer, "items": [{"price": price}], **changes}
    return v1.subscriptions.create(requested).id


def test_every_object_is_listed_and_linked(sandbox: Running) -> None:
    v1 = sandbox.client.v1
    subscribe(sandbox)
    paid = sandbox.pay(sandbox.session(client_reference_id="ord_77", metadata={"x": EVIL}).id)
    intent = paid["payment_intent"]["id"]
    v1.refunds.create({"payment_intent": intent, "amount": 100})
    sandbox.pay(sandbox.session().id, "4000000000000259")
    sandbox.control("webhooks/drain")
    overview = get(sandbox, "/")
    assert "All courses" in get(sandbox, "/dashboard/subscriptions")
    for section, texts in {
        "payments": ("19.90 USD", "succeeded", intent, "4242"),
        "checkout": ("ord_77", "complete"),
        "customers": ("anna@example.com", "&lt;script&gt;"),
        "invoices": ("20.00 USD", "paid", "subscription create"),
        "refunds": ("1.00 USD", "succeeded"),
        "disputes": ("needs response", "fraudulent"),
        "events": ("checkout.session.completed", "none pending"),
        "deliveries": ("delivered", sandbox.receiver.url, "200"),
        "webhooks": (sandbox.receiver.url, "signs with 1 secret"),
    }.items():
        page = get(sandbox, f"/dashboard/{section}")
        for text in texts:
            assert text in page, (section, text)
        assert EVIL not in page
        assert f'href="/dashboard/{section}"' in overview
    page = get(sandbox, f"/dashboard/objects/{intent}")
    for text in ("Charge", "Checkout Session", "Refunds", "charge.refunded", "delivered"):
        assert text in page
    page = get(sandbox, f"/dashboard/objects/{paid['session']['id']}")
    assert "&lt;script&gt;alert(1)" in page
    assert EVIL not in page


def test_each_delivery_is_shown_with_every_attempt_and_its_answer(sandbox: Running) -> None:
    sandbox.receiver.answers = [500, 418]
    customer = sandbox.client.v1.customers.create({"email": "a@example.com"}).id
    sandbox.receiver.wait_for(3)
    sandbox.control("webhooks/drain")
    event = sandbox.client.v1.events.list().data[0].id
    page = get(sandbox, f"/dashboard/objects/{event}")
    assert [int(found) for found in re.findall(r"<b class=\"(?:ok|warn)\">(\d+)</b>", page)] == [
        500,
        418,
        200,
    ]
    assert "3 attempts, last answer 200" in page
    assert "<pre>ok</pre>" in page
    assert f"/dashboard/objects/{customer}" in page
    assert "delivered" in get(sandbox, f"/dashboard/objects/{customer}")


def test_lists_are_filtered_and_paged(sandbox: Running) -> None:
    for _ in range(60):
        sandbox.session()
    sandbox.pay(sandbox.session(client_reference_id="ord_found").id)
    seen: list[str] = []
    path: str | None = "/dashboard/checkout?status=open"
    pages = 0
    while path is not None:
        page = get(sandbox, path)
        seen += re.findall(r'title="(cs_test_\w+)"', page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = older[1].replace("&amp;", "&") if older else None
        pages += 1
    assert (len(seen), len(set(seen)), pages) == (60, 60, 3)
    newer = re.search(r'rel="prev" href="([^"]+)"', page)
    assert newer is not None
    back = get(sandbox, newer[1].replace("&amp;", "&"))
    assert re.findall(r'title="(cs_test_\w+)"', back) == seen[25:50]
    assert 'rel="prev"' not in get(sandbox, "/dashboard/checkout")
    assert "ord_found" in get(sandbox, "/dashboard/checkout?client_reference_id=ord_found")
    assert "None of them fits" in get(sandbox, "/dashboard/checkout?status=nonsense")
    assert "None of them fits" in get(sandbox, "/dashboard/payments?customer=cus_none")
    for query in ("after=cs_none", "before=x", "after=%00", "status=%ff", "unknown=1", "after=1' or 1=1"):
        get(sandbox, f"/dashboard/checkout?{query}")
        get(sandbox, f"/dashboard/deliveries?{query}")


@pytest.mark.parametrize(
    "text", ["", "nothing", EVIL, "%", "_", "cs_", "'; drop table objects", "é" * 300, "\x00", "evt_none"]
)
def test_any_text_can_be_searched_for(sandbox: Running, text: str) -> None:
    sandbox.session()
    answer = sandbox.http.get("/dashboard/search", params={"q": text})
    assert answer.status_code == 200
    assert EVIL not in answer.text


def test_search_finds_ids_emails_references_and_event_types(sandbox: Running) -> None:
    session = sandbox.session(client_reference_id="ord_77")
    customer = sandbox.client.v1.customers.create({"email": "anna@example.com"}).id
    event = sandbox.client.v1.events.list().data[0].id
    delivery = sandbox.http.get("/_sandbox/deliveries").json()["data"][0]["id"]
    for text, leads in ((customer, customer), (event, event), (delivery, f"{event}#{delivery}")):
        answer = sandbox.http.get("/dashboard/search", params={"q": text})
        assert answer.headers["location"] == f"/dashboard/objects/{leads}"
    for text, found in (
        ("anna@example.com", customer),
        ("ord_77", session.id),
        (session.id[:20], session.id),
        ("customer.created", event),
    ):
        assert found in sandbox.http.get("/dashboard/search", params={"q": text}).text


def test_unknown_pages_and_objects_are_404(sandbox: Running) -> None:
    for path in ("/dashboard/unicorns", "/dashboard/objects/pi_none", "/dashboard/objects/%00"):
        assert "Not found" in get(sandbox, path, 404)
    assert sandbox.http.post("/dashboard/actions/explode").status_code == 404
    assert "No such" in press(sandbox, "refund", id="ch_none")


@pytest.mark.parametrize(
    "back", ["https://evil.example", "//evil.example", "/\\evil.example", "/c/pay/x", "x", ""]
)
def test_buttons_redirect_only_within_the_dashboard(sandbox: Running, back: str) -> None:
    answer = sandbox.http.post("/dashboard/actions/pause-webhooks", data={"paused": "no", "back": back})
    assert answer.headers["location"].startswith("/?said=")


def test_requests_of_other_origins_cannot_use_buttons(sandbox: Running) -> None:
    sandbox.session()
    for headers in (
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
    ):
        answer = sandbox.http.post("/dashboard/actions/reset", data={"sure": "yes"}, headers=headers)
        assert answer.status_code == 403
    assert len(sandbox.client.v1.checkout.sessions.list().data) == 1


def test_payment_is_refunded_disputed_and_the_dispute_closed(sandbox: Running) -> None:
    v1 = sandbox.client.v1
    intent = sandbox.pay(sandbox.session().id)["payment_intent"]["id"]
    assert "is not an amount" in press(sandbox, "refund", id=intent, amount="much")
    assert "above zero" in press(sandbox, "refund", id=intent, amount="-1")
    assert "greater than" in press(sandbox, "refund", id=intent, amount="99.90")
    assert press(sandbox, "refund", id=intent, amount="4.50") == "Refunded 4.50 USD (succeeded)."
    assert "was returned to the account" in press(sandbox, "fail-refund", id=v1.refunds.list().data[0].id)
    assert v1.refunds.list().data[0].status == "failed"
    assert "disputed" in press(sandbox, "dispute", id=intent, reason="fraudulent")
    assert "charged back" in press(sandbox, "refund", id=intent)
    dispute = v1.disputes.list().data[0].id
    assert press(sandbox, "close-dispute", id=dispute, outcome="won") == "The dispute is won."
    assert "can no longer" in press(sandbox, "close-dispute", id=dispute, outcome="lost")
    other = sandbox.pay(sandbox.session().id)["payment_intent"]["id"]
    assert "warning needs response" in press(sandbox, "dispute", id=other, inquiry="yes")
    assert v1.disputes.list().data[0].status == "warning_needs_response"
    assert "early fraud warning was created" in press(sandbox, "early-fraud-warning", id=other)


def test_buttons_settle_and_authenticate_pending_payments(sandbox: Running) -> None:
    v1 = sandbox.client.v1
    session = sandbox.session().id
    assert "3-D Secure" in press(sandbox, "pay-session", id=session, card="3ds2")
    intent = str(v1.checkout.sessions.retrieve(session).payment_intent)
    assert press(sandbox, "authenticate", id=intent, outcome="fail") == "3-D Secure failed."
    assert (
        press(sandbox, "pay-session", id=session, card="insufficient_funds")
        == "Your card has insufficient funds."
    )
    assert v1.payment_intents.retrieve(intent).last_payment_error is not None, "the decline is recorded"
    assert press(sandbox, "pay-session", id=session, card="bank_debit") == "The session is complete: unpaid."
    assert press(sandbox, "settle-payment", id=intent, outcome="succeed") == "The payment is now succeeded."
    open_ = sandbox.session().id
    assert press(sandbox, "expire-session", id=open_) == "The session has expired."
    assert "is expired" in press(sandbox, "pay-session", id=open_, card="visa")
    waiting = v1.payment_intents.create({"amount": 100, "currency": "usd"}).id
    assert press(sandbox, "cancel-payment", id=waiting) == "The payment is canceled."


def test_renewal_fails_and_is_paid_later(sandbox: Running) -> None:
    v1 = sandbox.client.v1
    subscription = subscribe(sandbox)
    assert press(sandbox, "renew-subscription", id=subscription, outcome="fail").endswith("past due.")
    types = [event.type for event in v1.events.list({"limit": 40}).data][::-1]
    order = ["invoice.created", "invoice.finalized", "charge.failed", "invoice.payment_failed"]
    assert [one for one in types[types.index("customer.subscription.created") :] if one in order] == order
    invoice: Any = v1.subscriptions.retrieve(subscription, {"expand": ["latest_invoice"]}).latest_invoice
    assert (invoice.status, invoice.attempt_count, invoice.billing_reason) == (
        "open",
        1,
        "subscription_cycle",
    )
    assert invoice.next_payment_attempt is not None
    assert press(sandbox, "pay-invoice", id=invoice.id) == "The invoice is paid."
    assert v1.subscriptions.retrieve(subscription).status == "active"
    before = v1.subscriptions.retrieve(subscription)["items"].data[0].current_period_end
    assert press(sandbox, "renew-subscription", id=subscription, outcome="succeed").endswith("active.")
    assert v1.subscriptions.retrieve(subscription)["items"].data[0].current_period_end >= before
    assert (
        press(sandbox, "cancel-subscription", id=subscription, when="period_end")
        == "The subscription ends with its period."
    )
    assert (
        press(sandbox, "cancel-subscription", id=subscription, when="never") == "The subscription continues."
    )
    press(sandbox, "cancel-subscription", id=subscription, when="period_end")
    assert press(sandbox, "renew-subscription", id=subscription).endswith("canceled.")
    assert "does not renew" in press(sandbox, "renew-subscription", id=subscription)


def test_renew_control_refuses_unknown_outcomes_and_subscriptions(sandbox: Running) -> None:
    subscription = subscribe(sandbox, trial_period_days=7)
    renewed = sandbox.control(f"subscriptions/{subscription}/renew", {"outcome": "fail"})
    assert renewed["status"] == "past_due"
    wrong = sandbox.http.post(f"/_sandbox/subscriptions/{subscription}/renew", json={"outcome": "maybe"})
    assert wrong.status_code == 400
    assert sandbox.http.post("/_sandbox/subscriptions/sub_none/renew").status_code == 404


def test_webhooks_are_held_released_replayed_and_dropped(sandbox: Running) -> None:
    v1 = sandbox.client.v1
    press(sandbox, "configure-webhooks", hold="yes", copies="2")
    assert "Deliveries are held." in get(sandbox, "/")
    v1.customers.create({"email": "a@example.com"})
    assert "Held deliveries: 2" in get(sandbox, "/dashboard/webhooks")
    assert press(sandbox, "release-webhooks", order="newest_first").startswith("2 deliveries")
    sandbox.receiver.wait_for(2)
    press(sandbox, "configure-webhooks", copies="1", drop_next="1", drop_types="customer.created")
    v1.customers.create({"email": "b@example.com"})
    sandbox.control("webhooks/drain")
    assert "dropped by a control" in get(sandbox, "/dashboard/deliveries?state=dropped")
    dropped = sandbox.http.get("/_sandbox/deliveries?state=dropped").json()["data"][0]
    assert press(sandbox, "retry-delivery", id=dropped["id"]) == "The delivery is being attempted again."
    sandbox.receiver.wait_for(3)
    sandbox.control("webhooks/drain")
    assert "already acknowledged" in press(sandbox, "retry-delivery", id=dropped["id"])
    assert press(sandbox, "replay-event", id=dropped["event"], copies="3").startswith("3 deliveries")
    sandbox.receiver.wait_for(6)
    assert "Invalid input" in press(sandbox, "replay-event", id=dropped["event"], copies="1000")
    assert "Invalid input" in press(sandbox, "configure-webhooks", delay_ms="soon")


def test_pause_roll_a_secret_and_switch_an_endpoint_off(sandbox: Running) -> None:
    endpoint = sandbox.client.v1.webhook_endpoints.list().data[0].id
    assert "until you resume" in press(sandbox, "pause-webhooks", paused="yes")
    assert "Deliveries are paused." in get(sandbox, "/")
    press(sandbox, "pause-webhooks", paused="no")
    assert "whsec_other; the old one also signs" in press(
        sandbox, "roll-secret", id=endpoint, secret="whsec_other", keep_old="yes"
    )
    sandbox.client.v1.customers.create({"email": "a@example.com"})
    sandbox.receiver.wait_for(1)
    assert sandbox.receiver.received[0].signature.count("v1=") == 2
    assert "Invalid input" in press(sandbox, "roll-secret", id=endpoint, secret="other")
    assert press(sandbox, "switch-endpoint", id=endpoint, status="disabled") == "The endpoint is disabled."
    assert press(sandbox, "switch-endpoint", id=endpoint, status="enabled") == "The endpoint is enabled."
    press(sandbox, "roll-secret", id=endpoint, secret="whsec_test_receiver")


def test_buttons_control_time_outages_dunning_history_and_reset(sandbox: Running) -> None:
    sandbox.session()
    assert "1 timers ran" in press(sandbox, "move-clock", advance="100000")
    assert "by the sandbox's clock" in get(sandbox, "/")
    assert (
        press(sandbox, "move-clock", back="/dashboard/sandbox", to_present="yes")
        == "The clock shows the present again."
    )
    assert "number of seconds" in press(sandbox, "move-clock", advance="-5")
    press(sandbox, "fail-calls", status="503", next="1")
    assert "fail with 503" in get(sandbox, "/dashboard/sandbox")
    assert sandbox.http.get("/v1/events", headers={"Authorization": "Bearer sk_test_x"}).status_code == 503
    press(sandbox, "fail-calls", status="503", next="")
    assert press(sandbox, "fail-calls", end="yes") == "The API works again."
    assert "1, 2 days; then: unpaid" in press(sandbox, "set-dunning", retry_days="1, 2", in_the_end="unpaid")
    assert "Invalid input" in press(sandbox, "set-dunning", retry_days="soon")
    assert press(sandbox, "make-history", orders="5", days="10", seed="3").startswith("5 orders of 10 days")
    assert "Tick the box" in press(sandbox, "reset")
    assert "was deleted" in press(sandbox, "reset", sure="yes")
    assert sandbox.client.v1.checkout.sessions.list().data == []


def test_a_test_clock_is_moved(sandbox: Running) -> None:
    clock = sandbox.client.v1.test_helpers.test_clocks.create({"frozen_time": 1_800_000_000}).id
    assert clock in get(sandbox, "/dashboard/sandbox")
    assert "test clock was moved" in press(sandbox, "move-test-clock", id=clock, advance="86400")
    assert sandbox.client.v1.test_helpers.test_clocks.retrieve(clock).frozen_time == 1_800_086_400
    assert "moved forward" in press(sandbox, "move-test-clock", id=clock, advance="0")


def test_no_page_scans_a_whole_table(sandbox: Running) -> None:
    """100,000 sessions must not slow the pages down; checked with SQLite's query plans, not by timing."""
    store = sandbox.app.state.server.sandbox.store
    intent = sandbox.pay(sandbox.session().id)["payment_intent"]["id"]
    subscription = subscribe(sandbox)
    sandbox.control("webhooks/drain")
    paths = [
        "/",
        "/dashboard/deliveries",
        "/dashboard/deliveries?state=failed",
        "/dashboard/search?q=cs_",
        "/dashboard/search?q=anna@example.com",
        f"/dashboard/objects/{intent}",
        f"/dashboard/objects/{subscription}",
        *(f"/dashboard/{name}" for name in BY_NAME),
        *(f"/dashboard/{name}?{field}=x" for name, section in BY_NAME.items() for field in section.filters),
        f"/dashboard/checkout?status=complete&after={sandbox.session().id}",
    ]
    # Queries of the dispatcher do not belong to the dashboard.
    sandbox.control("webhooks/pause")
    seen: set[str] = set()
    store.db.set_trace_callback(seen.add)
    try:
        for path in paths:
            get(sandbox, path)
    finally:
        store.db.set_trace_callback(None)
    selects = [text for text in seen if text.lower().startswith(("select", "with"))]
    assert len(selects) > 30
    for statement in selects:
        plan = " | ".join(row[3] for row in store.db.execute(f"explain query plan {statement}"))
        in_order = "SCAN deliveries USING INDEX deliveries_seq" in plan and " limit " in statement
        assert in_order or not re.search(r"SCAN (objects|deliveries)\b", plan), f"{plan}: {statement}"
        if "json_extract(body" in statement:
            assert "USING INDEX by_" in plan or "USING COVERING INDEX by_" in plan, f"{plan}: {statement}"
        elif "order by" in statement:
            assert "TEMP B-TREE" not in plan, f"{plan}: {statement}"


@pytest.mark.browser
def test_a_developer_finds_the_payment_and_refunds_it(sandbox: Running, page: Page) -> None:
    intent = sandbox.pay(sandbox.session(client_reference_id="ord_77").id)["payment_intent"]["id"]
    page.goto(sandbox.url)
    page.get_by_role("link", name="Payments", exact=True).first.click()
    page.get_by_role("link", name=intent).click()
    page.get_by_label("Amount").fill("4.50")
    page.get_by_role("button", name="Refund").click()
    expect(page.get_by_role("status")).to_have_text("Refunded 4.50 USD (succeeded).")
    expect(page.get_by_role("link", name="charge.refunded")).to_be_visible()
    page.get_by_role("link", name="charge.refunded").click()
    expect(page.get_by_text("to http://127.0.0.1")).to_be_visible()
    page.get_by_label("Search").fill("ord_77")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Found for “ord_77”")).to_be_visible()
    page.get_by_role("link", name="Controls").click()
    page.get_by_role("button", name="Reset the sandbox").click()
    expect(page.get_by_role("status")).to_contain_text("Tick the box first")
