"""What can go wrong while a stack is brought up.

DevstackError            a sentence for the person at the terminal: what happened, what to do next
└── Unavailable          this way of getting a server does not exist here; another one may be tried
"""


class DevstackError(Exception):
    """Ends a command with exit code 1; its text is all that the person sees."""


class Unavailable(DevstackError):
    """A server cannot be had in this way on this machine (no Java, no Docker engine, no registry)."""
