"""Our own events: every version has an example, and a value that breaks the contract is refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from schemas.contracts import files
from schemas.contracts.jsonschema import event_schema
from schemas.events import EVENTS, EnrollmentChanged, OrderPlaced, parse_event
from schemas.topics import TOPICS


def example(event_type: str) -> Any:
    return json.loads((files.EXAMPLES / f"{event_type}.json").read_text(encoding="utf-8"))


def parse_changed(event_type: str, path: list[Any], value: Any) -> Any:
    body = example(event_type)
    part = body
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return parse_event(event_type, json.dumps(body).encode())


@pytest.mark.parametrize("event_type", EVENTS)
def test_every_event_version_has_an_example_that_parses_and_validates(event_type: str) -> None:
    body = example(event_type)
    Draft202012Validator(event_schema(event_type)).validate(body)
    event = parse_event(event_type, json.dumps(body).encode())
    assert type(event) is EVENTS[event_type]
    assert event_type == event.TYPE
    assert event.TOPIC in TOPICS


@pytest.mark.parametrize("event_type", EVENTS)
def test_what_is_written_is_read_back_unchanged(event_type: str) -> None:
    event = parse_event(event_type, json.dumps(example(event_type)).encode())
    assert parse_event(event_type, event.to_json()) == event
    Draft202012Validator(event_schema(event_type)).validate(json.loads(event.to_json()))


@pytest.mark.parametrize("event_type", EVENTS)
def test_a_field_of_a_later_version_is_ignored(event_type: str) -> None:
    body = {**example(event_type), "a_field_of_tomorrow": {"x": [1]}}
    plain = parse_event(event_type, json.dumps(example(event_type)).encode())
    assert parse_event(event_type, json.dumps(body).encode()) == plain


def test_the_key_is_what_the_table_of_topics_promises() -> None:
    keys = {name: parse_event(name, json.dumps(example(name)).encode()).key() for name in EVENTS}
    assert keys == {
        "masterji.order.placed.v1": "ord_01JD9ZK3W8",
        "masterji.order.expired.v1": "ord_01JD9ZK3W9",
        "masterji.order.payment_accepted.v1": "ord_01JD9ZK3W9",
        "masterji.order.revoked.v1": "ord_01JD9ZK3W9",
        "masterji.catalog.course_changed.v1": "crs_sitar",
        "masterji.enrollment.changed.v1": "usr_42",
        "masterji.enrollment.duplicate_detected.v1": "usr_42",
        "masterji.enrollment.duplicate_withdrawn.v1": "usr_42",
        "masterji.access.granted.v1": "usr_42",
        "masterji.access.revoked.v1": "usr_42",
    }


def test_times_come_out_as_utc_whatever_offset_they_had() -> None:
    event = parse_changed("masterji.enrollment.changed.v1", ["since"], "2026-11-20T14:46:02+05:30")
    assert isinstance(event, EnrollmentChanged)
    assert event.since == datetime(2026, 11, 20, 9, 16, 2, tzinfo=UTC)
    assert b'"since":"2026-11-20T09:16:02Z"' in event.to_json()


ORDER = "masterji.order.placed.v1"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["terms", "accepted_at"], "2026-11-20T09:14:58"),  # naive: whose clock?
        (["terms", "accepted_at"], "yesterday"),
        (["currency"], "INR"),
        (["currency"], "inr\n"),
        (["currency"], "rupees"),
        (["amount_total"], -1),
        (["amount_total"], 19.99),
        (["amount_total"], "1999"),
        (["amount_total"], 10**16),
        (["amount_total"], None),
        (["order_id"], ""),
        (["order_id"], "x" * 256),
        (["order_id"], "ord\x001"),
        (["order_id"], 7),
        (["country"], "IND"),
        (["email"], "no-address"),
        (["locale"], "../../etc"),
        (["lines"], []),
        (["lines", 0, "kind"], "gift"),
        (["lines", 0, "list_amount"], -5),
        (["lines", 0, "access_days"], 0),
        (["lines", 0, "title"], "x" * 501),
        (["terms"], None),
    ],
)
def test_a_value_that_breaks_the_contract_is_refused(path: list[Any], value: Any) -> None:
    with pytest.raises(ValueError, match=str(path[-1]) if isinstance(path[-1], str) else None):
        parse_changed(ORDER, path, value)


@pytest.mark.parametrize(
    "field", ["order_id", "user_id", "email", "currency", "terms", "amount_total", "lines"]
)
def test_an_order_without_an_essential_field_is_refused(field: str) -> None:
    body = example(ORDER)
    del body[field]
    with pytest.raises(ValueError, match=field):
        parse_event(ORDER, json.dumps(body).encode())


@pytest.mark.parametrize("value", [b"", b"null", b"[]", b"{", b"\xff\xfe", b'"text"', b"[" * 100_000])
def test_garbage_is_a_value_error(value: bytes) -> None:
    with pytest.raises(ValueError, match="OrderPlaced"):
        parse_event(ORDER, value)


def test_a_type_that_is_not_ours_is_named() -> None:
    with pytest.raises(ValueError, match=r"'masterji\.order\.shipped\.v1' is not one of our event types"):
        parse_event("masterji.order.shipped.v1", b"{}")


def test_events_are_immutable() -> None:
    event = parse_event(ORDER, json.dumps(example(ORDER)).encode())
    assert isinstance(event, OrderPlaced)
    with pytest.raises(ValueError, match="frozen"):
        event.currency = "usd"  # type: ignore[misc]


def test_a_refusal_repeats_no_personal_data() -> None:
    with pytest.raises(ValueError, match="email") as caught:
        parse_changed(ORDER, ["email"], "asha rao of mumbai")
    assert "asha" not in str(caught.value)
