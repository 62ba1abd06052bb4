"""Builds the MIME message of a rendered mail. No content can inject headers."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from string import ascii_letters, digits
from unicodedata import category

import idna

from notifications.errors import Rejected
from notifications.mails.rendering import Rendered, one_line

# Of local parts that need no quotes (RFC 5321). Beyond ASCII (RFC 6531), letters, marks, digits, punctuation
# and symbols are allowed, but no spaces and no format characters. Nothing else that needs quotes is accepted:
# no mailbox provider offers it, and that prevents every attack that needs a quote.
_ATOM = frozenset(f"{ascii_letters}{digits}!#$%&'*+/=?^_`{{|}}~-.")
_BEYOND_ASCII = frozenset("LMNPS")
_LINE = 76
"""The longest line with encoded words (RFC 2047)."""
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class Mailbox(Address):
    """An address that is written as the standards demand, with quotes if its dots stand where they may not.

    Japanese mobile carriers give such addresses to their customers: `asha.@docomo.ne.jp`.
    """

    @property
    def addr_spec(self) -> str:
        local = self.username
        if "" in local.split("."):
            local = f'"{local}"'
        return f"{local}@{self.domain}"


def mailbox(text: str) -> Mailbox:
    """Return the address with its domain in ASCII. Raises Rejected if it is not a usable address."""
    local, at, domain = text.rpartition("@")
    domain = _ascii_domain(domain)
    labels = domain.split(".")
    if not at or not local.strip(".") or not all(map(_is_local, local)) or len(local.encode()) > 64:
        raise Rejected("The recipient's address is not valid.")
    if len(domain) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Rejected("The domain of the recipient's address is not valid.")
    return Mailbox(username=local, domain=domain)


def _is_local(char: str) -> bool:
    return char in _ATOM if char.isascii() else category(char)[0] in _BEYOND_ASCII


def _ascii_domain(domain: str) -> str:
    """Return the domain in ASCII; empty if it has no such form.

    By IDNA 2008, as registries do: by IDNA 2003, Python's codec, `faß.de` would become `fass.de`, which
    belongs to someone else.
    """
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""


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
    if sender.display_name.isascii():
        message["From"] = sender
    else:
        message.set_raw("From", f"{_encoded('From', sender.display_name)}\n <{sender.addr_spec}>")
    message["To"] = mailbox(recipient)
    message.set_raw("Subject", _encoded("Subject", one_line(rendered.subject)))
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    # Suppresses out-of-office replies (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    # Must come last: setting the content drops all earlier Content- headers.
    message["Content-Language"] = rendered.language
    return message


def _encoded(name: str, text: str) -> str:
    """Return the text as the folded value of a header.

    EmailMessage loses the space between two words if it encodes both and breaks the line between them.
    """
    # A text that looks encoded already must be encoded, or clients show something else.
    charset = "us-ascii" if text.isascii() and "=?" not in text else "utf-8"
    return Header(text, charset, header_name=name, maxlinelen=_LINE).encode(linesep="\n")
