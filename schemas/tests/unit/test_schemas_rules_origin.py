"""Whose an object at Stripe is: the same answer for every service."""

import pytest

from schemas.rules import origin_metadata, origin_of


def test_what_checkout_writes_names_the_order_and_the_user() -> None:
    ids = {"order_id": "ord_810065e33bcfb75cc9ec053a", "user_id": "auth0|42"}
    assert origin_of(origin_metadata(**ids)) == ids
    assert origin_of(origin_metadata("ord_1")) == {"order_id": "ord_1"}


def test_consumers_of_the_release_before_find_their_keys() -> None:
    metadata = origin_metadata("ord_1", "usr_1")
    assert (metadata["order_id"], metadata["user_id"]) == ("ord_1", "usr_1")


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"order_id": "10017", "user_id": "42"},
        {"order_id": "#1001"},
        {"order_id": "ord_"},
        {"order_id": "an ord_1"},
        {"order_id": "ord_1\n"},
        {"order_id": "ord_" + "1" * 252},
        {"masterji_order_id": "ord_\x00"},
        {"user_id": "42"},
        {"ORDER_ID": "ord_1"},
    ],
    ids=str,
)
def test_metadata_of_another_application_names_nothing_of_ours(metadata: dict[str, str]) -> None:
    assert origin_of(metadata) == {}


def test_an_old_session_of_ours_is_still_ours() -> None:
    ids = {"order_id": "ord_1", "user_id": "42"}
    assert origin_of(ids) == ids


def test_our_own_keys_win_over_names_that_others_use_too() -> None:
    others = {"order_id": "10017", "user_id": "42"}
    assert origin_of({**others, "masterji_order_id": "ord_1", "masterji_user_id": "usr_1"}) == {
        "order_id": "ord_1",
        "user_id": "usr_1",
    }
    assert origin_of({**others, "masterji_user_id": "usr_1"}) == {"user_id": "usr_1"}


@pytest.mark.parametrize("user_id", ["", "u\x00", "u" * 256])
def test_what_cannot_be_a_user_is_left_out_and_the_order_stays(user_id: str) -> None:
    assert origin_of({"masterji_order_id": "ord_1", "masterji_user_id": user_id}) == {"order_id": "ord_1"}
