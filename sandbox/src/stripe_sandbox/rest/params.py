"""The parameters of an operation, declared once and checked as Stripe checks them.

Each field turns the raw form value (text, or a dictionary for nested keys) into a Python value or raises
InvalidRequest with Stripe's code and the parameter in bracket notation. `None` in the result means "unset".
"""

from __future__ import annotations

import re
from collections.abc import Collection
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from stripe_sandbox.core.money import CURRENCIES
from stripe_sandbox.errors import InvalidRequest

_INTEGER = re.compile(r"-?[0-9]{1,18}\Z")
_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?\Z")
_EMAIL = re.compile(r"[^\s@<>(),;:\"]+@[^\s@<>(),;:\"]+\.[^\s@<>(),;:\"]+\Z")
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/?#]+([/?#][^\s]*)?\Z")


class Field(Protocol):
    """The type of a parameter."""

    @property
    def required(self) -> bool: ...

    def parse(self, raw: Any, path: str) -> Any:
        """The value; raises InvalidRequest."""


def text_of(raw: Any, path: str) -> str:
    """The raw value as text; raises InvalidRequest for an object."""
    if isinstance(raw, dict):
        raise InvalidRequest(
            "Invalid string: an object or list was sent.", param=path, code="parameter_invalid_string"
        )
    return str(raw)


def given(raw: Any, path: str, *, clearable: bool) -> str | None:
    """The raw value as text; None for an empty string, which unsets a parameter that is `clearable`. Raises
    InvalidRequest for an empty string in any other parameter.
    """
    value = text_of(raw, path)
    if value:
        return value
    if clearable:
        return None
    name = path.split("[", 1)[0]
    raise InvalidRequest(
        f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a "
        "parameter; however "
        f"'{path}' cannot be unset. You should remove '{name}' from your request or supply a non-empty "
        "value.",
        param=path,
        code="parameter_invalid_empty",
    )


@dataclass(frozen=True, slots=True)
class Text:
    """A string. With `clearable`, an empty string unsets it."""

    required: bool = False
    clearable: bool = False
    max_length: int = 5000

    def parse(self, raw: Any, path: str) -> str | None:
        value = given(raw, path, clearable=self.clearable)
        if value is None:
            return None
        if len(value) > self.max_length:
            raise InvalidRequest(
                f"Invalid string: {value[:20]}...{value[-20:]}; must be at most {self.max_length} characters",
                param=path,
            )
        if "\0" in value:
            raise InvalidRequest("Invalid string: it contains a NUL character.", param=path)
        return value


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A text that matches a regular expression; `refused` is formatted with the beginning of another text."""

    pattern: ClassVar[re.Pattern[str]]
    refused: ClassVar[str]
    code: ClassVar[str]
    max_length: ClassVar[int] = 5000

    required: bool = False
    clearable: bool = False

    def parse(self, raw: Any, path: str) -> str | None:
        value = Text(clearable=self.clearable, max_length=self.max_length).parse(raw, path)
        if value is not None and not self.pattern.match(value):
            raise InvalidRequest(self.refused.format(value[:100]), param=path, code=self.code)
        return value


class Email(_Pattern):
    """An email address."""

    pattern = _EMAIL
    refused = "Invalid email address: {}"
    code = "email_invalid"
    max_length = 800


class Url(_Pattern):
    """An absolute URL; it may contain `{CHECKOUT_SESSION_ID}`."""

    pattern = _URL
    refused = "Not a valid URL"
    code = "url_invalid"


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number between two bounds."""

    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    clearable: bool = False

    def parse(self, raw: Any, path: str) -> int | None:
        value = given(raw, path, clearable=self.clearable)
        if value is None:
            return None
        if not _INTEGER.match(value):
            raise InvalidRequest(
                f"Invalid integer: {value[:40]}", param=path, code="parameter_invalid_integer"
            )
        number = int(value)
        if self.minimum is not None and number < self.minimum:
            raise InvalidRequest(
                f"This value must be greater than or equal to {self.minimum}.",
                param=path,
                code="parameter_invalid_integer",
            )
        if self.maximum is not None and number > self.maximum:
            raise InvalidRequest(
                f"This value must be less than or equal to {self.maximum} (it currently is '{number}').",
                param=path,
                code="parameter_invalid_integer",
            )
        return number


def timestamp(required: bool = False) -> Integer:
    """Seconds since the epoch."""
    return Integer(required=required, minimum=0, maximum=253_402_300_799)


@dataclass(frozen=True, slots=True)
class NowOrTimestamp:
    """`now`, or seconds since the epoch."""

    required: bool = False

    def parse(self, raw: Any, path: str) -> int | str | None:
        return "now" if raw == "now" else timestamp().parse(raw, path)


