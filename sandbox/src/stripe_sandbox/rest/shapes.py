"""Parameters that are objects, and the ones that several resources share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.rest.params import (
    Choice,
    Field,
    Hash,
    Integer,
    ListOf,
    Text,
    Unmodelled,
    text_of,
    timestamp,
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """What to do with the billing cycle anchor: `{"type": "now"}` or `{"type": "unchanged"}`, as the word."""

    required: bool = False

    def parse(self, raw: Any, path: str) -> str | None:
        parsed = _ANCHOR.parse(raw, path)
        return None if parsed is None else str(parsed["type"])


@dataclass(frozen=True, slots=True)
class Shape:
    """An object with exactly these fields."""

    fields: Mapping[str, Field]
    required: bool = False
    clearable: bool = False
    _required: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        names = tuple(name for name, kind in self.fields.items() if kind.required)
        object.__setattr__(self, "_required", names)

    def parse(self, raw: Any, path: str) -> dict[str, Any] | None:
        if raw == "" and self.clearable:
            return None
        if not isinstance(raw, dict):
            raise InvalidRequest(f"Invalid object: {text_of(raw, path)[:40]}", param=path)
        prefix = f"{path}[{{}}]" if path else "{}"
        parsed: dict[str, Any] = {}
        for name, value in raw.items():
            kind = self.fields.get(name)
            if kind is None:
                full = prefix.format(name[:100])
                raise InvalidRequest(
                    f"Received unknown parameter: {full}", param=full, code="parameter_unknown"
                )
            parsed[name] = kind.parse(value, prefix.format(name))
        for name in self._required:
            if parsed.get(name) is None:
                full = prefix.format(name)
                raise InvalidRequest(f"Missing required param: {full}.", param=full, code="parameter_missing")
        return parsed


_ANCHOR = Shape({"type": Choice(("now", "unchanged"), required=True), "timestamp": Unmodelled()})


def shape(**fields: Field) -> Shape:
    """An object with these fields."""
    return Shape(fields)


def unmodelled(names: str) -> dict[str, Field]:
    """Parameters of Stripe's, separated by spaces, that the sandbox refuses as not modelled."""
    return {name: Unmodelled() for name in names.split()}


METADATA = Hash()


EXPAND = ListOf(Text(), maximum=50)


TIME_RANGE_FIELDS: Mapping[str, Field] = {name: timestamp() for name in ("gt", "gte", "lt", "lte")}


@dataclass(frozen=True, slots=True)
class TimeRange:
    """`created=1700000000` or `created[gte]=…`: a mapping of comparison to seconds."""

    required: bool = False

    def parse(self, raw: Any, path: str) -> dict[str, int] | None:
        if isinstance(raw, dict):
            return Shape(TIME_RANGE_FIELDS).parse(raw, path)
        moment = timestamp().parse(raw, path)
        return None if moment is None else {"eq": moment}


def listed(**filters: Field) -> Shape:
    """The parameters of a list: its filters and the cursor."""
    return shape(
        limit=Integer(minimum=1, maximum=100), starting_after=Text(), ending_before=Text(), **filters
    )


def merge_metadata(current: Mapping[str, str] | None, given: dict[str, str] | None) -> dict[str, str]:
    """Metadata after an update: keys are merged, an empty value deletes its key, None deletes all keys."""
    if given is None:
        return {}
    merged = {**(current or {}), **given}
    return {key: value for key, value in merged.items() if value != ""}


def changes_to(obj: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that an update with these parameters changes: the parameters, with the metadata merged."""
    if "metadata" not in params:
        return dict(params)
    return {**params, "metadata": merge_metadata(obj["metadata"], params["metadata"])}
