"""The dashboard's buttons for webhooks, time and outages."""

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
    """Deliver an event again to every endpoint that subscribes to it."""
    wanted = body(form, control_bodies.Replay)
    made = server.replay(named(server, form, "event"), wanted.copies)
    return f"{len(made)} deliveries were created." if made else "No endpoint subscribes to this event."


@ACTIONS.add
def retry_delivery(server: Server, form: Form) -> str:
    """Attempt a delivery again now."""
    if not server.deliveries.retry(form.get("id", "")):
        raise InvalidRequest(
            "This delivery was already acknowledged or does not exist. Replay its event instead."
        )
    return "The delivery is being attempted again."


@ACTIONS.add
def configure_webhooks(server: Server, form: Form) -> str:
    """Hold, duplicate, delay, shuffle or drop deliveries from now on."""
    types = form.get("drop_types", "").replace(",", " ").split()
    wanted = body(form, control_bodies.Webhooks, hold=bool(form.get("hold")), drop_types=types)
    server.configure_webhooks(wanted)
    return "The settings apply to new deliveries."


@ACTIONS.add
def pause_webhooks(server: Server, form: Form) -> str:
    """Pause or resume webhook delivery."""
    server.dispatcher.paused = form.get("paused") == "yes"
    return (
        "Deliveries are paused until you resume." if server.dispatcher.paused else "Deliveries have resumed."
    )


@ACTIONS.add
def release_webhooks(server: Server, form: Form) -> str:
    """Send held deliveries."""
    released = server.release(body(form, control_bodies.Release))
    return f"{len(released)} deliveries were released. No more deliveries are held."


@ACTIONS.add
def roll_secret(server: Server, form: Form) -> str:
    """Give an endpoint a new signing secret."""
    keep = bool(form.get("keep_old"))
    wanted = body(form, control_bodies.RollSecret, keep_old=keep)
    secret = server.roll_secret(named(server, form, "webhook_endpoint"), wanted)
    return f"The new secret is {secret}{'; the old one also signs' if keep else ''}."


@ACTIONS.add
def switch_endpoint(server: Server, form: Form) -> str:
    """Enable or disable an endpoint."""
    endpoint = named(server, form, "webhook_endpoint")
    endpoint["status"] = "enabled" if form.get("status") == "enabled" else "disabled"
    server.sandbox.store.update(endpoint)
    return f"The endpoint is {endpoint['status']}."


@ACTIONS.add
def move_clock(server: Server, form: Form) -> str:
    """Move the sandbox's clock forward by days, or back to the present."""
    if form.get("to_present"):
        server.move_clock(control_bodies.SetClock(offset=0))
        return "The clock shows the present again."
    wanted = body(form, control_bodies.SetClock)
    if wanted.advance is None or wanted.advance <= 0:
        raise InvalidRequest("Enter the number of seconds to move the clock forward.")
    ran = server.move_clock(wanted)
    return f"The clock was moved; {ran} timers ran."


@ACTIONS.add
def move_test_clock(server: Server, form: Form) -> str:
    """Move a test clock forward."""
    wanted = body(form, control_bodies.SetClock)
    clock = named(server, form, "test_helpers.test_clock")
    if wanted.advance is None or not 0 < wanted.advance <= 2 * 366 * DAY:
        raise InvalidRequest("A test clock can only be moved forward, by at most two years at a time.")
    timekeeper.advance(server.sandbox, clock, clock["frozen_time"] + int(wanted.advance))
    return "The test clock was moved, and everything due has run."


@ACTIONS.add
def fail_calls(server: Server, form: Form) -> str:
    """Make the next API calls fail or slow, or end that."""
    if form.get("end"):
        server.faults.plan = None
        return "The API works again."
    server.fail_calls(body(form, control_bodies.Faults, after=bool(form.get("after"))))
    return "The outage applies to the next calls."


@ACTIONS.add
def make_history(server: Server, form: Form) -> str:
    """Generate past orders."""
    wanted = body(form, control_bodies.History, deliver=bool(form.get("deliver")))
    events = server.make_history(wanted)
    return f"{wanted.orders} orders of {wanted.days} days were generated, with {sum(events.values())} events."


@ACTIONS.add
def reset(server: Server, form: Form) -> str:
    """Delete everything except the webhook endpoints."""
    if form.get("sure") != "yes":
        raise InvalidRequest("Tick the box first: this deletes everything except the webhook endpoints.")
    server.reset()
    return "Everything except the webhook endpoints was deleted."
