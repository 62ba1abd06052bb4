"""What happens to a message that violates its contract."""

from collections.abc import Callable, Mapping
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


def by_type(readers: Mapping[str, Callable[[Message], R | None]]) -> Callable[[Message], R | None]:
    """Return a function that reads a message with the reader of its type; None if it has none.

    A message that violates its contract is Poison, as with `by_contract`.
    """

    @by_contract
    def read(message: Message) -> R | None:
        reader = readers.get(message.type)
        return None if reader is None else reader(message)

    return read
