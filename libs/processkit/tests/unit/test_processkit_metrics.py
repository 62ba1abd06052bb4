"""A figure is exported only by processes that know its value."""

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from processkit.metrics import Figure


def exported(registry: CollectorRegistry) -> list[str]:
    return [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]


def test_a_figure_that_was_never_set_has_no_value() -> None:
    registry = CollectorRegistry(auto_describe=True)
    Figure("plain", "One", registry=registry)
    Figure("labelled", "Two", ["status"], registry=registry)
    assert exported(registry) == []


def test_a_figure_is_exported_only_while_it_is_renewed() -> None:
    registry, now = CollectorRegistry(auto_describe=True), [0.0]
    figure = Figure("age", "An age", fresh_seconds=60, registry=registry, monotonic=lambda: now[0])
    figure.set(600)
    now[0] = 60.0
    assert exported(registry) == ["age 600.0"]
    figure.set(0)
    now[0] = 120.0
    assert exported(registry) == ["age 0.0"], "zero is a value"
    now[0] = 120.1
    assert exported(registry) == []
    figure.set(3)
    assert exported(registry) == ["age 3.0"]


def test_each_label_expires_separately() -> None:
    registry, now = CollectorRegistry(auto_describe=True), [0.0]
    figure = Figure("stuck", "By status", ["status"], registry=registry, monotonic=lambda: now[0])
    figure.set(1, "failed")
    now[0] = 50.0
    figure.set(2, "pending")
    assert exported(registry) == ['stuck{status="failed"} 1.0', 'stuck{status="pending"} 2.0']
    now[0] = 70.0
    assert exported(registry) == ['stuck{status="pending"} 2.0']


def test_a_taken_name_and_wrong_labels_are_refused() -> None:
    registry = CollectorRegistry(auto_describe=True)
    figure = Figure("stuck", "By status", ["status"], registry=registry)
    for labels in ((), ("a", "b")):
        with pytest.raises(ValueError, match="labels"):
            figure.set(1, *labels)
    with pytest.raises(ValueError, match="stuck"):
        Figure("stuck", "Again", registry=registry)
