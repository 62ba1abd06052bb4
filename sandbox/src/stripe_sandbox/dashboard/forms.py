"""Shared parts of the dashboard's buttons: the registry of actions, and reading forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from stripe_sandbox.control.running import Server
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest

Form = Mapping[str, str]
#: Runs a button's action in a transaction; returns a sentence about its result. Raises StripeError.
Action = Callable[[Server, Form], str]
T = TypeVar("T", bound=msgspec.Struct)


class Actions(dict[str, Action]):
    """Actions by the last segment of their address."""

    def add(self, action: Action) -> Action:
        """Register an action under its name, with dashes."""
        self[action.__name__.replace("_", "-")] = action
        return action


def body(form: Form, kind: type[T], **given: Any) -> T:
    """The form as the body of a control: empty fields are omitted, numbers parsed. Raises InvalidRequest."""
    names = kind.__struct_fields__
    values: dict[str, Any] = {name: form[name] for name in names if form.get(name, "").strip()}
    try:
        return msgspec.convert({**values, **given}, kind, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"Invalid input: {error}") from error


def named(server: Server, form: Form, kind: str) -> Object:
    """The object that the form names. Raises ResourceMissing."""
    return server.sandbox.require(kind, form.get("id", ""), status=404)
