"""Controls of deliveries and outages, which tests of a webhook receiver need."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import stripe
from sandbox_server import SECRET, Running


def test_refused_delivery_is_retried_with_a_new_signature(sandbox: Running) -> None:
    sandbox.receiver.answers[:] = [500, 503]
    customer = sandbox.client.v1.customers.create({"name": "A"})
    events = sandbox.receiver.wait_for(3)
    assert {event["id"] for event in events} == {events[0]["id"]}
    assert events[0]["data"]["object"]["id"] == customer.id
    for delivery in sandbox.receiver.received:
        stripe.WebhookSignature.verify_header(
            delivery.body.decode(), delivery.signature, SECRET, tolerance=300
        )
    assert sandbox.control("webhooks/drain")["drained"] is True
    recorded = sandbox.http.get("/_sandbox/deliveries", params={"event": events[0]["id"]}).json()["data"]
    assert [one["state"] for one in recorded] == ["delivered"]
    assert [one["status"] for one in recorded[0]["tries"]] == [500, 503, 200]
    assert sandbox.client.v1.events.retrieve(events[0]["id"]).pending_webhooks == 0


def test_unavailable_receiver_gets_the_delivery_when_it_returns(sandbox: Running) -> None:
    endpoint = sandbox.client.v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/hooks", "enabled_events": ["customer.created"]}
    )
    sandbox.client.v1.customers.create({"name": "A"})
    assert sandbox.control("webhooks/drain", {"timeout_seconds": 0.3})["drained"] is False
    event = sandbox.client.v1.events.list({"delivery_success": False}).data[0]
    waiting = sandbox.http.get("/_sandbox/deliveries", params={"state": "pending"}).json()["data"]
    assert [one["endpoint"] for one in waiting] == [endpoint.id]
    assert "ConnectError" in waiting[0]["tries"][0]["error"]
    sandbox.client.v1.webhook_endpoints.update(endpoint.id, {"url": sandbox.receiver.url})
    assert sandbox.control("webhooks/drain", {"timeout_seconds": 5})["drained"] is True
    assert event.id in [one["id"] for one in sandbox.receiver.wait_for(2)]
    sandbox.client.v1.webhook_endpoints.delete(endpoint.id)


def test_endpoints_choose_their_events_and_have_their_own_secret(sandbox: Running) -> None:
    endpoint = sandbox.client.v1.webhook_endpoints.create(
        {"url": sandbox.receiver.url + "/second", "enabled_events": ["checkout.session.completed"]}
    )
    assert endpoint.secret is not None
    sandbox.pay(sandbox.session().id)
    sandbox.receiver.wait_for(5)
    assert sandbox.receiver.types().count("checkout.session.completed") == 2
    signed = 0
    for delivery in sandbox.receiver.received:
        try:
            stripe.WebhookSignature.verify_header(delivery.body.decode(), delivery.signature, endpoint.secret)
        except stripe.SignatureVerificationError:
            continue
        signed += 1
    assert signed == 1
    assert "secret" not in sandbox.client.v1.webhook_endpoints.retrieve(endpoint.id).to_dict()
    sandbox.client.v1.webhook_endpoints.delete(endpoint.id)


def test_replay_and_copies(sandbox: Running) -> None:
    sandbox.control("webhooks", {"copies": 3})
    sandbox.client.v1.customers.create({"name": "A"})
    events = sandbox.receiver.wait_for(3)
    sandbox.control("webhooks", {"copies": 1})
    sandbox.control(f"events/{events[0]['id']}/replay", {"copies": 2})
    events = sandbox.receiver.wait_for(5)
    assert len({event["id"] for event in events}) == 1


def test_pause_and_resume(sandbox: Running) -> None:
    sandbox.control("webhooks/pause")
    sandbox.client.v1.customers.create({"name": "A"})
    assert sandbox.control("webhooks/drain", {"timeout_seconds": 0.2})["drained"] is False
    assert sandbox.receiver.received == []
    sandbox.control("webhooks/resume")
    sandbox.receiver.wait_for(1)


def test_held_deliveries_are_released_in_a_seeded_order(sandbox: Running) -> None:
    orders = []
    for _ in range(2):
        sandbox.reset()
        sandbox.control("webhooks", {"hold": True})
        sandbox.pay(sandbox.session().id, wait_seconds=0)
        assert sandbox.receiver.received == []
        released = sandbox.control("webhooks/release", {"seed": 7, "spacing_ms": 1})["released"]
        arrived = sandbox.receiver.wait_for(4)
        assert [event["id"] for event in arrived] == released
        orders.append([event["type"] for event in arrived])
    assert orders[0] == orders[1]
    assert orders[0] != sorted(orders[0], key=["payment_intent.created", "charge.succeeded"].count)


def test_deliveries_are_delayed(sandbox: Running) -> None:
    sandbox.control("webhooks", {"delay_ms": 300})
    before = time.time()
    sandbox.client.v1.customers.create({"name": "A"})
    event = sandbox.receiver.wait_for(1)[0]
    assert sandbox.control("webhooks/drain")["drained"] is True
    tried = sandbox.http.get("/_sandbox/deliveries", params={"event": event["id"]}).json()["data"][0]["tries"]
    assert tried[0]["at"] >= before + 0.3
    assert sandbox.control("webhooks", {"delay_ms": 0})["delay_ms"] == 0


def test_deliveries_are_shuffled(sandbox: Running) -> None:
    sandbox.control("webhooks", {"shuffle_window_ms": 500, "seed": 1})
    made = [sandbox.client.v1.customers.create({"name": str(number)}).id for number in range(12)]
    arrived = [event["data"]["object"]["id"] for event in sandbox.receiver.wait_for(12)]
    assert sorted(arrived) == sorted(made), "each arrives once"
    assert arrived != made


def test_a_dropped_delivery_never_arrives_until_it_is_replayed(sandbox: Running) -> None:
    sandbox.control("webhooks", {"drop_next": 1, "drop_types": ["checkout.session.completed"]})
    result = sandbox.pay(sandbox.session().id, wait_seconds=0)
    sandbox.control("webhooks/drain")
    assert "checkout.session.completed" not in sandbox.receiver.types()
    completed = result["events"][-1]["id"]
    states = sandbox.http.get("/_sandbox/deliveries", params={"event": completed}).json()["data"]
    assert [one["state"] for one in states] == ["dropped"]
    sandbox.control(f"events/{completed}/replay")
    sandbox.receiver.wait_for(4)
    assert sandbox.receiver.types()[-1] == "checkout.session.completed"


def test_an_outage_of_the_api(sandbox: Running) -> None:
    sandbox.control("faults", {"status": 503, "next": 2, "path": "/v1/checkout"})
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            sandbox.session()
    assert sandbox.client.v1.customers.list().data == [], "other paths work"
    assert sandbox.session().status == "open"


def test_call_is_executed_although_its_answer_is_lost(sandbox: Running) -> None:
    sandbox.control("faults", {"status": 500, "after": True})
    with pytest.raises(stripe.APIError):
        sandbox.client.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})
    customer = sandbox.client.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})
    assert [one.id for one in sandbox.client.v1.customers.list().data] == [customer.id], "created once"


def test_the_same_key_twice_at_once_is_409(sandbox: Running) -> None:
    sandbox.control("faults", {"delay_ms": 400, "next": 1})
    headers = {"Authorization": "Bearer sk_test_x", "Idempotency-Key": "k"}

    def create() -> int:
        return sandbox.http.post("/v1/customers", data={"name": "A"}, headers=headers).status_code

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(create)
        deadline = time.monotonic() + 5
        while sandbox.http.get("/_sandbox/faults").json() and time.monotonic() < deadline:
            pass
        assert create() == 409
        assert slow.result() == 200
    assert create() == 200


def test_controls_refuse_unknown_fields_and_invalid_values(sandbox: Running) -> None:
    for path, body in [
        ("clock", {"forward": 5}),
        ("faults", {"status": 200}),
        ("checkout/sessions/cs_x/pay", {"card": 4242}),
        ("webhooks", {"copies": 0}),
    ]:
        answer = sandbox.http.post(f"/_sandbox/{path}", json=body)
        assert answer.status_code == 400, path
        assert answer.json()["error"]["message"]
    assert sandbox.http.post("/_sandbox/clock", content=b"\xff").status_code == 400
    assert sandbox.http.post("/_sandbox/events/evt_x/replay").status_code == 404


def test_old_and_new_secret_both_sign_after_a_roll(sandbox: Running) -> None:
    endpoint = sandbox.client.v1.webhook_endpoints.list().data[0]
    new = sandbox.control(f"webhook_endpoints/{endpoint.id}/roll")["secret"]
    sandbox.client.v1.customers.create({"name": "A"})
    sandbox.receiver.wait_for(1)
    both = sandbox.receiver.received[0]
    for secret in (SECRET, new):
        assert stripe.WebhookSignature.verify_header(both.body.decode(), both.signature, secret)
    sandbox.control(f"webhook_endpoints/{endpoint.id}/roll", {"secret": SECRET, "keep_old": False})
    sandbox.client.v1.customers.create({"name": "B"})
    sandbox.receiver.wait_for(2)
    last = sandbox.receiver.received[1]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(last.body.decode(), last.signature, new)


@pytest.fixture
def at_one_time() -> Iterator[Running]:
    """A sandbox with a frozen clock, because purchases depend on the hour of the day."""
    running = Running(now=1_795_600_000)
    yield running
    running.stop()


def test_generated_history_is_consistent_and_reproducible(at_one_time: Running) -> None:
    wanted = {
        "orders": 60,
        "days": 60,
        "seed": 3,
        "metadata": {"order_id": "ord_{n}"},
        "courses": [{"name": "A", "prices": {"usd": 5000, "jpy": 900}}],
    }
    made = at_one_time.control("history", wanted)["events"]
    assert made["checkout.session.completed"] + made["checkout.session.expired"] >= 58
    assert made["refund.created"] > 0
    charges = list(at_one_time.client.v1.charges.list({"limit": 100}).auto_paging_iter())
    assert sum(charge.status == "succeeded" for charge in charges) == made["checkout.session.completed"]
    assert {charge.currency for charge in charges} == {"usd", "jpy"}
    assert (
        max(charge.created for charge in charges) - min(charge.created for charge in charges) > 30 * 24 * 3600
    )
    sessions = list(at_one_time.client.v1.checkout.sessions.list({"limit": 100}).auto_paging_iter())
    assert {(one.metadata or {})["order_id"] for one in sessions} == {f"ord_{n}" for n in range(1, 61)}
    assert at_one_time.receiver.received == [], "past events are delivered only on request"
    at_one_time.reset()
    assert at_one_time.control("history", wanted)["events"] == made


def test_generated_history_resembles_a_real_shop(at_one_time: Running) -> None:
    courses = [{"name": name, "prices": {"usd": 5000, "eur": 4500, "jpy": 7200}} for name in "ABCD"]
    at_one_time.control("history", {"orders": 600, "days": 120, "seed": 5, "courses": courses})
    charges = list(at_one_time.client.v1.charges.list({"limit": 100}).auto_paging_iter())
    paid = [charge for charge in charges if charge.paid]
    by_country = Counter(str(charge.billing_details.address.country) for charge in paid)  # type: ignore[union-attr]
    assert set(by_country) == {"US", "IN", "DE", "GB", "FR", "JP", "BR", "SE"}
    assert by_country.most_common(1)[0][0] == "US"
    pays_in = {(str(c.billing_details.address.country), c.currency) for c in paid}  # type: ignore[union-attr]
    assert {("DE", "eur"), ("JP", "jpy"), ("US", "usd"), ("IN", "usd")} <= pays_in
    assert ("US", "jpy") not in pays_in
    sessions = list(at_one_time.client.v1.checkout.sessions.list({"limit": 100}).auto_paging_iter())
    lines = [at_one_time.app.state.server.sandbox.store.get(one.id)["_"]["line_items"][0] for one in sessions]
    sold = Counter(line["description"] for line in lines)
    assert [name for name, _ in sold.most_common()] == ["A", "B", "C", "D"]
    hours = Counter(charge.created // 3600 % 24 for charge in paid)
    assert sum(hours[hour] for hour in range(12, 21)) > 3 * sum(hours[hour] for hour in range(6))
    days = {charge.created // 86_400 for charge in paid}
    assert len(days) > 100, "orders are spread over the days"
    declined = Counter(charge.failure_code for charge in charges if not charge.paid)
    assert len(declined) >= 3
    assert len({c.payment_method_details.card.brand for c in paid}) == 3  # type: ignore[union-attr]
    assert len(at_one_time.client.v1.disputes.list({"limit": 100}).data) > 0
    parts = [charge for charge in paid if 0 < charge.amount_refunded < charge.amount]
    whole = [charge for charge in paid if charge.refunded]
    assert parts
    assert whole


def test_a_state_file_survives_a_restart_with_its_open_deliveries(tmp_path: Path) -> None:
    file = str(tmp_path / "state.sqlite")
    first = Running(state=file, seed="s")
    first.control("webhooks/pause")
    session = first.session()
    first.pay(session.id, wait_seconds=0)
    first.stop()
    second = Running(state=file, seed="s")
    try:
        found = second.client.v1.checkout.sessions.retrieve(session.id)
        assert found.payment_status == "paid"
        assert second.session().id != session.id, "the seed does not produce the same ids again"
        waiting = second.http.get("/_sandbox/deliveries").json()["data"]
        assert len(waiting) == 4
    finally:
        second.stop()


def test_receiver_at_a_new_address_gets_its_pending_deliveries(tmp_path: Path) -> None:
    file = str(tmp_path / "state.sqlite")
    first = Running(state=file)
    first.control("webhooks/pause")
    first.client.v1.customers.create({"name": "A"})
    first.stop()
    second = Running(state=file)
    try:
        second.control("webhooks/resume")
        assert [event["type"] for event in second.receiver.wait_for(1)] == ["customer.created"]
        (endpoint,) = second.client.v1.webhook_endpoints.list().data
        assert endpoint.url == second.receiver.url != first.receiver.url
    finally:
        second.stop()


def test_seed_and_time_make_a_run_reproducible() -> None:
    seen = []
    for _ in range(2):
        running = Running(seed="42", now=1_800_000_000, webhooks=())
        try:
            session = running.session()
            running.pay(session.id, wait_seconds=0)
            events = running.client.v1.events.list().data
            seen.append((session.id, session.created, [(event.id, event.created) for event in events]))
        finally:
            running.stop()
    assert seen[0] == seen[1]
    assert seen[0][1] == 1_800_000_000
