"""A missed bar is reported: medians, ratios within one run, and misspelt entries."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from bench import bars

TOML = """
[ingest]
load = "some"
seconds = 5

[ingest.figures.fast]
unit = "events/s"
limits = [{ ratio_to = "slow", at_least = 2 }, { at_least = 10 }]

[ingest.figures.slow]
unit = "events/s"
"""


def group(tmp_path: Path, text: str = TOML) -> bars.Group:
    file = tmp_path / "bars.toml"
    file.write_text(text)
    return bars.read(file)["ingest"]


def test_a_ratio_is_the_median_of_the_ratios_of_each_run(tmp_path):
    # The machine slowed down in the second run: the ratio of the medians would be 30 / 10.
    runs = [{"fast": 60.0, "slow": 30.0}, {"fast": 20.0, "slow": 10.0}, {"fast": 30.0, "slow": 10.0}]
    ratio, plain, slow = bars.judge(group(tmp_path), runs)
    assert (ratio.ratio, ratio.ok, ratio.value) == (2.0, True, 30.0)
    assert (plain.ratio, plain.ok, plain.bar) == (None, True, "≥ 10")
    assert (slow.name, slow.bar, slow.ok) == ("ingest.slow", None, True)


def test_a_missed_ratio_and_a_missing_figure_are_not_ok(tmp_path):
    assert not bars.judge(group(tmp_path), [{"fast": 19.0, "slow": 10.0}])[0].ok
    for result in bars.judge(group(tmp_path), [{"slow": 10.0}])[:2]:
        assert not result.ok
        assert math.isnan(result.value)


def test_a_ratio_to_a_figure_of_zero_is_not_ok(tmp_path):
    assert not bars.judge(group(tmp_path), [{"fast": 19.0, "slow": 0.0}])[0].ok


def test_a_figure_without_an_entry_is_rejected(tmp_path):
    with pytest.raises(ValueError, match="other"):
        bars.judge(group(tmp_path), [{"fast": 1.0, "slow": 1.0, "other": 1.0}])


@pytest.mark.parametrize(
    ("found", "put"),
    [("at_least = 10", "atleast = 10"), ("unit =", "units ="), ("limits", "limit"), ("seconds", "duration")],
)
def test_a_misspelt_entry_is_rejected(tmp_path, found, put):
    with pytest.raises((ValueError, AssertionError)):
        group(tmp_path, TOML.replace(found, put))


def test_the_committed_bars_are_valid():
    assert {"ingest", "enrollment", "pipeline"} <= set(bars.read())
