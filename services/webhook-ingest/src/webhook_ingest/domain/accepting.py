"""What an accepted body is, and what of it is published: bytes in, an Accepted out. No I/O."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias, TypeGuard

import msgspec

from schemas.topics import stripe_key, stripe_topic
from webhook_ingest.errors import Reason, Rejected

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | None"

MAX_ID = 255
_MAX_CREATED = 253_402_300_799  # the last second of the year 9999
_decoder = msgspec.json.Decoder()

# Stripe puts client secrets into addresses too: the one where a buyer authenticates a payment
# (next_action.redirect_to_url) carries one as a parameter, plain or within a parameter of its own.
_SECRET_TEXT = re.compile(
    r"(client_secret=)[^&#\s]+"
    r"|(client_secret%3D)(?:(?!%26|%23)[^&#\s])+"
    r"|\b((?:pi|seti|src|cs_test|cs_live)_[A-Za-z0-9]{1,255}_secret_)[\w%]+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An event ready to be published. `value` is the body as it came, less every client secret."""

    id: str
    type: str
    topic: str
    key: str | None
    created: int
    api_version: str
    value: bytes


def accept(body: bytes, livemode: bool) -> Accepted:
    """The event in a body whose signature was verified. Raises Rejected."""
    event, compact = _decode(body)
    data = event.get("data")
    obj = data.get("object") if type(data) is dict else None
    event_id, event_type, created = event.get("id"), event.get("type"), event.get("created")
    api_version, key = event.get("api_version") or "", stripe_key(obj)
    if not (
        event.get("object") == "event"
        and _is_name(event_id)
        and _is_name(event_type)
        and type(created) is int
        and 0 <= created <= _MAX_CREATED
        and type(event.get("livemode")) is bool
        and type(obj) is dict
        and (api_version == "" or _is_name(api_version))
        and (key is None or len(key) <= MAX_ID)
    ):
        raise Rejected(
            Reason.NOT_AN_EVENT,
            "This is JSON, but no Stripe event: id, object, type, created, livemode or data.object is "
            "missing or of another type. Send snapshot events to this endpoint, not thin ones.",
        )
    if event["livemode"] is not livemode:
        theirs, ours = ("live", "test") if event["livemode"] else ("test", "live")
        raise Rejected(
            Reason.LIVEMODE,
            f"This is a {theirs} event and this endpoint serves {ours} mode. "
            f"Correct the endpoint in Stripe's {theirs} mode, or STRIPE_LIVEMODE.",
        )
    # Asked of the compact text, where what was written with escapes (client\u005fsecret) stands in the clear.
    if b"_secret" in compact and _remove_client_secrets(event):
        body = msgspec.json.encode(event)
    return Accepted(event_id, event_type, stripe_topic(event_type), key, created, api_version, body)


@lru_cache(maxsize=4096)
def ce_time(created: int) -> bytes:
    """Seconds since the epoch as an RFC 3339 time in UTC."""
    return datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()


def _decode(body: bytes) -> tuple[dict[str, Json], bytes]:
    """The JSON object in `body` and its compact text, with the rule that no name stands twice in an object.

    Of two equal names each parser may take another one, so such a body means nothing certain. msgspec cannot
    refuse them, and json's hook that could takes three times as long. But encoding what was decoded writes
    each name once: if the colons are fewer than in the body, a name was lost. Only an escaped colon in the
    body could hide that, and then the hook decides.
    """
    try:
        event: Json = _decoder.decode(body)
        compact = msgspec.json.encode(event)
        if b"\\" in body and b"\\u003" in body:
            json.loads(body, object_pairs_hook=_unique)
        elif body.count(b":") != compact.count(b":"):
            raise ValueError("a name stands twice")
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Rejected(
            Reason.NOT_JSON, "The body is no JSON text in UTF-8 with each name once in its object."
        ) from error
    if type(event) is not dict:
        raise Rejected(Reason.NOT_AN_EVENT, "The body is JSON, but no object.")
    return event, compact


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name stands twice")
    return names


def _is_name(value: object) -> TypeGuard[str]:
    """Printable ASCII without spaces, of a bounded length: safe in a header, a key and a log."""
    return (
        type(value) is str
        and 0 < len(value) <= MAX_ID
        and value.isascii()
        and value.isprintable()
        and " " not in value
    )


def _remove_client_secrets(event: dict[str, Json]) -> bool:
    """Whether there were any: as members of that name at any depth, or within texts."""
    found = False
    todo: list[dict[str, Json] | list[Json]] = [event]

    def without_secrets(value: Json) -> Json:
        nonlocal found
        if type(value) is dict or type(value) is list:
            todo.append(value)
        elif type(value) is str and "_secret" in value:
            text = _SECRET_TEXT.sub(r"\1\2\3removed", value)
            found = found or text != value
            return text
        return value

    while todo:
        node = todo.pop()
        if type(node) is list:
            node[:] = map(without_secrets, node)
        elif type(node) is dict:
            if "client_secret" in node:
                del node["client_secret"]
                found = True
            for name, value in node.items():
                node[name] = without_secrets(value)
    return found