@dataclass(frozen=True, slots=True)
class Decimal:
    """A decimal number, kept as text."""

    required: bool = False

    def parse(self, raw: Any, path: str) -> str:
        value = text_of(raw, path)
        if not _DECIMAL.match(value):
            raise InvalidRequest(f"Invalid decimal: {value[:40]}", param=path)
        return value


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` or `false`."""

    required: bool = False

    def parse(self, raw: Any, path: str) -> bool:
        value = text_of(raw, path)
        if value not in ("true", "false"):
            raise InvalidRequest(f"Invalid boolean: {value[:40]}", param=path)
        return value == "true"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several words."""

    values: tuple[str, ...]
    required: bool = False
    clearable: bool = False

    def parse(self, raw: Any, path: str) -> str | None:
        value = given(raw, path, clearable=self.clearable)
        if value is None:
            return None
        if value not in self.values:
            raise InvalidRequest(f"Invalid {path}: must be one of {listing(self.values)}", param=path)
        return value


def choice(*values: str, required: bool = False, clearable: bool = False) -> Choice:
    """One of these words."""
    return Choice(values, required, clearable)


@dataclass(frozen=True, slots=True)
class Currency:
    """A three-letter ISO code of a currency that Stripe supports, in lower case."""

    required: bool = False

    def parse(self, raw: Any, path: str) -> str:
        value = text_of(raw, path).lower()
        if value not in CURRENCIES:
            raise InvalidRequest(
                f"Invalid currency: {value[:20]}. Stripe currently supports these currencies: "
                f"{', '.join(sorted(CURRENCIES))}",
                param=path,
            )
        return value


@dataclass(frozen=True, slots=True)
class Hash:
    """Metadata: at most 50 keys of 40 characters with values of 500. None unsets all keys, an empty value one
    key.
    """

    required: bool = False

    def parse(self, raw: Any, path: str) -> dict[str, str] | None:
        if raw == "":
            return None
        if not isinstance(raw, dict):
            raise InvalidRequest(f"Invalid object: {text_of(raw, path)[:40]}", param=path)
        if len(raw) > 50:
            raise InvalidRequest("Metadata can have at most 50 keys.", param=path)
        for key, value in raw.items():
            if isinstance(value, dict):
                raise InvalidRequest(
                    f"Metadata values must be strings, but an object was passed for '{key[:40]}'.", param=path
                )
            if len(key) > 40 or len(value) > 500:
                which = "keys can be at most 40" if len(key) > 40 else "values can be at most 500"
                raise InvalidRequest(f"Metadata {which} characters long.", param=f"{path}[{key[:40]}]")
        return dict(raw)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one kind of item."""

    item: Field
    required: bool = False
    maximum: int = 100
    clearable: bool = False

    def parse(self, raw: Any, path: str) -> list[Any] | None:
        if raw == "" and self.clearable:
            return None
        if not isinstance(raw, dict) or not all(key.isascii() and key.isdigit() for key in raw):
            raise InvalidRequest("Invalid array", param=path)
        if len(raw) > self.maximum:
            raise InvalidRequest(
                f"The list has more than {self.maximum} items.", param=path, code="array_max_items"
            )
        order = sorted(raw, key=lambda key: (len(key), key))
        return [self.item.parse(raw[key], f"{path}[{index}]") for index, key in enumerate(order)]


@dataclass(frozen=True, slots=True)
class Unmodelled:
    """A parameter that Stripe has and the sandbox does not model: refused, so that it is never silently
    ignored.
    """

    required: bool = False

    def parse(self, raw: Any, path: str) -> None:  # noqa: ARG002
        raise InvalidRequest(
            f"The sandbox does not model the parameter '{path}' (Stripe itself does). Leave it out here.",
            param=path,
            code="sandbox_not_modelled",
        )


#: Whether the caller sends a Stripe-Version header.
version_named: ContextVar[bool] = ContextVar("version_named", default=False)


@dataclass(frozen=True, slots=True)
class Removed:
    """A parameter that older API versions had: refused, and `hint` names its replacement.

    `without_version`: how to read it from callers without a Stripe-Version header. The official Stripe CLI
    (1.52.0) is such a caller: half of its triggers for payments still send such parameters.
    """

    hint: str
    without_version: Field | None = None
    required: bool = False

    def parse(self, raw: Any, path: str) -> Any:
        if self.without_version is not None and not version_named.get():
            return self.without_version.parse(raw, path)
        raise InvalidRequest(
            f"Received unknown parameter: {path}. {self.hint}", param=path, code="parameter_unknown"
        )


def listing(words: Collection[str]) -> str:
    """`a, b, or c`."""
    items = list(words)
    if len(items) < 3:
        return " or ".join(items)
    return f"{', '.join(items[:-1])}, or {items[-1]}"
