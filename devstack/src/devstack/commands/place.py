"""How a command finds the state folder."""

import argparse
from pathlib import Path

from devstack.stack import state
from devstack.stack.state import State
from processkit.commands import Arguments, Parser


def add_state_option(parser: Parser) -> None:
    """Add --state, which may also follow the command. SUPPRESS keeps a value that was given before it."""
    parser.add_argument("--state", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def state_of(arguments: Arguments) -> State:
    """The state folder that the command line or the environment names."""
    given = getattr(arguments, "state", None)
    return State(state.resolve(Path(given) if given else None))
