"""The errors that the API returns, in Stripe's format.

StripeError
├── InvalidRequest          400, `invalid_request_error`
│   └── ResourceMissing     404 in a path, 400 in a parameter
├── Unauthorized            401
├── CardDeclined            402, `card_error`
├── IdempotencyConflict     400 changed parameters, 409 still in progress
└── ServerFault             5xx, `api_error`: only if a control asked for it

https://docs.stripe.com/api/errors
"""

from __future__ import annotations

from typing import Any


class StripeError(Exception):
    """An error that the API's caller sees: status, type, message and, if applicable, code and param."""

    type = "api_error"
    #: Whether writes made before the error are committed: a declined charge must be recorded.
    keep_writes = False

    def __init__(
        self, status: int, message: str, *, code: str | None = None, param: str | None = None, **extra: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.extra = extra

    def body(self, request_id: str) -> dict[str, Any]:
        """The JSON body; absent details are omitted, as Stripe does."""
        error: dict[str, Any] = {"message": self.message, "type": self.type}
        if self.code is not None:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param is not None:
            error["param"] = self.param
        error.update(self.extra)
        error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": error}


class InvalidRequest(StripeError):
    """The request is wrong: `param` names the parameter in Stripe's bracket notation."""

    type = "invalid_request_error"

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        status: int = 400,
        **extra: Any,
    ) -> None:
        super().__init__(status, message, code=code, param=param, **extra)


class ResourceMissing(InvalidRequest):
    """No such object: 404 when the path names it, 400 when a parameter does."""

    def __init__(self, noun: str, id_: str, *, param: str = "id", status: int = 404) -> None:
        super().__init__(f"No such {noun}: '{id_}'", param=param, code="resource_missing", status=status)


class Unauthorized(StripeError):
    """The request has no valid secret key."""

    type = "invalid_request_error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(401, message, code=code)


class CardDeclined(StripeError):
    """The issuer (here: the test card) declined; the recorded attempt is kept."""

    type = "card_error"
    keep_writes = True

    def __init__(self, message: str, *, code: str, decline_code: str | None = None, **extra: Any) -> None:
        if decline_code is not None:
            extra = {"decline_code": decline_code, **extra}
        super().__init__(402, message, code=code, **extra)


class IdempotencyConflict(StripeError):
    """An Idempotency-Key was reused in a way that no stored answer can serve."""

    type = "idempotency_error"


class ServerFault(StripeError):
    """An outage that a control requested."""

    type = "api_error"


def unknown_url(method: str, path: str) -> InvalidRequest:
    """Stripe's error for a path that does not exist."""
    return InvalidRequest(
        f"Unrecognized request URL ({method}: {path}). The sandbox serves the resources listed in its "
        "README.",
        status=404,
    )
