"""No history of announcements and payments lets an enrolled user buy."""

import itertools
from typing import Any

from checkout_shop import Shop
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

NUMBERS = itertools.count()
STEP = st.one_of(
    st.tuples(st.just("announce"), st.booleans(), st.integers(1, 12)),
    st.tuples(st.just("buy"), st.just(None), st.just(0)),
    st.tuples(st.just("pay"), st.just(None), st.just(0)),
    st.tuples(st.just("expire"), st.just(None), st.just(0)),
    st.tuples(st.just("deliver"), st.just(None), st.just(0)),
)


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(steps=[("announce", True, 2), ("announce", False, 1), ("buy", None, 0)])
@given(steps=st.lists(STEP, min_size=3, max_size=9))
def test_no_purchase_for_an_enrolled_user(shop: Shop, steps: list[tuple[str, Any, int]]) -> None:
    user = f"usr_{next(NUMBERS)}"  # each case has its own user
    version, access = 0, False
    session: str | None = None
    paid = 0
    for action, value, new_version in [*steps, ("buy", None, 0)]:
        if action == "announce":
            shop.announce(value, new_version, user_id=user)
            if new_version > version:
                version, access = new_version, value
        elif action == "buy":
            answer = shop.buy(user)
            if access:
                shop.problem(answer, 409, "already-enrolled")
            elif paid:
                shop.problem(answer, 409, "already-bought")
            else:
                assert answer.status_code == 201, answer.text
                session = answer.json()["session_id"]
        elif action == "pay" and session is not None:
            shop.stripe.pay(session)
            session, paid = None, paid + 1
        elif action == "expire" and session is not None:
            shop.stripe.expire(session)
            session = None
        elif action == "deliver":
            shop.deliver()
    assert paid <= 1
    holding = shop.rows("select from order_lines where user_id = %s and holds", user)
    assert len(holding) <= 1
