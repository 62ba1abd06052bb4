"""The sender with an SMTP server: mails are accepted once, deferred or failed, and never lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import psycopg
import pytest
import structlog
from notifications_service import START, Service, SmtpServer
from notifications_story import Story
from prometheus_client import REGISTRY

from notifications.clients.smtp import Mailer
from notifications.errors import RelayUnavailable
from processkit.health import Health


@pytest.fixture
def paid(service: Service, story: Story) -> Story:
    story.placed(locale="de")
    story.session()
    service.consume(story.messages)
    return story


def only(service: Service) -> dict[str, Any]:
    [row] = service.deliveries()
    return row


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_the_customer_gets_one_mail_with_both_parts(service: Service, smtp: SmtpServer, paid: Story) -> None:
    sender = service.sender(smtp.mailer())

    assert sender.once() is True
    assert sender.once() is False

    [mail] = smtp.received
    assert mail["To"] == "asha@example.com"
    assert mail["Subject"] == "Dein Kurs ist bereit: Course 1 · Masterji"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert "https://learn.example.com/courses/course-1" in mail.get_body(("plain",)).get_content()
    row = only(service)
    assert (row["state"], row["attempts"], row["sent_at"]) == ("sent", 1, service.clock.now)
    assert mail["Message-ID"] == f"<{row['delivery_id']}.0@example.com>"


class Rendezvous:
    """A mailer whose first mail waits until every party of the barrier has claimed a mail."""

    def __init__(self, mailer: Mailer, barrier: threading.Barrier) -> None:
        self._mailer, self._barrier = mailer, barrier
        self._met = False

    def send(self, message: EmailMessage) -> None:
        if not self._met:
            self._met = True
            self._barrier.wait(20)
        self._mailer.send(message)

    def close(self) -> None:
        self._mailer.close()


def test_parallel_senders_send_each_mail_once(
    service: Service, smtp: SmtpServer, new_story: Callable[..., Story]
) -> None:
    recipients = [f"user{number:02}@example.com" for number in range(30)]
    for number, recipient in enumerate(recipients):
        story = new_story(f"ord_{number}")
        story.placed(email=recipient)
        story.session()
        service.consume(story.messages)
    all_hold_a_mail = threading.Barrier(4)

    def send_all() -> None:
        sender = service.sender(Rendezvous(smtp.mailer(), all_hold_a_mail))
        while sender.once():
            pass

    with ThreadPoolExecutor(4) as threads:
        for worker in [threads.submit(send_all) for _ in range(4)]:
            worker.result(timeout=60)

    assert not all_hold_a_mail.broken, "the senders did not each hold a mail at the same time"
    assert sorted(mail["To"] for mail in smtp.received) == recipients
    assert {row["state"] for row in service.deliveries()} == {"sent"}


@pytest.mark.parametrize("phase", ["rcpt", "data"])
def test_a_temporary_refusal_is_retried_with_the_same_message_id(
    service: Service, smtp: SmtpServer, paid: Story, phase: str
) -> None:
    getattr(smtp, phase).append("451 4.7.1 greylisted, come back")
    sender = service.sender(smtp.mailer())

    assert sender.once() is True
    row = only(service)
    assert (row["state"], row["attempts"]) == ("pending", 1)
    assert "greylisted" in row["last_error"]
    wait = row["next_attempt_at"] - service.clock.now
    assert timedelta(seconds=2.5) <= wait <= timedelta(seconds=7.5)
    assert sender.once() is False

    service.clock.forward(seconds=8)
    assert sender.once() is True
    assert [mail["Message-ID"] for mail in smtp.received] == [f"<{row['delivery_id']}.0@example.com>"]
    assert only(service)["state"] == "sent"


def test_after_the_last_attempt_the_mail_is_failed_and_counted(
    service: Service, smtp: SmtpServer, paid: Story
) -> None:
    before = metric("notifications_failed_total", template="receipt", reason="attempts_exhausted")
    smtp.rcpt += ["452 mailbox full"] * 3
    sender = service.sender(smtp.mailer(), max_attempts=3)

    for _ in range(3):
        assert sender.once() is True
        service.clock.forward(hours=2)
    assert sender.once() is False

    row = only(service)
    assert (row["state"], row["reason"], row["attempts"]) == ("failed", "attempts_exhausted", 3)
    assert "mailbox full" in row["last_error"]
    after = metric("notifications_failed_total", template="receipt", reason="attempts_exhausted")
    assert after == before + 1


def test_an_unknown_address_is_not_retried_and_blocks_no_other_mail(
    service: Service, smtp: SmtpServer, paid: Story, new_story: Callable[..., Story]
) -> None:
    other = new_story("ord_2")
    other.placed(email="real@example.com")
    other.session(at=2)
    smtp.rcpt.append("550 5.1.1 no such user")
    sender = service.sender(smtp.mailer())

    assert sender.once() is True
    service.consume(other.messages)
    assert sender.once() is True

    assert [(row["state"], row["reason"]) for row in service.deliveries()] == [
        ("failed", "rejected"),
        ("sent", None),
    ]
    assert [mail["To"] for mail in smtp.received] == ["real@example.com"]


def test_an_address_that_injects_another_reaches_no_server(
    service: Service, smtp: SmtpServer, story: Story
) -> None:
    story.placed(email="asha>,<all@example.com")
    story.session()
    service.consume(story.messages)

    service.sender(smtp.mailer()).once()

    assert smtp.received == []
    assert only(service)["reason"] == "rejected"


def test_a_mail_that_cannot_be_made_blocks_no_other_mail(
    service: Service, smtp: SmtpServer, paid: Story, new_story: Callable[..., Story]
) -> None:
    with service.database.transaction() as tx:
        tx.execute("update events set facts = '{}' where order_id = 'ord_1'")
    other = new_story("ord_2")
    other.placed()
    other.session(at=2)
    service.consume(other.messages)
    sender = service.sender(smtp.mailer())

    while sender.once():
        pass

    assert len(smtp.received) == 1
    broken = service.deliveries()[0]
    assert (broken["state"], broken["attempts"]) == ("pending", 1)
    assert "cannot be rendered" in broken["last_error"]


def sent_contents(service: Service, smtp: SmtpServer) -> list[tuple[Any, ...]]:
    """Send everything; return what was sent and stored of each mail."""
    smtp.received.clear()
    sender = service.sender(smtp.mailer())
    while sender.once():
        pass
    texts = [mail.get_body(("plain",)).get_content() for mail in smtp.received]
    return [
        (text, row["template"], row["happened_at"], row["context"])
        for text, row in zip(sorted(texts), service.deliveries(), strict=True)
    ]


def test_a_mail_states_what_is_known_when_it_is_sent_whatever_arrived_first(
    service: Service, smtp: SmtpServer, story: Story
) -> None:
    # An order that was paid twice, and a refund that succeeded twice with a failure in between.
    story.placed()
    story.session(at=1)
    story.session(at=2 * 24 * 60, event_id="evt_second_payment")
    story.refund(500, at=3 * 24 * 60)
    story.refund(500, before="pending", at=4 * 24 * 60)
    contents = []
    for arriving in (story.messages, story.messages[::-1]):
        with service.database.transaction() as tx:
            tx.execute("truncate events, deliveries, owners")
        for message in arriving:
            service.consume([message])
        contents.append(sent_contents(service, smtp))
    first, last = contents
    assert first == last
    assert [row[2] for row in first] == [START + timedelta(minutes=1), START + timedelta(days=3)]


def test_a_mail_that_is_no_longer_true_is_withdrawn_and_comes_back_if_it_is_true_again(
    service: Service, smtp: SmtpServer, paid: Story
) -> None:
    sender = service.sender(smtp.mailer())
    with service.database.transaction() as tx:
        tx.execute("delete from events where type like 'checkout.session.%'")
    before = metric("notifications_withdrawn_total", template="receipt")

    assert sender.once() is True
    assert (only(service)["state"], only(service)["reason"]) == ("skipped", "withdrawn")
    assert sender.once() is False
    assert smtp.received == []
    assert metric("notifications_withdrawn_total", template="receipt") == before + 1

    service.consume(paid.messages)
    assert only(service)["state"] == "pending"
    assert sender.once() is True
    assert len(smtp.received) == 1


def test_a_pending_mail_of_a_buyer_whose_address_was_erased_is_not_sent(
    service: Service, smtp: SmtpServer, paid: Story
) -> None:
    with service.database.transaction() as tx:
        tx.execute("update events set facts = facts - 'email'")

    service.sender(smtp.mailer()).once()

    assert smtp.received == [] and only(service)["reason"] == "withdrawn"


class TestWhileTheMailServerIsUnavailable:
    def test_no_attempt_is_counted(self, service: Service, smtp: SmtpServer, paid: Story) -> None:
        mailer = smtp.mailer()
        smtp.stop()

        with pytest.raises(RelayUnavailable, match="cannot be reached"):
            service.sender(mailer).once()

        assert (only(service)["state"], only(service)["attempts"]) == ("pending", 0)

    def test_no_attempt_is_counted_if_the_server_refuses_our_address(
        self, service: Service, smtp: SmtpServer, paid: Story
    ) -> None:
        smtp.mail.append("550 you may not send from here")

        with pytest.raises(RelayUnavailable, match="MAIL_FROM"):
            service.sender(smtp.mailer()).once()

        assert (only(service)["state"], only(service)["attempts"]) == ("pending", 0)

    def test_the_mail_is_sent_when_the_server_is_available_again(
        self, service: Service, smtp: SmtpServer, paid: Story
    ) -> None:
        mailer, health = smtp.mailer(), Health()
        smtp.stop()
        stop = threading.Event()
        arrived = threading.Event()
        smtp.before_accepting = arrived.set
        thread = threading.Thread(target=service.sender(mailer, health=health).run, args=(stop,))
        thread.start()
        try:
            for _ in range(200):
                if "cannot be reached" in health.ready()[1]["sender"]:
                    break
                stop.wait(0.05)
            assert health.ready()[0] is False

            smtp.start()
            assert arrived.wait(30)
        finally:
            stop.set()
            thread.join(timeout=15)

        assert not thread.is_alive()
        assert len(smtp.received) == 1
        assert only(service)["state"] == "sent"
        assert health.ready()[0] is True

    def test_a_connection_that_the_server_closed_is_reopened_without_a_failed_attempt(
        self, service: Service, smtp: SmtpServer, paid: Story, new_story: Callable[..., Story]
    ) -> None:
        sender = service.sender(smtp.mailer())
        sender.once()
        smtp.stop()
        smtp.start()
        other = new_story("ord_2")
        other.placed()
        other.session(at=2)
        service.consume(other.messages)

        assert sender.once() is True

        assert [row["attempts"] for row in service.deliveries()] == [1, 1]
        assert len(smtp.received) == 2


def test_the_same_sender_does_not_resend_a_mail_whose_commit_was_lost(
    service: Service, smtp: SmtpServer, paid: Story
) -> None:
    def cut() -> None:
        smtp.before_accepting = lambda: None
        with psycopg.connect(service.dsn, autocommit=True) as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and application_name = 'sender'"
            )

    smtp.before_accepting = cut
    sender = service.sender(smtp.mailer())

    with pytest.raises(psycopg.OperationalError):
        sender.once()
    assert only(service)["state"] == "pending"

    assert sender.once() is True
    assert len(smtp.received) == 1
    assert only(service)["state"] == "sent"


def test_the_consumer_does_not_wait_for_the_mail_server(
    service: Service, smtp: SmtpServer, paid: Story, new_story: Callable[..., Story]
) -> None:
    """While a slow server delays one mail, whose row is locked, the consumer stores the next ones."""
    entered, release = threading.Event(), threading.Event()

    def hold() -> None:
        entered.set()
        release.wait(20)

    smtp.before_accepting = hold
    thread = threading.Thread(target=service.sender(smtp.mailer()).once)
    thread.start()
    try:
        assert entered.wait(10)
        other = new_story("ord_2")
        other.placed()
        other.session(at=2)
        service.consume(other.messages)
        service.consume(paid.messages)  # the same order again, while its mail is being sent
        assert [row["state"] for row in service.deliveries()] == ["pending", "pending"]
    finally:
        release.set()
        thread.join(timeout=20)

    assert [row["state"] for row in service.deliveries()] == ["sent", "pending"]


def test_the_log_contains_the_delivery_and_no_personal_data(
    service: Service, smtp: SmtpServer, paid: Story
) -> None:
    smtp.rcpt += ["451 <asha@example.com> is busy", "550 <asha@example.com> is unknown"]
    sender = service.sender(smtp.mailer())

    with structlog.testing.capture_logs() as logs:
        sender.once()
        service.clock.forward(minutes=1)
        sender.once()

    row = only(service)
    assert [entry["event"] for entry in logs] == ["mail deferred", "mail failed permanently"]
    assert {entry["delivery_id"] for entry in logs} == {str(row["delivery_id"])}
    assert "asha" not in repr(logs)
    assert "asha@example.com> is unknown" in row["last_error"]


class TestARefundThatOnlyItsChargeReports:
    """The refund's own event may follow within seconds, or never."""

    @pytest.fixture(autouse=True)
    def receipt_sent(self, service: Service, smtp: SmtpServer, paid: Story) -> None:
        assert service.sender(smtp.mailer()).once() is True
        smtp.received.clear()
        service.clock.forward(hours=1)

    def refund_states(self, service: Service) -> dict[str, str]:
        return {row["about"]: row["state"] for row in service.deliveries() if row["template"] == "refund"}

    def test_is_mailed_after_five_minutes(self, service: Service, smtp: SmtpServer, paid: Story) -> None:
        service.consume([paid.charge_refunded(at=(service.clock() - START) / timedelta(minutes=1))])
        sender = service.sender(smtp.mailer())
        assert sender.once() is False

        service.clock.forward(minutes=5)
        assert sender.once() is True
        assert len(smtp.received) == 1

    def test_is_not_mailed_if_its_own_event_follows(
        self, service: Service, smtp: SmtpServer, paid: Story
    ) -> None:
        service.consume([paid.charge_refunded(at=60)])
        service.consume([paid.refund(created=int(START.timestamp()) + 3600)])

        assert self.refund_states(service) == {"ch_ord_1_refunded_2000": "skipped", "re_ord_1": "pending"}
        sender = service.sender(smtp.mailer())
        assert (sender.once(), sender.once()) == (True, False)
        assert len(smtp.received) == 1

    def test_is_mailed_once_if_its_own_event_comes_after_the_mail(
        self, service: Service, smtp: SmtpServer, paid: Story
    ) -> None:
        service.consume([paid.charge_refunded(at=60)])
        service.clock.forward(minutes=5)
        sender = service.sender(smtp.mailer())
        assert sender.once() is True

        service.consume([paid.refund(created=int(START.timestamp()) + 3600)])
        assert sender.once() is True
        assert len(smtp.received) == 1
        assert self.refund_states(service) == {"ch_ord_1_refunded_2000": "sent", "re_ord_1": "skipped"}
