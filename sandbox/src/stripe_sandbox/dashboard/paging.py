"""Cursor pages, so that the last page of a long list is as fast as the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from stripe_sandbox.core.store import Store
from stripe_sandbox.dashboard.sections import Section

SIZE = 25


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and the addresses of the pages before and after it (None: no such page)."""

    items: list[Any]
    newer: str | None
    older: str | None


def filters(section: Section, query: Mapping[str, str]) -> dict[str, str]:
    """The chosen filters, without unknown and empty ones."""
    return {name: query[name].strip() for name in section.filters if query.get(name, "").strip()}


def listed(store: Store, section: Section, query: Mapping[str, str]) -> Page:
    """The page of the list that the address names."""
    chosen = filters(section, query)
    after, before = query.get("after") or None, query.get("before") or None
    found = store.find(section.kind, chosen, limit=SIZE + 1, after=after, before=before)
    return page(found, [obj["id"] for obj in found], f"/dashboard/{section.name}", chosen, after, before)


def page(
    found: list[Any],
    cursors: list[str],
    path: str,
    chosen: Mapping[str, str],
    after: str | None,
    before: str | None,
) -> Page:
    """A page of the found objects. One object more than fits indicates that another page follows."""
    more = len(found) > SIZE
    if more and before is not None:
        found, cursors = found[1:], cursors[1:]
    found, cursors = found[:SIZE], cursors[:SIZE]
    if not found:
        # Past the end: return to the start.
        return Page([], f"{path}?{urlencode(chosen)}" if after or before else None, None)
    has_newer = more if before is not None else after is not None
    has_older = before is not None or more
    return Page(
        found,
        f"{path}?{urlencode({**chosen, 'before': cursors[0]})}" if has_newer else None,
        f"{path}?{urlencode({**chosen, 'after': cursors[-1]})}" if has_older else None,
    )
