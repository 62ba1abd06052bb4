"""The HTTP API for administrators: list, preview, resend and review mails."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal, NoReturn

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from notifications.api.models import Delivery, FailedMails, Id, Resent, Review, State
from notifications.domain.contexts import Template
from notifications.mails.rendering import Rendered, Renderer
from notifications.mails.samples import SAMPLES
from notifications.store import deliveries
from servicekit.auth import Principal, require_role
from servicekit.pagination import Page, decode_cursor, one_page
from servicekit.problem import Problem

Format = Literal["html", "text"]
Admin = Annotated[Principal, Depends(require_role("admin"))]

# A mail contains text from elsewhere (titles). Its preview runs no scripts, loads nothing and is sandboxed.
_PREVIEW_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
}


def router(engine: AsyncEngine, renderer: Renderer, clock: Callable[[], datetime]) -> APIRouter:
    """Return the routes. All of them require the role admin."""
    routes = APIRouter(prefix="/v1", tags=["notifications"], dependencies=[Depends(require_role("admin"))])

    @routes.get("/deliveries")
    async def list_deliveries(
        state: State | None = None,
        template: Template | None = None,
        order_id: Id = None,
        user_id: Id = None,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page[Delivery]:
        """List deliveries, newest first."""
        after = decode_cursor(cursor, (datetime, str)) if cursor else None
        async with engine.connect() as connection:
            rows = await deliveries.page(
                connection,
                state=state,
                template=template,
                order_id=order_id,
                user_id=user_id,
                after=(after[0], _uuid(after[1])) if after else None,
                limit=limit + 1,
            )
        shown, next_cursor = one_page(rows, limit, lambda row: (row.created_at, str(row.delivery_id)))
        return Page[Delivery](items=[Delivery.model_validate(row) for row in shown], next_cursor=next_cursor)

    @routes.get("/deliveries/{delivery_id}")
    async def get_delivery(delivery_id: uuid.UUID) -> Delivery:
        """Return one delivery."""
        async with engine.connect() as connection:
            row = await deliveries.one(connection, delivery_id)
        return Delivery.model_validate(row or _unknown())

    @routes.get("/deliveries/{delivery_id}/preview", response_class=Response)
    async def preview_delivery(delivery_id: uuid.UUID, format: Format = "html") -> Response:
        """Render the mail as it was sent, or as it would be sent now."""
        async with engine.connect() as connection:
            content = await deliveries.content(connection, delivery_id)
        context, locale = content or _unknown()
        return _preview(renderer.render(context, locale), format)

    @routes.post("/deliveries/resend", status_code=202)
    async def resend_failed(wanted: FailedMails, admin: Admin) -> Resent:
        """Resend failed mails after their common cause is fixed, the oldest failure first.

        Resends at most `limit` mails. Repeat the request until `left` is 0. With `failed_until`, mails that
        fail again are not selected again.
        """
        async with engine.begin() as connection:
            resent, left = await deliveries.resend_failed(
                connection,
                reason=wanted.reason,
                failed_from=wanted.failed_from,
                failed_until=wanted.failed_until,
                limit=wanted.limit,
                by=admin.user_id,
                now=clock(),
            )
        return Resent(resent=resent, left=left)

    @routes.post("/deliveries/{delivery_id}/review")
    async def review(delivery_id: uuid.UUID, body: Review, admin: Admin) -> Delivery:
        """Leave a failed mail unsent. It becomes `skipped` (`reviewed`) and no longer counts as failed."""
        async with engine.begin() as connection:
            row = await deliveries.review(connection, delivery_id, body.note, admin.user_id, clock())
            changed = row or await _refuse(
                connection,
                delivery_id,
                "nothing-to-review",
                "This mail has not failed",
                "Only failed mails can be reviewed. GET /v1/deliveries?state=failed lists them.",
            )
        return Delivery.model_validate(changed)

    @routes.post("/deliveries/{delivery_id}/resend", status_code=202)
    async def resend(delivery_id: uuid.UUID, admin: Admin) -> Delivery:
        """Resend a mail as a new message. Answers 409 if it is already pending."""
        async with engine.begin() as connection:
            row = await deliveries.resend(connection, delivery_id, admin.user_id, clock())
            changed = row or await _refuse(
                connection,
                delivery_id,
                "already-pending",
                "This mail is already pending",
                "Check it again in a minute. `last_error` shows why it was not sent yet.",
            )
        return Delivery.model_validate(changed)

    @routes.get("/templates/{template}/preview", response_class=Response)
    async def preview_template(
        template: Template,
        locale: Annotated[
            str, Query(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$", max_length=35)
        ] = "en",
        format: Format = "html",
    ) -> Response:
        """Render the template with sample content, in the language of `locale`."""
        return _preview(renderer.render(SAMPLES[template], locale), format)

    return routes


def _unknown() -> NoReturn:
    raise Problem(
        404, "delivery-not-found", "Delivery not found", "Find it with GET /v1/deliveries?order_id=…"
    )


async def _refuse(
    connection: AsyncConnection, delivery_id: uuid.UUID, slug: str, title: str, advice: str
) -> NoReturn:
    """Answer 409 because of the state of the mail; 404 if it does not exist."""
    if await deliveries.one(connection, delivery_id) is None:
        _unknown()
    raise Problem(409, slug, title, advice)


def _preview(rendered: Rendered, wanted: Format) -> Response:
    if wanted == "html":
        return Response(rendered.html, media_type="text/html", headers=_PREVIEW_HEADERS)
    return Response(f"Subject: {rendered.subject}\n\n{rendered.text}", media_type="text/plain")


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Problem(
            400, "invalid-cursor", "This cursor is not valid", "Use the `next_cursor` of the previous page."
        ) from error
