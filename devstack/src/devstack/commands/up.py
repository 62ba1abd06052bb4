"""The command `masterji up`, and the options that it shares with `demo`."""

import argparse
import sys
from pathlib import Path
from typing import Any

from devstack.commands.place import state_of
from devstack.stack import daemon
from devstack.stack.logs import Console
from devstack.stack.plan import CONSUMERS, SERVICES, Options
from devstack.stack.supervisor import Supervisor, install_signals
from processkit.commands import Arguments, Command


def add_stack_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `up` and `demo` share."""
    parser.add_argument("--fresh", action="store_true", help="delete all data of earlier runs first")
    parser.add_argument(
        "--no-sandbox", action="store_true", help="use the Stripe test account of STRIPE_SECRET_KEY"
    )
    parser.add_argument(
        "--scale", type=_scale, action="append", default=[], metavar="SERVICE=N", help="run N consumers"
    )


def options_of(arguments: Arguments, folder: Path) -> Options:
    """The stack that the command line asks for."""
    return Options(
        folder,
        fresh=arguments.fresh,
        sandbox=not arguments.no_sandbox,
        scale=dict(arguments.scale),
        only=tuple(getattr(arguments, "only", None) or ()),
    )


def _scale(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if name not in CONSUMERS or not number.isdigit() or int(number) < 1:
        raise argparse.ArgumentTypeError(
            f"{text!r}: write SERVICE=N, where N is at least 1 and SERVICE is one of {', '.join(CONSUMERS)}"
        )
    return name, int(number)


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack_options(parser)
    parser.add_argument("--detach", action="store_true", help="return as soon as every process is ready")
    parser.add_argument(
        "--only", action="append", choices=SERVICES, help="start only this service (repeatable)"
    )


def run(arguments: Arguments) -> int:
    """Start everything and stay until Ctrl-C, or with --detach return as soon as everything is ready."""
    place = state_of(arguments)
    if arguments.detach:
        status = daemon.start(place, _flags(arguments), say=lambda line: print(line, file=sys.stderr))
        print(addresses(status, f"`{place.command('down')}` stops it."))
        return 0
    console = Console()
    with place.exclusively():
        place.prepare(arguments.fresh)
        supervisor = Supervisor(options_of(arguments, place.folder), place, console)
        install_signals(supervisor)
        supervisor.run(lambda status: console.say_all(addresses(status, "Press Ctrl-C to stop it.")))
    return 0


def _flags(arguments: Arguments) -> list[str]:
    flags = ["--fresh"] if arguments.fresh else []
    flags += ["--no-sandbox"] if arguments.no_sandbox else []
    flags += [part for name, number in arguments.scale for part in ("--scale", f"{name}={number}")]
    return flags + [part for name in arguments.only or () for part in ("--only", name)]


def addresses(status: dict[str, Any], end: str) -> str:
    """List the addresses of a running stack. `end` is the sentence that says how to stop it."""
    rows = {name: service["url"] for name, service in status["services"].items()}
    rows["inbox"] = status["inbox"]
    rows["stripe"] = status["stripe_api_base"] or "https://api.stripe.com"
    rows["kafka"] = status["kafka"]
    return "\n".join([f"The stack is up. {end}", *(f"  {name:<15} {url}" for name, url in rows.items())])


UP = Command("up", "start the whole stack", run, _options)
