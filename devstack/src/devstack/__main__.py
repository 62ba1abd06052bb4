"""masterji: run the whole system on one machine."""

import argparse
import sys
from collections.abc import Sequence
from importlib import metadata

from devstack import commands
from devstack.commands.place import add_state_option
from devstack.errors import DevstackError
from processkit.commands import add_commands, exit_code

DISTRIBUTION = "masterji-devstack"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0, or 1 after printing an error to standard error."""
    arguments = create_parser().parse_args(argv)
    return exit_code(lambda: arguments.run(arguments), {DevstackError: 1}, prefix="masterji: ")


def create_parser() -> argparse.ArgumentParser:
    """Build the command line."""
    parser = argparse.ArgumentParser(prog="masterji", description=__doc__)
    parser.add_argument("--version", action="version", version=f"%(prog)s {metadata.version(DISTRIBUTION)}")
    parser.add_argument("--state", metavar="DIR", help="the folder for data and logs (default: .masterji)")
    add_commands(parser, commands.COMMANDS, "COMMAND", shared=add_state_option)
    return parser


if __name__ == "__main__":
    sys.exit(main())
