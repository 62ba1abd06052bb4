"""What a command consists of, and how it finds the state folder."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devstack.stack import state
from devstack.stack.state import State

Arguments = argparse.Namespace
Subparsers = argparse._SubParsersAction  # the type has no public name


def _no_options(_parser: argparse.ArgumentParser) -> None:
    """For a command that takes no options."""


@dataclass(frozen=True)
class Command:
    """One command: its name, its help, the function that runs it and returns the exit code, its options."""

    name: str
    help: str
    run: Callable[[Arguments], int]
    options: Callable[[argparse.ArgumentParser], None] = _no_options

    def add_to(self, subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
        """Register the command with the command line."""
        parser = subparsers.add_parser(self.name, help=self.help, description=self.help)
        # --state may also follow the command. SUPPRESS keeps a value that was given before it.
        parser.add_argument("--state", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        self.options(parser)
        parser.set_defaults(run=self.run)


def state_of(arguments: Arguments) -> State:
    """The state folder that the command line or the environment names."""
    given = getattr(arguments, "state", None)
    return State(state.resolve(Path(given) if given else None))
