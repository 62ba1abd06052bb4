"""A buyer paid, and Stripe's event is lost permanently: the gap is reported and repaired automatically.

These tests have their own stack, in which a gap counts after two seconds instead of ten minutes.
"""

import uuid
from collections.abc import Iterator

import psycopg
import pytest

from devstack.client import Json, User
from devstack.testing import stack
from devstack.testing.stack import RunningStack

COMPLETED = "checkout.session.completed"


@pytest.fixture(scope="module")
def impatient_stack() -> Iterator[RunningStack]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PAID_NOT_ENROLLED_MINUTES", str(2 / 60))
        with stack.run() as running:
            yield running


@pytest.fixture
def course(impatient_stack: RunningStack) -> str:
    course_id = f"course-{uuid.uuid4().hex[:8]}"
    prices = [{"currency": "usd", "amount": 4900}]
    impatient_stack.client.put_course(course_id, {"title": "Lost and found", "prices": prices})
    return course_id


@pytest.fixture
def lossy(impatient_stack: RunningStack) -> Iterator[RunningStack]:
    """The stack, for a test that drops webhooks; afterwards they are delivered again."""
    yield impatient_stack
    impatient_stack.client.control("POST", "/webhooks", {"drop_next": 0, "drop_types": []})
    impatient_stack.client.control("DELETE", "/faults")


def lose(running: RunningStack, *types: str) -> None:
    running.client.control("POST", "/webhooks", {"drop_next": 1000, "drop_types": list(types)})


def events(running: RunningStack) -> list[Json]:
    """Stripe's newest events."""
    url, key = f"{running.client.stripe}/v1/events?limit=100", {"Authorization": "Bearer sk_test_masterji"}
    return list(running.client.http.get(url, headers=key).raise_for_status().json()["data"])


def completed_event(running: RunningStack, order: Json) -> str:
    """The id of the event that completes the order's session."""
    [found] = [
        event["id"]
        for event in events(running)
        if event["type"] == COMPLETED and event["data"]["object"]["id"] == order["session_id"]
    ]
    return str(found)


def metric(running: RunningStack, name: str) -> float:
    """The value of an enrollment metric, as Prometheus reads it."""
    page = running.client.http.get(running.client.url("enrollment", "/metrics")).raise_for_status().text
    return next((float(line.split()[-1]) for line in page.splitlines() if line.startswith(f"{name} ")), 0.0)


def gaps(running: RunningStack) -> list[Json]:
    """The gaps that an operator sees."""
    admin = running.client.user("usr_admin", "admin@example.com", "admin")
    answer = running.client.http.get(
        running.client.url("enrollment", "/v1/admin/gaps"), headers=admin.headers
    )
    return list(answer.raise_for_status().json()["items"])


def test_a_lost_session_is_reported_as_a_gap_and_reread(lossy: RunningStack, course: str) -> None:
    client, buyer = lossy.client, lossy.client.user()
    lose(lossy, COMPLETED)
    order = client.checkout(buyer, course)
    # While Stripe does not return the session, the gap cannot be repaired and stays visible.
    client.control("POST", "/faults", {"status": 503, "path": "/v1/checkout/sessions", "next": None})
    assert client.pay(order["session_id"])["status"] == "succeeded"

    lossy.eventually("the metric", lambda: metric(lossy, "enrollment_paid_not_enrolled") == 1)
    [gap] = lossy.eventually("the gap", lambda: gaps(lossy))
    assert (gap["order_id"], gap["user_id"], gap["reason"]) == (
        order["order_id"],
        buyer.id,
        "session_missing",
    )
    assert gap["session_id"] == order["session_id"]
    assert metric(lossy, "enrollment_paid_not_enrolled_age_seconds") >= 2
    assert not client.access(buyer, course)["access"]
    event = completed_event(lossy, order)
    assert [one["state"] for one in client.deliveries(event=event)] == ["dropped"], "the event was delivered"

    client.control("DELETE", "/faults")
    lossy.eventually("access", lambda: client.access(buyer, course)["access"])
    lossy.eventually("no gap", lambda: metric(lossy, "enrollment_paid_not_enrolled") == 0)
    assert gaps(lossy) == []
    [enrolled] = client.enrollments(buyer)
    assert (enrolled["state"], enrolled["source"]["id"]) == ("active", order["order_id"])
    read = 'enrollment_rereads_total{outcome="read",reason="gap"}'
    assert metric(lossy, read) >= 1
    with psycopg.connect(lossy.database_url("enrollment")) as database:
        types = database.execute(
            "select type from events where object_id = %s", (order["session_id"],)
        ).fetchall()
    assert types == [("checkout.session.reread",)], "the webhook was delivered"


