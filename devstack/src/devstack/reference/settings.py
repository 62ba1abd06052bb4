"""docs/settings.md: every environment variable that the services read."""

import importlib
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from devstack.reference.markdown import code, paragraph, table
from devstack.reference.metrics import SERVICES
from messaging.settings import KafkaSettings
from servicekit.pages.settings import BrandSettings
from servicekit.settings import DatabaseSettings, JwtSettings, ServiceSettings

INTRODUCTION = (
    "Services read their settings from environment variables at the start. An empty variable counts as "
    "unset. A missing or invalid value stops the process with a sentence that names the variable."
)
COMMON: dict[str, tuple[type[BaseSettings], ...]] = {
    "Every service": (ServiceSettings,),
    "Services with a database": (DatabaseSettings,),
    "Services with pages": (BrandSettings,),
    "Roles that check bearer tokens": (JwtSettings,),
    "Roles that use Kafka": (KafkaSettings,),
}


def own_settings(service: str) -> dict[str, FieldInfo]:
    """Return the fields of a service's settings that no common class declares with the same default."""
    module = importlib.import_module(f"{service}.settings")
    common = _common()
    own: dict[str, FieldInfo] = {}
    for value in vars(module).values():
        if (
            isinstance(value, type)
            and issubclass(value, BaseSettings)
            and value.__module__ == module.__name__
        ):
            own |= {
                name: field
                for name, field in fields_of(value)
                if name not in common or field.default != common[name].default
            }
    return own


def variables() -> set[str]:
    """Return the names of all environment variables that a service reads."""
    return set(_common()).union(*(own_settings(service) for service in SERVICES))


def page() -> Iterator[str]:
    """Return the lines of docs/settings.md."""
    yield "# Settings"
    yield ""
    yield from paragraph(INTRODUCTION)
    known: set[str] = set()
    for title, classes in COMMON.items():
        fields = {name: field for each in classes for name, field in fields_of(each) if name not in known}
        known |= fields.keys()
        yield from _section(title, fields)
    for service in SERVICES:
        yield from _section(service.replace("_", "-"), own_settings(service))


def _section(title: str, fields: dict[str, FieldInfo]) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""
    yield from table(
        ("variable", "default", "meaning"),
        [(code(name), _default(field), _meaning(name, field)) for name, field in fields.items()],
    )


def fields_of(settings: type[BaseModel]) -> Sequence[tuple[str, FieldInfo]]:
    """Return the environment variable of each field, and the field."""
    prefix = str(settings.model_config.get("env_prefix", ""))
    return [
        (
            field.validation_alias if isinstance(field.validation_alias, str) else (prefix + name).upper(),
            field,
        )
        for name, field in settings.model_fields.items()
    ]


def _meaning(name: str, field: FieldInfo) -> str:
    # A service that only changes a default does not describe the variable again.
    text = field.description or _common()[name].description or ""
    return text[:1].upper() + text[1:].rstrip(".")


def _common() -> dict[str, FieldInfo]:
    return {name: field for classes in COMMON.values() for each in classes for name, field in fields_of(each)}


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value: Any = field.get_default(call_default_factory=True)
    if value is PydanticUndefined or value in (None, "", (), {}):
        return "not set"
    if isinstance(value, tuple):
        return code(",".join(value))
    return code(str(value).lower() if isinstance(value, bool) else str(value))
