"""The MIME message: its parts, its headers, and addresses that try to inject others."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.errors import Rejected
from notifications.mails.message import compose, mailbox, message_id
from notifications.mails.rendering import Rendered

SENDER = Address("Masterji", "hello", "example.com")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def composed(recipient: str = "asha@example.com", subject: str = "Hello") -> bytes:
    rendered = Rendered(subject, "<p>नमस्ते</p>", "नमस्ते\n", "hi")
    return compose(
        rendered, recipient=recipient, sender=SENDER, message_id="<a.0@example.com>", date=NOW
    ).as_bytes()


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
        "a..b@example.com",
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
    assert not set(found.addr_spec) & set(' ,;:<>()[]\\"\r\n')
    assert found.addr_spec.count("@") == 1


@pytest.mark.parametrize(
    ("address", "sent_to"),
    [
        ("asha+tag@example.co.uk", "asha+tag@example.co.uk"),
        ("o'neil@example.com", "o'neil@example.com"),
        ("asha@bücher.example", "asha@xn--bcher-kva.example"),
    ],
)
def test_common_addresses_are_accepted(address: str, sent_to: str) -> None:
    assert mailbox(address).addr_spec == sent_to
