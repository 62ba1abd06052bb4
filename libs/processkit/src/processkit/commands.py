"""Subcommands of a command line, and how a command ends.

Exit codes: 0 if all was done, 1 if something was not, 2 for a wrong command or setting, 130 after Ctrl-C.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Arguments = argparse.Namespace
Parser = argparse.ArgumentParser
Options = Callable[[Parser], None]

INTERRUPTED = 130


def no_options(_parser: Parser) -> None:
    """For a command that takes no options."""


@dataclass(frozen=True)
class Command:
    """One command: its name, its help, the function that runs it and returns the exit code, its options."""

    name: str
    help: str
    run: Callable[[Arguments], int]
    options: Options = no_options


def add_commands(
    parser: Parser, commands: Iterable[Command], metavar: str, *, shared: Options = no_options
) -> None:
    """Add the commands to a command line, one of which must be given. `shared` adds the options that each of
    them takes. The chosen command's function is the `run` of the parsed arguments."""
    subparsers = parser.add_subparsers(required=True, metavar=metavar)
    for command in commands:
        added = subparsers.add_parser(command.name, help=command.help, description=command.help)
        shared(added)
        command.options(added)
        added.set_defaults(run=command.run)


def exit_code(run: Callable[[], int], codes: Mapping[type[Exception], int], *, prefix: str = "") -> int:
    """Return what `run` returns. An error of `codes` becomes a sentence on stderr and its exit code."""
    try:
        return run()
    except KeyboardInterrupt:
        return INTERRUPTED
    except tuple(codes) as error:
        sys.stderr.write(f"{prefix}{error}\n")
        return next(code for kind, code in codes.items() if isinstance(error, kind))
