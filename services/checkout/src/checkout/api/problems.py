"""Turns checkout's errors into problem documents."""

from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from checkout import errors
from servicekit.problem import Problem, response

_PROBLEMS: dict[type[errors.CheckoutError], tuple[int, str, str]] = {
    errors.CourseNotFound: (404, "course-not-found", "No such course"),
    errors.OrderNotFound: (404, "order-not-found", "No such order"),
    errors.TermsNotAccepted: (422, "terms-not-accepted", "The current terms must be accepted"),
    errors.CurrencyUnavailable: (422, "currency-unavailable", "No price in this currency"),
    errors.ReturnUrlRefused: (422, "return-url-refused", "This return address is not allowed"),
    errors.EmailMissing: (422, "email-missing", "An email address is required"),
    errors.AlreadyEnrolled: (409, "already-enrolled", "You own this course"),
    errors.CourseTwice: (422, "course-twice", "The order contains a course twice"),
    errors.TooManyLines: (422, "too-many-lines", "Too many courses for one order"),
    errors.BelowMinimum: (422, "below-minimum", "The total is below the minimum charge"),
    errors.AboveMaximum: (422, "above-maximum", "The total is above the maximum charge"),
    errors.AlreadyBought: (409, "already-bought", "You have bought this course"),
    errors.OrderReplaced: (409, "order-replaced", "A newer order replaced this one"),
    errors.NotResumable: (409, "not-resumable", "This order can no longer be paid"),
    errors.NotAcceptable: (409, "not-acceptable", "This payment cannot be accepted"),
    errors.NotClosable: (409, "not-closable", "This order does not wait for a payment"),
    errors.NotRevocable: (409, "not-revocable", "This order cannot be revoked"),
    errors.PaymentArrived: (409, "payment-arrived", "The order is paid"),
    errors.PaymentOnItsWay: (409, "payment-on-its-way", "The payment is on its way"),
    errors.NotRefundable: (409, "not-refundable", "Nothing to refund"),
    errors.RefundDiffers: (409, "refund-differs", "A refund with this key exists"),
    errors.RefundMade: (409, "refund-made", "The refund was already made"),
    errors.RefundUnanswered: (409, "refund-unanswered", "Stripe may have made this refund"),
    errors.NothingToReview: (404, "nothing-to-review", "No such item needs attention"),
    errors.EmailRefused: (422, "email-refused", "This email address is not accepted"),
    errors.StripeRefused: (502, "stripe-refused", "The payment provider refused the request"),
    errors.StripeUnavailable: (503, "stripe-unavailable", "The payment provider is unavailable"),
}
# The attributes of an error that its problem has, too, so that a program can act on them.
_EXTENSIONS: dict[type[errors.CheckoutError], tuple[str, ...]] = {
    errors.AlreadyBought: ("order_id", "pending"),
    errors.TermsNotAccepted: ("terms_version",),
    errors.CurrencyUnavailable: ("available",),
    errors.CourseTwice: ("course_ids",),
    errors.BelowMinimum: ("minimum",),
    errors.AboveMaximum: ("maximum",),
    errors.ReturnUrlRefused: ("field",),
}
RETRY_SECONDS = "5"


def problem_of(error: errors.CheckoutError) -> Problem:
    """Return the problem document for an error of checkout."""
    status, slug, title = _PROBLEMS[type(error)]
    extensions: dict[str, Any] = {name: getattr(error, name) for name in _EXTENSIONS.get(type(error), ())}
    if isinstance(error, errors.StripeError) and error.request_id:
        extensions["stripe_request_id"] = error.request_id
    headers = {"Retry-After": RETRY_SECONDS} if status == 503 else None
    return Problem(status, slug, title, str(error), headers=headers, **extensions)


def install(app: FastAPI) -> None:
    """Answer errors of checkout as problems."""

    async def business(request: Request, error: Exception) -> Response:
        assert isinstance(error, errors.CheckoutError)
        return response(problem_of(error), getattr(request.state, "request_id", None))

    app.add_exception_handler(errors.CheckoutError, business)
