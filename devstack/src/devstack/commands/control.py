"""The commands that work on a running stack: down, status, url, start, stop, kill."""

import argparse
import json

from devstack.commands.place import state_of
from devstack.errors import DevstackError
from devstack.stack import daemon
from devstack.stack.plan import SERVICES
from processkit.commands import Arguments, Command


def down(arguments: Arguments) -> int:
    """Stop the stack of this folder and every process that it started."""
    place = state_of(arguments)
    print("The stack is down." if daemon.stop(place) else f"No stack was running from {place.folder}.")
    return 0


def status(arguments: Arguments) -> int:
    """Show each process; exit code 1 if one is not ready."""
    place = state_of(arguments)
    running = place.require()
    if arguments.json:
        print(json.dumps(running.status))
        return 0
    processes = daemon.ask(place, {"command": "processes"})
    print(f"{running.phase}; data and logs are in {place.folder}")
    for process in processes:
        ready = "ready" if process["ready"] else "not ready"
        about = [process["state"], ready, f"pid {process['pid'] or '-'}", f"{process['restarts']} restarts"]
        print(f"  {process['name']:<16} {', '.join(about)}  {process['url'] or ''}".rstrip())
    return 0 if all(process["ready"] for process in processes) else 1


def _status_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the addresses as JSON")


def url(arguments: Arguments) -> int:
    """Print the address of one process, for use in other commands."""
    running = state_of(arguments).require()
    status = running.status
    known = {name: service["url"] for name, service in status["services"].items()}
    known |= {"inbox": status["inbox"], "issuer": running.issuer, "sandbox": status["stripe_api_base"]}
    address = known[arguments.name]
    if not address:
        raise DevstackError("This stack has no sandbox: it uses Stripe at https://api.stripe.com.")
    print(address)
    return 0


def _url_options(parser: argparse.ArgumentParser) -> None:
    names = (*SERVICES, "inbox", "issuer", "sandbox")
    parser.add_argument("name", choices=names, metavar="NAME", help=", ".join(names))


def _change(command: str, about: str) -> Command:
    def run(arguments: Arguments) -> int:
        daemon.ask(state_of(arguments), {"command": command, "names": arguments.names})
        return 0

    return Command(command, about, run, _names)


def _names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="+", metavar="NAME", help="a process that `status` lists")


CONTROL = (
    Command("down", "stop the stack that runs in the background", down),
    Command("status", "show each process of the running stack", status, _status_options),
    Command("url", "print the address of one process", url, _url_options),
    _change("start", "start processes that were stopped or killed"),
    _change("stop", "stop processes until they are started again"),
    _change("kill", "kill processes, as a crash would"),
)
