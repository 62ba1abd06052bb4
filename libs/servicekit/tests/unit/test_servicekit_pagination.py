"""Cursors round-trip unchanged, and everything else is refused."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.pagination import decode_cursor, encode_cursor, one_page
from servicekit.problem import Problem

PLAIN = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)


@given(PLAIN, st.integers(-(2**63), 2**63 - 1), st.datetimes(timezones=st.just(UTC)), st.dates())
def test_a_cursor_round_trips(text, number, moment, day):
    cursor = encode_cursor([text, number, moment, day])
    assert decode_cursor(cursor, [str, int, datetime, date]) == (text, number, moment, day)
    assert cursor.isascii()


def refused(text: str, types: list[type]) -> bool:
    with pytest.raises(Problem) as error:
        decode_cursor(text, types)
    return error.value.status_code == 400


@given(st.text(max_size=80))
def test_garbage_is_a_400(text):
    assert refused(text, [str, int, datetime])


@pytest.mark.parametrize(
    ("values", "types"),
    [
        (["a"], [int]),
        ([1], [str]),
        ([True], [int]),
        ([1, 2], [int]),
        ([], [int]),
        ([2**63], [int]),
        (["a\x00b"], [str]),
        (["\ud800"], [str]),
        (["2026-01-01T00:00:00"], [datetime]),
        (["yesterday"], [datetime]),
        ([1.5], [int]),
        ({"a": 1}, [str]),
        ([None], [str]),
    ],
)
def test_values_of_other_types_are_a_400(values, types):
    assert refused(base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode(), types)


def test_an_overlong_cursor_is_a_400():
    assert refused("W" * 100_000, [str])
    assert refused(base64.urlsafe_b64encode(b"[" * 1500).decode(), [str])


@pytest.mark.parametrize(
    ("found", "shown", "after"), [([], [], None), ([3, 4], [3, 4], None), ([3, 4, 5], [3, 4], 4)]
)
def test_a_page_has_a_next_one_if_the_query_found_more(found, shown, after):
    page, next_cursor = one_page(found, 2, lambda number: (number,))
    assert page == shown
    assert (None if next_cursor is None else decode_cursor(next_cursor, [int])[0]) == after
