"""Errors on pages become pages; under /v1 they stay problem documents."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from starlette.responses import Response

from checkout.pages.storefront.routes import SignInFirst, to_sign_in
from servicekit.pages import problems
from servicekit.pages.rendering import Pages
from servicekit.texts.catalogs import marked

_NOT_CHARGED = marked("You have not been charged. Please try again in a few seconds.")
_NOT_CHARGEABLE = (
    marked("This amount cannot be charged"),
    marked("It is outside the limits of our payment provider. Choose another currency, or contact us."),
)

# What a buyer can meet, in a buyer's words. The API's own texts are written for developers.
_SENTENCES: Mapping[str, tuple[str, str]] = {
    "course-not-found": (
        marked("We could not find this course"),
        marked("It may no longer be on sale. Choose one from the list of courses."),
    ),
    "order-not-found": (
        marked("We could not find this order"),
        marked("It may belong to another account. Look for it in your orders."),
    ),
    "already-enrolled": (
        marked("You already own this course"),
        marked("There is nothing to pay. Open the course instead."),
    ),
    "already-bought": (
        marked("You have already bought this course"),
        marked("Your payment is confirmed or on its way. See your orders."),
    ),
    "order-replaced": (
        marked("You started this purchase twice"),
        marked("Please use the payment page that you opened last, or start again."),
    ),
    "not-resumable": (
        marked("This order can no longer be paid"),
        marked("You have not been charged for it. Start again from the course page."),
    ),
    "currency-unavailable": (
        marked("There is no price in this currency"),
        marked("Go back to the course and choose another currency."),
    ),
    "below-minimum": _NOT_CHARGEABLE,
    "above-maximum": _NOT_CHARGEABLE,
    "email-missing": (
        marked("Your account has no email address"),
        marked("We need one for your receipt. Add an email address to your account, then sign in again."),
    ),
    "email-refused": (
        marked("Your email address is not accepted"),
        marked(
            "Our payment provider cannot send a receipt to it. Correct it in your account and sign in again."
        ),
    ),
    "terms-not-accepted": (
        marked("Our terms of sale have changed"),
        marked("Go back to the course and accept the current version."),
    ),
    "form-not-ours": (
        marked("This form has expired"),
        marked("Go back, reload the page and send the form again."),
    ),
    "origin-refused": (
        marked("You cannot sign in from there"),
        marked("Please use the sign-in page of this site."),
    ),
    "stripe-refused": (
        marked("The payment page could not be opened"),
        marked("You have not been charged. Please contact us if this happens again."),
    ),
    "stripe-unavailable": (marked("Payments are unavailable at the moment"), _NOT_CHARGED),
    "database-unavailable": (marked("We will be right back"), _NOT_CHARGED),
}


def install(app: FastAPI, pages: Pages) -> None:
    """Wrap the handlers that are installed: call last."""

    async def sign_in(_: Request, error: Exception) -> Response:
        assert isinstance(error, SignInFirst)
        return to_sign_in(error.back)

    app.add_exception_handler(SignInFirst, sign_in)
    problems.install(app, pages, _SENTENCES)
