"""The examples of Stripe's events, changed at will, and all that services see of one."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from schemas.contracts import files
from schemas.stripe import StripeEvent, parse

EXAMPLES = sorted((files.EXAMPLES / "stripe").glob("*.json"))


def body(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (files.EXAMPLES / "stripe" / f"{name}.json").read_text(encoding="utf-8")
    )
    return found


def read(name: str, event_type: str | None = None, /, **fields: Any) -> StripeEvent:
    """The example with other fields of its object, and perhaps another type."""
    event = body(name)
    event["type"] = event_type or event["type"]
    event["data"]["object"].update(fields)
    return parse(json.dumps(event).encode())


def seen(value: Any) -> Any:
    """Every public value of an event or object, as JSON, whichever fields it is read from."""
    match value:
        case msgspec.Struct():
            names = (name for name in dir(value) if not name.startswith("_") and name != "LINKS")
            public = ((name, getattr(value, name)) for name in names)
            return {name: seen(found) for name, found in public if not callable(found)}
        case Mapping():
            return {name: seen(found) for name, found in value.items()}
        case list() | tuple():
            return [seen(found) for found in value]
        case frozenset():
            return sorted(value)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return seen(dataclasses.asdict(value))
        case _:
            return value
