"""The pages of the dashboard, and the routes of its buttons."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stripe_sandbox.control.running import Server
from stripe_sandbox.core.store import Object
from stripe_sandbox.dashboard import actions, details, paging, webhook_actions
from stripe_sandbox.dashboard.forms import Action, Form
from stripe_sandbox.dashboard.sections import BY_NAME, SECTIONS
from stripe_sandbox.errors import StripeError
from stripe_sandbox.pages.form_fields import read_form
from stripe_sandbox.pages.rendering import Renderer, redirect
from stripe_sandbox.payments import cards
from stripe_sandbox.payments import disputing as disputes
from stripe_sandbox.payments import intents as payments
from stripe_sandbox.payments import refunding as refunds

ACTIONS = {**actions.ACTIONS, **webhook_actions.ACTIONS}
#: Larger counts are shown as "10,000+": exact counts would take too long.
MANY = 10_000
STATES = ("pending", "held", "delivered", "failed", "dropped", "canceled")
_BACK = re.compile(r"/(dashboard/[\w./?=&%+@#-]*)?\Z")


@dataclass(frozen=True, slots=True)
class Note:
    """The result of a button, shown once on the next page."""

    text: str
    failed: bool = False


class Dashboard:
    """The dashboard of one server."""

    def __init__(self, server: Server, renderer: Renderer) -> None:
        self._server = server
        self._sandbox = server.sandbox
        self._store = server.sandbox.store
        self._renderer = renderer
        self._notes: OrderedDict[str, Note] = OrderedDict()

    def routes(self) -> list[Route]:
        """The routes of the dashboard."""
        return [
            Route("/", self.overview, methods=["GET"]),
            Route("/dashboard/search", self.search, methods=["GET"]),
            Route("/dashboard/deliveries", self.deliveries, methods=["GET"]),
            Route("/dashboard/webhooks", self.webhooks, methods=["GET"]),
            Route("/dashboard/sandbox", self.controls, methods=["GET"]),
            Route("/dashboard/objects/{id}", self.object, methods=["GET"]),
            Route("/dashboard/actions/{name}", self.act, methods=["POST"]),
            Route("/dashboard/{section}", self.listed, methods=["GET"]),
        ]

    def _page(self, request: Request, template: str, status: int = 200, **context: Any) -> Response:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        here = re.sub(r"[?&]said=\w+", "", path)
        return self._renderer.page(
            f"dashboard/{template}.html",
            status,
            **context,
            sections=SECTIONS,
            here=here,
            note=self._notes.pop(request.query_params.get("said", ""), None),
            now=self._sandbox.clock.now(),
            clock=self._sandbox.clock,
            unusual_settings=self._unusual_settings(),
        )

    def _unusual_settings(self) -> list[str]:
        """Unusual settings of deliveries and the API."""
        events, dispatcher = self._sandbox.events, self._server.dispatcher
        facts = {
            "deliveries are paused": dispatcher.paused,
            "deliveries are held": events.initial_state == "held",
            f"each event is sent {events.copies} times": events.copies != 1,
            f"each delivery waits {dispatcher.delay:g} s": dispatcher.delay > 0,
            f"deliveries are shuffled within {dispatcher.shuffle_window:g} s": dispatcher.shuffle_window > 0,
            f"the next {dispatcher.drop_next} deliveries will be dropped": dispatcher.drop_next > 0,
            "an outage of the API is simulated": self._server.faults.plan is not None,
        }
        return [text for text, holds in facts.items() if holds]

    def _delivery_rows(self, found: list[Any]) -> list[dict[str, Any]]:
        """Deliveries with their events and endpoints."""
        get = self._store.get
        return [
            {"delivery": one, "event": get(one.event, "event"), "endpoint": get(one.endpoint)}
            for one in found
        ]

    async def overview(self, request: Request) -> Response:
        """Counts, and the latest objects."""
        counts = {section.name: self._store.count_up_to(section.kind, MANY) for section in SECTIONS}
        states = {state: self._server.deliveries.count_up_to(state, MANY) for state in STATES}
        recent = {name: self._store.find(BY_NAME[name].kind, limit=8) for name in ("payments", "events")}
        failing = [
            one
            for state in ("failed", "pending")
            for one in self._server.deliveries.page(state=state, limit=8)
            if one.tries
        ]
        return self._page(
            request,
            "overview",
            counts=counts,
            many=MANY,
            states=states,
            tables=[(BY_NAME[name], self._rows(name, found)) for name, found in recent.items()],
            failing=self._delivery_rows(failing),
            endpoints=self._store.find("webhook_endpoint"),
            base=self._sandbox.settings.base_url,
        )

    def _rows(self, name: str, found: list[Object]) -> list[Any]:
        return [BY_NAME[name].row(self._sandbox, obj) for obj in found]

    async def listed(self, request: Request) -> Response:
        """One of the lists, filtered, page by page."""
        section = BY_NAME.get(request.path_params["section"])
        if section is None:
            return self._missing(request, "This page does not exist.")
        page = paging.listed(self._store, section, request.query_params)
        return self._page(
            request,
            "list",
            section=section,
            page=page,
            rows=self._rows(section.name, page.items),
            chosen=paging.filters(section, request.query_params),
            types=self._sandbox.events.types() if section.name == "events" else [],
        )

    async def deliveries(self, request: Request) -> Response:
        """All deliveries with their attempts and answers."""
        query = request.query_params
        state = query.get("state") if query.get("state") in STATES else None
        after, before = _number(query.get("after")), _number(query.get("before"))
        found = self._server.deliveries.page(limit=paging.SIZE + 1, state=state, after=after, before=before)
        chosen = {"state": state} if state else {}
        cursors = [str(one.seq) for one in found]
        page = paging.page(
            found, cursors, "/dashboard/deliveries", chosen, query.get("after"), query.get("before")
        )
        return self._page(
            request,
            "deliveries",
            page=page,
            rows=self._delivery_rows(page.items),
            state=state,
            states=STATES,
        )

    async def webhooks(self, request: Request) -> Response:
        """The endpoints, and the settings of delivery."""
        return self._page(
            request,
            "webhooks",
            endpoints=self._store.find("webhook_endpoint"),
            events=self._sandbox.events,
            dispatcher=self._server.dispatcher,
            held=self._server.deliveries.count_up_to("held", MANY),
        )

    async def controls(self, request: Request) -> Response:
        """Time, outages, dunning, generated history and reset."""
        return self._page(
            request,
            "sandbox",
            plan=self._server.faults.plan,
            dunning=self._sandbox.dunning,
            clocks=self._store.find("test_helpers.test_clock"),
        )

    async def object(self, request: Request) -> Response:
        """An object: its JSON, related objects, history and buttons."""
        obj = self._store.get(request.path_params["id"])
        if obj is None:
            return self._missing(request, f"The object {request.path_params['id'][:80]!r} does not exist.")
        if obj["object"] == "event":
            found = self._server.deliveries.page(event=obj["id"], limit=paging.SIZE)
            return self._page(
                request,
                "event",
                event=obj,
                pieces=details.linked_json(obj),
                rows=self._delivery_rows(found),
            )
        others = details.related(self._store, obj)
        return self._page(
            request,
            "object",
            obj=obj,
            pieces=details.linked_json(obj),
            others=others,
            happened=details.timeline(self._store, self._server.deliveries, obj, others),
            cards=cards.BY_NAME,
            refund_reasons=refunds.REASONS,
            refund_failures=refunds.FAILURE_REASONS,
            dispute_reasons=disputes.REASONS,
            dispute_open=disputes.OPEN,
            cancellable=payments.CANCELLABLE,
        )

    async def search(self, request: Request) -> Response:
        """Search by id or its beginning, email address, the shop's reference, or event type."""
        text = request.query_params.get("q", "").strip()[:200]
        exact = self._store.get(text) if text else None
        if exact is not None:
            return redirect(f"/dashboard/objects/{exact['id']}")
        delivery = self._server.deliveries.find(text)
        if delivery is not None:
            return redirect(f"/dashboard/objects/{delivery.event}#{delivery.id}")
        found: list[Object] = []
        if text:
            found += self._store.with_prefix(text, paging.SIZE) if "_" in text else []
            found += self._store.find("customer", {"email": text}, limit=paging.SIZE)
            found += self._store.find("checkout.session", {"client_reference_id": text}, limit=paging.SIZE)
            found += self._store.find("event", {"type": text}, limit=paging.SIZE)
        return self._page(request, "search", text=text, found=found)

    def _missing(self, request: Request, text: str) -> Response:
        return self._page(request, "missing", 404, text=text)

    async def act(self, request: Request) -> Response:
        """Run a button's action, and show its result or error on the page that it came from."""
        action = ACTIONS.get(request.path_params["name"])
        form = await read_form(request)
        if action is None:
            return self._missing(request, "This action does not exist.")
        try:
            with self._store.transaction():
                note = self._done(action, form)
        except StripeError as error:
            note = Note(error.message, failed=True)
        finally:
            self._sandbox.on_commit()
        token = self._sandbox.ids.text(12)
        self._notes[token] = note
        while len(self._notes) > 100:
            self._notes.popitem(last=False)
        back = form.get("back", "/")
        path, _, anchor = (back if _BACK.match(back) else "/").partition("#")
        mark = "&" if "?" in path else "?"
        return redirect(f"{path}{mark}said={token}{'#' + anchor if anchor else ''}")

    def _done(self, action: Action, form: Form) -> Note:
        try:
            return Note(action(self._server, form))
        except StripeError as error:
            # A decline must be recorded.
            if not error.keep_writes:
                raise
            return Note(error.message, failed=True)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 18 else None
