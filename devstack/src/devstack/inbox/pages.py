"""The inbox's pages: the list of mails, and one mail.

The HTML of a mail is untrusted. It has its own address with a policy that forbids scripts, and the page shows
it in an iframe whose sandbox forbids them as well.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.inbox.store import Mail, Mails
from servicekit.pages.brand import Brand
from servicekit.pages.rendering import Pages, wants_fragment
from servicekit.texts.catalogs import Catalogs

MAIL_HEADERS = {
    "content-security-policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


class InboxPages:
    """The pages for one collection of mails."""

    def __init__(self, smtp_url: str) -> None:
        self._smtp_url = smtp_url
        self._pages = Pages(
            "devstack.inbox", catalogs=Catalogs(), brand=Brand("Masterji development"), frames=True
        )

    def routes(self) -> list[Route]:
        """Return the routes of the static files."""
        return self._pages.routes()

    def mails(self, request: Request, mails: Mails) -> Response:
        """Return the list of mails, newest first. It updates itself every five seconds.

        htmx sends the version of the list that it shows, and gets 204 as long as that is the current one.
        """
        shown = mails.newest_first()
        version = f"{shown[0].id if shown else 0}-{len(shown)}"
        if wants_fragment(request) and request.query_params.get("shown") == version:
            return Response(status_code=204)
        return self._pages.show(
            request,
            "mails.html",
            fragment="mails_list.html",
            mails=shown,
            version=version,
            smtp_url=self._smtp_url,
        )

    def mail(self, request: Request, mail: Mail) -> Response:
        """Return the page of one mail: HTML, text, headers."""
        return self._pages.show(
            request,
            "mail.html",
            mail=mail,
            headers="\n".join(f"{name}: {value}" for name, value in mail.message.items()),
            text=mail.body("plain"),
            has_html=mail.body("html") is not None,
        )

    def problem(self, request: Request, status: int, detail: str) -> Response:
        """Return a page that states what happened."""
        title = "Not found" if status == 404 else "The request failed"
        return self._pages.problem(request, status, title=title, detail=detail, request_id=None)
