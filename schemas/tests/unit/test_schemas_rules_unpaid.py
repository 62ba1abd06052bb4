"""When a payment that is on its way has ended without money."""

from dataclasses import dataclass

import pytest

from schemas.rules import ended_unpaid


@dataclass(frozen=True)
class Report:
    type: str
    created: int
    status: str | None


COMPLETED = Report("checkout.session.completed", 100, "complete")
BOUNCED = Report("checkout.session.async_payment_failed", 500, "complete")


def intent(action: str, created: int, status: str) -> Report:
    return Report(f"payment_intent.{action}", created, status)


DECLINED = intent("payment_failed", 50, "requires_payment_method")
FAILED = intent("payment_failed", 400, "requires_payment_method")
CANCELED = intent("canceled", 450, "canceled")


@pytest.mark.parametrize(
    ("session", "intents", "ended"),
    [
        ([], [], None),
        ([COMPLETED], [], None),
        ([Report("checkout.session.expired", 90, "expired")], [CANCELED], None),
        ([COMPLETED, BOUNCED], [], 500),
        ([COMPLETED], [CANCELED], 450),
        ([COMPLETED], [DECLINED, CANCELED], 450),
        ([COMPLETED], [DECLINED], None),
        ([COMPLETED], [DECLINED, FAILED], 400),
        ([COMPLETED], [intent("created", 100, "requires_payment_method")], None),
        ([COMPLETED], [intent("processing", 100, "processing")], None),
        ([COMPLETED], [FAILED, intent("processing", 450, "processing")], None),
        ([COMPLETED], [FAILED, intent("succeeded", 450, "succeeded")], 400),
        ([COMPLETED, BOUNCED], [FAILED], 400),
        ([COMPLETED], [intent("reread", 600, "requires_payment_method")], 600),
        ([COMPLETED], [FAILED, intent("reread", 600, "processing")], None),
    ],
)
def test_any_last_event_ends_a_payment_that_is_on_its_way(
    session: list[Report], intents: list[Report], ended: int | None
) -> None:
    assert ended_unpaid(session, intents) == ended
