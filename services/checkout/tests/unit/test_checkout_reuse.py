"""When an open order is used again, and which orders refuse a new one."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from checkout_orders import an_order

from checkout.domain.lines import Line, LineKind
from checkout.domain.order_state import State
from checkout.domain.reuse import is_same_purchase, refuse_bought
from checkout.errors import AlreadyBought

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
RAGAS = Line(1, LineKind.COURSE, "Ragas", 4900, course_id="ragas")
TALAS = Line(2, LineKind.COURSE, "Talas", 3000, course_id="talas")
EXISTING = an_order(
    currency="eur",
    lines=(RAGAS, TALAS),
    success_url="https://shop.example/success?order=ord_1",
    cancel_url="https://shop.example/cancel?order=ord_1",
    session_id="cs_1",
)
WANTED = replace(
    EXISTING,
    order_id="ord_2",
    session_id=None,
    success_url="https://shop.example/success?order=ord_2",
    cancel_url="https://shop.example/cancel?order=ord_2",
)


def test_the_same_request_uses_the_open_order_again() -> None:
    assert is_same_purchase(EXISTING, WANTED)
    assert is_same_purchase(EXISTING, replace(WANTED, locale="de", customer_id="cus_1"))


def test_the_sequence_of_the_items_does_not_matter() -> None:
    other_way = (replace(TALAS, position=1), replace(RAGAS, position=2))
    assert is_same_purchase(EXISTING, replace(WANTED, lines=other_way))


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "usd"},
        {"promo_code": "SPRING"},
        {"terms_version": "2026-02"},
        {"success_url": "https://app.example/done"},
        {"cancel_url": "https://app.example/no"},
        {"email": "asha@example.org"},
        {"lines": (RAGAS,)},
        {"lines": (replace(RAGAS, list_amount=5900), TALAS)},
        {"lines": (replace(RAGAS, discount_amount=100), TALAS)},
        {"lines": (replace(RAGAS, access_days=30), TALAS)},
    ],
    ids=", ".join,
)
def test_a_request_for_something_else_needs_its_own_order(change: dict[str, Any]) -> None:
    assert not is_same_purchase(EXISTING, replace(WANTED, **change))


@pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
def test_an_order_that_is_no_longer_open_refuses_a_new_one(state: State) -> None:
    with pytest.raises(AlreadyBought) as refusal:
        refuse_bought(replace(EXISTING, state=state), several=False)
    assert refusal.value.order_id == "ord_1"


def test_an_open_order_refuses_nothing() -> None:
    refuse_bought(EXISTING, several=False)
