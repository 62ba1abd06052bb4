"""`expand[]`: replace ids by the objects they name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object, public
from stripe_sandbox.errors import InvalidRequest

MAX_DEPTH = 4

#: Fields that are absent unless expanded: (kind, field) -> the function that computes them.
INCLUDABLE: dict[tuple[str, str], Callable[[Sandbox, Object], Any]] = {}

#: Fields that hold the id of another object. No other field can be expanded.
REFERENCES = frozenset(
    """balance_transaction charge customer default_payment_method default_price discounts dispute
    failure_balance_transaction initiator invoice latest_attempt latest_charge latest_invoice parent
    payment_intent payment_method pending_setup_intent plan price product promotion_code coupon
    setup_intent source subscription test_clock applies_to""".split()  # noqa: SIM905
)


def expand(sandbox: Sandbox, obj: Object, paths: list[str]) -> Object:
    """The public form of the object with these dotted paths expanded; raises InvalidRequest for a path that
    cannot be expanded.
    """
    result = public(obj)
    if result.get("object") == "list":
        result = {**result, "data": [public(item) for item in result["data"]]}
    for path in paths:
        parts = path.split(".")
        if len(parts) - (parts[0] == "data") > MAX_DEPTH:
            raise InvalidRequest(
                f"You cannot expand more than {MAX_DEPTH} levels of a property. Property: {path}",
                param="expand",
            )
        result = _walk(sandbox, result, parts, path)
    return result


def _walk(sandbox: Sandbox, value: Any, parts: list[str], path: str) -> Any:
    if isinstance(value, list):
        return [_walk(sandbox, item, parts, path) for item in value]
    if value is None or not isinstance(value, dict):
        return value
    name, rest = parts[0], parts[1:]
    maker = INCLUDABLE.get((str(value.get("object", "")), name))
    if maker is not None and (name not in value or rest):
        value = {**value, name: maker(sandbox, value)}
    elif name not in value:
        raise _impossible(name)
    child = _load(sandbox, value[name], name)
    if rest:
        child = _walk(sandbox, child, rest, path)
    return {**value, name: child}


def _load(sandbox: Sandbox, child: Any, name: str) -> Any:
    """The object of an id, or of each id of a list; null and objects stay as they are."""
    if isinstance(child, dict) or (child is None and name in REFERENCES):
        return child
    if isinstance(child, list):
        return [_load(sandbox, item, name) for item in child]
    found = sandbox.store.get(child) if isinstance(child, str) and name in REFERENCES else None
    if found is None:
        raise _impossible(name)
    return public(found)


def _impossible(name: str) -> InvalidRequest:
    return InvalidRequest(
        f"This property cannot be expanded ({name}). You may want to try expanding another property.",
        param="expand",
    )
