"""The lines that a refund names: written into metadata and read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import line_ids_metadata, line_ids_of
from schemas.rules.refund_lines import MAX_KEYS, MAX_VALUE

LINE_IDS = st.text(
    st.characters(exclude_characters=",", exclude_categories=["Cs"]), min_size=1, max_size=60
).filter(lambda text: text == text.strip())


@given(st.lists(LINE_IDS, max_size=200))
def test_what_is_written_is_read_back_in_order_and_each_id_once(line_ids: list[str]) -> None:
    assert line_ids_of(line_ids_metadata(line_ids)) == tuple(dict.fromkeys(line_ids))


@given(st.lists(LINE_IDS, max_size=200))
def test_stripe_s_limits_are_kept_and_other_metadata_is_not_touched(line_ids: list[str]) -> None:
    written = line_ids_metadata(line_ids)
    assert len(written) <= MAX_KEYS
    assert all(len(key) <= 40 and 0 < len(value) <= MAX_VALUE for key, value in written.items())
    assert not {"order_id", "refund_id", "reason"} & set(written)


def test_no_lines_need_no_metadata() -> None:
    assert line_ids_metadata([]) == {}
    assert line_ids_of({"order_id": "ord_1"}) == ()


def test_one_line_is_named() -> None:
    assert line_ids_metadata(["ord_1_2"]) == {"line_ids": "ord_1_2"}


def test_200_lines_of_an_order_fit() -> None:
    line_ids = [f"ord_01JD9ZK3W8QK5T0V2C7M4X6N_{number}" for number in range(1, 201)]
    written = line_ids_metadata(line_ids)
    assert list(written)[:3] == ["line_ids", "line_ids_2", "line_ids_3"]
    assert len(written) <= 14
    assert line_ids_of(written) == tuple(line_ids)


def test_an_id_is_never_split_between_two_values() -> None:
    long, longer = "a" * 250, "b" * 250
    assert line_ids_metadata([long, longer]) == {"line_ids": long, "line_ids_2": longer}
    assert line_ids_metadata([long, longer[1:]]) == {"line_ids": f"{long},{longer[1:]}"}


@pytest.mark.parametrize("line_id", ["", " ", "a,b", " a", "a\n", "x" * 501])
def test_an_id_that_could_not_be_read_back_is_refused(line_id: str) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        line_ids_metadata(["ord_1_1", line_id])


def test_more_lines_than_fit_are_refused() -> None:
    line_ids = [f"{number:03}" + "x" * 400 for number in range(MAX_KEYS + 1)]
    assert len(line_ids_metadata(line_ids[:-1])) == MAX_KEYS
    with pytest.raises(ValueError, match="do not fit"):
        line_ids_metadata(line_ids)


@pytest.mark.parametrize(
    ("metadata", "line_ids"),
    [
        ({"line_ids": "line_2, line_1,"}, ("line_2", "line_1")),
        ({"line_ids": " , ,"}, ()),
        ({"line_ids": ""}, ()),
        ({"line_ids": "a,a,b", "line_ids_2": "b,c"}, ("a", "b", "c")),
        ({"line_ids_10": "d", "line_ids_2": "b", "line_ids": "a"}, ("a", "b", "d")),
        ({"line_ids_2": "b"}, ("b",)),
        ({"line_ids_x": "a", "line_ids_1": "b", "line_ids2": "c"}, ()),
    ],
)
def test_what_operators_type_is_read_too(metadata: dict[str, str], line_ids: tuple[str, ...]) -> None:
    assert line_ids_of(metadata) == line_ids
