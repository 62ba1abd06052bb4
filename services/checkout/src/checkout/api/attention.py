"""The API for operators: list what needs their attention, and mark items as reviewed."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from sqlalchemy.ext.asyncio import AsyncEngine

from checkout.api.catalog import Cursor, Limit
from checkout.api.models import AttentionView, ReviewBody, Storable
from checkout.clients.stripe import Stripe
from checkout.store import attention as store
from checkout.usecases import attention as usecase
from servicekit.auth import Principal, require_role
from servicekit.pagination import Page, decode_cursor, one_page

Admin = Annotated[Principal, Depends(require_role("admin"))]
Kind = Literal["mismatch", "waiting", "dispute", "refund", "duplicate"]
ItemId = Annotated[str, Path(min_length=1, max_length=255), Storable]


def router(engine: AsyncEngine, stripe: Stripe, clock: Callable[[], datetime]) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/v1/admin/attention", tags=["operators"])

    @routes.get("")
    async def list_items(_: Admin, cursor: Cursor = None, limit: Limit = 50) -> Page[AttentionView]:
        """Mismatched payments, orders and disputes that wait too long, stuck refunds, and duplicates that are
        not refunded; the oldest first."""
        after = decode_cursor(cursor, (datetime, str, str)) if cursor else None
        async with engine.connect() as tx:
            found = await store.page(tx, clock(), after, limit + 1)
        shown, next_cursor = one_page(found, limit, lambda item: (item.since, item.kind, item.id))
        return Page(items=[_view(item) for item in shown], next_cursor=next_cursor)

    @routes.post("/{kind}/{item_id}/review")
    async def review(kind: Kind, item_id: ItemId, body: ReviewBody, admin: Admin) -> AttentionView:
        """Mark an item as reviewed, which removes it from the list. Refunds nothing.

        A reviewed duplicate is no longer refunded automatically. So checkout first asks Stripe whether an
        earlier request has already refunded it. An order that still waits is listed again after a month.
        """
        item = await usecase.review(engine, stripe, kind, item_id, body.note, admin.user_id, clock())
        return _view(item)

    return routes


def _view(item: store.Item) -> AttentionView:
    return AttentionView(**{name: getattr(item, name) for name in store.Item.__slots__})
