"""The errors of notifications.

MailError
├── Rejected           the mail server will never accept this mail: a bad address, or refused content
├── Deferred           the mail server did not accept this mail now: retry later
└── RelayUnavailable   the mail server accepts no mail at all: wait, and leave every mail pending
"""


class MailError(Exception):
    """Base class of these errors. The text is a sentence for operators."""


class Rejected(MailError):
    """A permanent failure of one mail."""


class Deferred(MailError):
    """A temporary failure of one mail."""


class RelayUnavailable(MailError):
    """The mail server is unavailable, or refuses our sign-in or sender address."""
