"""The API for purchases: checkout sessions, the caller's orders, and refunds."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from checkout import errors
from checkout.api.catalog import Cursor, Limit
from checkout.api.models import (
    AcceptBody,
    AcceptedView,
    CloseBody,
    OrderIdPath,
    OrderView,
    RefundBody,
    RefundView,
    RevokeBody,
    RevokedView,
    SessionBody,
    SessionView,
)
from checkout.domain.order import Buyer, CheckoutRequest, CourseItem
from checkout.store import orders as store
from checkout.usecases.accepting import Accepting
from checkout.usecases.closing import Closing
from checkout.usecases.purchase import Purchases
from checkout.usecases.refunds import Refunds
from checkout.usecases.revoking import Revoking
from servicekit.auth import Principal, current_principal, require_role
from servicekit.pagination import Page, decode_cursor, one_page

Caller = Annotated[Principal, Depends(current_principal)]
Admin = Annotated[Principal, Depends(require_role("admin"))]

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)]

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\Z")
_TAG = re.compile(r"\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3})\s*(?:;|\Z)")


def router(
    engine: AsyncEngine,
    purchases: Purchases,
    refunds: Refunds,
    closing: Closing,
    accepting: Accepting,
    revoking: Revoking,
) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/v1", tags=["orders"])

    @routes.post("/checkout/sessions", status_code=201)
    async def create_session(body: SessionBody, request: Request, caller: Caller) -> SessionView:
        """Order up to 20 courses and get Stripe's payment page for them.

        The same request again returns the same page while it is open: it is safe to repeat after any error.
        An open order that contains one of the courses is replaced. While a payment for one of them is on its
        way, `beside_pending` is necessary.
        """
        link = await purchases.start(
            buyer(caller, request),
            CheckoutRequest(
                items=tuple(map(CourseItem, body.course_ids)),
                terms_version=body.terms_version,
                currency=body.currency,
                success_url=body.success_url,
                cancel_url=body.cancel_url,
                beside_pending=body.beside_pending,
            ),
        )
        return SessionView(
            order_id=link.order_id, session_id=link.session_id, url=link.url, expires_at=link.expires_at
        )

    @routes.get("/orders")
    async def list_orders(caller: Caller, cursor: Cursor = None, limit: Limit = 50) -> Page[OrderView]:
        """The caller's orders, newest first."""
        before = decode_cursor(cursor, (datetime, str)) if cursor else None
        async with engine.connect() as tx:
            rows = await store.views(tx, caller.user_id, before, limit + 1)
        shown, next_cursor = one_page(rows, limit, lambda row: (row["created_at"], row["order_id"]))
        return Page(items=[order_view(row) for row in shown], next_cursor=next_cursor)

    @routes.get("/orders/{order_id}")
    async def get_order(order_id: OrderIdPath, caller: Caller) -> OrderView:
        """One of the caller's orders; 404 for an order of another user."""
        async with engine.connect() as tx:
            row = await store.view(tx, caller.user_id, order_id)
        if row is None:
            raise errors.OrderNotFound
        return order_view(row)

    @routes.post("/orders/{order_id}/refunds", status_code=201)
    async def create_refund(
        order_id: OrderIdPath, body: RefundBody, admin: Admin, key: Key = None
    ) -> RefundView:
        """Refund an order, in full or in part. The order's state changes when Stripe's event arrives.

        A repeated `Idempotency-Key` does not refund again. Another key requests another refund, even for the
        same reason.
        """
        done = await refunds.refund(order_id, body.amount, body.reason, admin.user_id, key)
        return RefundView.model_validate(done, from_attributes=True)

    @routes.post("/admin/orders/{order_id}/accept", status_code=202)
    async def accept_payment(order_id: OrderIdPath, body: AcceptBody, admin: Admin) -> AcceptedView:
        """Accept a payment that does not match the order, so that it is an ordinary purchase everywhere.

        Access, receipt and sale follow within seconds, and the order can be refunded like any other.
        """
        session_id = await accepting.accept(order_id, body.session_id, body.reason, admin.user_id)
        return AcceptedView(order_id=order_id, session_id=session_id)

    @routes.post("/admin/orders/{order_id}/revoke", status_code=202)
    async def revoke_order(order_id: OrderIdPath, body: RevokeBody, admin: Admin) -> RevokedView:
        """End an order for which nothing was paid (free, or 100 % off): its access ends within seconds.

        409 if something was paid, since that can be refunded.
        """
        await revoking.revoke(order_id, body.reason, admin.user_id)
        return RevokedView(order_id=order_id)

    @routes.post("/admin/orders/{order_id}/close")
    async def close_order(order_id: OrderIdPath, body: CloseBody, admin: Admin) -> OrderView:
        """Close an order that waits for its payment, so that the buyer can order again.

        Its page is expired, or its payment canceled, at Stripe first. 409 if the money has arrived, or the
        bank is moving it.
        """
        closed = await closing.close(order_id, body.note, admin.user_id)
        async with engine.connect() as tx:
            row = await store.view(tx, closed.user_id, order_id)
        assert row is not None
        return order_view(row)

    return routes


def buyer(principal: Principal, request: Request) -> Buyer:
    """Return the buyer with the language of the request. Raises EmailMissing."""
    if principal.email is None or not _EMAIL.match(principal.email):
        raise errors.EmailMissing
    return Buyer(principal.user_id, principal.email, locale_of(request))


def locale_of(request: Request) -> str:
    """Return the first language tag of Accept-Language; "en" if it is missing or invalid."""
    first = request.headers.get("accept-language", "")[:200].split(",")[0]
    found = _TAG.match(first)
    if found is None:
        return "en"
    language, *rest = found[1].split("-")
    return "-".join([language.lower(), *rest])


def order_view(row: Mapping[str, Any]) -> OrderView:
    """Convert a row into the order of the API."""
    return OrderView.model_validate({**row, "under_review": row["mismatch"] is not None})
