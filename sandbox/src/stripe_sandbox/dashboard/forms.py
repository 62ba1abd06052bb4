"""What the buttons of the dashboard share: their registry, and how a form is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from stripe_sandbox.control.running import Server
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest

Form = Mapping[str, str]
#: Does what a button says, in a transaction; returns a sentence that says what was done. Raises StripeError.
Action = Callable[[Server, Form], str]
T = TypeVar("T", bound=msgspec.Struct)


class Actions(dict[str, Action]):
    """Actions by the last part of their address."""

    def add(self, action: Action) -> Action:
        """Register an action under its name, with dashes."""
        self[action.__name__.replace("_", "-")] = action
        return action


def body(form: Form, kind: type[T], **given: Any) -> T:
    """The form as the body of a control: empty fields are not given, numbers are read. Raises
    InvalidRequest.
    """
    names = kind.__struct_fields__
    values: dict[str, Any] = {name: form[name] for name in names if form.get(name, "").strip()}
    try:
        return msgspec.convert({**values, **given}, kind, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"That cannot be done: {error}") from error


def named(server: Server, form: Form, kind: str) -> Object:
    """The object that the form names. Raises ResourceMissing."""
    return server.sandbox.require(kind, form.get("id", ""), status=404)
