"""The errors of checkout.

CheckoutError                 root: errors that callers can act on
├── CourseNotFound            no such course, or no longer on sale
├── OrderNotFound             no such order, or one of another user
├── TermsNotAccepted          the current terms were not accepted
├── CurrencyUnavailable       the items have no common price in that currency
├── ReturnUrlRefused          a return address outside RETURN_ORIGINS
├── EmailMissing              the token contains no valid email address
├── AlreadyEnrolled           the buyer has access to a course
├── CourseTwice               two items contain the same course
├── TooManyLines              more courses than one order can hold
├── BelowMinimum              below Stripe's minimum charge
├── AboveMaximum              above Stripe's maximum charge
├── AlreadyBought             an order for it is paid, or its payment is being processed
├── OrderReplaced             another request of the same buyer replaced this order meanwhile
├── NotResumable              the order can no longer be paid
├── NotAcceptable             the session cannot be accepted as the order's payment
├── NotClosable               the order does not wait for a payment
├── NotRevocable              something was paid for the order, or it has no access to end
├── PaymentArrived            the payment has arrived at Stripe; its event was lost
├── PaymentOnItsWay           the bank is moving the money, and Stripe cannot cancel that
├── NotRefundable             nothing is (left) to refund
├── RefundUnanswered          Stripe has not answered yet, and may have made the refund
├── RefundMade                Stripe has already made the refund; its answer was lost
├── RefundDiffers             the same key was used for a refund of another amount or reason
├── NothingToReview           no such item needs an operator
└── StripeError               Stripe did not do what was asked
    ├── StripeRefused         definite refusal: nothing was done; a new attempt needs a new key
    │   └── EmailRefused      the buyer's email address is the reason
    └── StripeUnavailable     no answer, or an ambiguous one: retry with the same key
"""

from collections.abc import Sequence


class CheckoutError(Exception):
    """Root; `str()` is a sentence that says what happened and what to do next."""


class CourseNotFound(CheckoutError):
    def __init__(self) -> None:
        super().__init__("There is no such course on sale. Choose one from the list of courses.")


class OrderNotFound(CheckoutError):
    def __init__(self) -> None:
        super().__init__("No order with this id exists in this account. Check the id in the list of orders.")


class TermsNotAccepted(CheckoutError):
    def __init__(self, terms_version: str) -> None:
        super().__init__(
            f"The buyer must accept version {terms_version} of the terms:"
            " show it, and send it as terms_version."
        )
        self.terms_version = terms_version


class CurrencyUnavailable(CheckoutError):
    """`available`: the currencies in which all items have a price."""

    def __init__(self, currency: str | None, available: Sequence[str], *, several: bool = False) -> None:
        what = "These items have" if several else "This course has"
        price = "no common price" if several else "no price"
        super().__init__(
            f"{what} {price} in {currency}. Choose one of: {', '.join(available)}."
            if available
            else f"{what} {price} yet. Try again later."
        )
        self.available = list(available)


class ReturnUrlRefused(CheckoutError):
    def __init__(self, field: str, origins: Sequence[str]) -> None:
        super().__init__(
            f"{field} must be an address, without a fragment, on one of these origins: {', '.join(origins)}."
        )
        self.field = field


class EmailMissing(CheckoutError):
    def __init__(self) -> None:
        super().__init__(
            "Your account has no valid email address for the receipt. Add one, then sign in again."
        )


class AlreadyEnrolled(CheckoutError):
    """`titles`: the items that the buyer owns, if the request also has others; else empty."""

    def __init__(self, titles: Sequence[str] = ()) -> None:
        super().__init__(
            f"You already own: {', '.join(titles)}. Order the other items without them."
            if titles
            else "You already own this course. Open it instead of buying it again."
        )


class CourseTwice(CheckoutError):
    """`course_ids`: the courses that more than one item contains."""

    def __init__(self, course_ids: Sequence[str], titles: Sequence[str]) -> None:
        super().__init__(
            f"These courses are in the order more than once: {', '.join(titles)}. Remove the repetitions."
        )
        self.course_ids = list(course_ids)


