"""The buttons that have to do with webhooks, time and outages."""

from __future__ import annotations

from stripe_sandbox import timekeeper
from stripe_sandbox.control import bodies as control_bodies
from stripe_sandbox.control.running import Server
from stripe_sandbox.dashboard.forms import Actions, Form, body, named
from stripe_sandbox.errors import InvalidRequest

DAY = 24 * 3600
ACTIONS = Actions()


@ACTIONS.add
def replay_event(server: Server, form: Form) -> str:
    """Deliver an event again to every endpoint that wants it."""
    wanted = body(form, control_bodies.Replay)
    made = server.replay(named(server, form, "event"), wanted.copies)
    return f"{len(made)} deliveries are on their way." if made else "No endpoint wants this event."


@ACTIONS.add
def retry_delivery(server: Server, form: Form) -> str:
    """Try a delivery again now."""
    if not server.deliveries.retry(form.get("id", "")):
        raise InvalidRequest(
            "This delivery was acknowledged already, or there is none. Replay its event instead."
        )
    return "It is tried again now."


@ACTIONS.add
def treat_webhooks(server: Server, form: Form) -> str:
    """Hold, double, delay, shuffle or drop deliveries from now on."""
    types = form.get("drop_types", "").replace(",", " ").split()
    wanted = body(form, control_bodies.Webhooks, hold=bool(form.get("hold")), drop_types=types)
    server.treat_webhooks(wanted)
    return "Deliveries are treated so from now on."


@ACTIONS.add
def pause_webhooks(server: Server, form: Form) -> str:
    """Send nothing for a while, or go on."""
    server.dispatcher.paused = form.get("paused") == "yes"
    return "Nothing is sent until you resume." if server.dispatcher.paused else "Deliveries are sent again."


@ACTIONS.add
def release_webhooks(server: Server, form: Form) -> str:
    """Send what was held."""
    released = server.release(body(form, control_bodies.Release))
    return f"{len(released)} deliveries were released. Nothing is held any more."


@ACTIONS.add
def roll_secret(server: Server, form: Form) -> str:
    """Give an endpoint a new signing secret."""
    keep = bool(form.get("keep_old"))
    wanted = body(form, control_bodies.RollSecret, keep_old=keep)
    secret = server.roll_secret(named(server, form, "webhook_endpoint"), wanted)
    return f"The new secret is {secret}{', and the old one signs beside it' if keep else ''}."


@ACTIONS.add
def switch_endpoint(server: Server, form: Form) -> str:
    """Enable or disable an endpoint."""
    endpoint = named(server, form, "webhook_endpoint")
    endpoint["status"] = "enabled" if form.get("status") == "enabled" else "disabled"
    server.sandbox.store.update(endpoint)
    return f"The endpoint is {endpoint['status']}."


@ACTIONS.add
def move_clock(server: Server, form: Form) -> str:
    """Move the sandbox's time, by days or back to the present."""
    if form.get("to_present"):
        server.move_clock(control_bodies.SetClock(offset=0))
        return "It is now again."
    wanted = body(form, control_bodies.SetClock)
    if wanted.advance is None or wanted.advance <= 0:
        raise InvalidRequest("Say by how many seconds to move time forward.")
    happened = server.move_clock(wanted)
    return f"Time has moved on; {happened} things fell due and have happened."


@ACTIONS.add
def move_test_clock(server: Server, form: Form) -> str:
    """Move a test clock forward."""
    wanted = body(form, control_bodies.SetClock)
    clock = named(server, form, "test_helpers.test_clock")
    if wanted.advance is None or not 0 < wanted.advance <= 2 * 366 * DAY:
        raise InvalidRequest("A test clock moves forward, by two years at most at a time.")
    timekeeper.advance(server.sandbox, clock, clock["frozen_time"] + int(wanted.advance))
    return "The clock has moved on, and what fell between has happened."


@ACTIONS.add
def fail_calls(server: Server, form: Form) -> str:
    """Let the next calls of the API fail or be slow; or no longer."""
    if form.get("end"):
        server.faults.plan = None
        return "The API works again."
    server.fail_calls(body(form, control_bodies.Faults, after=bool(form.get("after"))))
    return "The next calls meet that."


@ACTIONS.add
def make_history(server: Server, form: Form) -> str:
    """Make up past orders."""
    wanted = body(form, control_bodies.History, deliver=bool(form.get("deliver")))
    events = server.make_history(wanted)
    return f"{wanted.orders} orders of {wanted.days} days were made up, with {sum(events.values())} events."


@ACTIONS.add
def reset(server: Server, form: Form) -> str:
    """Forget everything but the webhook endpoints."""
    if form.get("sure") != "yes":
        raise InvalidRequest("Tick the box first: everything but the webhook endpoints is forgotten.")
    server.reset()
    return "Everything is forgotten but the webhook endpoints."
