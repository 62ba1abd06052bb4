"""Whatever comes in: a 4xx problem and nothing published, or exactly the event that Stripe signed."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "client_secret", "customer", "a:b"]) | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
_BROKEN = re.compile("[\x00\ud800-\udfff]")
PATHS = [
    ["id"], ["object"], ["type"], ["created"], ["livemode"], ["api_version"], ["data"], ["data", "object"],
    ["data", "object", "id"], ["data", "object", "customer"], ["data", "object", "payment_intent"],
]  # fmt: skip


def refused(endpoint, body: bytes, header: str | bytes | None, **headers: str) -> str:
    answer = endpoint.call(body, header, **headers)
    assert 400 <= answer.status < 500, answer
    assert endpoint.published == []
    return answer.problem


@given(body=st.binary(max_size=300), header=st.none() | st.binary(max_size=200))
def test_unsigned_garbage_is_refused(new_endpoint, body, header):
    assert refused(new_endpoint(), body, header).startswith("signature-")


@given(body=st.binary(max_size=300))
def test_signed_garbage_bytes_are_refused(new_endpoint, signed, body):
    assert refused(new_endpoint(), body, signed(body)) in ("not-json", "not-an-event")


@given(value=JSON)
def test_signed_json_that_is_no_event_is_refused(new_endpoint, signed, value):
    body = json.dumps(value).encode()
    assert refused(new_endpoint(), body, signed(body)) in ("not-json", "not-an-event")


@settings(max_examples=400)
@given(data=st.data())
def test_an_event_changed_before_it_was_signed_is_taken_whole_or_refused(
    new_endpoint, signed, new_event, data
):
    event = new_event()
    for path in data.draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=3)):
        owner: Any = event
        for name in path[:-1]:
            owner = owner.get(name) if isinstance(owner, dict) else None
        if isinstance(owner, dict):
            if data.draw(st.booleans()):
                owner.pop(path[-1], None)
            else:
                owner[path[-1]] = data.draw(JSON)
    body = json.dumps(event, ensure_ascii=data.draw(st.booleans())).encode("utf-8", "surrogatepass")
    endpoint = new_endpoint()
    answer = endpoint.call(body, signed(body))
    if answer.status == 200:
        [(accepted, _)] = endpoint.published
        assert json.loads(accepted.value) == readable(without_secrets(event))
        assert (accepted.id, accepted.type) == (event["id"], event["type"])
    else:
        assert answer.problem in ("not-json", "not-an-event", "livemode-mismatch")
        assert endpoint.published == []


def readable(value: Any) -> Any:
    """The value with U+FFFD for each NUL and each lone surrogate."""
    if isinstance(value, dict):
        return {readable(name): readable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [readable(inner) for inner in value]
    return _BROKEN.sub("\ufffd", json.loads(json.dumps(value))) if isinstance(value, str) else value


def without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_secrets(inner) for name, inner in value.items() if name != "client_secret"}
    return [without_secrets(inner) for inner in value] if isinstance(value, list) else value


@given(inner=JSON)
def test_a_client_secret_is_removed_at_any_depth_and_nothing_else(new_endpoint, signed, new_event, inner):
    event = new_event()
    event["data"]["object"]["nested"] = [{"client_secret": "pi_1_secret_2", "kept": inner}]
    event["data"]["previous_attributes"] = {"client_secret": None, "status": "open"}
    body = json.dumps(event).encode()
    endpoint = new_endpoint()
    answer = endpoint.call(body, signed(body))
    if answer.status == 200:
        [(accepted, _)] = endpoint.published
        assert b"client_secret" not in accepted.value
        assert json.loads(accepted.value) == readable(without_secrets(event))
    else:  # names of one object that are equal once NUL is replaced
        assert answer.problem == "not-json"


def test_a_client_secret_spelled_with_escapes_is_removed_too(endpoint, signed, event):
    event["data"]["object"]["hidden"] = "pi_1_secret_2"
    body = json.dumps(event).replace('"hidden"', r'"client\u005fsecret"').encode()
    assert endpoint.call(body, signed(body)).status == 200
    assert b"secret" not in endpoint.published[0][0].value


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            "https://hooks.stripe.com/redirect/authenticate/src_1?client_secret=src_client_secret_Zz9&a=1",
            "https://hooks.stripe.com/redirect/authenticate/src_1?client_secret=removed&a=1",
        ),
        (
            "https://hooks.stripe.com/3d_secure_2/hosted?payment_intent_client_secret=pi_1_secret_Zz9#top",
            "https://hooks.stripe.com/3d_secure_2/hosted?payment_intent_client_secret=removed#top",
        ),
        (
            "https://a.example/?back=https%3A%2F%2Fb.example%3Fclient_secret%3Dpi_1_secret_Zz9%26x%3D1",
            "https://a.example/?back=https%3A%2F%2Fb.example%3Fclient_secret%3Dremoved%26x%3D1",
        ),
        ("seti_1Q_secret_Zz9", "seti_1Q_secret_removed"),
        ("a?client_secret=cs_test_a_secret_f%2Fg%26h&b=1", "a?client_secret=removed&b=1"),
        ("cs_test_a1_secret_Zz9", "cs_test_a1_secret_removed"),
        ("the_secret_garden", "the_secret_garden"),
    ],
)
def test_a_client_secret_within_a_text_is_removed_and_the_rest_stays(endpoint, signed, event, text, kept):
    event["type"] = "payment_intent.requires_action"
    event["data"]["object"]["next_action"] = {"redirect_to_url": {"url": text}, "also": [text]}
    body = json.dumps(event).encode()
    assert endpoint.call(body, signed(body)).status == 200
    published = json.loads(endpoint.published[0][0].value)
    event["data"]["object"]["next_action"] = {"redirect_to_url": {"url": kept}, "also": [kept]}
    assert published == event


def test_an_event_without_secrets_is_published_byte_for_byte(endpoint, signed, event):
    body = json.dumps(event, indent=3).encode() + b"\n"
    assert endpoint.call(body, signed(body)).status == 200
    assert endpoint.published[0][0].value == body


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", "7", '"text"', "true", "{}", "NaN", "Infinity", "-1e999", "[" * 100_000,
        '{"a":' * 50_000, "{'id': 1}", '{"id":"evt_1",}', '{"id":"evt_1"} {}', "\ufeff{}", '"\x00"',
        "9" * 6000,
    ],
)  # fmt: skip
def test_signed_curiosities_are_refused(endpoint, signed, text):
    body = text.encode()
    assert refused(endpoint, body, signed(body)) in ("not-json", "not-an-event")


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (b'"livemode": false', b'"livemode": true, "livemode": false'),
        (b'"livemode": false', b'"livemode": false, "livemode" : false'),
        (b'"id": "cs_test_1"', b'"id": "cs_test_1", "id": "cs_other"'),
        (b'"order_id": "ord_1"', b'"order_id": "ord_1", "order\\u005fid": "ord_2"'),
        # An escaped colon that would make up for the one that is lost with the first name.
        (b'"order_id": "ord_1"', b'"order_id": "x\\u003ay", "order_id": "ord_2", "note": "a\\u003Ab"'),
        (b'"order_id": "ord_1"', b'"order_id": "a:b", "order_id": "ord_2"'),
    ],
)
def test_a_name_that_stands_twice_is_refused(endpoint, signed, event, found, put):
    body = json.dumps(event).encode()
    assert found in body
    assert refused(endpoint, *(lambda b: (b, signed(b)))(body.replace(found, put))) == "not-json"


@pytest.mark.parametrize("text", [r"10\u003a30", "10:30", r"a\\u003ab", r"\"a\": 1", "ü: :"])
def test_colons_in_texts_are_no_names(endpoint, signed, event, text):
    body = json.dumps(event).replace("ord_1", text).encode()
    assert endpoint.call(body, signed(body)).status == 200


def test_bytes_that_are_no_utf8_are_refused_wherever_they_stand(endpoint, signed, event):
    body = json.dumps(event).encode().replace(b"ord_1", b"ord_\xff")
    assert refused(endpoint, body, signed(body)) == "not-json"


def test_a_live_event_is_refused_in_test_mode_and_says_so(endpoint, signed, event):
    body = json.dumps(event | {"livemode": True}).encode()
    assert refused(endpoint, body, signed(body)) == "livemode-mismatch"


def test_a_thin_event_is_refused(endpoint, signed):
    body = json.dumps({"id": "evt_1", "object": "v2.core.event", "type": "v1.x", "livemode": False}).encode()
    assert refused(endpoint, body, signed(body)) == "not-an-event"


@pytest.mark.parametrize("created", [-1, 2**63, 1.5, True, "1790000000", None])
def test_a_time_that_is_none_is_refused(endpoint, signed, event, created):
    body = json.dumps(event | {"created": created}).encode()
    assert refused(endpoint, body, signed(body)) == "not-an-event"


@pytest.mark.parametrize("name", ["", "a b", "evt_\n", "evt_ü", "e" * 256, math.pi, None, ["evt_1"]])
@pytest.mark.parametrize("field", ["id", "type"])
def test_an_id_or_type_that_is_no_name_is_refused(endpoint, signed, event, field, name):
    body = json.dumps(event | {field: name}).encode()
    assert refused(endpoint, body, signed(body)) == "not-an-event"