def test_a_late_webhook_revokes_nothing_and_duplicates_nothing(lossy: RunningStack, course: str) -> None:
    client, buyer = lossy.client, lossy.client.user()
    lose(lossy, COMPLETED)
    order = client.checkout(buyer, course)
    client.pay(order["session_id"])
    lossy.eventually("access", lambda: client.access(buyer, course)["access"])
    [read] = client.enrollments(buyer)
    client.control("POST", "/webhooks", {"drop_next": 0, "drop_types": []})
    client.control("POST", f"/events/{completed_event(lossy, order)}/replay", {"copies": 2})
    lossy.eventually("a paid order", lambda: client.order(buyer, order["order_id"])["state"] == "paid")
    lossy.eventually("the mail", lambda: client.mails(buyer.email))
    lossy.eventually(
        "the moment of the payment", lambda: client.enrollments(buyer)[0]["since"] < read["since"]
    )
    [now] = client.enrollments(buyer)
    assert now | {"since": None} == read | {"since": None}, "the event changed more than the time"


def test_a_tie_of_two_events_is_resolved_by_a_reread(lossy: RunningStack, course: str) -> None:
    """A refund is created and fails within one second; the events that prove the order are lost."""
    client = lossy.client
    lose(lossy, "refund.updated", "charge.refund.updated")
    buyer, refund_id = _tied_refund(lossy, course)
    read = 'enrollment_rereads_total{outcome="read",reason="tie"}'
    lossy.eventually("the reread of the refund", lambda: metric(lossy, read) >= 1)
    with psycopg.connect(lossy.database_url("enrollment"), autocommit=True) as database:
        query = "select type, status from events where object_id = %s and type like '%%reread'"
        lossy.eventually(
            "the stored reread",
            lambda: database.execute(query, (refund_id,)).fetchall() == [("refund.reread", "failed")],
        )
        failure = "select failure from rereads where object_id = %s and read_at is not null"
        assert database.execute(failure, (refund_id,)).fetchall() == [(None,)]
    assert client.access(buyer, course)["access"], "the refund failed, but access was revoked"
    lossy.eventually("no pending reread", lambda: metric(lossy, "enrollment_rereads_waiting") == 0)


def _tied_refund(running: RunningStack, course: str) -> tuple[User, str]:
    """Create a refund with two events in one second. The clock decides that: it may take several orders."""
    client = running.client
    key = {"Authorization": "Bearer sk_test_masterji"}
    for _ in range(20):
        buyer = client.user()
        order = client.checkout(buyer, course)
        paid = client.pay(order["session_id"])
        running.eventually("access", lambda buyer=buyer: client.access(buyer, course)["access"])
        form = {"payment_intent": paid["payment_intent"]["id"]}
        refund = client.http.post(f"{client.stripe}/v1/refunds", data=form, headers=key).json()
        client.control("POST", f"/refunds/{refund['id']}/fail")
        created = {
            event["type"]: event["created"]
            for event in events(running)
            if event["data"]["object"]["id"] == refund["id"]
        }
        if created["refund.created"] == created["refund.failed"]:
            return buyer, str(refund["id"])
    raise AssertionError("no refund had two events in one second")
