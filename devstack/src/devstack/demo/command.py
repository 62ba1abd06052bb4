"""The command `masterji demo`."""

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
    """Bring everything up, play the purchase, stay up; with `once`, end: the exit code says how it went."""
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
                console.say_all(_addresses(supervisor, status))

        def start(status: dict[str, Any]) -> None:
            # In a thread, so that the supervisor goes on watching and Ctrl-C is heard.
            threading.Thread(target=play, args=(status,), name="demo", daemon=True).start()

        supervisor.run(start)
    return 0 if not once or outcome == [True] else 1


def _play(supervisor: Supervisor, status: dict[str, Any], console: Console) -> bool:
    client = StackClient(status, supervisor.plan.issuer, terms_version())
    try:
        whole = Demo(client, status["kafka"], console.say, supervisor.stopping.is_set).play()
    except (DevstackError, httpx.HTTPError) as error:
        console.say(f"  ✗ {error}")
        whole = False
    finally:
        client.close()
    if supervisor.stopping.is_set():
        return whole
    logs = supervisor.logs
    console.say("Every step was observed." if whole else f"Not every step was observed. The logs: {logs}")
    return whole


def _addresses(supervisor: Supervisor, status: dict[str, Any]) -> str:
    services = status["services"]
    rows = [
        ("Storefront (buy a course yourself)", services["checkout"]["url"]),
        ("Payment page and events of Stripe", status["stripe_api_base"] or "https://dashboard.stripe.com"),
        ("Inbox (the mails that were sent)", status["inbox"]),
        ("Reports", f"{services['reporting']['url']}/docs"),
        ("Every service's API", " ".join(f"{service['url']}/docs" for service in services.values())),
        ("Logs", str(supervisor.logs)),
    ]
    lines = ["", "Open:"] + [f"  {name:<36} {address}" for name, address in rows]
    lines += ["", "`masterji token --user ID --email ADDRESS [--role admin]` prints a token for the APIs."]
    return "\n".join([*lines, "Ctrl-C ends everything."])
