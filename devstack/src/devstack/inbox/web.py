"""The web server of the inbox: HTML pages and a JSON API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Route

from devstack.guard import Guard
from devstack.inbox import smtp
from devstack.inbox.pages import MAIL_HEADERS, InboxPages
from devstack.inbox.store import Mail, Mails
from devstack.ports import LOOPBACK


class Inbox:
    """The routes for one collection of mails."""

    def __init__(self, mails: Mails, smtp_url: str) -> None:
        self._mails = mails
        self.pages = InboxPages(smtp_url)

    def routes(self) -> list[Route]:
        """Return the routes: pages under / and JSON under /api."""
        return [
            Route("/", self._list_page),
            Route("/messages/{mail_id:int}", self._mail_page),
            Route("/messages/{mail_id:int}/html", self._html),
            Route("/messages/{mail_id:int}/raw", self._raw),
            Route("/delete", self._delete_form, methods=["POST"]),
            Route("/api/messages", self._list, methods=["GET"]),
            Route("/api/messages", self._delete, methods=["DELETE"]),
            Route("/api/messages/{mail_id:int}", self._get),
            Route("/health/ready", self._ready),
            *self.pages.routes(),
        ]

    async def _list_page(self, request: Request) -> Response:
        return self.pages.mails(request, self._mails)

    async def _mail_page(self, request: Request) -> Response:
        return self.pages.mail(request, self._find(request))

    async def _html(self, request: Request) -> Response:
        html = self._find(request).body("html")
        if html is None:
            raise HTTPException(404, "This mail has no HTML part.")
        return HTMLResponse(html, headers=MAIL_HEADERS)

    async def _raw(self, request: Request) -> Response:
        # As plain text, so that the browser shows the source instead of rendering it.
        return Response(self._find(request).raw, media_type="text/plain", headers=MAIL_HEADERS)

    async def _delete_form(self, _request: Request) -> Response:
        self._mails.clear()
        return RedirectResponse("/", status_code=303)

    async def _list(self, request: Request) -> Response:
        mails = self._mails.newest_first(request.query_params.get("to"))
        return JSONResponse({"total": len(mails), "messages": [mail.summary() for mail in mails]})

    async def _get(self, request: Request) -> Response:
        return JSONResponse(self._find(request).whole())

    async def _delete(self, _request: Request) -> Response:
        self._mails.clear()
        return Response(status_code=204)

    async def _ready(self, _request: Request) -> Response:
        return JSONResponse({"status": "ready"})

    async def failed(self, request: Request, error: Exception) -> Response:
        """Return the error as a page, or as text to programs."""
        assert isinstance(error, HTTPException)
        if "text/html" in request.headers.get("accept", ""):
            return self.pages.problem(request, error.status_code, error.detail)
        return PlainTextResponse(error.detail, error.status_code, headers=error.headers)

    def _find(self, request: Request) -> Mail:
        mail = self._mails.get(request.path_params["mail_id"])
        if mail is None:
            raise HTTPException(
                404, "No such mail. It may have been deleted, or dropped to make room for newer ones."
            )
        return mail


def create_app(smtp_port: int, host: str = LOOPBACK) -> Starlette:
    """Create the inbox. While it serves, it also listens for SMTP on `smtp_port` of `host`."""
    mails = Mails()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        server = await smtp.listen(mails, host, smtp_port)
        yield
        server.close()
        await server.wait_closed()

    inbox = Inbox(mails, f"smtp://{host}:{smtp_port}")
    return Starlette(
        routes=inbox.routes(),
        lifespan=lifespan,
        middleware=[Middleware(Guard)],
        exception_handlers={HTTPException: inbox.failed},
    )
