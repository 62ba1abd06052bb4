"""Somebody paid, and Stripe's event about it is lost for good: it is seen, and it heals itself.

A stack of its own, in which a gap counts after two seconds instead of ten minutes.
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
    """Webhooks are lost on the way as a test says; afterwards they are not."""
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
    """The id of the event that says that the order's session is complete."""
    [found] = [
        event["id"]
        for event in events(running)
        if event["type"] == COMPLETED and event["data"]["object"]["id"] == order["session_id"]
    ]
    return str(found)


def metric(running: RunningStack, name: str) -> float:
    """A figure of enrollment's, as Prometheus reads it."""
    page = running.client.http.get(running.client.url("enrollment", "/metrics")).raise_for_status().text
    return next((float(line.split()[-1]) for line in page.splitlines() if line.startswith(f"{name} ")), 0.0)


def gaps(running: RunningStack) -> list[Json]:
    """What an operator sees."""
    admin = running.client.user("usr_admin", "admin@example.com", "admin")
    answer = running.client.http.get(
        running.client.url("enrollment", "/v1/admin/gaps"), headers=admin.headers
    )
    return list(answer.raise_for_status().json()["items"])


def test_a_lost_session_shows_as_a_gap_and_is_read_again(lossy: RunningStack, course: str) -> None:
    client, buyer = lossy.client, lossy.client.user()
    lose(lossy, COMPLETED)
    order = client.checkout(buyer, course)
    # While Stripe does not show the session, nothing can heal: the gap stays to be looked at.
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
    assert [one["state"] for one in client.deliveries(event=event)] == ["dropped"], "it never comes"

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
    assert types == [("checkout.session.reread",)], "the webhook never came"


def test_the_webhook_that_comes_after_all_takes_nothing_and_doubles_nothing(
    lossy: RunningStack, course: str
) -> None:
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
    assert now | {"since": None} == read | {"since": None}, (
        "the event knows the hour better, and nothing else"
    )


def test_two_events_of_one_second_that_prove_nothing_are_settled_by_reading(
    lossy: RunningStack, course: str
) -> None:
    """A refund is made and fails within one second; what would say in which order is lost."""
    client = lossy.client
    lose(lossy, "refund.updated", "charge.refund.updated")
    buyer, refund_id = _tied_refund(lossy, course)
    read = 'enrollment_rereads_total{outcome="read",reason="tie"}'
    lossy.eventually("the refund read again", lambda: metric(lossy, read) >= 1)
    with psycopg.connect(lossy.database_url("enrollment"), autocommit=True) as database:
        query = "select type, status from events where object_id = %s and type like '%%reread'"
        lossy.eventually(
            "what was read",
            lambda: database.execute(query, (refund_id,)).fetchall() == [("refund.reread", "failed")],
        )
        failure = "select failure from rereads where object_id = %s and read_at is not null"
        assert database.execute(failure, (refund_id,)).fetchall() == [(None,)]
    assert client.access(buyer, course)["access"], "the refund failed: the course stays"
    lossy.eventually("nothing waits", lambda: metric(lossy, "enrollment_rereads_waiting") == 0)


def _tied_refund(running: RunningStack, course: str) -> tuple[User, str]:
    """A refund of which two events stand in one second; the wall decides, so it may take some orders."""
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
        told = {
            event["type"]: event["created"]
            for event in events(running)
            if event["data"]["object"]["id"] == refund["id"]
        }
        if told["refund.created"] == told["refund.failed"]:
            return buyer, str(refund["id"])
    raise AssertionError("no two events of a refund fell into one second")
