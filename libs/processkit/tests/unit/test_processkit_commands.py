"""A command line runs the chosen command and ends with its exit code, or with a sentence and 1, 2 or 130."""

import argparse

import pytest

from processkit.commands import INTERRUPTED, Arguments, Command, Parser, add_commands, exit_code


def copies(parser: Parser) -> None:
    parser.add_argument("--copies", type=int, default=1)


def echo(arguments: Arguments) -> int:
    return int(arguments.copies)


def line() -> Parser:
    parser = argparse.ArgumentParser(prog="tool")
    add_commands(
        parser, [Command("echo", "repeat", echo, copies), Command("nothing", "rest", lambda _: 0)], "X"
    )
    return parser


def test_the_chosen_command_runs_with_its_options() -> None:
    arguments = line().parse_args(["echo", "--copies", "3"])
    assert arguments.run(arguments) == 3


@pytest.mark.parametrize("given", [[], ["unknown"], ["nothing", "--copies", "3"]])
def test_a_wrong_command_line_exits_with_2(given: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        line().parse_args(given)
    assert ended.value.code == 2


def test_an_expected_error_is_a_sentence_and_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> int:
        raise LookupError("There is no such topic.")

    assert exit_code(fail, {LookupError: 2}, prefix="tool: ") == 2
    assert capsys.readouterr() == ("", "tool: There is no such topic.\n")


def test_an_unexpected_error_is_raised() -> None:
    def fail() -> int:
        raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        exit_code(fail, {LookupError: 2})


def test_an_interrupted_command_exits_with_130() -> None:
    def interrupt() -> int:
        raise KeyboardInterrupt

    assert exit_code(interrupt, {}) == INTERRUPTED == 130
