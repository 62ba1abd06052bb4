"""The command `masterji token`, and how commands find the key of the development issuer."""

import argparse
import os
import re
from pathlib import Path

from devstack.commands.place import state_of
from devstack.errors import DevstackError
from devstack.tokens import TokenIssuer
from processkit.commands import Arguments, Command

ROLES = ("admin", "support", "analyst", "service")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
MAX_ID_LENGTH = 255
MAX_ADDRESS_LENGTH = 254


def issuer_of(arguments: Arguments) -> TokenIssuer:
    """The issuer of the running stack, or the one that --issuer and --key name.

    Their defaults are MASTERJI_ISSUER and MASTERJI_ISSUER_KEY, which docker-compose.yml sets.
    """
    if not arguments.issuer and not arguments.key:
        place = state_of(arguments)
        return TokenIssuer.with_key_in(place.folder / "issuer.pem", place.require().issuer)
    if not arguments.issuer or not arguments.key:
        raise DevstackError("--issuer and --key belong together: give both, or neither for the local stack.")
    if not Path(arguments.key).is_file():
        raise DevstackError(f"There is no key in {arguments.key}. The issuer creates it when it starts.")
    return TokenIssuer.with_key_in(Path(arguments.key), arguments.issuer)


def add_issuer_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `issuer_of` reads."""
    parser.add_argument(
        "--issuer",
        metavar="URL",
        default=os.environ.get("MASTERJI_ISSUER"),
        help="the token's issuer (default: the running stack's)",
    )
    parser.add_argument(
        "--key",
        metavar="FILE",
        default=os.environ.get("MASTERJI_ISSUER_KEY"),
        help="the issuer's private key (default: the running stack's)",
    )


def run(arguments: Arguments) -> int:
    """Print a bearer token of the development issuer."""
    print(issuer_of(arguments).token(arguments.user, arguments.email, arguments.role))
    return 0


def _user_id(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > MAX_ID_LENGTH:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a user id: give 1 to {MAX_ID_LENGTH} printable characters"
        )
    return text


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text) or not text.isprintable() or len(text) > MAX_ADDRESS_LENGTH:
        raise argparse.ArgumentTypeError(f"{text!r} is not an email address: write it like asha@example.org")
    return text


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--user", required=True, type=_user_id, metavar="ID", help="the user's id (`sub`), such as asha"
    )
    parser.add_argument(
        "--email", required=True, type=_address, metavar="ADDRESS", help="such as asha@example.org"
    )
    parser.add_argument(
        "--role", action="append", default=[], choices=ROLES, help="a role of the user (repeatable)"
    )
    add_issuer_options(parser)


TOKEN = Command("token", "print a bearer token of the development issuer", run, _options)
