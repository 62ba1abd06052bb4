"""Rereads from Stripe recover lost sessions and settle events of one second whose order is not proved."""

import re
import threading
from datetime import timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from enrollment_messages import DAY, at, unix
from enrollment_stories import Story
from prometheus_client import REGISTRY

from enrollment.clients import HttpStripeReader
from enrollment.workers.refresher import Refresher
from enrollment.workers.watch import count_gaps
from messaging.message import Message
from processkit.errors import Transient
from processkit.health import Health
from processkit.watch import Watch

RUNBOOK = Path(__file__).resolve().parents[4] / "docs" / "operations.md"
SESSION = {
    "id": "cs_ord_1",
    "object": "checkout.session",
    "mode": "payment",
    "status": "complete",
    "payment_status": "paid",
    "amount_total": 3000,
    "currency": "eur",
    "payment_intent": "pi_ord_1",
    "client_secret": "cs_secret_x",
    "metadata": {"order_id": "ord_1", "user_id": "user_1"},
}


class Stripe:
    """Answers as Stripe does, and records the requests."""

    def __init__(self, objects: dict[str, dict]) -> None:
        self.objects = objects
        self.requests: list[str] = []
        self.status = 200
        self.broken: dict[str, httpx.Response] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request.url.path)
        assert request.headers["authorization"] == "Bearer rk_test_1"
        if request.url.path in self.broken:
            return self.broken[request.url.path]
        found = self.objects.get(request.url.path)
        status = self.status if found is not None or self.status != 200 else 404
        return httpx.Response(
            status,
            json=found or {"error": {}},
            headers={"date": "Mon, 02 Mar 2026 12:00:07 GMT", "request-id": "req_1"},
        )


@pytest.fixture
def stripe():
    return Stripe({"/v1/checkout/sessions/cs_ord_1": SESSION, "/v1/checkout/sessions": {"data": [SESSION]}})


@pytest.fixture
def health():
    return Health()


@pytest.fixture
def make_refresher(dsn, consumer, health):
    """Make a refresher; its connection is closed at the end of the test."""
    made = []

    def make(reader):
        made.append(Refresher(dsn, reader, health, lambda: consumer.now, gap_after=timedelta(minutes=10)))
        return made[-1]

    yield make
    stopped = threading.Event()
    stopped.set()
    for each in made:
        each.run(stopped)


@pytest.fixture
def refresher(make_refresher, stripe):
    client = httpx.Client(transport=httpx.MockTransport(stripe))
    return make_refresher(HttpStripeReader("rk_test_1", "https://stripe.test", client))


def reported(health) -> str:
    """Return what the refresher reports to /health/ready."""
    return health.ready()[1]["refresher"]


def rereads(reason: str, outcome: str) -> float:
    labels = {"reason": reason, "outcome": outcome}
    return REGISTRY.get_sample_value("enrollment_rereads_total", labels) or 0.0


def paid_not_enrolled(dsn, consumer) -> float | None:
    """Return what the watch of the clock role counts now."""
    with psycopg.connect(dsn) as tx:
        count_gaps(tx, consumer.now, timedelta(minutes=10))
    return REGISTRY.get_sample_value("enrollment_paid_not_enrolled")


def deliver_rereads(consumer, db) -> int:
    """Do with the rereads what relay, topic and consumer do; return their number."""
    rows = db.execute(
        "delete from outbox where topic = 'stripe.rereads'"
        " returning topic, key, event_id, type, source, time, value"
    ).fetchall()
    consumer.apply([Message(row[0], 0, 0, row[1], bytes(row[6]), *row[2:6]) for row in rows])
    return len(rows)


@pytest.mark.parametrize("known", [True, False], ids=["session known", "session unknown"])
def test_a_lost_session_is_reread_and_the_buyer_enrolled(dsn, consumer, refresher, db, stripe, known):
    story = Story().payment("ord_1", 3000)
    if known:
        story.order("ord_1", ("python", 3000))
    consumer.apply(story.messages)
    assert paid_not_enrolled(dsn, consumer) == 1
    assert refresher.reread_one()
    if not known:
        consumer.apply(story.order("ord_1", ("python", 3000)).messages)
    assert deliver_rereads(consumer, db) == 1
    assert [row[5] for row in consumer.grants()] == ["active"]
    assert stripe.requests == ["/v1/checkout/sessions/cs_ord_1" if known else "/v1/checkout/sessions"]
    assert paid_not_enrolled(dsn, consumer) == 0
    assert not refresher.reread_one()


