"""The JSON bodies of the controls; unknown keys are refused."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from stripe_sandbox.payments.refunding import FailureReason

Copies = Annotated[int, Meta(ge=1, le=100)]
Milliseconds = Annotated[int, Meta(ge=0, le=600_000)]
Seconds = Annotated[float, Meta(ge=-3_200_000_000, le=3_200_000_000)]


class Pay(Struct, forbid_unknown_fields=True):
    """Pay a session. The answer waits up to `wait_seconds` for the webhooks' acknowledgement."""

    card: str | None = None
    email: str | None = "buyer@example.com"
    name: str | None = "Test Buyer"
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] = "US"
    three_d_secure: Literal["complete", "fail", "leave"] = "complete"
    wait_seconds: Annotated[float, Meta(ge=0, le=60)] = 0


class PromotionCode(Struct, forbid_unknown_fields=True):
    """The promotion code that the buyer enters."""

    code: str


class Outcome(Struct, forbid_unknown_fields=True):
    """One of two outcomes, of which the account prefers `GOOD`."""

    GOOD: ClassVar[str]
    outcome: str

    @property
    def good(self) -> bool:
        """Whether the outcome is the good one."""
        return self.outcome == self.GOOD


class Authenticate(Outcome):
    """The outcome of 3-D Secure."""

    GOOD: ClassVar[str] = "complete"
    outcome: Literal["complete", "fail"] = "complete"


class FailRefund(Struct, forbid_unknown_fields=True):
    """The reason why a refund fails, one of Stripe's values."""

    reason: FailureReason = "expired_or_canceled_card"


class Replay(Struct, forbid_unknown_fields=True):
    """The number of new deliveries of an event."""

    copies: Copies = 1


class Webhooks(Struct, forbid_unknown_fields=True):
    """Changes to the delivery of webhooks; None changes nothing."""

    hold: bool | None = None
    copies: Copies | None = None
    delay_ms: Milliseconds | None = None
    shuffle_window_ms: Milliseconds | None = None
    seed: int | None = None
    drop_next: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    drop_types: list[str] | None = None


class Release(Struct, forbid_unknown_fields=True):
    """The order, spacing and number of copies in which held deliveries are sent."""

    order: Literal["random", "oldest_first", "newest_first"] = "random"
    seed: int | None = None
    spacing_ms: Milliseconds = 0
    copies: Copies = 1


class Drain(Struct, forbid_unknown_fields=True):
    """The maximum time to wait."""

    timeout_seconds: Annotated[float, Meta(ge=0, le=300)] = 10


class Faults(Struct, forbid_unknown_fields=True):
    """The `next` calls (null: all) under `path` fail with `status` (null: they do not fail) and take
    `delay_ms` longer.

    `after`: the call is executed, and its caller still sees the failure.
    """

    status: Annotated[int, Meta(ge=400, le=599)] | None = None
    delay_ms: Milliseconds = 0
    next: Annotated[int, Meta(ge=1)] | None = 1
    path: str = "/v1/"
    after: bool = False


class SetClock(Struct, forbid_unknown_fields=True):
    """The new time, in seconds."""

    offset: Seconds | None = None
    advance: Seconds | None = None
    now: Seconds | None = None


class Dunning(Struct, forbid_unknown_fields=True):
    """Days between the attempts to charge a renewal, and the subscription's status after the last one."""

    retry_days: tuple[Annotated[int, Meta(ge=1, le=60)], ...] = (3, 5, 7)
    in_the_end: Literal["cancel", "unpaid", "past_due"] = "cancel"


class OpenDispute(Struct, forbid_unknown_fields=True):
    """The reason of a dispute; an inquiry moves no money. `amount`: null for all that was not refunded."""

    reason: str = "fraudulent"
    inquiry: bool = False
    amount: int | None = None


class CloseDispute(Outcome):
    """The outcome of a dispute; an inquiry is closed in either case."""

    GOOD: ClassVar[str] = "won"
    outcome: Literal["won", "lost"] = "lost"


class ChargeOutcome(Outcome):
    """The outcome of a charge: a bank debit, or the renewal of a subscription."""

    GOOD: ClassVar[str] = "succeed"
    outcome: Literal["succeed", "fail"] = "succeed"


class Course(Struct, forbid_unknown_fields=True):
    """A product: its name, and its price in minor units per currency."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    prices: Annotated[dict[str, Annotated[int, Meta(ge=1, le=99_999_999)]], Meta(min_length=1)]


class History(Struct, forbid_unknown_fields=True):
    """Past orders to generate. `{n}` in `metadata` becomes the order's number; events are sent only on
    request.
    """

    orders: Annotated[int, Meta(ge=1, le=20_000)] = 100
    days: Annotated[int, Meta(ge=1, le=1500)] = 90
    seed: int = 1
    deliver: bool = False
    metadata: dict[str, Annotated[str, Meta(max_length=400)]] = {}
    courses: list[Course] = []


class RollSecret(Struct, forbid_unknown_fields=True):
    """The new secret (None: a generated one), and whether the old one stays valid beside it."""

    secret: Annotated[str, Meta(pattern="^whsec_.+$")] | None = None
    keep_old: bool = True
