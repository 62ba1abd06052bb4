"""The command `masterji catalog`: puts the demo's courses on sale."""

import argparse
import os

import httpx

from devstack.client import StackClient
from devstack.commands.place import state_of
from devstack.commands.token import add_issuer_options, issuer_of
from devstack.demo.catalog import COURSES
from devstack.errors import DevstackError
from devstack.stack.plan import terms_version
from processkit.commands import Arguments, Command


def run(arguments: Arguments) -> int:
    """Create the demo's courses, or bring them back to their first state."""
    issuer = issuer_of(arguments)
    checkout = arguments.checkout or state_of(arguments).require().status["services"]["checkout"]["url"]
    addresses = {"stripe_api_base": "", "inbox": "", "services": {"checkout": {"url": checkout}}}
    client = StackClient(addresses, issuer, terms_version())
    try:
        for course_id, body in COURSES.items():
            client.put_course(course_id, body)
    except httpx.HTTPError as error:
        raise DevstackError(
            f"The catalog was not filled. Calling checkout at {checkout} failed: {error}"
        ) from error
    finally:
        client.close()
    print(f"{len(COURSES)} courses are on sale: {', '.join(COURSES)}")
    return 0


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("fill",), help="fill: put the demo's courses on sale")
    parser.add_argument(
        "--checkout",
        metavar="URL",
        default=os.environ.get("MASTERJI_CHECKOUT"),
        help="the address of checkout (default: the running stack's)",
    )
    add_issuer_options(parser)


CATALOG = Command("catalog", "put the demo's courses on sale", run, _options)
