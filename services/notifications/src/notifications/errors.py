"""The errors of notifications.

MailError
├── Rejected           this mail will never be accepted: the address is wrong, the content refused
├── Deferred           this mail was not accepted now: try it again later
└── RelayUnavailable   the mail server takes nothing at all: leave every mail where it is and wait
"""


class MailError(Exception):
    """Root of the errors raised here; the text is a sentence that an operator reads."""


class Rejected(MailError):
    """Permanent, for this mail."""


class Deferred(MailError):
    """Transient, for this mail."""


class RelayUnavailable(MailError):
    """The mail server is away, or refuses us as a whole (sign-in, sender)."""
