"""What may name a column, and what may be a link."""

import pytest

from messaging.eventset.event_set import MAX_LINK_LENGTH, EventSet, clean_links


@pytest.mark.parametrize(
    "name", ["", "Order", "order-id", "1st", "a; drop table x", "facts", "event_id", "recorded_at", "x" * 42]
)
def test_a_name_that_is_no_column_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name"):
        EventSet((name,))


def test_a_table_s_name_is_checked_too() -> None:
    with pytest.raises(ValueError, match="cannot name"):
        EventSet(("order_id",), table="events; --")


def test_a_link_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        EventSet(("order_id", "order_id"))


def test_empty_links_are_no_links() -> None:
    assert clean_links({"a": "1", "b": None, "c": ""}) == {"a": "1"}


@pytest.mark.parametrize("value", ["x" * (MAX_LINK_LENGTH + 1), "a\x00b"])
def test_a_link_that_no_index_holds_is_refused_by_name(value: str) -> None:
    with pytest.raises(ValueError, match="order_id"):
        clean_links({"order_id": value})
