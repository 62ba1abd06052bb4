"""The errors that the API answers with, in Stripe's own shape.

StripeError
├── InvalidRequest          400, `invalid_request_error`
│   └── ResourceMissing     404 in a path, 400 in a parameter
├── Unauthorized            401
├── CardDeclined            402, `card_error`
├── IdempotencyConflict     400 changed parameters, 409 still in progress
└── ServerFault             5xx, `api_error`: only ever on request, by a control

https://docs.stripe.com/api/errors
"""

from __future__ import annotations

from typing import Any


class StripeError(Exception):
    """An error that a caller of the API sees: status, type, message, and where they apply code and param."""

    type = "api_error"
    #: What the handler wrote before it raised stays: a declined charge is a fact, not a failed transaction.
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
        """The JSON body; absent details are left out, as Stripe does."""
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
    """No usable secret key came with the request."""

    type = "invalid_request_error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(401, message, code=code)


class CardDeclined(StripeError):
    """The issuer (here: the test card) refused; what was recorded of the attempt is kept."""

    type = "card_error"
    keep_writes = True

    def __init__(self, message: str, *, code: str, decline_code: str | None = None, **extra: Any) -> None:
        if decline_code is not None:
            extra = {"decline_code": decline_code, **extra}
        super().__init__(402, message, code=code, **extra)


class IdempotencyConflict(StripeError):
    """An Idempotency-Key was used again in a way that cannot be answered by a replay."""

    type = "idempotency_error"


class ServerFault(StripeError):
    """An outage that a control asked for."""

    type = "api_error"


def unknown_url(method: str, path: str) -> InvalidRequest:
    """What Stripe says of a path that it does not serve."""
    return InvalidRequest(
        f"Unrecognized request URL ({method}: {path}). The sandbox serves the resources listed in its "
        "README.",
        status=404,
    )
