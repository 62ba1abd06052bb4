"""The lives of orders end alike in checkout, notifications and reporting, however their messages arrive.

The lives are those of enrollment's own property test. Their messages pass through record and derive of each
service on two real databases: shuffled, repeated and in any batches on one, all together in chronological
order on the other. Orders, ledger and mails must be the same, times and contents included.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from enrollment_lives import stories
from enrollment_messages import DAY, at
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase
from psycopg.rows import dict_row

from checkout.handlers import CheckoutHandler
from devstack.testing.fixtures import MakeDatabase
from messaging.eventset.event import Event
from messaging.message import Message
from notifications.domain.policy import Policy
from notifications.handlers import derivation as notifications_derivation
from notifications.handlers import handler as notifications_handler
from notifications.store import sending
from processkit.postgres.database import Database, Session
from reporting.handlers import handler as reporting_handler
from reporting.store.ledger_rows import derivation as reporting_derivation
from schemas.events import OrderPlaced

EXAMPLES = 150
NOW = at(100 * DAY)
SERVICES = Path(__file__).resolve().parents[2] / "services"
# Failed examples are stored beside the tests and are run first from then on; commit them.
KEPT = DirectoryBasedExampleDatabase(Path(__file__).parent / "failing-examples")

_numbers = itertools.count()


class Handler(Protocol):
    """The part of messaging's Handler that a batch passes through."""

    def decode(self, message: Message) -> Event[Any] | None: ...
    def record(self, tx: Session, events: Sequence[Event[Any]]) -> None: ...
    def derive(self, tx: Session, events: Sequence[Event[Any]]) -> None: ...


