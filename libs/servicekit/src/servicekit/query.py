"""Refuses query parameters that a route does not have, so that a misspelt one is noticed.

Without this, `?limt=10` or a filter of another route is answered as if it had been applied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Query
from fastapi.routing import APIRoute

_known: WeakKeyDictionary[Callable[..., Any], frozenset[str]] = WeakKeyDictionary()
"""The parameters of each route, by its function: they are collected once."""


async def refuse_unknown_parameters(request: Request) -> None:
    """Raise RequestValidationError (422) for the query parameters that the route does not have.

    Pages, which are not in the API's schema, ignore them: links from mails and advertisements carry
    parameters of their own, such as `utm_source`.
    """
    route = request.scope.get("route")
    if not request.scope["query_string"] or not isinstance(route, APIRoute) or not route.include_in_schema:
        return
    known = parameters_of(route)
    unknown = sorted({name for name in request.query_params if name not in known})
    if unknown:
        has = f"it has {', '.join(sorted(known))}" if known else "it has none"
        raise RequestValidationError(
            [
                {
                    "loc": ("query", name[:100]),
                    "msg": f"This address has no such query parameter; {has}",
                    "type": "extra_forbidden",
                }
                for name in unknown
            ]
        )


def parameters_of(route: APIRoute) -> frozenset[str]:
    """Return the names of the route's query parameters, those of its dependencies included."""
    known = _known.get(route.endpoint)
    if known is None:
        fields = get_flat_params(route.dependant)
        known = frozenset(field.alias for field in fields if isinstance(field.field_info, Query))
        _known[route.endpoint] = known
    return known
