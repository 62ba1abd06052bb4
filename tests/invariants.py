"""What must be true of an idle stack, whatever happened before.

    invariants.check(running_stack)    waits until it is idle; AssertionError lists all violations

1. Every line of a paid order has exactly one live grant for its course, unless the line was refunded; no
   other line has one.
2. Sales, with tax, equal the sandbox's charges less its refunds and what disputes took, in each currency.
3. No mail was sent twice: no two mails about the same subject, and no Message-ID accepted twice, unless the
   database stopped between the acceptance and its record (docs/decisions/0008).
4. Every event that was answered with 2xx is in the log.
5. Every consumed message was applied, ignored by its type, or dead-lettered; none disappeared.
6. Every request to Stripe is valid by its OpenAPI document.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import psycopg
import sandbox_openapi_requests
from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage
from confluent_kafka.admin import AdminClient, OffsetSpec

from checkout.handlers import TOPICS as CHECKOUT_TOPICS
from checkout.handlers import CheckoutHandler
from devstack.client import Json
from devstack.testing.stack import RunningStack
from enrollment.facts import event_of as enrollment_event
from enrollment.handlers import TOPICS as ENROLLMENT_TOPICS
from messaging.errors import Poison
from messaging.eventset.event import Event
from messaging.message import Message, decode_record
from notifications.facts import event_of as notifications_event
from notifications.handlers import TOPICS as NOTIFICATIONS_TOPICS
from reporting.facts import event_of as reporting_event
from reporting.handlers import TOPICS as REPORTING_TOPICS
from schemas.topics import TOPICS, dead_letter_topic

Decode = Callable[[Message], Event | None]

CONSUMED: dict[str, tuple[tuple[str, ...], Decode]] = {
    "checkout": (CHECKOUT_TOPICS, CheckoutHandler(lambda: datetime.now(UTC)).decode),
    "enrollment": (ENROLLMENT_TOPICS, enrollment_event),
    "notifications": (NOTIFICATIONS_TOPICS, notifications_event),
    "reporting": (REPORTING_TOPICS, reporting_event),
}
PROJECTED = {"checkout": "enrollments", "enrollment": "catalog"}
"""The topic of each service whose messages it applies to a table of its own by their version."""
LIVE = ("active", "in_grace")


def check(stack: RunningStack, seconds: float = 90.0, *, resent: int = 0) -> None:
    """Wait until the stack is idle, then assert every invariant.

    `resent`: how many mails may have been in flight when notifications' database stopped. Each may be in the
    inbox twice, with one Message-ID.
    """
    settle(stack, seconds)
    log = read_log(stack, [name for name in TOPICS if not name.endswith(".dlq")])
    violations = [
        *_grants(stack),
        *_money(stack),
        *_mails(stack, resent),
        *_accepted_is_logged(stack, log),
        *_consumed_is_accounted_for(stack, log),
    ]
    sandbox_openapi_requests.check_all(stack.client.stripe)
    assert not violations, "\n".join(violations)


# -- waiting -------------------------------------------------------------------------------------------------


def settle(stack: RunningStack, seconds: float = 90.0) -> None:
    """Return once nothing is pending: no delivery, outbox row, lag, due mail or failed derivation."""
    stack.wait_ready(seconds)
    drained = stack.client.control("POST", "/webhooks/drain", {"timeout_seconds": min(seconds, 60)})
    assert drained["drained"], f"webhooks are still pending: {drained['counts']}"
    stack.eventually("an idle stack", lambda: not _pending(stack), seconds)


def _pending(stack: RunningStack) -> list[str]:
    found = []
    for service, statement in (
        ("checkout", "select count(*) from outbox"),
        ("enrollment", "select count(*) from outbox"),
        ("notifications", "select count(*) from deliveries where state = 'pending'"),
    ):
        found += [f"{service}: {rows}" for (rows,) in _query(stack, service, statement) if rows]
    for service, (topics, _) in CONSUMED.items():
        try:
            lag = _lag(stack, service, topics)
        except KafkaException as error:  # a broker that was just restarted
            return [f"{service}: {error}"]
        found += [f"{service}: lag {lag}"] if lag else []
    # Last, so that the messages that just ended the lag are included.
    for service in CONSUMED:
        waiting = _query(stack, service, "select count(*) from owners where needs_derivation")
        found += [f"{service}: {rows} owners need derivation" for (rows,) in waiting if rows]
    return found


def _lag(stack: RunningStack, group: str, topics: Iterable[str]) -> int:
    ends = _ends(stack, topics)
    config = {"bootstrap.servers": stack.status["kafka"], "group.id": group, "enable.auto.commit": False}
    # Not with the admin client: its answer crashes the process while the group's coordinator is loading.
    consumer = Consumer(config)
    try:
        positions = consumer.committed([TopicPartition(*place) for place in ends], timeout=10)
    finally:
        consumer.close()
    committed = {(place.topic, place.partition): place.offset for place in positions}
    # A partition without a committed offset has a negative one; it starts at 0.
    return sum(end - max(committed.get(place, 0), 0) for place, end in ends.items())


# -- the invariants -----------------------------------------------------------------------------------------


def _grants(stack: RunningStack) -> list[str]:
    lines = _query(
        stack,
        "checkout",
        "select order_id, line_id, course_id, state, l.refunded_at is not null from order_lines l"
        " join orders using (order_id) where course_id is not null",
    )
    live = Counter(
        _query(
            stack,
            "enrollment",
            "select source_id, course_id from grants where kind = 'order' and state = any(%s)",
            (list(LIVE),),
        )
    )
    violations = []
    for order_id, line_id, course_id, state, refunded in lines:
        wanted = 1 if state in ("paid", "partially_refunded") and not refunded else 0
        found = live.pop((order_id, course_id), 0)
        if found != wanted:
            violations.append(
                f"{order_id} is {state} and has {found} live grants for {course_id}; its line {line_id} needs"
                f" {wanted}"
            )
    violations += [
        f"{count} live grants for {source}, which is not an order line" for source, count in live.items()
    ]
    return violations


def _money(stack: RunningStack) -> list[str]:
    return money_violations(
        stripe_list(stack, "charges"),
        stripe_list(stack, "refunds"),
        stripe_list(stack, "disputes"),
        lambda currency: stack.client.sales(currency, "year")["rows"],
    )


def money_violations(
    charges: Iterable[Json],
    refunds: Iterable[Json],
    disputes: Iterable[Json],
    sales: Callable[[str], Sequence[Json]],
) -> list[str]:
    """Compare Stripe's charges, refunds and disputes with the rows of the sales report of each currency.

    `net` is without the tax that was added on top of prices; with `tax` it is the money that moved.
    """
    balance: defaultdict[str, int] = defaultdict(int)
    for charge in charges:
        if charge["status"] == "succeeded" and charge["captured"]:
            balance[charge["currency"]] += charge["amount"]
    for refund in refunds:
        if refund["status"] == "succeeded":
            balance[refund["currency"]] -= refund["amount"]
    for dispute in disputes:
        balance[dispute["currency"]] += sum(moved["amount"] for moved in dispute["balance_transactions"])
    violations = []
    for currency, expected in balance.items():
        found = sum(row["net"] + row["tax"] for row in sales(currency))
        if found != expected:
            violations.append(
                f"sales in {currency} are {found}; charges less refunds and disputes are {expected}"
            )
    return violations


def _mails(stack: RunningStack, resent: int) -> list[str]:
    """Check by Message-ID, which identifies one sending, and by the subject of the mail."""
    listed = stack.client.http.get(f"{stack.client.inbox}/api/messages").json()["messages"]
    ids = Counter(
        value
        for mail in listed
        for name, value in stack.client.mail(mail["id"])["headers"]
        if name.lower() == "message-id"
    )
    repeated = _query(
        stack,
        "notifications",
        "select template, about, count(*) from deliveries group by 1, 2 having count(*) > 1",
    )
    extra = [f"the mail {name} was sent {count} times" for name, count in ids.items() if count > 1]
    return (extra if sum(ids.values()) - len(ids) > resent else []) + [
        f"{count} deliveries of {template} about {about}" for template, about, count in repeated
    ]


def _accepted_is_logged(stack: RunningStack, log: list[Message]) -> list[str]:
    logged = {message.id for message in log}
    accepted = {
        delivery["event"]: delivery for delivery in stack.client.deliveries(state="delivered", limit=10_000)
    }
    return [
        f"{event} was answered 2xx and is not in the log: {accepted[event]}"
        for event in sorted(accepted.keys() - logged)
    ]


def _consumed_is_accounted_for(stack: RunningStack, log: list[Message]) -> list[str]:
    violations = []
    for service, (topics, decode) in CONSUMED.items():
        applied = {row[0] for row in _query(stack, service, "select event_id from events")}
        applied |= {message.id for message in log if message.topic == PROJECTED.get(service)}
        dead = {message.id for message in read_log(stack, [dead_letter_topic(service)]) if message.id}
        for message in log:
            if message.topic not in topics or message.id in applied or message.id in dead:
                continue
            if not _ignored(decode, message):
                violations.append(f"{service} consumed {message.type} {message.id} and it is nowhere")
    return violations


def _ignored(decode: Decode, message: Message) -> bool:
    try:
        return decode(message) is None
    except Poison:
        return False


# -- reading ------------------------------------------------------------------------------------------------


def stripe_list(stack: RunningStack, kind: str) -> list[dict[str, Any]]:
    """Every object of a kind in the sandbox."""
    found: list[dict[str, Any]] = []
    fetch = partial(
        httpx.get, f"{stack.client.stripe}/v1/{kind}", headers={"Authorization": "Bearer sk_test_masterji"}
    )
    while True:
        query: dict[str, str] = {"limit": "100"}
        if found:
            query["starting_after"] = found[-1]["id"]
        page = fetch(params=query).raise_for_status().json()
        found += page["data"]
        if not page["has_more"]:
            return found


def read_log(stack: RunningStack, topics: Iterable[str]) -> list[Message]:
    """All messages that the topics hold now."""
    return [decode_record(record) for record in _records(stack, topics)]


def _records(stack: RunningStack, topics: Iterable[str]) -> list[KafkaMessage]:
    starts = _offsets(stack, topics, OffsetSpec.earliest())
    exact = _exact_ends(stack)
    ends = _offsets(stack, topics, OffsetSpec.latest()) if exact else {}
    left = {place: end - 1 for place, end in ends.items() if end > starts[place]}
    config = {
        "bootstrap.servers": stack.status["kafka"],
        "group.id": "invariants",
        "enable.auto.commit": False,
    }
    consumer = Consumer(config)
    try:
        consumer.assign([TopicPartition(*place, starts[place]) for place in (left if exact else starts)])
        found = []
        while left or not exact:
            record = consumer.poll(10 if exact else 1)
            if record is None and not exact:
                break
            assert record is not None, f"the log could not be read to its end: {left}"
            assert record.error() is None, record.error()
            found.append(record)
            place = (str(record.topic()), int(record.partition() or 0))
            if left.get(place) == record.offset():
                del left[place]
        return found
    finally:
        consumer.close()


def _exact_ends(stack: RunningStack) -> bool:
    """Whether the broker reports exact ends. The in-memory broker reports some that are too early."""
    return bool(stack.status["broker"] != "tansu")


def _ends(stack: RunningStack, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    ends = _offsets(stack, topics, OffsetSpec.latest())
    for record in [] if _exact_ends(stack) else _records(stack, topics):
        place = (str(record.topic()), int(record.partition() or 0))
        ends[place] = max(ends[place], int(record.offset() or 0) + 1)
    return ends


def _offsets(stack: RunningStack, topics: Iterable[str], spec: OffsetSpec) -> dict[tuple[str, int], int]:
    admin = AdminClient({"bootstrap.servers": stack.status["kafka"]})
    known = admin.list_topics(timeout=10).topics
    asked = {TopicPartition(topic, number): spec for topic in topics for number in known[topic].partitions}
    answers = admin.list_offsets(asked, request_timeout=10)
    return {(place.topic, place.partition): answer.result().offset for place, answer in answers.items()}


def _query(stack: RunningStack, service: str, statement: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
    with psycopg.connect(stack.database_url(service)) as connection:
        return connection.execute(statement, parameters).fetchall()  # type: ignore[arg-type]
