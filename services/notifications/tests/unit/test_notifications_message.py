"""The MIME message: its parts, its headers, and addresses that try to inject others."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.errors import Rejected
from notifications.mails.message import compose, mailbox, message_id
from notifications.mails.rendering import Rendered

SENDER = Address("Masterji", "hello", "example.com")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def composed_message(recipient: str = "asha@example.com", subject: str = "Hello") -> EmailMessage:
    rendered = Rendered(subject, "<p>नमस्ते</p>", "नमस्ते\n", "hi")
    return compose(rendered, recipient=recipient, sender=SENDER, message_id="<a.0@example.com>", date=NOW)


def composed(recipient: str = "asha@example.com", subject: str = "Hello") -> bytes:
    return composed_message(recipient, subject).as_bytes()


def test_text_comes_first_and_html_is_its_alternative() -> None:
    message = message_from_bytes(composed(), policy=default)

    assert message.get_content_type() == "multipart/alternative"
    parts = [part.get_content_type() for part in message.iter_parts()]
    assert parts == ["text/plain", "text/html"]
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "नमस्ते"


def test_a_message_has_the_headers_that_mail_clients_need() -> None:
    message = message_from_bytes(composed(subject="Zahlung über 5 €"), policy=default)

    assert message["From"] == "Masterji <hello@example.com>"
    assert message["To"] == "asha@example.com"
    assert message["Subject"] == "Zahlung über 5 €"
    assert message["Message-ID"] == "<a.0@example.com>"
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"


def test_the_message_id_is_the_same_for_each_attempt_and_new_for_a_resend() -> None:
    delivery = uuid.uuid5(uuid.NAMESPACE_URL, "x")

    assert message_id(delivery, 0, "example.com") == message_id(delivery, 0, "example.com")
    assert message_id(delivery, 0, "example.com") != message_id(delivery, 1, "example.com")


@given(subject=st.text(max_size=300))
def test_no_subject_injects_a_header(subject: str) -> None:
    message = message_from_bytes(composed(subject=subject + "\r\nBcc: all@example.com"), policy=default)

    assert message["Bcc"] is None
    assert message["To"] == "asha@example.com"
    assert sorted(message.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Content-Language", "Auto-Submitted", "MIME-Version",
         "Content-Type"]
    )  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "asha@example.com\r\nBcc: all@example.com",
        "asha@example.com\nBcc:all@example.com",
        "asha@example.com, all@example.com",
        "<asha@example.com> all@example.com",
        '"a b"@example.com',
        "a@b@example.com",
        "asha@localhost",
        "asha@-example.com",
        "asha@exa_mple.com",
        "asha@[127.0.0.1]",
        "@example.com",
        "asha@",
        "asha",
        "",
        "...@example.com",
        "a\u202eb@example.com",
        "a\u00a0b@example.com",
        "asha@xn--\u0930.example",
        "asha@example..com",
        "a" * 65 + "@example.com",
        "as\x00ha@example.com",
    ],
)
def test_an_unusable_address_is_rejected(address: str) -> None:
    with pytest.raises(Rejected):
        mailbox(address)


@given(text=st.text(max_size=80), domain=st.text(max_size=40))
def test_every_address_is_either_rejected_or_one_plain_mailbox(text: str, domain: str) -> None:
    try:
        found = mailbox(f"{text}@{domain}")
    except Rejected:
        return
    assert found.addr_spec.isprintable()
    assert not set(found.username + found.domain) & set(' ,;:<>()[]\\"@\r\n')
    assert found.addr_spec in (f"{found.username}@{found.domain}", f'"{found.username}"@{found.domain}')


@pytest.mark.parametrize(
    ("address", "sent_to"),
    [
        ("asha+tag@example.co.uk", "asha+tag@example.co.uk"),
        ("o'neil@example.com", "o'neil@example.com"),
        ("asha@bücher.example", "asha@xn--bcher-kva.example"),
        ("asha@FAß.de", "asha@xn--fa-hia.de"),
        ("asha@उदाहरण.भारत", "asha@xn--p1b6ci4b4b3a.xn--h2brj9c"),
        ("asha@ab--cd.example", "asha@ab--cd.example"),
        ("हिन्दी@example.com", "हिन्दी@example.com"),
        ("e\u0301ve@example.com", "e\u0301ve@example.com"),
        ("asha.@docomo.ne.jp", '"asha."@docomo.ne.jp'),
        ("a..b@docomo.ne.jp", '"a..b"@docomo.ne.jp'),
    ],
)
def test_common_addresses_are_accepted(address: str, sent_to: str) -> None:
    assert mailbox(address).addr_spec == sent_to


def decoded(raw: bytes, name: str) -> str:
    """Return the header as RFC 2047 decodes it: without the space between two encoded words."""
    return str(make_header(decode_header(message_from_bytes(raw)[name].replace("\r", "").replace("\n", ""))))


@pytest.mark.parametrize(
    "subject",
    [
        "Dein Kurs ist bereit: Einführung in die überaus schöne Kunst der Sitar für Anfänger · Masterji",
        "आपका कोर्स तैयार है: हिन्दुस्तानी शास्त्रीय संगीत का परिचय और रागों की संरचना · Masterji",
        f"Your course is ready: {'x' * 70} · Masterji",
        "Your course is ready: a title of many words that is longer than one line of a header may be, really",
        "Your course is ready: =?utf-8?q?Sitar?= and =?utf-8?b?x?=",
    ],
)
def test_a_long_subject_keeps_every_space_between_its_words(subject: str) -> None:
    raw = composed(subject=subject)

    assert message_from_bytes(raw, policy=default)["Subject"] == subject
    assert decoded(raw, "Subject") == subject
    header, _, _ = raw.partition(b"\r\n\r\n")
    assert max(map(len, header.split(b"\r\n"))) <= 78


def test_a_long_name_of_the_sender_keeps_every_space_between_its_words() -> None:
    sender = Address(
        "Académie de musique indienne du Sud à Genève — cours en ligne à prix réduit", "a", "b.example"
    )
    rendered = Rendered("Hello", "<p></p>", "", "fr")
    raw = compose(
        rendered, recipient="asha@example.com", sender=sender, message_id="<a.0@b.example>", date=NOW
    ).as_bytes()

    assert decoded(raw, "From") == f"{sender.display_name} <a@b.example>"
    [found] = message_from_bytes(raw, policy=default)["From"].addresses
    assert found.addr_spec == "a@b.example"


def test_an_address_with_quotes_is_in_the_header_and_in_the_envelope() -> None:
    message = message_from_bytes(composed(recipient="asha.@docomo.ne.jp"), policy=default)

    assert getaddresses([composed_message("asha.@docomo.ne.jp")["To"]]) == [("", '"asha."@docomo.ne.jp')]
    assert message["To"].addresses[0].username == "asha."
