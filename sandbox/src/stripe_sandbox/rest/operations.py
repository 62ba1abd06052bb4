"""Operations: their route, parameters and call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import unknown_url
from stripe_sandbox.rest.authentication import Caller
from stripe_sandbox.rest.shapes import EXPAND, Shape, shape

NO_PARAMS = shape()


#: The caller when the sandbox itself runs an operation.
SECRET_KEY = Caller("sk_test_sandbox")


@dataclass(frozen=True, slots=True)
class Call:
    """The input of an operation: state, ids of the path, checked parameters and caller."""

    sandbox: Sandbox
    path: Mapping[str, str]
    params: dict[str, Any]
    caller: Caller = SECRET_KEY

    @property
    def id(self) -> str:
        """The id in the path."""
        return self.path["id"]


Operation = Callable[[Call], Object]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path pattern with its operation. `publishable`: pages in a browser may call it too."""

    method: str
    pattern: str
    operation: Operation
    params: Shape
    publishable: bool = False


@dataclass
class Operations:
    """The operations of one resource."""

    routes: list[Route] = field(default_factory=list)

    def _add(
        self,
        method: str,
        pattern: str,
        params: Shape,
        *,
        expands: bool = True,
        publishable: bool = False,
    ) -> Callable[[Operation], Operation]:
        accepted = Shape({**params.fields, "expand": EXPAND}) if expands else params

        def register(operation: Operation) -> Operation:
            self.routes.append(Route(method, pattern, operation, accepted, publishable))
            return operation

        return register

    def get(
        self, pattern: str, params: Shape = NO_PARAMS, *, publishable: bool = False
    ) -> Callable[[Operation], Operation]:
        """Register an operation that reads."""
        return self._add("GET", pattern, params, publishable=publishable)

    def post(
        self, pattern: str, params: Shape = NO_PARAMS, *, publishable: bool = False
    ) -> Callable[[Operation], Operation]:
        """Register an operation that writes."""
        return self._add("POST", pattern, params, publishable=publishable)

    def delete(
        self, pattern: str, params: Shape = NO_PARAMS, *, expands: bool = False
    ) -> Callable[[Operation], Operation]:
        """Register an operation that deletes; what remains of an object usually cannot be expanded."""
        return self._add("DELETE", pattern, params, expands=expands)


class Table:
    """Finds the route of a method and path by segment count; fixed segments take precedence over `{id}`."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._exact: dict[tuple[str, str], Route] = {}
        self._patterns: dict[tuple[str, int], list[tuple[list[str], Route]]] = {}
        for route in routes:
            if "{" not in route.pattern:
                self._exact[route.method, route.pattern] = route
            else:
                segments = route.pattern.split("/")
                self._patterns.setdefault((route.method, len(segments)), []).append((segments, route))

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route and the values of its `{names}`; raises Stripe's 404."""
        route = self._exact.get((method, path))
        if route is not None:
            return route, {}
        segments = path.split("/")
        for pattern, candidate in self._patterns.get((method, len(segments)), ()):
            values: dict[str, str] = {}
            for wanted, given in zip(pattern, segments, strict=True):
                if wanted.startswith("{") and given:
                    values[wanted[1:-1]] = given
                elif wanted != given:
                    break
            else:
                return candidate, values
        raise unknown_url(method, path[:200])
