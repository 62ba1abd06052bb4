"""What most resources have in common: endpoints of one object, and lists with cursors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from types import MappingProxyType
from typing import Any

from stripe_sandbox.core.store import Object, public
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.rest.operations import NO_PARAMS, Call, Operation, Operations
from stripe_sandbox.rest.params import Field
from stripe_sandbox.rest.shapes import Shape, TimeRange, changes_to, listed


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


def belonging(call: Call, kind: str, owner: str) -> Object:
    """The object of this kind that the parameter of the same name names. Raises InvalidRequest if the
    parameter `owner` names anything but the owner of the object.
    """
    found = call.sandbox.require(kind, call.params[kind], param=kind)
    named = call.params.get(owner)
    if named not in (None, found[owner]):
        raise InvalidRequest(f"The {kind} {found['id']} does not belong to {named}.", param=owner)
    return found


def filters(call: Call, *names: str) -> dict[str, Any]:
    """The equality filters among the parameters."""
    return {name: call.params[name] for name in names if call.params.get(name) is not None}


Selection = Callable[[Any], dict[str, Any]]
"""From a parameter's value to the conditions on stored fields that it sets."""


def field(name: str) -> Selection:
    """Selects the objects whose stored field of this name has the parameter's value, or one of its values."""
    return lambda value: {name: value}


NO_SELECTIONS: Mapping[str, Selection] = MappingProxyType({})

Decorator = Callable[[Callable[[Call, Object], Object]], Operation]


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of object under one URL, and the endpoints that such objects have in common.

    `create` registers the endpoint that creates objects; `get`, `post` and `delete` register an endpoint of
    one object, `url/{id}` with an optional rest of the path. Its function takes the call and the object,
    which is read first: an unknown id is Stripe's 404. Lists of a kind that is `dated` accept `created`, a
    time range.
    """

    operations: Operations
    kind: str
    url: str
    dated: bool = True

    def create(
        self, params: Shape = NO_PARAMS, *, publishable: bool = False
    ) -> Callable[[Operation], Operation]:
        """Register `POST url`, which creates an object."""
        return self.operations.post(self.url, params, publishable=publishable)

    def get(self, path: str = "", params: Shape = NO_PARAMS, *, publishable: bool = False) -> Decorator:
        """Register an endpoint that reads from one object."""
        return self._with_object(
            self.operations.get(f"{self.url}/{{id}}{path}", params, publishable=publishable)
        )

    def post(self, path: str = "", params: Shape = NO_PARAMS, *, publishable: bool = False) -> Decorator:
        """Register an endpoint that changes one object."""
        return self._with_object(
            self.operations.post(f"{self.url}/{{id}}{path}", params, publishable=publishable)
        )

    def delete(self, path: str = "", params: Shape = NO_PARAMS, *, expands: bool = False) -> Decorator:
        """Register an endpoint that deletes one object, or a part of it."""
        return self._with_object(self.operations.delete(f"{self.url}/{{id}}{path}", params, expands=expands))

    def add_retrieve(self) -> None:
        """Register `GET url/{id}`, which returns the object."""
        self.get()(lambda _, found: found)

    def add_reads(self, selections: Mapping[str, Selection] = NO_SELECTIONS, /, **parameters: Field) -> None:
        """Register what most kinds have: `GET url/{id}`, and `GET url` as `add_list` does."""
        self.add_retrieve()
        self.add_list(selections, **parameters)

    def add_list(self, selections: Mapping[str, Selection] = NO_SELECTIONS, /, **parameters: Field) -> None:
        """Register `GET url`, which lists objects of this kind.

        Every modelled parameter but `created` selects the objects whose field of that name is equal to it,
        unless `selections` states what it selects.
        """
        plain = [name for name in parameters if name not in selections]
        accepted = {"created": TimeRange(), **parameters} if self.dated else parameters

        def list_all(call: Call) -> Object:
            where = filters(call, *plain)
            for name, selection in selections.items():
                if call.params.get(name) not in (None, []):
                    where |= selection(call.params[name])
            return page(call, self.kind, self.url, where=where)

        self.operations.get(self.url, listed(**accepted))(list_all)

    def add_update(self, event: str, params: Shape) -> None:
        """Register `POST url/{id}`, which stores the parameters in the object and emits the event."""

        def update(call: Call, found: Object) -> Object:
            return call.sandbox.events.changed(found, event, **changes_to(found, call.params))

        self.post(params=params)(update)

    def deleted(self, call: Call, obj: Object, event: str | None = None) -> Object:
        """Delete the object and emit the event; returns what Stripe answers."""
        call.sandbox.store.delete(obj["id"])
        if event is not None:
            call.sandbox.events.emit(event, obj)
        return {"id": obj["id"], "object": self.kind, "deleted": True}

    def _with_object(self, register: Callable[[Operation], Operation]) -> Decorator:
        def decorate(act: Callable[[Call, Object], Object]) -> Operation:
            @wraps(act)
            def operation(call: Call) -> Object:
                return act(call, call.sandbox.require(self.kind, call.id, status=404))

            return register(operation)

        return decorate
