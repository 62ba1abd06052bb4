"""The trace context in headers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processkit import tracing

GOOD = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_valid_header_is_returned() -> None:
    assert tracing.valid_traceparent(GOOD) == GOOD
    assert tracing.trace_id(GOOD) == "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        GOOD + "-x",
        GOOD + "\n",
        GOOD.upper(),
        "01" + GOOD[2:],
        GOOD.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32),
        GOOD.replace("b7ad6b7169203331", "0" * 16),
    ],
)
def test_anything_else_is_dropped(text: str | None) -> None:
    assert tracing.valid_traceparent(text) is None
    assert tracing.trace_id(text) is None


@given(st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    assert tracing.valid_traceparent(text) in (None, text)


def test_a_new_trace_is_valid_and_new() -> None:
    one, two = tracing.new_traceparent(), tracing.new_traceparent()
    assert tracing.valid_traceparent(one) == one
    assert tracing.trace_id(one) != tracing.trace_id(two)
    assert re.fullmatch("[0-9a-f]{32}", tracing.trace_id(one) or "")


def test_a_batch_runs_without_an_exporter() -> None:
    ran = []
    with tracing.batch_span("batch", {"one": GOOD, "two": None, "three": "garbage"}):
        ran.append(1)
    assert ran == [1]


OTHER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"


def test_a_message_continues_the_trace_of_its_event() -> None:
    with tracing.batch_span("batch", {"one": GOOD, "two": OTHER}):
        said = tracing.current("two")
        assert tracing.trace_id(said) == tracing.trace_id(OTHER)
        assert said != OTHER and said.endswith("-00"), "a span of its own, sampled as the event was"
        assert tracing.trace_id(tracing.current()) not in map(tracing.trace_id, (GOOD, OTHER)), "whose?"
    assert tracing.trace_id(tracing.current("two")) != tracing.trace_id(OTHER), "the batch has ended"


def test_a_batch_of_one_trace_needs_no_event() -> None:
    with tracing.batch_span("batch", {"one": GOOD, "two": GOOD, "three": None}):
        assert tracing.trace_id(tracing.current()) == tracing.trace_id(GOOD)
        assert tracing.trace_id(tracing.current("unknown")) == tracing.trace_id(GOOD)
