"""Handles a request of Stripe's API: authentication, routing, idempotency, parameters, operation, answer.

Operations are plain functions `(Call) -> object`, registered with their parameters. Each runs to its end
without awaiting, inside one transaction, so that no request sees a partial change of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from email.utils import formatdate

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from stripe_sandbox.core.event_log import current_request
from stripe_sandbox.core.idempotency import Replay, fingerprint
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.errors import InvalidRequest, StripeError
from stripe_sandbox.rest import form_encoding as forms
from stripe_sandbox.rest import publishable
from stripe_sandbox.rest import versions as api_versions
from stripe_sandbox.rest.authentication import Caller, authenticate, secret_key_required
from stripe_sandbox.rest.expansion import expand
from stripe_sandbox.rest.faults import Faults
from stripe_sandbox.rest.guard import is_foreign
from stripe_sandbox.rest.operations import Call, Route, Table
from stripe_sandbox.rest.params import version_named
from stripe_sandbox.rest.request_log import Entry, RequestLog, keep
from stripe_sandbox.settings import API_VERSION

MAX_BODY = 1_000_000


_encode = msgspec.json.Encoder().encode


class Api:
    """Handles everything under /v1.

    Each answer states the time of the sandbox's clock, so that callers can compare it with `created`.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        routes: Iterable[Route],
        faults: Faults,
        log: RequestLog,
        tick: Callable[[Sandbox], object],
    ) -> None:
        self._sandbox = sandbox
        self._table = Table(routes)
        self._faults = faults
        self._log = log
        self._tick = tick

    async def answer(self, request: Request) -> Response:
        """Handle a request; every failure becomes one of Stripe's errors."""
        request_id = self._sandbox.ids.new("req")
        headers = {
            "Date": formatdate(self._sandbox.clock.now(), usegmt=True),
            "Request-Id": request_id,
            "Stripe-Version": API_VERSION,
            "Content-Type": "application/json",
        }
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        if key:
            headers["Idempotency-Key"] = key[:255]
        if "authorization" not in request.headers:
            # A page may read the answer to a call with its publishable key, and the reason why a key is
            # refused.
            headers["Access-Control-Allow-Origin"] = "*"
        raw = b""
        try:
            caller, raw = await _identify(request)
            headers["Stripe-Version"] = api_versions.check(request.headers.get("stripe-version"))
            status, body = await self._answer(request, caller, raw, request_id, key or None, headers)
        except StripeError as error:
            content = error.body(request_id)
            seen = publishable.visible(content) if publishable.asked_by(request) else content
            status, body = error.status, _encode(seen)
        self._log.add(
            Entry(
                request_id,
                self._sandbox.clock.now(),
                request.method,
                request.url.path,
                keep(raw),
                request.headers.get("stripe-version"),
                key,
                status,
                publishable.asked_by(request),
            )
        )
        return Response(body, status, headers)

    async def _answer(
        self,
        request: Request,
        caller: Caller,
        raw: bytes,
        request_id: str,
        key: str | None,
        headers: dict[str, str],
    ) -> tuple[int, bytes]:
        path = request.url.path
        route, values = self._table.find(request.method, path)
        if caller.publishable:
            if not route.publishable:
                raise secret_key_required()
            key = None
        fault = self._faults.next(path)
        print_ = fingerprint(request.method, path, raw)
        if key is not None:
            replay = self._sandbox.idempotency.begin(key, print_, self._sandbox.clock.now())
            if replay is not None:
                headers["Idempotent-Replayed"] = "true"
                headers["Original-Request"] = replay.request_id
                return replay.status, replay.body
        try:
            # The key counts as in progress during a delay that a control set, so that a test can cause the
            # 409.
            await fault.delay()
            if not fault.after:
                fault.raise_failure()
            version_named.set("stripe-version" in request.headers)
            form = forms.parse(raw)
            if caller.publishable:
                form.pop("key", None)
            call = Call(self._sandbox, values, route.params.parse(form, "") or {}, caller)
            # Everything due happens first, for example the dispute right after its payment.
            self._tick(self._sandbox)
            answer = self._execute(route, call, request_id, key, print_)
            self._sandbox.on_commit()
            if fault.after:
                fault.raise_failure()
            return answer
        finally:
            if key is not None:
                self._sandbox.idempotency.end(key)

    def _execute(
        self, route: Route, call: Call, request_id: str, key: str | None, print_: str
    ) -> tuple[int, bytes]:
        """Run the operation in a transaction and, with a key, store its outcome in the same transaction."""
        sandbox = self._sandbox
        expansions = call.params.pop("expand", None) or []
        token = current_request.set((request_id, key))
        failure: StripeError | None = None
        try:
            with sandbox.store.transaction():
                try:
                    result = expand(sandbox, route.operation(call), expansions)
                    if call.caller.publishable:
                        result = publishable.visible(result)
                    status, body = 200, _encode(result)
                except StripeError as error:
                    if not error.keep_writes:
                        raise
                    failure = error
                    status, body = error.status, _encode(error.body(request_id))
                self._save(key, print_, status, body, request_id)
        except StripeError as error:
            failure = error
            with sandbox.store.transaction():
                self._save(key, print_, error.status, _encode(error.body(request_id)), request_id)
        finally:
            current_request.reset(token)
        if failure is not None:
            sandbox.on_commit()
            raise failure
        return status, body

    def _save(self, key: str | None, print_: str, status: int, body: bytes, request_id: str) -> None:
        if key is not None:
            now = self._sandbox.clock.now()
            self._sandbox.idempotency.save(key, print_, Replay(status, body, request_id), now)


async def _identify(request: Request) -> tuple[Caller, bytes]:
    """The caller, from the header or from a publishable key among the parameters, and the raw parameters."""
    authorization = request.headers.get("authorization")
    if authorization:
        caller = authenticate(authorization)
        raw = await _raw_parameters(request)
    else:
        raw = await _raw_parameters(request)
        caller = authenticate(None, forms.parse(raw).get("key"))
    if caller.publishable:
        request.state.publishable = True
        from_page = "origin" in request.headers or "sec-fetch-site" in request.headers
        caller = replace(caller, own_frame=from_page and not is_foreign(request.headers))
    return caller, raw


async def _raw_parameters(request: Request) -> bytes:
    """The raw form: the body of a POST, else the query string."""
    query = request.url.query.encode()
    if request.method != "POST":
        return query
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise InvalidRequest("The request's body is larger than 1 MB.", status=413)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind not in ("", "application/x-www-form-urlencoded"):
        raise InvalidRequest(
            f"Invalid content type: {kind[:60]}. Requests under /v1 are sent as "
            "application/x-www-form-urlencoded."
        )
    return bytes(body) + (b"&" if body and query else b"") + query
