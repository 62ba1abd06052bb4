"""Cursor lists, as every resource has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stripe_sandbox.core.store import Object, public
from stripe_sandbox.rest.operations import Call


def page(call: Call, kind: str, url: str, *, where: dict[str, Any] | None = None) -> Object:
    """A page of stored objects, newest first: `limit` (10), `starting_after`, `ending_before`, `created`."""
    params = call.params
    limit = params.get("limit") or 10
    after, before = params.get("starting_after"), params.get("ending_before")
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None:
            call.sandbox.require(kind, cursor, param=name)
    store = call.sandbox.store
    found = store.find(kind, where, params.get("created"), limit=limit + 1, after=after, before=before)
    has_more = len(found) > limit
    if has_more:
        # One more than asked for: with `ending_before` the surplus is the first, else the last.
        found = found[1:] if before is not None else found[:limit]
    return listing(found, url, has_more=has_more)


def listing(items: Sequence[Object], url: str, *, has_more: bool = False) -> Object:
    """A list object."""
    return {"object": "list", "data": [public(item) for item in items], "has_more": has_more, "url": url}


def slice_of(items: Sequence[Object], call: Call, url: str) -> Object:
    """A page of a short list that is part of another object, in its own order."""
    limit = call.params.get("limit") or 10
    ids = [item["id"] for item in items]
    after, before = call.params.get("starting_after"), call.params.get("ending_before")
    start = ids.index(after) + 1 if after in ids else 0
    stop = ids.index(before) if before in ids else len(ids)
    if before is not None:
        start = max(start, stop - limit)
    chosen = items[start : min(stop, start + limit)]
    return listing(chosen, url, has_more=start + limit < stop if before is None else start > 0)


def filters(call: Call, *names: str) -> dict[str, Any]:
    """The equality filters that were given."""
    return {name: call.params[name] for name in names if call.params.get(name) is not None}
