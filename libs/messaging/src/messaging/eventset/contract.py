"""What happens to a message that violates its contract."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from messaging.errors import Poison
from messaging.message import Message

R = TypeVar("R")

_LONGEST = 1000


def by_contract(read: Callable[[Message], R]) -> Callable[[Message], R]:
    """Let `read`, which raises ValueError if a message violates its contract, raise Poison instead."""

    @wraps(read)
    def checked(message: Message) -> R:
        try:
            return read(message)
        except ValueError as error:
            detail = f"{message.type} {message.id}: {error}"[:_LONGEST]
            raise Poison("contract", detail) from error

    return checked
