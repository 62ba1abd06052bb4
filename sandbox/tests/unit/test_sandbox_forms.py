"""The form parser and the parameter schema, including random input."""

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.rest import form_encoding as forms
from stripe_sandbox.rest.params import Boolean, Integer, ListOf, Text
from stripe_sandbox.rest.shapes import merge_metadata, shape
from stripe_sandbox.sessions import creation_params as session_params


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"", {}),
        (b"a=1", {"a": "1"}),
        (b"a=1&a=2", {"a": "2"}),
        (b"a[b][0][c]=x%20y&a[b][1][c]=z", {"a": {"b": {"0": {"c": "x y"}, "1": {"c": "z"}}}}),
        (b"a[]=1&a[]=2", {"a": {"0": "1", "1": "2"}}),
        (b"a[][x]=1&a[][y]=2&a[][x]=3", {"a": {"0": {"x": "1", "y": "2"}, "1": {"x": "3"}}}),
        (b"a[0]=x&a[]=y", {"a": {"0": "x", "1": "y"}}),
        (b"a%5Bb%5D=%C3%BC+1", {"a": {"b": "ü 1"}}),
        (b"a=&&b", {"a": "", "b": ""}),
    ],
)
def test_nested_keys(body: bytes, form: dict[str, Any]) -> None:
    assert forms.parse(body) == form


@pytest.mark.parametrize(
    "body",
    [b"a[=1", b"a]=1", b"[a]=1", b"=1", b"a[b]c=1", b"a=1&a[b]=2", b"a[b]=2&a=1", b"a=%ff", b"a[1]=x&a[]=y"],
)
def test_malformed_forms_are_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        forms.parse(body)


keys = st.text(st.characters(codec="utf-8", exclude_characters="[]"), min_size=1, max_size=8)
values = st.text(st.characters(codec="utf-8"), max_size=12)
trees = st.recursive(
    values, lambda inner: st.dictionaries(keys, inner, min_size=1, max_size=4), max_leaves=12
)


def flatten(tree: Any, path: str) -> list[tuple[str, str]]:
    if isinstance(tree, str):
        return [(path, tree)]
    return [pair for key, value in tree.items() for pair in flatten(value, f"{path}[{key}]")]


@given(st.dictionaries(keys, trees, max_size=5))
def test_encoded_form_is_decoded_unchanged(form: dict[str, Any]) -> None:
    pairs = [pair for key, value in form.items() for pair in flatten(value, key)]
    assert forms.parse(urlencode(pairs).encode()) == form


@settings(max_examples=500)
@given(st.one_of(st.binary(max_size=200), st.text("a[]=&%0f+\xff", max_size=60).map(str.encode)))
def test_random_input_is_parsed_or_refused(body: bytes) -> None:
    with suppress(InvalidRequest):
        assert isinstance(forms.parse(body), dict)


@settings(max_examples=500)
@given(
    st.dictionaries(
        st.sampled_from(sorted(session_params.PARAMS.fields)),
        st.recursive(
            st.one_of(values, st.sampled_from(["1", "-1", "true", "usd", "payment", "9" * 30, "1e9", "٣"])),
            lambda inner: st.dictionaries(
                st.one_of(
                    keys,
                    st.sampled_from(
                        ["0", "1", "price_data", "unit_amount", "currency", "recovery", "enabled", "٣"]
                    ),
                ),
                inner,
                max_size=3,
            ),
            max_leaves=8,
        ),
    )
)
def test_any_form_is_checked_without_a_crash(form: dict[str, Any]) -> None:
    with suppress(InvalidRequest):
        assert isinstance(session_params.PARAMS.parse(form, ""), dict)


def test_the_schema_names_the_parameter_in_brackets() -> None:
    schema = shape(items=ListOf(shape(count=Integer(required=True, minimum=0), on=Boolean(), name=Text())))
    good = {"items": {"1": {"count": "2", "on": "true"}, "0": {"count": "1"}}}
    assert schema.parse(good, "") == {"items": [{"count": 1}, {"count": 2, "on": True}]}
    for bad, param in [
        ({"items": {"0": {}}}, "items[0][count]"),
        ({"items": {"0": {"count": "-1"}}}, "items[0][count]"),
        ({"items": {"0": {"count": "1", "on": "yes"}}}, "items[0][on]"),
        ({"items": {"0": {"count": "1", "x": "yes"}}}, "items[0][x]"),
        ({"items": {"a": {"count": "1"}}}, "items"),
    ]:
        with pytest.raises(InvalidRequest) as caught:
            schema.parse(bad, "")
        assert caught.value.param == param


def test_metadata_merges() -> None:
    assert merge_metadata({"a": "1", "b": "2"}, {"b": "", "c": "3"}) == {"a": "1", "c": "3"}
    assert merge_metadata({"a": "1"}, None) == {}
