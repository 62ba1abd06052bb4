"""The HTTP API for the course player, the frontends and the users themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncEngine

from enrollment.domain import NO_ACCESS
from enrollment.domain.enrollment import Enrollment
from enrollment.store import access, queries
from processkit.postgres.pool import Pool
from servicekit.auth import Principal, current_principal
from servicekit.pagination import Page, decode_cursor, one_page
from servicekit.problem import Problem

Id = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]*$")]
Caller = Annotated[Principal, Depends(current_principal)]


class SourceOut(BaseModel):
    """The source of the access: an order, a subscription or a decision of an administrator."""

    kind: str
    id: str


class EnrollmentOut(BaseModel):
    """The enrollment of one user in one course; `course_id` "*" means every course (a subscription)."""

    course_id: str
    access: bool
    state: str = Field(description="active, in_grace, suspended, pending, expired or revoked")
    source: SourceOut | None
    since: datetime | None
    until: datetime | None = Field(description="when access ends; null: never, or no access")


class AccessOut(BaseModel):
    """Whether one user has access to one course now."""

    user_id: str
    course_id: str
    access: bool
    state: str = Field(description="as in enrollments; none: the user has no grant for the course")
    source: SourceOut | None
    until: datetime | None


def router(pool: Pool, engine: AsyncEngine, clock: Callable[[], datetime]) -> APIRouter:
    """Return the routes under /v1 for users and the course player. They only read; `/access` uses `pool`."""
    routes = APIRouter(prefix="/v1", tags=["access"])

    @routes.get("/users/{user_id}/enrollments")
    async def list_enrollments(
        user_id: Id,
        caller: Caller,
        cursor: Annotated[str | None, Query(max_length=2048)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page[EnrollmentOut]:
        """Return every course that the user has or had, by course id. Empty for an unknown user."""
        may_read(caller, user_id)
        after = decode_cursor(cursor, (str,))[0] if cursor else ""
        async with engine.connect() as tx:
            rows = await queries.enrollments(tx, user_id, after, limit + 1, clock())
        shown, next_cursor = one_page(rows, limit, lambda row: (row.course_id,))
        return Page(items=[enrollment_out(row) for row in shown], next_cursor=next_cursor)

    @routes.get("/access", response_model=AccessOut, responses={304: {"description": "Nothing changed"}})
    async def read_access(
        user_id: Id,
        course_id: Id,
        caller: Caller,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Return whether the user has access to the course now, by which grant and until when.

        Send the `ETag` as `If-None-Match` with the next request: 304 without a body means no change.
        """
        may_read(caller, user_id)
        async with pool.connection() as tx:
            row = await access.enrollment(tx, user_id, course_id, clock())
        body = _access(user_id, course_id, row).model_dump_json().encode()
        tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        # Clients may store the response but must revalidate it each time: access can end at any moment.
        headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
        if _matches(if_none_match, tag):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)

    return routes


def may_read(caller: Principal, user_id: str) -> None:
    """Raise a Problem with 403 unless the caller is this user, the course player or an administrator."""
    if caller.user_id != user_id and caller.roles.isdisjoint({"service", "admin"}):
        raise Problem(
            403,
            "forbidden",
            "Access denied",
            "You can read your own enrollments only. The roles service and admin can read those of any user.",
        )


def _matches(if_none_match: str | None, tag: str) -> bool:
    if if_none_match is None:
        return False
    given = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return "*" in given or tag in given


def _source(row: Enrollment) -> SourceOut | None:
    return SourceOut(kind=row.kind, id=row.source_id) if row.kind and row.source_id else None


def enrollment_out(row: Enrollment) -> EnrollmentOut:
    """Return the row in the format of the API."""
    return EnrollmentOut(
        course_id=row.course_id,
        access=row.access,
        state=row.state,
        source=_source(row),
        since=row.since,
        until=row.until,
    )


def _access(user_id: str, course_id: str, row: Enrollment | None) -> AccessOut:
    if row is None:
        return AccessOut(
            user_id=user_id, course_id=course_id, access=False, state=NO_ACCESS, source=None, until=None
        )
    return AccessOut(
        user_id=user_id,
        course_id=course_id,
        access=row.access,
        state=row.state,
        source=_source(row),
        until=row.until,
    )
