"""Reads pages and presses buttons of the dashboard without a browser."""

import re
from typing import Any

from sandbox_server import Running

EVIL = "<script>alert(1)</script>"


def get(sandbox: Running, path: str, status: int = 200) -> str:
    answer = sandbox.http.get(path, follow_redirects=True)
    assert answer.status_code == status, answer.text
    return answer.text


def press(sandbox: Running, name: str, back: str = "/", **form: str) -> str:
    """Press a button without a browser; returns its message."""
    answer = sandbox.http.post(f"/dashboard/actions/{name}", data={"back": back, **form})
    assert answer.status_code == 303
    page = get(sandbox, answer.headers["location"])
    note = re.search(r'id="note">(.*?)</p>', page)
    assert note is not None
    assert 'id="note"' not in get(sandbox, answer.headers["location"]), "the message is shown once"
    return note[1]


def subscribe(sandbox: Running, **changes: Any) -> str:
    v1 = sandbox.client.v1
    customer = v1.customers.create({"email": "anna@example.com", "name": EVIL}).id
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer}).id
    v1.customers.update(customer, {"invoice_settings": {"default_payment_method": card}})
    price = sandbox.price()
    requested: Any = {"customer": customer, "items": [{"price": price}], **changes}
    return v1.subscriptions.create(requested).id
