"""Unique signed events of about 3 KB, generated fast enough not to limit the measurement."""

from __future__ import annotations

import hmac
import itertools
import json
import os
import time
from collections.abc import Iterator
from typing import Any

SECRET = "whsec_bench"

SESSION: dict[str, Any] = {
    "id": "cs_bench_@ID@",
    "object": "checkout.session",
    "adaptive_pricing": {"enabled": False},
    "after_expiration": None,
    "allow_promotion_codes": True,
    "amount_subtotal": 4900,
    "amount_total": 4900,
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "billing_address_collection": None,
    "cancel_url": "https://shop.example/courses/python-for-analysts",
    "client_reference_id": "ord_@ID@",
    "collected_information": {"business_name": None, "individual_name": None, "shipping_details": None},
    "consent": {"promotions": None, "terms_of_service": "accepted"},
    "created": 1790000000,
    "currency": "eur",
    "custom_fields": [],
    "custom_text": {"after_submit": None, "shipping_address": None, "submit": None},
    "customer": "cus_@ID@",
    "customer_creation": "always",
    "customer_details": {
        "address": {
            "city": "Hamburg",
            "country": "DE",
            "line1": "Hafenstraße 12",
            "line2": None,
            "postal_code": "20359",
            "state": None,
        },
        "email": "buyer-@ID@@example.com",
        "name": "Erika Mustermann",
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    },
    "discounts": [],
    "expires_at": 1790086400,
    "invoice": None,
    "invoice_creation": {"enabled": False, "invoice_data": {"description": None, "footer": None}},
    "livemode": False,
    "locale": "de",
    "metadata": {"order_id": "ord_@ID@", "user_id": "usr_@ID@"},
    "mode": "payment",
    "origin_context": None,
    "payment_intent": "pi_@ID@",
    "payment_link": None,
    "payment_method_collection": "if_required",
    "payment_method_configuration_details": {"id": "pmc_1QabcdEFghIJklMN", "parent": None},
    "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
    "payment_method_types": ["card", "link", "paypal"],
    "payment_status": "paid",
    "permissions": None,
    "phone_number_collection": {"enabled": False},
    "presentment_details": None,
    "recovered_from": None,
    "saved_payment_method_options": {"allow_redisplay_filters": ["always"], "payment_method_save": None},
    "setup_intent": None,
    "shipping_address_collection": None,
    "shipping_cost": None,
    "shipping_options": [],
    "status": "complete",
    "submit_type": None,
    "subscription": None,
    "success_url": "https://shop.example/thanks?session_id={CHECKOUT_SESSION_ID}",
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    "ui_mode": "hosted_page",
    "url": None,
    "wallet_options": None,
}

_EVENT = {
    "id": "evt_@ID@",
    "object": "event",
    "api_version": "2026-10-28.endive",
    "created": 1790000000,
    "data": {"object": SESSION},
    "livemode": False,
    "pending_webhooks": 1,
    "request": {"id": None, "idempotency_key": None},
    "type": "checkout.session.completed",
}

_HEAD = (
    "POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n"
    "Accept: */*; q=0.5, application/xml\r\nCache-Control: no-cache\r\n"
    "Content-Type: application/json; charset=utf-8\r\n"
)


def bodies() -> Iterator[bytes]:
    """Yield unique bodies endlessly."""
    parts = [part.encode() for part in json.dumps(_EVENT, indent=1).split("@ID@")]
    run = os.urandom(5).hex()
    for number in itertools.count():
        yield f"{run}{number:09d}".encode().join(parts)


def signature(body: bytes, secret: bytes, at: bytes) -> bytes:
    """Return the signature header of a body that is sent `at` that second."""
    return b"t=" + at + b",v1=" + hmac.digest(secret, at + b"." + body, "sha256").hex().encode()


def requests(host: str, path: str) -> Iterator[bytes]:
    """Yield complete HTTP requests endlessly, each with a new event and signature."""
    head, secret = _HEAD.format(host=host, path=path).encode(), SECRET.encode()
    second, at = 0.0, b""
    for body in bodies():
        now = time.time()
        if now >= second + 1:
            second, at = float(int(now)), str(int(now)).encode()
        yield b"%bStripe-Signature: %b\r\nContent-Length: %d\r\n\r\n%b" % (
            head,
            signature(body, secret, at),
            len(body),
            body,
        )
