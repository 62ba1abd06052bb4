"""Order states as buyers read them."""

from collections.abc import Mapping

from servicekit.texts.catalogs import marked

STATES: Mapping[str, str] = {
    "open": marked("Waiting for payment"),
    "processing": marked("Payment pending"),
    "paid": marked("Paid"),
    "partially_refunded": marked("Partly refunded"),
    "refunded": marked("Refunded"),
    "disputed": marked("Disputed"),
    "charged_back": marked("Returned by your bank"),
    "failed": marked("Payment failed"),
    "expired": marked("Expired"),
}
