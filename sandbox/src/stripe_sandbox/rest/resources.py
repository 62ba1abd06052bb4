"""Operations that most resources have: retrieve, update, and lists with cursors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stripe_sandbox.core.store import Object, public
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Field
from stripe_sandbox.rest.shapes import Shape, changes_to, listed


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
        # One more than requested: with `ending_before` the surplus is the first, else the last.
        found = found[1:] if before is not None else found[:limit]
    return listing(found, url, has_more=has_more)


def listing(items: Sequence[Object], url: str, *, has_more: bool = False) -> Object:
    """A list object."""
    return {"object": "list", "data": [public(item) for item in items], "has_more": has_more, "url": url}


def slice_of(items: Sequence[Object], call: Call, url: str) -> Object:
    """A page of a short list that is part of another object, in the list's own order."""
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
    """The equality filters among the parameters."""
    return {name: call.params[name] for name in names if call.params.get(name) is not None}


def add_retrieve(operations: Operations, kind: str, url: str) -> None:
    """Register `GET url/{id}`, which returns the object of this kind."""

    def retrieve(call: Call) -> Object:
        return call.sandbox.require(kind, call.id, status=404)

    operations.get(url + "/{id}")(retrieve)


def add_list(operations: Operations, kind: str, url: str, /, **parameters: Field) -> None:
    """Register `GET url`, which lists objects of this kind: `created` is a time range, every other modelled
    parameter selects the objects whose field of that name is equal to it.
    """
    names = [name for name in parameters if name != "created"]

    def list_all(call: Call) -> Object:
        return page(call, kind, url, where=filters(call, *names))

    operations.get(url, listed(**parameters))(list_all)


def add_update(operations: Operations, kind: str, url: str, event: str, params: Shape) -> None:
    """Register `POST url/{id}`, which stores the parameters in the object and emits the event."""

    def update(call: Call) -> Object:
        found = call.sandbox.require(kind, call.id, status=404)
        return call.sandbox.events.changed(found, event, **changes_to(found, call.params))

    operations.post(url + "/{id}", params)(update)
