"""Every interleaving of handlers of one owner gives the state that the set of events determines.

A posting (think of a checkout session) links a parcel to its customer, a scan (a charge) links a label to
the parcel, a return (a refund) names only earlier objects. Each handler has its own connection, and every
order of their steps is run; while a step waits for a row lock, the others continue.
"""

from collections.abc import Iterable, Mapping, Sequence

import psycopg
import pytest
from messaging_effects import expected
from messaging_interleaving import (
    IN_SHORT,
    ONE_TRANSACTION,
    TWO_TRANSACTIONS,
    Stage,
    merges,
    normal_form,
)
from messaging_parcels import Total, derivation

from messaging.eventset.event import Event

POSTING = Event("e-posting", "posted.v1", 3, links={"customer": "c", "parcel": "p"}, facts={"amount": 100})
SCAN = Event("e-scan", "scanned.v1", 1, links={"parcel": "p", "label": "l"}, facts={"amount": 10})
RETURN = Event("e-return", "returned.v1", 2, links={"label": "l"}, facts={"amount": -100})
RETURN_OF_PARCEL = Event("e-return", "returned.v1", 2, links={"parcel": "p"}, facts={"amount": -100})

TWO = {"posting": POSTING, "return": RETURN_OF_PARCEL}
THREE = {"posting": POSTING, "scan": SCAN, "return": RETURN}


Ends = dict[str, tuple[int, int, str]]


class Parcels(Stage[Total]):
    """One handler for each event, on the tables of parcels."""

    def __init__(
        self, dsn: str, events: Mapping[str, Event], steps: Sequence[str], lock: bool = True
    ) -> None:
        super().__init__(dsn, derivation, len(events), steps, lock)
        self._events = events
        self._rows = psycopg.connect(dsn, autocommit=True)

    def __exit__(self, *raised: object) -> None:
        super().__exit__(*raised)
        self._rows.close()

    def wrong_ends(
        self, schedules: Iterable[tuple[int, ...]], stop_at: int | None = None
    ) -> tuple[int, list[tuple[int, ...]]]:
        """Run the schedules; return how many there were, and those with a wrong outcome."""
        wanted = expected(self._events.values())
        played, wrong = 0, []
        for schedule in schedules:
            played += 1
            if self._end_of(schedule) != wanted:
                wrong.append(schedule)
                if stop_at is not None and len(wrong) >= stop_at:
                    break
        return played, wrong

    def _end_of(self, schedule: Sequence[int]) -> Ends:
        self._rows.execute("delete from events; delete from owners; delete from totals; delete from outbox")
        self.play(schedule, [[event] for event in self._events.values()])
        rows = self._rows.execute("select customer, number, amount, digest from totals").fetchall()
        return {row[0]: (row[1], row[2], row[3]) for row in rows}


def test_a_return_and_its_posting_interleave_without_loss(parcels_dsn: str) -> None:
    with Parcels(parcels_dsn, TWO, TWO_TRANSACTIONS) as both:
        played, wrong = both.wrong_ends(both.all_schedules())
        assert both.blocked_steps > 0, "no step ever waited: the handlers did not meet"
    assert (played, wrong) == (252, [])


def test_a_scan_a_return_and_their_posting_interleave_without_loss(parcels_dsn: str) -> None:
    # 1680 orders; those that differ only in the order of adjacent independent steps are equivalent.
    every = list(merges([3, 3, 3]))
    distinct = sorted({normal_form(schedule, IN_SHORT) for schedule in every})
    assert (len(set(every)), len(distinct)) == (1680, 216)
    with Parcels(parcels_dsn, THREE, IN_SHORT) as all_three:
        played, wrong = all_three.wrong_ends(distinct)
        assert all_three.blocked_steps > 0
    assert (played, wrong) == (216, [])


@pytest.mark.parametrize("events", [TWO, THREE], ids=["two", "three"])
def test_recording_and_deriving_in_one_transaction_loses_events(
    parcels_dsn: str, events: Mapping[str, Event]
) -> None:
    with Parcels(parcels_dsn, events, ONE_TRANSACTION) as mutants:
        _, wrong = mutants.wrong_ends(mutants.all_schedules(), stop_at=1)
    assert wrong, "the mutant survived: these interleavings prove nothing"


def test_deriving_without_the_owner_s_lock_loses_events(parcels_dsn: str) -> None:
    with Parcels(parcels_dsn, TWO, TWO_TRANSACTIONS, lock=False) as mutants:
        _, wrong = mutants.wrong_ends(mutants.all_schedules(), stop_at=1)
    assert wrong, "the mutant survived: these interleavings prove nothing"