def test_the_session_of_a_recent_payment_is_not_reread(consumer, refresher):
    consumer.apply(Story().order("ord_1", ("python", 3000)).payment("ord_1", 3000).messages)
    consumer.now = at(60)
    assert not refresher.reread_one()


def test_no_client_secret_is_published(consumer, refresher, db):
    consumer.apply(Story().order("ord_1", ("python", 3000)).payment("ord_1", 3000).messages)
    refresher.reread_one()
    (value,) = db.execute("select value from outbox where topic = 'stripe.rereads'").fetchone()
    assert b"secret" not in value


def test_while_stripe_is_unavailable_a_reread_stays_due(consumer, refresher, stripe, db):
    consumer.apply(Story().order("ord_1", ("python", 3000)).payment("ord_1", 3000).messages)
    stripe.status = 503
    with pytest.raises(Transient, match="req_1"):
        refresher.reread_one()
    stripe.status = 200
    assert refresher.reread_one()
    assert db.execute("select reads from unfulfilled").fetchone() == (1,)


@pytest.mark.parametrize(
    "answer", [httpx.Response(500), httpx.Response(200, text="<html>")], ids=["error", "not JSON"]
)
def test_an_object_that_stripe_cannot_return_does_not_block_others(consumer, refresher, stripe, db, answer):
    story = Story().order("ord_1", ("python", 3000)).payment("ord_1", 3000)
    story.order("ord_2", ("rust", 3000)).payment("ord_2", 3000, t=59)
    consumer.apply(story.messages)
    first, second = "/v1/checkout/sessions/cs_ord_1", "/v1/checkout/sessions/cs_ord_2"
    stripe.objects[second] = {**SESSION, "id": "cs_ord_2"}
    stripe.broken[first] = answer
    assert not refresher.once()
    assert refresher.once()
    assert stripe.requests == [first, second]
    assert db.execute("select order_id from unfulfilled where reads > 0").fetchall() == [("ord_2",)]
    stripe.broken.clear()
    assert refresher.once(), "it is reread once nothing else is due"
    assert stripe.requests == [first, second, first]


def test_a_session_that_stays_unpaid_is_reread_at_growing_intervals(consumer, refresher, stripe):
    stripe.objects["/v1/checkout/sessions/cs_ord_1"] = {
        **SESSION,
        "payment_status": "unpaid",
        "status": "open",
    }
    consumer.apply(Story().order("ord_1", ("python", 3000)).payment("ord_1", 3000).messages)
    start = consumer.now
    for minutes, reads in [(0, 1), (1, 1), (2, 2), (5, 2), (6, 3)]:
        consumer.now = start + timedelta(minutes=minutes)
        refresher.reread_one()
        assert len(stripe.requests) == reads


def test_a_tie_is_settled_by_a_reread_of_the_object(consumer, refresher, stripe, db):
    story = Story().purchase("ord_1", ("python", 3000))
    story.refund("ord_1", 3000, t=DAY, status="succeeded")
    story.refund("ord_1", 3000, t=DAY, status="failed", kind="failed")
    consumer.apply(story.messages)
    assert [row[5] for row in consumer.grants()] == ["active"]
    stripe.objects["/v1/refunds/re_ord_1"] = {
        "id": "re_ord_1",
        "object": "refund",
        "amount": 3000,
        "currency": "eur",
        "status": "succeeded",
        "charge": "ch_pi_ord_1",
        "payment_intent": "pi_ord_1",
        "created": unix(DAY),
    }
    assert refresher.reread_one()
    assert deliver_rereads(consumer, db) == 1
    # The reread is seven seconds after the tied events, by Stripe's clock.
    assert [row[5] for row in consumer.grants()] == ["revoked"]
    assert not refresher.reread_one()


