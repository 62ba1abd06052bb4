"""What a 200 promises: the event is in Kafka, exactly."""

from __future__ import annotations

import json
import os
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from devstack import loopback
from messaging.message import decode_record
from webhook_ingest.api.body import MAX_BODY

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def fresh(event, signed):
    """A new event and its signature of now."""

    def make(**changes):
        body = json.dumps(event | {"id": f"evt_{uuid.uuid4().hex}", **changes}, indent=2).encode()
        return json.loads(body)["id"], body, signed(body, at=int(time.time()))

    return make


def test_an_accepted_event_is_in_its_topic_with_key_headers_and_body_exactly(ingest, published, fresh, event):
    event_id, body, signature = fresh()
    answer = ingest.post(body, signature, headers={"traceparent": TRACE})
    assert (answer.status_code, answer.content) == (200, b"")
    [message] = published("stripe.checkout", event_id)
    assert message.value() == body
    assert message.key() == b"cus_9"
    assert sorted(message.headers()) == sorted(
        [
            ("ce_specversion", b"1.0"),
            ("ce_id", event_id.encode()),
            ("ce_source", b"stripe"),
            ("ce_type", b"checkout.session.completed"),
            ("ce_time", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(event["created"])).encode()),
            ("content-type", b"application/json"),
            ("traceparent", TRACE.encode()),
            ("stripe-api-version", b"2026-10-28.endive"),
        ]
    )


def test_consumers_can_read_it(ingest, published, fresh, event):
    event_id, body, signature = fresh(type="invoice.paid")
    assert ingest.post(body, signature).status_code == 200
    [record] = published("stripe.billing", event_id)
    message = decode_record(record)
    assert (message.id, message.type, message.source) == (event_id, "invoice.paid", "stripe")
    assert message.created == event["created"] * 1_000_000


def test_both_secrets_of_a_roll_are_taken(ingest, fresh, signed):
    _, body, _ = fresh()
    for secret in ("whsec_being_rolled", "whsec_current"):
        assert ingest.post(body, signed(body, secret, int(time.time()))).status_code == 200
    assert ingest.post(body, signed(body, "whsec_older", int(time.time()))).status_code == 400


def test_the_largest_body_that_is_taken_goes_through_kafka(ingest, published, event, signed):
    event["id"] = event_id = f"evt_{uuid.uuid4().hex}"
    event["data"]["object"]["filler"] = ""
    room = MAX_BODY - len(json.dumps(event).encode())
    event["data"]["object"]["filler"] = os.urandom(room // 2 + 1).hex()[:room]  # lz4 cannot shrink it
    body = json.dumps(event).encode()
    assert len(body) == MAX_BODY
    assert ingest.post(body, signed(body, at=int(time.time()))).status_code == 200
    [message] = published("stripe.checkout", event_id)
    assert message.value() == body


def test_many_at_once_are_all_in_kafka(ingest, published, fresh):
    events = [fresh(type="review.opened") for _ in range(150)]
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda item: ingest.post(item[1], item[2]).status_code, events))
    assert statuses == [200] * 150
    for event_id, body, _ in events[::30]:
        assert [message.value() for message in published("stripe.disputes", event_id)] == [body]


def test_ready_and_live_while_kafka_is_there(ingest):
    assert loopback.get(f"{ingest.url}/health/live").status_code == 200
    deadline = time.monotonic() + 10
    while (ready := loopback.get(f"{ingest.url}/health/ready")).status_code != 200:
        assert time.monotonic() < deadline, ready.text
    assert ready.json()["components"]["kafka"] == "ok"


def test_metrics_count_what_was_accepted_and_refused(ingest, fresh):
    def counted(name: str) -> float:
        lines = loopback.get(f"{ingest.url}/metrics").text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))

    accepted, refused = (
        'ingest_accepted_total{topic="stripe.checkout"}',
        'ingest_rejected_total{reason="not-json"}',
    )
    before = counted(accepted), counted(refused)
    _, body, signature = fresh()
    ingest.post(body, signature)
    ingest.post(b"{", _sign_now(b"{", fresh))
    assert (counted(accepted), counted(refused)) == (before[0] + 1, before[1] + 1)
    assert counted("ingest_publish_seconds_count") > 0


def _sign_now(body, fresh):
    from hashlib import sha256
    from hmac import new

    at = int(time.time())
    return f"t={at},v1={new(b'whsec_current', f'{at}.'.encode() + body, sha256).hexdigest()}"


def test_its_documentation_names_the_endpoint(ingest):
    paths = loopback.get(f"{ingest.url}/openapi.json").json()["paths"]
    assert "503" in paths["/webhooks/stripe"]["post"]["responses"]


def test_a_broker_that_cannot_be_reached_is_a_503_within_ten_seconds(cut_off, fresh):
    started = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: cut_off.post(*fresh()[1:]), range(8)))
    assert time.monotonic() - started < 10
    assert {answer.status_code for answer in answers} == {503}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    assert answers[0].json()["type"].endswith("/not-published")


def test_without_kafka_it_is_live_but_not_ready(cut_off):
    assert loopback.get(f"{cut_off.url}/health/live").status_code == 200
    ready = loopback.get(f"{cut_off.url}/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (503, "down")


def test_without_kafka_a_forgery_is_refused_at_once(cut_off):
    started = time.monotonic()
    assert cut_off.post(b"{}", "t=1,v1=00").status_code == 400
    assert time.monotonic() - started < 1


@pytest.mark.kafka_protocol
def test_told_to_stop_it_answers_what_it_has_and_ends_with_0(new_ingest, published, fresh):
    events = [fresh(type="review.closed") for _ in range(40)]
    with ThreadPoolExecutor(40) as pool:
        answers = [pool.submit(new_ingest.post, body, signature) for _, body, signature in events]
        answers[0].result()
        started = time.monotonic()
        assert new_ingest.stop() == 0
    assert time.monotonic() - started < 10
    taken = [
        event_id
        for (event_id, _, _), answer in zip(events, answers, strict=True)
        if answer.exception() is None and answer.result().status_code == 200
    ]
    assert taken
    for event_id in taken[-3:]:
        assert len(published("stripe.disputes", event_id)) == 1
