"""The dashboard: its pages, and its speed with a long history."""

import re

import pytest
from dashboard_client import EVIL, get, press, subscribe
from playwright.sync_api import Page, expect
from sandbox_server import Running

from stripe_sandbox.dashboard.sections import BY_NAME


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
