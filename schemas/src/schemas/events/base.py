"""The base of our events, and the types of their fields. Events are immutable and ignore unknown fields."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints


def _as_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def _no_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError("a text holds a NUL character, which PostgreSQL cannot store")
    return value


Moment = Annotated[AwareDatetime, AfterValidator(_as_utc)]
"""A point in time. A time without an offset is invalid; any other is converted to UTC."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_no_nul)]
"""An identifier of ours, of Stripe's or of the identity provider's."""

Text = Annotated[str, StringConstraints(max_length=500), AfterValidator(_no_nul)]
"""A line of text for people."""

LongText = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_no_nul)]

Email = Annotated[str, StringConstraints(min_length=3, max_length=320, pattern=r"^[^\s@]+@[^\s@]+$")]
"""An email address. It never identifies a user."""

Currency = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")]
"""ISO 4217 in lower case, as Stripe writes it."""

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""

Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*$", max_length=35)]
"""A language tag, such as "de" or "en-GB"."""

MAX_AMOUNT = 10**15


class Contract(BaseModel):
    """A part of an event. Unknown fields are ignored, so that a producer can add fields before
    its consumers know them."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )


class Event(Contract):
    """The body of one event. `TYPE` is its CloudEvents type and ends with the version of its contract."""

    TYPE: ClassVar[str]
    TOPIC: ClassVar[str]
    KEY: ClassVar[str]
    """The field whose value is the key of the Kafka message, as the table of topics declares."""

    def key(self) -> str:
        """Return the key of the Kafka message."""
        return str(getattr(self, self.KEY))

    def to_json(self) -> bytes:
        """The message value."""
        return self.model_dump_json().encode()
