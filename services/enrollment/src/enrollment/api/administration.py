"""The HTTP API for administrators: grant, revoke, read histories, derive again, list gaps and failures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncEngine

from enrollment.api.access import EnrollmentOut, Id, enrollment_out
from enrollment.domain.facts import DecisionFacts
from enrollment.domain.history import Change, Step, of_order
from enrollment.store import courses, queries
from enrollment.usecases import decisions
from enrollment.usecases.operations import Operations
from messaging.eventset.event import has_facts
from schemas.events import AccessGranted, AccessRevoked
from schemas.times import EPOCH
from servicekit.auth import Principal, require_role
from servicekit.pagination import Page, decode_cursor, encode_cursor, one_page
from servicekit.problem import Problem

Admin = Annotated[Principal, Depends(require_role("admin"))]
Cursor = Annotated[str | None, Query(max_length=2048)]
Limit = Annotated[int, Query(ge=1, le=200)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=255)]
Reason = Annotated[str, Field(min_length=3, max_length=500, pattern=r"^[^\x00]*$")]


class RevokeIn(BaseModel):
    """Revoke the grants of administrators; purchases are not affected."""

    user_id: Id
    course_id: Id
    reason: Reason


class GrantIn(RevokeIn):
    """Grant a course, `until` a time or without an end."""

    until: AwareDatetime | None = None


class DecisionOut(BaseModel):
    """A recorded decision. It takes effect within seconds."""

    decision_id: str
    decided_at: datetime


class ChangeOut(BaseModel):
    """The change of one grant; `before` is null for a new grant."""

    kind: str
    source_id: str
    line_id: str
    course_id: str
    before: str | None
    after: str | None
    reason: str
    until: datetime | None
    flagged: bool
    duplicate_of: str | None


class StepOut(BaseModel):
    """One event and the decisions that it led to; `event_id` is null if only time passed."""

    at: datetime
    event_id: str | None
    type: str | None
    object_id: str | None
    status: str | None
    note: str | None = Field(description="the reason that an administrator gave")
    changes: list[ChangeOut]


class DeriveIn(BaseModel):
    """The user to derive again."""

    user_id: Id


class GapOut(BaseModel):
    """A paid order without a grant; `reason` says what is missing or differs."""

    order_id: str
    user_id: str
    session_id: str | None
    payment_intent_id: str | None
    paid_at: datetime
    reason: str
    reads: int = Field(description="how often the session was reread from Stripe")
    read_at: datetime | None


class FailureOut(BaseModel):
    """A user whose derivation failed. The last state stays in place, and the derivation is retried."""

    user_id: str
    failure: str | None
    failed_at: datetime | None
    attempts: int


def router(
    engine: AsyncEngine, operations: Operations, clock: Callable[[], datetime], gap_after: timedelta
) -> APIRouter:
    """Return the routes under /v1/admin. They require the role admin."""
    routes = APIRouter(prefix="/v1/admin", tags=["administration"])

    async def decide(
        kind: type[AccessGranted | AccessRevoked], verb: str, request: RevokeIn, caller: Principal, key: Key
    ) -> DecisionOut:
        body = kind.model_validate(
            {
                **request.model_dump(),
                "decision_id": decisions.decision_id(caller.user_id, verb, key),
                "decided_by": caller.user_id,
                "decided_at": clock(),
            }
        )
        await decisions.record(engine, body)
        return DecisionOut(decision_id=body.decision_id, decided_at=body.decided_at)

    @routes.post("/grants", status_code=202)
    async def grant(request: GrantIn, caller: Admin, key: Key = None) -> DecisionOut:
        """Grant a course of the catalog to a user. Repeating the same `Idempotency-Key` has no further
        effect."""
        if request.until is not None and request.until <= clock():
            raise Problem(
                422,
                "ends-in-the-past",
                "The grant would end in the past",
                "Set `until` to a time in the future.",
            )
        async with engine.connect() as tx:
            if not await courses.is_known(tx, request.course_id):
                raise Problem(
                    422,
                    "course-unknown",
                    "No such course",
                    "The catalog has no course with this id. Check `course_id`; a new course is known within"
                    " seconds.",
                )
        return await decide(AccessGranted, "grant", request, caller, key)

    @routes.post("/revocations", status_code=202)
    async def revoke(request: RevokeIn, caller: Admin, key: Key = None) -> DecisionOut:
        """Revoke all grants of administrators for this user and course. To revoke a purchase, refund it."""
        return await decide(AccessRevoked, "revoke", request, caller, key)

    @routes.get("/users/{user_id}/history")
    async def user_history(user_id: Id, _: Admin, cursor: Cursor = None, limit: Limit = 100) -> Page[StepOut]:
        """Return every event of the user in chronological order, with the decisions that it led to."""
        steps = await asyncio.to_thread(operations.history, user_id)
        return _page([_step(step) for step in steps], cursor, limit)

    @routes.get("/orders/{order_id}/history")
    async def order_history(
        order_id: Id, _: Admin, cursor: Cursor = None, limit: Limit = 100
    ) -> Page[StepOut]:
        """Return the history of one order: the events that name it and those that changed its grants."""
        found: list[StepOut] = []
        async with engine.connect() as tx:
            users = await queries.users_of_order(tx, order_id)
        for user_id in users:
            steps = await asyncio.to_thread(operations.history, user_id)
            found += map(_step, of_order(steps, order_id))
        return _page(found, cursor, limit)

    @routes.post("/derivations")
    async def derive(request: DeriveIn, _: Admin) -> Page[EnrollmentOut]:
        """Derive the user's grants again from the stored events, and return the resulting enrollments."""
        await asyncio.to_thread(operations.derive, request.user_id)
        async with engine.connect() as tx:
            rows = await queries.enrollments(tx, request.user_id, "", 200, clock())
        return Page(items=[enrollment_out(row) for row in rows])

    @routes.get("/gaps")
    async def gaps(
        _: Admin,
        cursor: Cursor = None,
        limit: Limit = 100,
        minutes: Annotated[float | None, Query(ge=0, le=525_600)] = None,
    ) -> Page[GapOut]:
        """Return the orders without a grant that were paid more than `minutes` ago, oldest first."""
        age = gap_after if minutes is None else timedelta(minutes=minutes)
        after = decode_cursor(cursor, (datetime, str)) if cursor else (EPOCH, "")
        async with engine.connect() as tx:
            rows = await queries.gaps(tx, clock() - age, (after[0], after[1]), limit + 1)
        shown, next_cursor = one_page(rows, limit, lambda gap: (gap.paid_at, gap.order_id))
        items = [GapOut.model_validate(gap, from_attributes=True) for gap in shown]
        return Page(items=items, next_cursor=next_cursor)

    @routes.get("/failures")
    async def failures(_: Admin, cursor: Cursor = None, limit: Limit = 100) -> Page[FailureOut]:
        """Return the users whose derivation failed, by user id."""
        after = decode_cursor(cursor, (str,))[0] if cursor else ""
        async with engine.connect() as tx:
            rows = await queries.failures(tx, after, limit + 1)
        shown, next_cursor = one_page(rows, limit, lambda failure: (failure.user_id,))
        items = [FailureOut.model_validate(failure, from_attributes=True) for failure in shown]
        return Page(items=items, next_cursor=next_cursor)

    return routes


def _page(steps: list[StepOut], cursor: str | None, limit: int) -> Page[StepOut]:
    start = max(0, decode_cursor(cursor, (int,))[0]) if cursor else 0
    end = start + limit
    return Page(items=steps[start:end], next_cursor=encode_cursor((end,)) if end < len(steps) else None)


def _step(step: Step) -> StepOut:
    event = step.event
    return StepOut(
        at=step.at,
        event_id=event.id if event else None,
        type=event.type if event else None,
        object_id=event.object_id if event else None,
        status=event.status if event else None,
        note=event.facts.why if event and has_facts(event, DecisionFacts) else None,
        changes=[_change(change) for change in step.changes],
    )


def _change(change: Change) -> ChangeOut:
    grant = change.grant
    return ChangeOut(
        kind=grant.kind,
        source_id=grant.source_id,
        line_id=grant.line_id,
        course_id=grant.course_id,
        before=change.before.state.value if change.before else None,
        after=change.after.state.value if change.after else None,
        reason=grant.reason,
        until=grant.until,
        flagged=grant.flagged,
        duplicate_of=grant.duplicate_of,
    )
