"""The endpoint as a sender sees it."""

from __future__ import annotations

import asyncio
import json

import pytest

from webhook_ingest import metrics
from webhook_ingest.api.body import MAX_BODY, Buffered, Share, read_body
from webhook_ingest.api.deadline import Deadline
from webhook_ingest.errors import Disconnected, Reason, Rejected, Unavailable

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "DELETE", "BREW"])
def test_other_methods_are_405(endpoint, method):
    answer = endpoint.call(b"", method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert answer.problem == "method-not-allowed"


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"]
)
def test_other_content_types_are_415(endpoint, signed, content_type):
    answer = endpoint.call(b"{}", signed(b"{}"), content_type=content_type)
    assert (answer.status, answer.problem) == (415, "content-type")


def test_a_content_encoding_is_415(endpoint, signed):
    assert endpoint.call(b"{}", signed(b"{}"), content_encoding="gzip").status == 415


@pytest.mark.parametrize("size", [MAX_BODY + 1, 10**15])
def test_a_declared_length_over_the_limit_is_413_before_anything_is_read(endpoint, signed, size):
    answer = endpoint.call(b"{}", signed(b"{}"), content_length=str(size))
    assert (answer.status, answer.problem) == (413, "body-too-large")
    assert answer.headers["connection"] == "close"


def test_a_body_that_grows_beyond_the_limit_is_413_whatever_was_declared(endpoint, signed):
    answer = endpoint.call([b"x" * 65536] * 15, signed(b""), content_length="2")
    assert (answer.status, answer.problem) == (413, "body-too-large")


def test_a_body_at_the_limit_is_taken(endpoint, signed, event):
    body = json.dumps(event).encode()
    body += b" " * (MAX_BODY - len(body))
    assert endpoint.call([body[:500_000], body[500_000:]], signed(body)).status == 200
    assert len(endpoint.published[0][0].value) == MAX_BODY


@pytest.mark.parametrize(
    ("given", "kept"),
    [(TRACE, True), ("", False), ("garbage", False), ("00-" + "0" * 32 + "-b7ad6b7169203331-01", False)],
)
def test_a_valid_trace_goes_on_and_any_other_is_replaced(endpoint, signed, event, given, kept):
    body = json.dumps(event).encode()
    assert endpoint.call(body, signed(body), traceparent=given).status == 200
    traceparent = endpoint.published[0][1]
    assert (traceparent == given) is kept
    assert len(traceparent) == len(TRACE)


@pytest.mark.parametrize(
    ("event_type", "topic"),
    [
        ("checkout.session.completed", "stripe.checkout"),
        ("charge.refunded", "stripe.refunds"),
        ("charge.dispute.created", "stripe.disputes"),
        ("invoice.paid", "stripe.billing"),
        ("a.type.of.next.year", "stripe.other"),
    ],
)
def test_the_type_decides_the_topic_and_an_unknown_one_is_taken(endpoint, signed, event, event_type, topic):
    body = json.dumps(event | {"type": event_type}).encode()
    assert endpoint.call(body, signed(body)).status == 200
    assert endpoint.published[0][0].topic == topic


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({}, "cus_9"),
        ({"customer": {"id": "cus_expanded"}}, "cus_expanded"),
        ({"customer": None}, "pi_5"),
        ({"customer": None, "payment_intent": None}, "cs_test_1"),
    ],
)
def test_the_key_is_customer_else_payment_else_the_object_itself(endpoint, signed, event, change, key):
    event["data"]["object"] |= change
    body = json.dumps(event).encode()
    assert endpoint.call(body, signed(body)).status == 200
    assert endpoint.published[0][0].key == key


def test_no_acknowledgement_is_a_503_that_asks_to_come_again(endpoint, signed, event):
    endpoint.fail_with = Unavailable("msg-timed-out")
    body = json.dumps(event).encode()
    answer = endpoint.call(body, signed(body))
    assert (answer.status, answer.problem) == (503, "not-published")
    assert int(answer.headers["retry-after"]) > 0


def test_a_defect_of_ours_is_a_500_and_counted(endpoint, signed, event):
    endpoint.fail_with = RuntimeError("a defect")
    before = metrics.FAILED._value.get()
    body = json.dumps(event).encode()
    assert endpoint.call(body, signed(body)).status == 500
    assert metrics.FAILED._value.get() == before + 1


def test_a_slow_sender_is_refused_408():
    async def never() -> dict[str, object]:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(Rejected) as refused:
        asyncio.run(read_body({"headers": []}, never, Deadline(0.01, grain=0.01), Share(Buffered())))
    assert refused.value.reason is Reason.TOO_SLOW


def test_a_sender_that_goes_away_is_not_answered():
    async def gone() -> dict[str, object]:
        return {"type": "http.disconnect"}

    with pytest.raises(Disconnected):
        asyncio.run(read_body({"headers": []}, gone, Deadline(1), Share(Buffered())))


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (None, "signature-missing"),
        ("t=now,v1=00", "signature-malformed"),
        ("t=1789999699,v1=00", "timestamp-out-of-tolerance"),
        ("t=1790000301,v1=00", "timestamp-out-of-tolerance"),
    ],
)
def test_a_request_without_a_signature_of_now_is_refused_before_its_body_is_read(endpoint, header, problem):
    answer = endpoint.call(b"{}", header, unread=True)
    assert (answer.status, answer.problem) == (400, problem)
    assert answer.headers["connection"] == "close"


def test_bodies_of_more_than_the_process_may_hold_are_503_until_others_have_ended():
    buffered = Buffered(most=100)
    first, second, third = (Share(buffered) for _ in range(3))
    first.add(60)
    with pytest.raises(Unavailable, match="too-many-bytes"):
        second.add(41)
    second.end()
    third.add(40)
    third.end()
    first.end()
    assert buffered.size == 0
