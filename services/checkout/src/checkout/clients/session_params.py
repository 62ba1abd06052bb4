"""The parameters of the Checkout Session that pays an order."""

from collections.abc import Sequence
from typing import Any

from checkout.domain.lines import Line, LineKind
from checkout.domain.order import Order, item_title
from checkout.domain.return_urls import SESSION_PLACEHOLDER, with_session_placeholder
from schemas.rules import origin_metadata

# https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-locale
_LOCALE_NAMES = (
    "bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR "
    "ro ru sk sl sv th tr vi zh zh-HK zh-TW"
)
_LOCALES = frozenset(_LOCALE_NAMES.split())


def session_params(order: Order) -> Any:
    """The parameters of the order's session. They depend on the order only, as its idempotency key requires.

    Raises ValueError for a plan: this session takes a single payment.
    """
    if order.plan_ids:
        raise ValueError(f"order {order.order_id} has a plan, which a single payment cannot pay")
    metadata = origin_metadata(order.order_id, order.user_id)
    who = {"customer": order.customer_id} if order.customer_id else {"customer_email": order.email}
    return {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "line_items": [_line_item(item, order.currency) for item in order.items],
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


def _line_item(lines: Sequence[Line], currency: str) -> dict[str, Any]:
    """One course, or all courses of a bundle, at the price after the discount."""
    first = lines[0]
    named = {"bundle_id": first.bundle_id} if first.bundle_id else {"course_id": first.course_id}
    product: dict[str, Any] = {"name": item_title(lines)[:250], "metadata": named}
    if first.kind is LineKind.COURSE and first.description:
        product["description"] = first.description[:500]
    return {
        "price_data": {
            "currency": currency,
            "unit_amount": sum(line.amount for line in lines),
            "product_data": product,
        },
        "quantity": 1,
    }


def stripe_locale(tag: str) -> str:
    """Return the language of the payment page: the buyer's if Stripe supports it, else the browser's."""
    tag = tag.replace("_", "-")
    language = tag.split("-")[0]
    return next((known for known in (tag, language) if known in _LOCALES), "auto")
