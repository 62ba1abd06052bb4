"""Logs are one JSON object per line, with the service, the time in UTC and the traceback."""

import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from processkit import logs as log


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_json_with_service_and_fields(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("parcels", "INFO", "json")
    structlog.stdlib.get_logger("here").info("dead letter", event_id="evt_1", trace_id="abc")
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "dead letter" and line["service"] == "parcels" and line["level"] == "info"
    assert (line["event_id"], line["trace_id"], line["logger"]) == ("evt_1", "abc", "here")
    assert line["timestamp"].endswith("Z")


def test_a_traceback_is_part_of_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("parcels", "INFO", "json")
    try:
        raise ValueError("defect")
    except ValueError:
        structlog.stdlib.get_logger("here").exception("failed")
    line = json.loads(capsys.readouterr().err)
    assert line["exception"][0]["exc_type"] == "ValueError"


@pytest.mark.parametrize("fmt", ["json", "console"])
def test_no_log_shows_local_variables(
    capsys: pytest.CaptureFixture[str], fmt: Literal["json", "console"]
) -> None:
    log.configure("parcels", "INFO", fmt)

    def handle(email: str) -> None:
        raise ValueError("defect")

    try:
        handle("learner" + "@" + "example.org")
    except ValueError:
        structlog.stdlib.get_logger("here").exception("failed")
    text = capsys.readouterr().err
    assert "defect" in text and "handle" in text
    assert "learner@example.org" not in text


def test_the_standard_library_logs_in_the_same_format_and_level(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("parcels", "WARNING", "json")
    logging.getLogger("library").info("quiet")
    logging.getLogger("library").warning("loud")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["loud"]
    assert lines[0]["service"] == "parcels"


def test_the_console_format_is_one_readable_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("parcels", "INFO", "console")
    structlog.stdlib.get_logger("here").info("assigned", partitions=3)
    text = capsys.readouterr().err
    assert "assigned" in text and "partitions=3" in text
