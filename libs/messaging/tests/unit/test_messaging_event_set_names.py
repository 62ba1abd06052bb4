"""Valid names of columns, and valid links."""

import pytest

from messaging.eventset.event_set import MAX_LINK_LENGTH, EventSet, clean_links


@pytest.mark.parametrize(
    "name", ["", "Order", "order-id", "1st", "a; drop table x", "facts", "event_id", "recorded_at", "x" * 42]
)
def test_an_invalid_column_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name"):
        EventSet((name,))


def test_an_invalid_table_name_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot name"):
        EventSet(("order_id",), table="events; --")


def test_a_link_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        EventSet(("order_id", "order_id"))


def test_empty_links_are_ignored() -> None:
    assert clean_links({"a": "1", "b": None, "c": ""}) == {"a": "1"}


@pytest.mark.parametrize("value", ["x" * (MAX_LINK_LENGTH + 1), "a\x00b"])
def test_a_link_too_long_for_an_index_is_refused_by_name(value: str) -> None:
    with pytest.raises(ValueError, match="order_id"):
        clean_links({"order_id": value})
