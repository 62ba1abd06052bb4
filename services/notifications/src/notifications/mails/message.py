"""Builds the MIME message of a rendered mail. No content can inject headers."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from notifications.errors import Rejected
from notifications.mails.rendering import Rendered, one_line

# Local parts that need no quotes (RFC 5321), with letters beyond ASCII (RFC 6531). Quoted local parts are
# legal, but no mailbox provider offers them. Refusing them prevents every attack that needs a quote.
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def mailbox(text: str) -> Address:
    """Return the address with its domain in ASCII (IDNA). Raises Rejected if it is not a usable address."""
    local, at, domain = text.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    labels = domain.split(".")
    if not at or not _LOCAL.fullmatch(local) or len(local.encode()) > 64 or len(domain) > 253:
        raise Rejected("The recipient's address is not valid.")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Rejected("The domain of the recipient's address is not valid.")
    return Address(username=local, domain=domain)


def message_id(delivery_id: uuid.UUID, resends: int, domain: str) -> str:
    """Return the Message-ID. All attempts to send a mail share it; a resend gets a new one."""
    return f"<{delivery_id}.{resends}@{domain}>"


def compose(
    rendered: Rendered,
    *,
    recipient: str,
    sender: Address,
    message_id: str,
    date: datetime,
) -> EmailMessage:
    """Return the message with text and HTML as alternatives. Raises Rejected for an unusable recipient."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mailbox(recipient)
    message["Subject"] = one_line(rendered.subject)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    # Suppresses out-of-office replies (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    # Must come last: setting the content drops all earlier Content- headers.
    message["Content-Language"] = rendered.language
    return message
