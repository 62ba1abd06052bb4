"""The contract at the border: what Stripe may send is read, all else is a ValueError with a sentence."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schemas_stripe_examples import EXAMPLES, body, read, seen

from schemas.stripe import Session, StripeEvent, Unknown, parse

BODIES = [body(path.stem) for path in EXAMPLES]
REFUND = body("refund.updated")


def changed(path: list[Any], value: Any) -> bytes:
    body = copy.deepcopy(REFUND)
    part = body
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (["id"], "", "id"),
        (["id"], None, "id"),
        (["id"], "e" * 256, "id"),
        (["id"], "evt_\x00", "NUL"),
        (["type"], 5, "type"),
        (["created"], "1795252561", "created"),
        (["created"], -1, "created"),
        (["created"], 1795252561000, "created"),  # milliseconds
        (["created"], 1.5, "created"),
        (["livemode"], "yes", "livemode"),
        (["object"], "v2.core.event", "object"),
        (["data"], None, "data"),
        (["data"], [], "data"),
        (["data", "object"], None, "null"),
        (["data", "object"], "re_1", "str"),
        (["data", "object", "id"], None, "id"),
        (["data", "object", "id"], 7, "id"),
        (["data", "object", "id"], "re\x00", "NUL"),
        (["data", "object", "object"], "charge", "charge"),
        (["data", "object", "amount"], -1, "amount"),
        (["data", "object", "amount"], "100", "amount"),
        (["data", "object", "amount"], 1e30, "amount"),
        (["data", "object", "amount"], 10**20, "amount"),
        (["data", "object", "amount"], True, "amount"),
        (["data", "object", "currency"], "INR", "currency"),
        (["data", "object", "currency"], "inr\n", "currency"),
        (["data", "object", "status"], "s" * 300, "status"),
        (["data", "object", "charge"], {"object": "charge"}, "charge"),
        (["data", "object", "charge"], ["ch_1"], "charge"),
        (["data", "object", "metadata"], {"order_id": 5}, "metadata"),
        (["data", "object", "charge"], "ch\x00", "NUL"),
        (["data", "object", "charge"], "ch\ud800", "lone surrogate"),
        (["account"], 7, "account"),
        (["context"], {"type": "account"}, "context"),
        (["api_version"], 20250331, "api_version"),
        (["data", "object", "metadata"], {"note": "x" * 5001}, "metadata"),
        (["data", "object", "metadata"], {str(n): "x" for n in range(101)}, "metadata"),
        (["data", "previous_attributes"], [], "previous_attributes"),
    ],
)
def test_a_broken_contract_is_named(path: list[Any], value: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        parse(changed(path, value))
    if path[0] == "data" and path != ["data"] and path != ["data", "previous_attributes"]:
        assert "Stripe's refund.updated evt_refund_updated cannot be read" in str(caught.value)


@pytest.mark.parametrize("field", ["id", "type", "created", "data"])
def test_an_envelope_without_an_essential_field_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=field):
        parse(json.dumps({name: value for name, value in REFUND.items() if name != field}).encode())


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"evt_1"',
        b"{",
        b"\xff\xfe\x00",
        b'{"id": "\xff"}',
        b'{"id": "\\ud800"}',
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b'{"id":"evt_1","type":"charge.succeeded","created":1,"data":{"object":' + b"[" * 200_000,
        b"\xef\xbb\xbf{}",
        b"{} {}",
        b" " * (2 * 1024 * 1024 + 1),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_garbage_is_a_value_error(value: bytes) -> None:
    with pytest.raises(ValueError, match="Stripe event"):
        parse(value)


@pytest.mark.parametrize("broken", ["\x00", chr(0xD800), chr(0xDC00), "\ude00\ud83d"], ids=ascii)
def test_a_text_with_what_is_no_character_is_no_reason_to_lose_a_payment(broken: str) -> None:
    event = read(
        "checkout.session.completed",
        client_reference_id=broken,
        customer_details={"name": f"Asha{broken}\U0001f600", "email": None, "tax_ids": [broken]},
        metadata={"masterji_order_id": "ord_1", "note": broken, broken: "x", "user_id": f"u{broken[0]}"},
    )
    assert isinstance(event.object, Session)
    assert event.object.customer_name == "Asha" + "\ufffd" * len(broken) + "\U0001f600"
    assert event.links["order_id"] == "ord_1"


def test_spelled_out_escapes_stay_as_they_are() -> None:
    name = "\\u0000 and \\\\ud800 and \\"
    event = read("checkout.session.completed", customer_details={"name": f"{name}\x00"})
    assert isinstance(event.object, Session)
    assert event.object.customer_name == f"{name}\ufffd"


def test_an_order_that_is_not_ours_is_not_among_the_links() -> None:
    ours, others = {"order_id": "ord_1", "user_id": "usr_1"}, {"order_id": "10017", "user_id": "42"}
    assert read("refund.updated", metadata=ours).links.items() >= ours.items()
    assert not {"order_id", "user_id"} & read("refund.updated", metadata=others).links.keys()
    assert "order_id" not in parse(changed(["data", "object", "metadata"], {"order_id": "o\x00"})).links


@pytest.mark.parametrize("name", ["account", "context"])
def test_nothing_of_ours_follows_from_an_event_of_another_account(name: str) -> None:
    event = parse(changed([name], "acct_other"))
    assert (event.account, event.links) == ("acct_other", {})
    own = parse(changed([name], None))
    assert own.account is None
    assert own.links == parse(json.dumps(REFUND).encode()).links != {}


def test_a_version_with_the_flags_of_betas_is_read() -> None:
    version = "2025-03-31.basil; checkout_server_update_beta=v1; " + "other_beta=v1; " * 30
    assert parse(changed(["api_version"], version)).api_version == version


def test_nul_in_a_text_that_nobody_stores_is_no_reason_to_lose_an_event() -> None:
    assert parse(changed(["data", "object", "description"], "a\x00b")).object_id == "re_3Qabc"
    assert parse(changed(["data", "object", "reason"], "a \\u0000 spelled out")).object_id == "re_3Qabc"


@pytest.mark.parametrize(
    ("event_type", "obj"),
    [
        ("balance.available", {"object": "balance", "available": []}),
        ("invoice.upcoming", {"object": "invoice", "currency": "eur", "customer": "cus_1"}),
        ("customer.discount.created", {"object": "discount", "id": "di_1", "customer": "cus_1"}),
        (
            "brand.new.thing",
            {"object": "brand.new", "id": "bn_1", "status": {"nested": True}, "metadata": []},
        ),
        ("brand.new.thing", {}),
    ],
)
def test_an_unknown_type_is_read_and_never_fails(event_type: str, obj: dict[str, Any]) -> None:
    body = {"id": "evt_1", "type": event_type, "created": 1795000000, "data": {"object": obj}}
    event = parse(json.dumps(body).encode())
    assert isinstance(event.object, Unknown)
    assert event.object_id == obj.get("id")
    assert event.links == ({"customer_id": "cus_1"} if "customer" in obj else {})


def test_a_known_object_is_read_under_an_unknown_type_too() -> None:
    body = {**REFUND, "type": "something.new.happened"}
    assert parse(json.dumps(body).encode()).object == parse(json.dumps(REFUND).encode()).object


def test_what_changed_is_named() -> None:
    event = parse(changed(["data", "previous_attributes"], {"status": {"odd": 1}, "amount": 5}))
    assert event.changed == {"status", "amount"}
    assert event.previous_status is None


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


def read_or_refuse(value: bytes) -> None:
    """The one promise under any input: an event, or a ValueError with a sentence."""
    try:
        event = parse(value)
    except ValueError as error:
        refusal = str(error)
    else:
        assert isinstance(event, StripeEvent)
        json.dumps(seen(event.object)).encode()
        assert all("\x00" not in link and link for link in event.links.values())
        assert 0 <= event.rank < 2**15
        return
    assert refusal.startswith(("A Stripe event", "Stripe's "))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(value: bytes) -> None:
    read_or_refuse(value)


@given(JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    read_or_refuse(json.dumps(value).encode())


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        found += places(inner, (*path, name))
    return found


@settings(max_examples=400)
@given(st.data())
def test_a_real_event_with_anything_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    body = copy.deepcopy(data.draw(st.sampled_from(BODIES)))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(body)))
        part = body
        for step in path[:-1]:
            part = part[step]
        if data.draw(st.booleans()):
            part[path[-1]] = data.draw(JSON)
        else:
            del part[path[-1]]
        if not body:
            break
    read_or_refuse(json.dumps(body).encode())


@given(st.data())
def test_a_real_event_with_damaged_bytes_is_read_or_refused(data: st.DataObject) -> None:
    value = bytearray(json.dumps(data.draw(st.sampled_from(BODIES))).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        value[data.draw(st.integers(0, len(value) - 1))] = data.draw(st.integers(0, 255))
    read_or_refuse(bytes(value[: data.draw(st.integers(0, len(value)))]))
