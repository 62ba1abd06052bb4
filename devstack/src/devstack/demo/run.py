"""Runs the demo: a whole stack and one purchase."""

import threading
from typing import Any

import httpx

from devstack.client import StackClient
from devstack.demo.play import Demo
from devstack.errors import DevstackError
from devstack.stack.logs import Console
from devstack.stack.plan import Options, terms_version
from devstack.stack.state import State
from devstack.stack.supervisor import Supervisor, install_signals


def run(options: Options, place: State, *, once: bool, logs: bool) -> int:
    """Start everything, play the purchase, and stay up.

    With `once`, stop after the purchase and return 0 only if every step was observed. `logs` also prints the
    processes' logs.
    """
    console = Console(plain=not logs)
    outcome: list[bool] = []
    with place.exclusively():
        place.prepare(options.fresh)
        supervisor = Supervisor(options, place, console, quiet=not logs)
        install_signals(supervisor)

        def play(status: dict[str, Any]) -> None:
            try:
                outcome.append(_play(supervisor, status, console))
            finally:
                if once:
                    supervisor.stop()
            if not once:
                console.say_all(addresses(status, place))

        def start(status: dict[str, Any]) -> None:
            # In a thread, so that the supervisor keeps watching its processes and reacts to Ctrl-C.
            threading.Thread(target=play, args=(status,), name="demo", daemon=True).start()

        supervisor.run(start)
    return 0 if not once or outcome == [True] else 1


def _play(supervisor: Supervisor, status: dict[str, Any], console: Console) -> bool:
    client = StackClient(status, supervisor.plan.issuer, terms_version())
    try:
        complete = Demo(client, status["kafka"], console.say, supervisor.stopping.is_set).play()
    except (DevstackError, httpx.HTTPError) as error:
        console.say(f"  ✗ {error}")
        complete = False
    finally:
        client.close()
    if supervisor.stopping.is_set():
        return complete
    logs = supervisor.logs
    console.say("Every step was observed." if complete else f"Not every step was observed. The logs: {logs}")
    return complete


def addresses(status: dict[str, Any], place: State) -> str:
    """List what the user can open or run next."""
    services = status["services"]
    rows = [
        ("Storefront (buy a course yourself)", services["checkout"]["url"]),
        ("Stripe: payments and events", status["stripe_api_base"] or "https://dashboard.stripe.com"),
        ("Inbox (the mails that were sent)", status["inbox"]),
        ("Reports", f"{services['reporting']['url']}/docs"),
        ("API documentation", " ".join(f"{service['url']}/docs" for service in services.values())),
        ("Logs", str(place.folder / "logs")),
    ]
    token = place.command("token --user mira --email mira@example.org --role admin")
    lines = ["", "Open:", *(f"  {name:<36} {address}" for name, address in rows), ""]
    return "\n".join([*lines, f"`{token}` prints a token for the APIs.", "Press Ctrl-C to stop everything."])
