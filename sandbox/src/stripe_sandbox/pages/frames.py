"""Stripe.js and its frames, which are embedded in pages of a shop."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from stripe_sandbox.control.running import Server
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest, ResourceMissing, StripeError
from stripe_sandbox.pages.form_fields import read_form
from stripe_sandbox.pages.payment_form import Attempt, PaymentForm
from stripe_sandbox.pages.rendering import Renderer
from stripe_sandbox.rest.publishable import check_secret
from stripe_sandbox.sessions import paying as checkout

STATIC = Path(__file__).parents[1] / "static"
#: The release train of Stripe.js, which the script's address names: https://docs.stripe.com/sdks/stripejs-versioning
SCRIPT_PATH = "/endive/stripe.js"
FRAMES = ("element", "embedded", "three-ds")
_HEADERS = {
    "Cache-Control": "no-cache",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "X-Content-Type-Options": "nosniff",
}


def script(home: str) -> str:
    """`stripe.js`: its parts in one function scope. `home` is the sandbox's public URL."""
    parts = [path.read_text() for path in sorted((STATIC / "stripe_js").glob("*.js"))]
    start = f'(() => {{\n"use strict";\nconst HOME = {json.dumps(home)};\n'
    return "\n".join([start, *parts, "})();\n"])


class Frames:
    """Serves the script and its frames, and the requests of the embedded page's frame."""

    def __init__(self, server: Server, renderer: Renderer) -> None:
        self._server = server
        self._sandbox = server.sandbox
        self._renderer = renderer
        self._form = PaymentForm(server)
        self._script = script(server.sandbox.settings.base_url.rstrip("/"))

    def routes(self) -> list[BaseRoute]:
        """The routes of the script and its frames."""
        return [
            Route(SCRIPT_PATH, self.stripe_js, methods=["GET"]),
            Route("/v3/", self.older_stripe_js, methods=["GET"]),
            Route("/{train}/stripe.js", self.older_stripe_js, methods=["GET"]),
            Route("/js/frames/{name}", self.frame, methods=["GET"]),
            Route("/js/embedded/{id}/{action}", self.embedded, methods=["POST"]),
            Route("/js/three-ds/{id}", self.question, methods=["POST"]),
            Mount("/assets", StaticFiles(directory=STATIC)),
        ]

    async def stripe_js(self, _: Request) -> Response:
        """The script."""
        return Response(self._script, headers=_HEADERS, media_type="text/javascript")

    async def older_stripe_js(self, _: Request) -> Response:
        """404 for all other release trains, with the address to load instead."""
        return PlainTextResponse(
            f"The sandbox does not have this release of Stripe.js. Load {SCRIPT_PATH} instead.\n", 404
        )

    async def frame(self, request: Request) -> Response:
        """The page inside a frame; the script sends it its options."""
        name = request.path_params["name"]
        if name not in FRAMES:
            return self._renderer.message("Something went wrong", "This frame does not exist.", status=404)
        return self._renderer.page(f"frames/{name}.html", framed=True)

    async def embedded(self, request: Request) -> Response:
        """A step on the embedded page: `show`, `pay`, `promotion` or `authenticate`. Returns `{html}`, with
        `complete` and `return_url` if the session is complete, or `{error}`.
        """
        try:
            form = await read_form(request)
            session = self._owned(request, "checkout.session", form)
            if session["ui_mode"] != "embedded_page":
                raise InvalidRequest(
                    f"This Checkout Session was created with `ui_mode: {session['ui_mode']}`; the embedded "
                    "page needs one with `ui_mode: embedded_page`."
                )
            attempt = await self._step(request.path_params["action"], session, form)
        except StripeError as error:
            return _refused(error)
        return JSONResponse(self._state(session, attempt))

    def _owned(self, request: Request, kind: str, form: Mapping[str, str]) -> Object:
        """The object in the path, if the client secret in the form belongs to it."""
        found = self._sandbox.store.get(request.path_params["id"], kind)
        if found is None:
            raise ResourceMissing(kind, request.path_params["id"])
        check_secret(found, form.get("client_secret", ""))
        return found

    async def _step(self, action: str, session: Object, form: Mapping[str, str]) -> Attempt | None:
        if action == "show" or session["status"] != "open":
            return None
        if action == "pay":
            return await self._form.pay(session, form)
        if action == "promotion":
            return self._form.promotion(session, form)
        if action == "authenticate" and self._form.waits_for_bank(session) is not None:
            return await self._form.authenticated(session, authenticated=form.get("outcome") == "complete")
        raise InvalidRequest("This page is out of date. Please reload it.")

    def _state(self, session: Object, attempt: Attempt | None) -> dict[str, Any]:
        fragment = self._renderer.fragment
        if session["status"] == "complete":
            always = session["redirect_on_completion"] == "always"
            url = checkout.return_url(session) if always else None
            return {
                "html": fragment("frames/_complete.html", session=session),
                "complete": True,
                "return_url": url,
            }
        if session["status"] == "expired":
            return {"html": fragment("frames/_expired.html")}
        intent = self._form.waits_for_bank(session)
        if intent is not None and (attempt is None or attempt.error is None):
            return {"html": fragment("_three_ds.html", intent=intent)}
        return {"html": fragment("_payment.html", **self._form.context(session, attempt))}

    async def question(self, request: Request) -> Response:
        """The bank's question about an intent, for a dialog: `{html}` or `{error}`."""
        try:
            id_ = request.path_params["id"]
            kind = "setup_intent" if id_.startswith("seti_") else "payment_intent"
            intent = self._owned(request, kind, await read_form(request))
        except StripeError as error:
            return _refused(error)
        return JSONResponse({"html": self._renderer.fragment("_three_ds.html", intent=intent)})


def _refused(error: StripeError) -> Response:
    body = error.body("req_frame")
    del body["error"]["request_log_url"]
    return JSONResponse(body, error.status)