class Service:
    """One service on one database, without Kafka."""

    folder: str

    def __init__(self, dsn: str) -> None:
        self.database = Database(dsn, "test")
        self.handler = self.make_handler()

    def make_handler(self) -> Handler:
        """Return the handler of the service."""
        raise NotImplementedError

    def state(self, names: Sequence[str]) -> list[object]:
        """Return what the service states of the orders and payments of these ids."""
        raise NotImplementedError

    def begin(self, placed: Sequence[OrderPlaced]) -> None:
        """Prepare the database for these orders."""

    def apply(self, batches: Sequence[Sequence[Message]]) -> None:
        """Apply each batch as the consumer does: record, commit, derive, commit."""
        for batch in batches:
            events = [event for message in batch if (event := self.handler.decode(message)) is not None]
            with self.database.transaction() as tx:
                self.handler.record(tx, events)
            with self.database.transaction() as tx:
                self.handler.derive(tx, events)

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Return the rows of a query."""
        with self.database.transaction() as tx, tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), parameters).fetchall()


class Checkout(Service):
    """Orders and their lines, without `holds`: of two orders for one course the first to arrive holds it."""

    folder = "checkout"

    def make_handler(self) -> Handler:
        return CheckoutHandler(lambda: NOW)

    def begin(self, placed: Sequence[OrderPlaced]) -> None:
        with self.database.transaction() as tx:
            for order in placed:
                self._insert(tx, order)

    def _insert(self, tx: Session, order: OrderPlaced) -> None:
        when = order.terms.accepted_at
        tx.execute(
            "insert into orders (order_id, user_id, email, locale, currency, amount_total, terms_version,"
            " terms_accepted_at, success_url, cancel_url, session_expires_at, session_id, created_at)"
            " values (%s, %s, %s, 'en', %s, %s, '1', %s, '', '', %s, %s, %s)",
            (
                *(order.order_id, order.user_id, order.email, order.currency, order.amount_total, when),
                *(when + timedelta(days=1), order.session_id, when),
            ),
        )
        for position, line in enumerate(order.lines, 1):
            tx.execute(
                "insert into order_lines (line_id, order_id, position, user_id, kind, course_id, bundle_id,"
                " plan_id, title, list_amount, discount_amount, access_days, holds)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, false)",
                (
                    *(line.line_id, order.order_id, position, order.user_id, line.kind, line.course_id),
                    *(line.bundle_id, line.plan_id, line.title, line.list_amount, line.discount_amount),
                    line.access_days,
                ),
            )

    def state(self, names: Sequence[str]) -> list[object]:
        return [
            *self.rows(
                "select order_id, state, mismatch, dispute, amount_disputed, refund_failed, amount_paid,"
                " amount_tax, amount_refunded, payment_intent_id, charge_id, receipt_url, paid_at, failed_at,"
                " expired_at, refunded_at from orders where order_id = any(%s) order by order_id",
                list(names),
            ),
            *self.rows(
                "select line_id, paid_amount, amount_refunded, refunded_at from order_lines"
                " where order_id = any(%s) order by line_id",
                list(names),
            ),
        ]


class Notifications(Service):
    """The mails that would be sent now, with their contents."""

    folder = "notifications"

    def make_handler(self) -> Handler:
        return notifications_handler(notifications_derivation(Policy(timedelta(days=1000)), lambda: NOW))

    def state(self, names: Sequence[str]) -> list[object]:
        found: list[object] = []
        with self.database.transaction() as tx:
            rows = tx.execute(
                "select delivery_id, template, about, order_id, resends, attempts from deliveries"
                " where order_id = any(%s) and state = 'pending' order by template, about",
                (list(names),),
            ).fetchall()
            for row in rows:
                mail = sending.content(tx, sending.Claimed(*row))
                if mail is not None:
                    found.append(mail)
        return found


class Reporting(Service):
    """The ledger, and payments without an order."""

    folder = "reporting"

    def make_handler(self) -> Handler:
        return reporting_handler(reporting_derivation(lambda: NOW))

    def state(self, names: Sequence[str]) -> list[object]:
        return [
            *self.rows(
                "select * from money_lines where order_id = any(%s)"
                " order by order_id, line_id, kind, reference, step",
                list(names),
            ),
            *self.rows(
                "select * from unattributed_payments where payment_id = any(%s)"
                " order by owner_id, payment_id",
                list(names),
            ),
        ]


@dataclass(frozen=True)
class Arrival:
    """Messages in chronological order, the orders among them, and the batches in which they arrive."""

    messages: list[Message]
    placed: list[OrderPlaced]
    batches: list[list[Message]]

    def __repr__(self) -> str:
        """Return ids and types in the order of arrival, to analyze a failure."""
        return " | ".join(" ".join(f"{each.id}:{each.type}" for each in batch) for batch in self.batches)


@st.composite
def arrivals(draw: st.DrawFn) -> Arrival:
    """Draw any arrival of any lives."""
    people = draw(stories(next(_numbers)))
    messages = sorted(
        (message for story in people for message in story.messages), key=lambda message: message.time
    )
    placed = [
        OrderPlaced.model_validate_json(message.value)
        for message in messages
        if message.type == OrderPlaced.TYPE
    ]
    # A seed instead of Hypothesis' own numbers, which are mostly small: few batches prove little.
    rng = random.Random(draw(st.integers(0, 2**32)))
    arriving = messages + rng.sample(messages, k=rng.randint(0, len(messages)))
    rng.shuffle(arriving)
    cuts = sorted(rng.randint(0, len(arriving)) for _ in range(rng.randint(0, 6)))
    batches = [arriving[a:b] for a, b in itertools.pairwise((0, *cuts, len(arriving))) if a < b]
    return Arrival(messages, placed, batches)


SERVICES_WITH_ORDERS = [Checkout, Notifications, Reporting]


def check(shuffled: Service, ordered: Service, arrival: Arrival) -> None:
    """The property: both replicas state the same."""
    names = names_in(ordered.handler.decode, arrival.messages)
    for each in (shuffled, ordered):
        each.begin(arrival.placed)
    shuffled.apply(arrival.batches)
    ordered.apply([arrival.messages])
    assert shuffled.state(names) == ordered.state(names)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("service", SERVICES_WITH_ORDERS)
def test_any_arrival_of_a_life_ends_in_the_same_state(
    service: type[Service], make_database: MakeDatabase
) -> None:
    with both(service, make_database) as (shuffled, ordered):

        @settings(
            max_examples=EXAMPLES,
            database=KEPT,
            print_blob=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(arrival=arrivals())
        def the_property(arrival: Arrival) -> None:
            check(shuffled, ordered, arrival)

        the_property()


@pytest.mark.parametrize("service", SERVICES_WITH_ORDERS)
def test_a_service_that_derives_only_orders_that_its_batch_names_is_detected(
    service: type[Service], make_database: MakeDatabase
) -> None:
    with both(service, make_database) as (shuffled, ordered):
        derive = shuffled.handler.derive
        orders: set[str] = set()

        def forgetful(tx: Session, events: Sequence[Event[Any]]) -> None:
            derive(tx, [event for event in events if orders & set(event.links.values())])

        shuffled.handler.derive = forgetful  # type: ignore[method-assign]

        @settings(
            max_examples=300,
            database=None,
            phases=[Phase.generate],
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(arrival=arrivals())
        def the_property(arrival: Arrival) -> None:
            orders.update(order.order_id for order in arrival.placed)
            check(shuffled, ordered, arrival)

        with pytest.raises(AssertionError):
            the_property()


@contextmanager
def both(service: type[Service], make_database: MakeDatabase) -> Iterator[tuple[Service, Service]]:
    """Two replicas of a service, each with its own database."""
    replicas = [service(make_database(SERVICES / service.folder)) for _ in range(2)]
    try:
        yield replicas[0], replicas[1]
    finally:
        for each in replicas:
            each.database.close()


def names_in(decode: Callable[[Message], Event[Any] | None], messages: Sequence[Message]) -> list[str]:
    """The ids of orders and payments that the messages name."""
    events = [event for message in messages if (event := decode(message)) is not None]
    return sorted({value for event in events for value in event.links.values()})
