"""masterji: run the whole system on one machine."""

import argparse
import sys
from collections.abc import Sequence
from importlib import metadata

from devstack import commands
from devstack.errors import DevstackError

DISTRIBUTION = "masterji-devstack"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0, or 1 after printing an error to standard error."""
    arguments = create_parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except DevstackError as error:
        print(f"masterji: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def create_parser() -> argparse.ArgumentParser:
    """Build the command line."""
    parser = argparse.ArgumentParser(prog="masterji", description=__doc__)
    parser.add_argument("--version", action="version", version=f"%(prog)s {metadata.version(DISTRIBUTION)}")
    parser.add_argument("--state", metavar="DIR", help="the folder for data and logs (default: .masterji)")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in commands.COMMANDS:
        command.add_to(subparsers)
    return parser


if __name__ == "__main__":
    sys.exit(main())
