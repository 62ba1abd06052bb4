"""masterji: the whole system on one machine with one command."""

import argparse
import sys
from collections.abc import Sequence

from devstack import commands
from devstack.errors import DevstackError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; exit code 0, or 1 with a sentence on standard error."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except DevstackError as error:
        print(f"masterji: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="masterji", description=__doc__)
    parser.add_argument("--state", metavar="DIR", help="where data and logs are kept (default: .masterji)")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in commands.COMMANDS:
        command.add_to(subparsers)
    return parser


if __name__ == "__main__":
    sys.exit(main())
