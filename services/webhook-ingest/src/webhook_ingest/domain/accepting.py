"""What an accepted body is, and what of it is published: bytes in, an Accepted out. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias, TypeGuard, TypeVar

import msgspec

from schemas.stripe.texts import readable
from schemas.topics import STRIPE_OTHER, stripe_key, stripe_topic
from webhook_ingest.errors import Reason, Rejected

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | None"

_T = TypeVar("_T")

MAX_ID = 255
_MAX_VERSION = 5000
"""Stripe writes the flags of betas after the version: 2025-03-31.basil; checkout_server_update_beta=v1"""
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
    """An event ready to be published.

    `value` is the body as it came, less every client secret and the name of our own account, and with
    U+FFFD for what is no character (`schemas.stripe.texts`). `foreign`: it is of another account.
    """

    id: str
    type: str
    topic: str
    key: str | None
    created: int
    api_version: str
    value: bytes
    foreign: bool = False


def accept(body: bytes, livemode: bool, account: str | None = None) -> Accepted:
    """The event in a body whose signature was verified. Raises Rejected.

    `account` is our account at Stripe. An event that names another one, or any if ours is not known, is
    foreign: it goes to a topic that no service reads.
    """
    body = readable(body)
    event, compact = _decode(body)
    data = _field(event, "data", _is_object)
    obj = _field(data, "object", _is_object, within="data.")
    key = stripe_key(obj)
    if key is not None and len(key) > MAX_ID:
        raise _no_event("data.object")
    _field(event, "object", _is_event)
    event_id, event_type = _field(event, "id", _is_name), _field(event, "type", _is_name)
    created, theirs_live = _field(event, "created", _is_time), _field(event, "livemode", _is_bool)
    api_version = _field(event, "api_version", _is_version)
    if theirs_live is not livemode:
        theirs, ours = ("live", "test") if theirs_live else ("test", "live")
        raise Rejected(
            Reason.LIVEMODE,
            f"This is a {theirs} event and this endpoint serves {ours} mode. "
            f"Correct the endpoint in Stripe's {theirs} mode, or STRIPE_LIVEMODE.",
        )
    # Asked of the compact text, where what was written with escapes (client\u005fsecret) stands in the clear.
    changed = b"_secret" in compact and _remove_client_secrets(event)
    named = {name: value for name in ("account", "context") if (value := event.get(name)) is not None}
    foreign = any(not _is_account(value, account) for value in named.values())
    if named and not foreign:
        # Consumers need not know which account is ours: an event that names none is.
        for name in named:
            del event[name]
        changed = True
    return Accepted(
        event_id,
        event_type,
        STRIPE_OTHER if foreign else stripe_topic(event_type),
        key,
        created,
        api_version or "",
        msgspec.json.encode(event) if changed else body,
        foreign,
    )


def _is_account(value: Json, account: str | None) -> bool:
    """Whether the value names this account; the context of an organization's event is a path to it."""
    return account is not None and type(value) is str and value.rpartition("/")[2] == account


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


def _field(
    part: dict[str, Json], name: str, check: Callable[[object], TypeGuard[_T]], within: str = ""
) -> _T:
    value = part.get(name)
    if not check(value):
        raise _no_event(within + name)
    return value


def _no_event(field: str) -> Rejected:
    return Rejected(
        Reason.NOT_AN_EVENT,
        f"This is JSON, but no Stripe event: {field} is missing or not what Stripe sends. "
        "Send snapshot events to this endpoint, not thin ones.",
    )


def _is_event(value: object) -> TypeGuard[str]:
    return value == "event"


def _is_object(value: object) -> TypeGuard[dict[str, Json]]:
    return type(value) is dict


def _is_time(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= _MAX_CREATED


def _is_bool(value: object) -> TypeGuard[bool]:
    return type(value) is bool


def _is_version(value: object) -> TypeGuard[str | None]:
    """None, or printable ASCII: safe in a header."""
    if value is None:
        return True
    return type(value) is str and len(value) <= _MAX_VERSION and value.isascii() and value.isprintable()


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