class TooManyLines(CheckoutError):
    def __init__(self, most: int) -> None:
        super().__init__(f"An order can contain at most {most} courses. Split it into several orders.")


class BelowMinimum(CheckoutError):
    def __init__(self, amount: int, currency: str, minimum: int) -> None:
        super().__init__(
            f"The total of {amount} {currency} (in minor units) is below the minimum charge of {minimum}."
            " Add an item, or choose another currency."
        )
        self.minimum = minimum


class AboveMaximum(CheckoutError):
    def __init__(self, amount: int, currency: str, maximum: int) -> None:
        super().__init__(
            f"The total of {amount} {currency} (in minor units) is above the maximum charge of {maximum}."
            " Split the order, or choose another currency."
        )
        self.maximum = maximum


class AlreadyBought(CheckoutError):
    """`several`: the request also has items that this order does not contain."""

    def __init__(self, order_id: str, paid: bool, *, several: bool = False) -> None:
        what = "one of these courses" if several else "this course"
        super().__init__(
            f"You have already bought {what}. See your orders."
            if paid
            else f"Your payment for {what} is being processed. Wait for its confirmation, or set"
            " beside_pending to pay in another way: if both payments arrive, the later one is refunded."
        )
        self.order_id = order_id
        self.pending = not paid


class OrderReplaced(CheckoutError):
    def __init__(self) -> None:
        super().__init__("A newer request replaced this order. Use the newest payment page, or start again.")


class NotResumable(CheckoutError):
    def __init__(self) -> None:
        super().__init__("This order can no longer be paid. Start again from the course's page.")


class NotAcceptable(CheckoutError):
    """The session cannot be accepted as the payment of the order; the sentence says why."""


class NotClosable(CheckoutError):
    def __init__(self, state: str) -> None:
        super().__init__(
            f"The order is {state}. Only an order that waits for its payment can be closed;"
            " refund a paid one."
        )


class NotRevocable(CheckoutError):
    """The reason is a sentence for staff."""


class PaymentArrived(CheckoutError):
    def __init__(self) -> None:
        super().__init__(
            "Stripe has received the payment of this order. It was read again and counts within seconds;"
            " refund the order if it is not wanted."
        )


class PaymentOnItsWay(CheckoutError):
    def __init__(self) -> None:
        super().__init__(
            "The bank is moving the money of this order, and Stripe cannot cancel that. Wait for the result;"
            " refund the order if the money arrives."
        )


class NotRefundable(CheckoutError):
    """Nothing of the order can be refunded, or not that much."""


class RefundUnanswered(CheckoutError):
    def __init__(self) -> None:
        super().__init__(
            "Stripe has not answered the request for this refund yet. Checkout repeats it automatically."
            " Check again in a few minutes, and do not refund in another way until then."
        )


class RefundMade(CheckoutError):
    def __init__(self, refund_id: str) -> None:
        super().__init__(
            f"Stripe has already made this refund ({refund_id}); its answer was lost. Nothing is left to do."
        )


class RefundDiffers(CheckoutError):
    def __init__(self, amount: int) -> None:
        super().__init__(
            f"A refund of {amount} was already requested by this key (the Idempotency-Key, else the reason)."
            " To refund more, send another Idempotency-Key."
        )


class NothingToReview(CheckoutError):
    def __init__(self) -> None:
        super().__init__(
            "No such item needs an operator; it may be settled by now. See GET /v1/admin/attention."
        )


class StripeError(CheckoutError):
    """A call of Stripe failed; `request_id` and `code` are Stripe's, where it answered."""

    def __init__(self, sentence: str, *, code: str | None = None, request_id: str | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.request_id = request_id


class StripeRefused(StripeError):
    """Stripe definitely refused the request. `param` is the parameter that it named."""

    def __init__(
        self,
        sentence: str,
        *,
        code: str | None = None,
        request_id: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(sentence, code=code, request_id=request_id)
        self.param = param


class EmailRefused(StripeRefused):
    """Stripe does not accept the buyer's email address: the buyer can correct it, an operator cannot."""


class StripeUnavailable(StripeError):
    """Stripe did not answer in time, or is temporarily unable to."""
