"""The commands of `masterji`, one function each."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException

from devstack import topics
from devstack.errors import DevstackError
from devstack.stack import daemon, state
from devstack.stack.logs import Console
from devstack.stack.plan import CONSUMERS, SERVICES, Options
from devstack.stack.state import State
from devstack.stack.supervisor import Supervisor, install_signals
from devstack.tokens import TokenIssuer

Arguments = argparse.Namespace


@dataclass(frozen=True)
class Command:
    """A name, its help and its options."""

    name: str
    help: str
    run: Callable[[Arguments], int]
    options: Callable[[argparse.ArgumentParser], None] = field(default=lambda _parser: None)

    def add_to(self, subparsers: Any) -> None:
        """Register with the command line."""
        parser = subparsers.add_parser(self.name, help=self.help, description=self.help)
        # Also after the command; SUPPRESS keeps what was given before it.
        parser.add_argument("--state", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        self.options(parser)
        parser.set_defaults(run=self.run)


def _state(arguments: Arguments) -> State:
    given = getattr(arguments, "state", None)
    return State(state.resolve(Path(given) if given else None))


def _scale(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if name not in CONSUMERS or not number.isdigit() or int(number) < 1:
        raise argparse.ArgumentTypeError(
            f"{text!r}: write SERVICE=N with N of at least 1 and one of {', '.join(CONSUMERS)}"
        )
    return name, int(number)


def up_options(parser: argparse.ArgumentParser) -> None:
    """What `up` and `demo` share."""
    parser.add_argument("--fresh", action="store_true", help="forget all data of earlier runs first")
    parser.add_argument(
        "--no-sandbox", action="store_true", help="use the Stripe test account of STRIPE_SECRET_KEY"
    )
    parser.add_argument(
        "--scale", type=_scale, action="append", default=[], metavar="SERVICE=N", help="run N consumers of it"
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


def _up_options(parser: argparse.ArgumentParser) -> None:
    up_options(parser)
    parser.add_argument("--detach", action="store_true", help="return once everything is ready")
    parser.add_argument(
        "--only", action="append", choices=SERVICES, help="start only this service (repeatable)"
    )


def up(arguments: Arguments) -> int:
    """Start everything and stay until Ctrl-C, or return at once with --detach."""
    place = _state(arguments)
    if arguments.detach:
        flags = [
            flag for flag in ("--fresh", "--no-sandbox") if getattr(arguments, flag[2:].replace("-", "_"))
        ]
        flags += [part for name, number in arguments.scale for part in ("--scale", f"{name}={number}")]
        flags += [part for name in arguments.only or () for part in ("--only", name)]
        print(addresses(daemon.start(place, flags), "`masterji down` ends it."))
        return 0
    console = Console()
    with place.exclusively():
        place.prepare(arguments.fresh)
        supervisor = Supervisor(options_of(arguments, place.folder), place, console)
        install_signals(supervisor)
        supervisor.run(lambda status: console.say_all(addresses(status, "Ctrl-C ends it.")))
    return 0


def addresses(status: dict[str, Any], end: str) -> str:
    """The addresses of a running stack, for people; `end` says how it ends."""
    lines = [f"The stack is up. {end}"]
    lines += [f"  {name:<15} {service['url']}" for name, service in status["services"].items()]
    lines += [
        f"  {'inbox':<15} {status['inbox']}",
        f"  {'stripe':<15} {status['stripe_api_base'] or 'Stripe itself'}",
    ]
    lines += [f"  {'kafka':<15} {status['kafka']}"]
    return "\n".join(lines)


def down(arguments: Arguments) -> int:
    """End the stack of this folder and everything it started."""
    place = _state(arguments)
    print("The stack is down." if daemon.stop(place) else f"Nothing ran from {place.folder}.")
    return 0


def status(arguments: Arguments) -> int:
    """Show what runs; exit code 1 if something is not ready."""
    place = _state(arguments)
    running = place.require()
    if arguments.json:
        print(json.dumps(running.status))
        return 0
    processes = daemon.ask(place, {"command": "processes"})
    print(f"{running.phase}; data and logs in {place.folder}")
    for process in processes:
        ready = "ready" if process["ready"] else "not ready"
        about = [process["state"], ready, f"pid {process['pid'] or '-'}", f"{process['restarts']} restarts"]
        print(f"  {process['name']:<16} {', '.join(about)}  {process['url'] or ''}")
    return 0 if all(process["ready"] for process in processes) else 1


def _control(name: str) -> Callable[[Arguments], int]:
    def run(arguments: Arguments) -> int:
        daemon.ask(_state(arguments), {"command": name, "names": arguments.names})
        return 0

    return run


def _names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "names", nargs="+", metavar="NAME", help="a service, kafka, postgres, sandbox or inbox"
    )


def token(arguments: Arguments) -> int:
    """Print a bearer of the development issuer."""
    place = _state(arguments)
    running = place.require()
    issuer = TokenIssuer.with_key_in(place.folder / "issuer.pem", running.issuer)
    print(issuer.token(arguments.user, arguments.email, arguments.role))
    return 0


def _token_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", required=True, metavar="ID", help="the user's id (the token's sub)")
    parser.add_argument("--email", required=True, metavar="ADDRESS")
    parser.add_argument(
        "--role", action="append", default=[], choices=("admin", "analyst", "service"), help="repeatable"
    )


def topics_command(arguments: Arguments) -> int:
    """Create or check the topics on KAFKA_BOOTSTRAP_SERVERS."""
    from messaging.settings import KafkaSettings
    from servicekit.settings import load

    settings = load(KafkaSettings)
    try:
        if arguments.action == "create":
            created = topics.create(settings, development=arguments.dev)
            print(f"{len(created)} topics were created" + (f": {', '.join(created)}" if created else ""))
            return 0
        problems = topics.check(settings, development=arguments.dev)
    except KafkaException as error:
        raise DevstackError(
            f"Kafka at {settings.bootstrap_servers} did not do what was asked: {error.args[0].str()}"
        ) from error
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print("All topics are there, and none can lose an acknowledged message.")
    return 1 if problems else 0


def _topics_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("create", "check"))
    parser.add_argument("--dev", action="store_true", help="one broker: allow a single replica")


def demo(arguments: Arguments) -> int:
    """Bring everything up, play one purchase, show each step, and stay up."""
    from devstack.demo import command

    place = _state(arguments)
    options = options_of(arguments, place.folder)
    return command.run(options, place, once=arguments.once, logs=arguments.logs)


def _demo_options(parser: argparse.ArgumentParser) -> None:
    up_options(parser)
    parser.add_argument(
        "--once", action="store_true", help="end after the purchase; exit code 0 if all was seen"
    )
    parser.add_argument("--logs", action="store_true", help="show the services' logs, too")


COMMANDS = (
    Command("demo", "bring everything up and play one purchase", demo, _demo_options),
    Command("up", "start everything and stay until Ctrl-C", up, _up_options),
    Command("down", "end the stack and everything it started", down),
    Command(
        "status",
        "show what runs",
        status,
        lambda parser: void(
            parser.add_argument("--json", action="store_true", help="addresses for programs")
        ),
    ),
    Command("start", "start one process again", _control("start"), _names),
    Command("stop", "stop one process until it is started again", _control("stop"), _names),
    Command("kill", "end one process as a crash would", _control("kill"), _names),
    Command("token", "print a bearer token of the development issuer", token, _token_options),
    Command(
        "topics", "create or check the topics on KAFKA_BOOTSTRAP_SERVERS", topics_command, _topics_options
    ),
)


def void(_value: object) -> None:
    """Drop a value."""
