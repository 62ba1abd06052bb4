"""The request and response bodies of the API."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from notifications.domain.contexts import Template

State = Literal["pending", "sent", "failed", "skipped"]
Failure = Literal["rejected", "attempts_exhausted"]
MOST_AT_ONCE = 1000


def _no_nul(value: str | None) -> str | None:
    if value is not None and "\x00" in value:
        raise ValueError("NUL characters are not allowed")
    return value


Id = Annotated[str | None, Query(max_length=255), AfterValidator(_no_nul)]


class Delivery(BaseModel):
    """One mail to one customer. `template` and `about` (the id of the order or refund) identify it."""

    model_config = ConfigDict(from_attributes=True)
    delivery_id: uuid.UUID
    template: Template
    about: str
    order_id: str
    user_id: str
    recipient: str
    locale: str
    happened_at: datetime = Field(description="when the order was paid, or the refund succeeded")
    state: State
    reason: str | None = Field(
        description="skipped: too_old, not_before, rebuild, reviewed, withdrawn;"
        " failed: rejected, attempts_exhausted"
    )
    attempts: int
    resends: int
    resent_by: str | None
    next_attempt_at: datetime
    created_at: datetime
    sent_at: datetime | None
    failed_at: datetime | None
    last_error: str | None
    reviewed_at: datetime | None
    reviewed_by: str | None
    review_note: str | None


class Review(BaseModel):
    """Why a failed mail stays unsent."""

    model_config = ConfigDict(extra="forbid")
    note: Annotated[
        str,
        StringConstraints(min_length=1, max_length=500, strip_whitespace=True),
        AfterValidator(_no_nul),
    ] = Field(description="what was done about it, for the next operator")


class FailedMails(BaseModel):
    """Selects the mails that failed for `reason`, from `failed_from` on and before `failed_until`."""

    model_config = ConfigDict(extra="forbid")
    reason: Failure
    failed_from: AwareDatetime | None = None
    failed_until: AwareDatetime | None = None
    limit: int = Field(default=100, ge=1, le=MOST_AT_ONCE)


class Resent(BaseModel):
    """How many mails became pending, and how many of the selection remain failed."""

    resent: int
    left: int
