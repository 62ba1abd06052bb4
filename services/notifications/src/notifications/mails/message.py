"""From a rendered mail to a MIME message whose headers nobody can inject into."""

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

# What RFC 5321 lets stand unquoted before the @, and letters beyond ASCII (RFC 6531). Quoted local parts are
# legal, and no mailbox provider has them: they are refused, and with them every trick that needs a quote.
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def mailbox(text: str) -> Address:
    """The address with its domain in ASCII (IDNA). Raises Rejected when it is none that mail can be sent
    to."""
    local, at, domain = text.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    labels = domain.split(".")
    if not at or not _LOCAL.fullmatch(local) or len(local.encode()) > 64 or len(domain) > 253:
        raise Rejected("The address is not one that mail can be sent to.")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Rejected("The domain of the address is not one that mail can be sent to.")
    return Address(username=local, domain=domain)


def message_id(delivery_id: uuid.UUID, resends: int, domain: str) -> str:
    """The same for every try of one sending, so that a mail accepted twice can be told from two mails."""
    return f"<{delivery_id}.{resends}@{domain}>"


def compose(
    rendered: Rendered,
    *,
    recipient: str,
    sender: Address,
    message_id: str,
    date: datetime,
) -> EmailMessage:
    """The message: text and HTML as alternatives. Raises Rejected when the recipient is no usable address."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mailbox(recipient)
    message["Subject"] = one_line(rendered.subject)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    # Out-of-office answers to a receipt help nobody (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    # Last: setting a content drops every Content- header that stood there before.
    message["Content-Language"] = rendered.language
    return message
