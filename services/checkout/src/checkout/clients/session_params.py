"""What is asked of Stripe for the payment page of an order."""

from typing import Any

from checkout.domain.offers import Order
from checkout.domain.return_urls import SESSION_PLACEHOLDER, with_session_placeholder

# https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-locale
_LOCALE_NAMES = (
    "bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR "
    "ro ru sk sl sv th tr vi zh zh-HK zh-TW"
)
_LOCALES = frozenset(_LOCALE_NAMES.split())


def session_params(order: Order) -> Any:
    """The parameters of the order's session: a function of the order alone, as its key demands."""
    metadata = {"order_id": order.order_id, "user_id": order.user_id}
    product: dict[str, Any] = {"name": order.title[:250], "metadata": {"course_id": order.course_id}}
    if order.description:
        product["description"] = order.description[:500]
    who = {"customer": order.customer_id} if order.customer_id else {"customer_email": order.email}
    return {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "line_items": [
            {
                "price_data": {
                    "currency": order.currency,
                    "unit_amount": order.amount,
                    "product_data": product,
                },
                "quantity": 1,
            }
        ],
        "client_reference_id": order.order_id,
        "metadata": metadata,
        # Stripe does not copy a session's metadata to its payment.
        "payment_intent_data": {"metadata": metadata, "description": order.title[:250]},
        "locale": stripe_locale(order.locale),
        "expires_at": int(order.session_expires_at.timestamp()),
        "success_url": with_session_placeholder(order.success_url),
        "cancel_url": order.cancel_url.replace(SESSION_PLACEHOLDER, ""),
        **who,
    }


def stripe_locale(tag: str) -> str:
    """The language of the payment page: the buyer's if Stripe has it, else the browser's."""
    tag = tag.replace("_", "-")
    language = tag.split("-")[0]
    return next((known for known in (tag, language) if known in _LOCALES), "auto")