def test_an_object_that_stripe_does_not_have_is_not_reread_again(consumer, refresher, stripe, db):
    story = Story().purchase("ord_1", ("python", 3000))
    story.refund("ord_1", 3000, t=DAY, status="succeeded")
    story.refund("ord_1", 3000, t=DAY, status="failed", kind="failed")
    consumer.apply(story.messages)
    assert refresher.reread_one()
    assert "404" in db.execute("select failure from rereads").fetchone()[0]
    assert not refresher.reread_one()


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("reason", ["gap", "tie"])
def test_a_refused_key_is_reported_until_fixed_and_uses_up_no_attempt(
    dsn, consumer, refresher, health, stripe, db, status, reason
):
    story = Story()
    if reason == "gap":
        story.order("ord_1", ("python", 3000)).payment("ord_1", 3000)
    else:
        story.purchase("ord_1", ("python", 3000))
        story.refund("ord_1", 3000, t=DAY, status="succeeded")
        story.refund("ord_1", 3000, t=DAY, status="failed", kind="failed")
        stripe.objects["/v1/refunds/re_ord_1"] = {"id": "re_ord_1", "object": "refund"}
    consumer.apply(story.messages)
    stripe.status = status
    before = rereads(reason, "refused")
    for times in (1, 2):
        assert not refresher.once(), "it does not retry immediately"
        assert len(stripe.requests) == times
        assert rereads(reason, "refused") == before + times
    assert reported(health).startswith(
        f"STRIPE_READ_KEY is refused: Stripe answered {status} (request req_1)"
    )
    if reason == "gap":
        assert paid_not_enrolled(dsn, consumer) == 1
    assert db.execute("select count(*) from rereads where read_at is not null").fetchone() == (0,)
    assert db.execute("select coalesce(sum(reads), 0) from unfulfilled").fetchone() == (0,)

    stripe.status = 200
    assert refresher.once()
    assert reported(health) == "ok"
    assert db.execute("select count(*) from outbox where topic = 'stripe.rereads'").fetchone() == (1,)


def test_an_error_of_a_proxy_uses_up_no_attempt(consumer, refresher, stripe, db):
    consumer.apply(Story().order("ord_1", ("python", 3000)).payment("ord_1", 3000).messages)
    stripe.status = 407
    with pytest.raises(Transient, match="407"):
        refresher.reread_one()
    assert db.execute("select reads from unfulfilled").fetchone() == (0,)


def test_the_runbook_repeats_rereads_that_a_refused_key_used_up(consumer, refresher, stripe, db):
    (statement,) = re.findall(
        r'psql "\$DATABASE_URL" -c "(update rereads [^"]+)"', RUNBOOK.read_text("utf-8")
    )
    story = Story().purchase("ord_1", ("python", 3000))
    story.refund("ord_1", 3000, t=DAY, status="succeeded")
    story.refund("ord_1", 3000, t=DAY, status="failed", kind="failed")
    consumer.apply(story.messages)
    for failure, again in [
        ("Stripe answered 401 (request req_1) to /v1/refunds/re_ord_1", True),
        ("Stripe answered 403 (request req_1) to /v1/refunds/re_ord_1", True),
        ("Stripe answered 404 (request req_403) to /v1/refunds/re_ord_1", False),
    ]:
        db.execute("update rereads set read_at = now(), failure = %s", (failure,))
        assert not refresher.reread_one()
        db.execute(statement)
        assert refresher.reread_one() is again


def test_without_a_key_nothing_is_reread_and_gaps_are_counted(dsn, consumer, make_refresher, health, db):
    consumer.apply(Story().order("ord_1", ("python", 3000)).payment("ord_1", 3000).messages)
    assert not make_refresher(None).once()
    assert reported(health) == "ok"
    assert db.execute("select reads from unfulfilled").fetchone() == (0,)
    assert paid_not_enrolled(dsn, consumer) == 1


@pytest.mark.parametrize("worker", ["refresher", "gaps"])
def test_a_worker_without_its_database_reports_it(consumer, worker):
    health, stop = Health(), threading.Event()
    unreachable, ten = "postgresql://user@127.0.0.1:1/unreachable", timedelta(minutes=10)
    workers = {
        "refresher": lambda: Refresher(unreachable, None, health, lambda: consumer.now, gap_after=ten).run,
        "gaps": lambda: Watch("gaps", lambda tx: count_gaps(tx, consumer.now, ten), unreachable, health).run,
    }
    thread = threading.Thread(target=workers[worker](), args=(stop,))
    thread.start()
    try:
        for _ in range(200):
            ready, parts = health.ready()
            if parts[worker] != "starting":
                break
            stop.wait(0.05)
    finally:
        stop.set()
        thread.join(10)
    assert not ready
    assert parts[worker].startswith("database: ")


def test_while_stripe_is_unavailable_the_refresher_stays_ready(consumer, refresher, health, stripe):
    consumer.apply(Story().order("ord_1", ("python", 3000)).payment("ord_1", 3000).messages)
    stripe.status = 503
    refresher.once()
    assert stripe.requests, "Stripe was called"
    assert reported(health) == "ok"
