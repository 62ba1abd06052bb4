"""One row per mail, however often and in whatever order the events arrive. Needs Postgres."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from notifications_service import Clock, Service
from notifications_story import Story

from notifications.domain.policy import Policy


def test_a_paid_order_leads_to_one_pending_mail(service: Service, story: Story) -> None:
    story.placed(locale="de")
    story.session()
    service.consume(story.messages)

    [row] = service.deliveries()
    assert (row["template"], row["about"], row["state"], row["recipient"], row["locale"]) == (
        "receipt", "ord_1", "pending", "asha@example.com", "de"
    )  # fmt: skip


def test_a_refund_is_linked_to_its_order_by_the_payment(service: Service, story: Story) -> None:
    story.placed()
    story.session()
    story.refund()
    for message in reversed(story.messages):
        service.consume([message])

    assert [(row["template"], row["about"]) for row in service.deliveries()] == [
        ("receipt", "ord_1"),
        ("refund", "re_ord_1"),
    ]


def test_two_consumers_with_half_of_the_events_each_store_one_mail(service: Service, story: Story) -> None:
    placed, session = story.placed(), story.session()
    events = [service.handler.decode(message) for message in (placed, session)]
    for event in events:
        with service.database.transaction() as tx:
            service.handler.record(tx, [event])
    for event in events:
        with service.database.transaction() as tx:
            service.handler.derive(tx, [event])

    assert len(service.deliveries()) == 1


def test_a_session_that_names_its_order_only_by_its_id_leads_to_the_receipt(
    service: Service, story: Story
) -> None:
    session, placed = story.session(metadata={}), story.placed(session_id="cs_ord_1")
    for message in (session, placed, session):
        service.consume([message])

    assert [(row["template"], row["about"]) for row in service.deliveries()] == [("receipt", "ord_1")]


def test_a_refund_that_names_only_its_charge_is_linked_to_its_order(service: Service, story: Story) -> None:
    story.refund(payment_intent=None)
    story.placed(session_id="cs_ord_1")
    story.session(metadata={})
    story.charge()
    for message in story.messages:
        service.consume([message])

    assert [(row["template"], row["about"]) for row in service.deliveries()] == [
        ("receipt", "ord_1"),
        ("refund", "re_ord_1"),
    ]


def test_sessions_of_another_application_lead_to_no_mail(service: Service, story: Story) -> None:
    story.placed(session_id="cs_other")
    service.consume([*story.messages, story.session(metadata={"order_id": "10017"})])

    assert service.deliveries() == []


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(data=st.data())
def test_any_order_repetition_and_batching_leads_to_the_same_mails(
    service: Service, new_story: Callable[..., Story], data: st.DataObject
) -> None:
    number = len(service.deliveries())
    story = new_story(f"ord_{number}_{data.draw(st.uuids())}")
    story.placed()
    if data.draw(st.booleans()):
        story.session(status="unpaid", at=1)
        story.session(late=True, at=2)
    else:
        story.session(at=1)
        story.session(at=1, event_id=f"evt_again_{story.order_id}")
    story.refund(500, status="pending", at=3)
    story.refund(500, before="pending", at=4)
    story.refund(500, before="succeeded", status="failed", at=5)
    arriving = data.draw(
        st.permutations(story.messages + data.draw(st.lists(st.sampled_from(story.messages))))
    )
    while arriving:
        size = data.draw(st.integers(1, len(arriving)))
        service.consume(arriving[:size])
        arriving = arriving[size:]

    rows = [row for row in service.deliveries() if row["order_id"] == story.order_id]
    assert [(row["template"], row["about"], row["state"]) for row in rows] == [
        ("receipt", story.order_id, "pending"),
        ("refund", f"re_{story.order_id}", "pending"),
    ]


def test_a_mail_about_an_old_payment_is_skipped(service: Service, story: Story) -> None:
    story.placed()
    story.session()
    service.clock.forward(days=4)
    service.consume(story.messages)

    [row] = service.deliveries()
    assert (row["state"], row["reason"]) == ("skipped", "too_old")


def test_an_empty_database_that_reads_the_log_again_skips_earlier_mails(
    new_service: Callable[..., Service], story: Story, clock: Clock
) -> None:
    service = new_service(policy=Policy(timedelta(hours=72), not_before=clock.now))
    story.placed()
    story.session()
    service.consume(story.messages)

    [row] = service.deliveries()
    assert (row["state"], row["reason"]) == ("skipped", "not_before")


class TestRebuild:
    def test_a_rebuild_changes_no_existing_row(self, service: Service, story: Story) -> None:
        story.placed()
        story.session()
        story.refund()
        service.consume(story.messages)
        before = service.deliveries()
        service.clock.forward(days=30)

        assert service.derivation.rebuild(service.dsn) == 1

        assert service.deliveries() == before

    def test_missing_deliveries_are_inserted_as_skipped(self, service: Service, story: Story) -> None:
        story.placed()
        story.session()
        service.consume(story.messages)
        with service.database.transaction() as tx:
            tx.execute("truncate deliveries")

        service.derivation.rebuild(service.dsn)

        [row] = service.deliveries()
        assert (row["state"], row["reason"]) == ("skipped", "rebuild")

    def test_a_mail_that_a_consumer_has_recorded_and_not_derived_is_left_to_it(
        self, service: Service, story: Story
    ) -> None:
        story.placed()
        story.session(at=110)
        events = [service.handler.decode(message) for message in story.messages]
        with service.database.transaction() as tx:
            service.handler.record(tx, events)

        service.derivation.rebuild(service.dsn)
        with service.database.transaction() as tx:
            service.handler.derive(tx, events)

        assert [row["state"] for row in service.deliveries()] == ["pending"]


def test_a_person_whose_data_was_erased_gets_no_more_mail(service: Service, story: Story) -> None:
    story.placed()
    story.session()
    service.consume(story.messages)
    with service.database.transaction() as tx:
        # The statements of README.md.
        tx.execute("delete from deliveries where user_id = 'user_1'")
        tx.execute("update events set facts = facts - 'email' where facts ->> 'user_id' = 'user_1'")

    service.consume([story.refund()])
    service.derivation.rebuild(service.dsn)

    assert service.deliveries() == []
    with service.database.transaction() as tx:
        assert service.derivation.failing(tx) == 0
        assert tx.execute("select 1 from events where facts::text like '%asha%'").fetchone() is None
