"""The errors of `masterji`.

DevstackError            a message for the user: what happened, and what to do next
└── Unavailable          a server cannot be started in this way on this machine; another way may work
"""


class DevstackError(Exception):
    """Ends a command with exit code 1. The user sees only its message."""


class Unavailable(DevstackError):
    """Something that this way of starting a server needs is missing (Java, a Docker engine, a registry)."""
