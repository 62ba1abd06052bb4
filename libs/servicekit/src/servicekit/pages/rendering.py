"""Renders pages: the environment of the templates, and the headers of every page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from importlib import resources
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from servicekit.locales import FALLBACK, locale_of
from servicekit.pages.assets import Assets
from servicekit.pages.brand import Brand
from servicekit.pages.flash import Flash
from servicekit.pages.formats import Formats
from servicekit.pages.forms import FormState
from servicekit.security_headers import SECURITY_HEADERS
from servicekit.texts.catalogs import Catalogs
from servicekit.texts.templates import TemplateTexts

_KIT = "servicekit.pages"
_HTMX = "htmx-4.0.1.min.js"


def english(_: Request) -> str:
    """Return the language tag of pages that exist in English only."""
    return FALLBACK


class Pages:
    """The pages of one package: its `templates/`, and the style sheets in its `static/` after the kit's.

    `tag_of` returns the visitor's language tag. Amounts and dates follow its locale; texts follow its
    language if `catalogs` have it. `form_targets` are the other origins that forms may lead to, also by a
    redirect. `headers` replace or add headers. `base` is the template that problem pages extend;
    `shared` are values for all templates, imported macros included.
    """

    def __init__(
        self,
        package: str,
        *,
        catalogs: Catalogs,
        brand: Brand,
        tag_of: Callable[[Request], str] = english,
        form_targets: Sequence[str] = (),
        frames: bool = False,
        headers: Mapping[str, str] | None = None,
        notices: Mapping[str, str] | None = None,
        base: str = "kit/layout.html",
        shared: Mapping[str, Any] | None = None,
    ) -> None:
        self.flash = Flash(notices or {})
        self._catalogs = catalogs
        self._tag_of = tag_of
        self._base = base
        self._assets = Assets(_files(package, brand))
        self._headers = {
            **SECURITY_HEADERS,
            "Content-Security-Policy": _policy(form_targets, frames),
            "Vary": "Cookie, Accept-Language, HX-Request, HX-Request-Type",
            **(headers or {}),
        }
        self._formats: ContextVar[Formats] = ContextVar("formats")
        self._environment = _environment(package)
        self._texts = TemplateTexts(self._environment)
        self._environment.globals |= {
            "asset": self._assets.address,
            "brand": brand,
            "htmx": _HTMX,
            "money": lambda amount, currency: self._formats.get().money(amount, currency),
            "number": lambda value: self._formats.get().number(value),
            "day": lambda value: self._formats.get().day(value),
            "moment": lambda value: self._formats.get().moment(value),
            "no_form": FormState(),
            **(shared or {}),
        }
        # A template's own name for it, so that fragments need no import.
        self._environment.globals["kit"] = self._environment.get_template("kit/macros.html").module

    def routes(self) -> list[Route]:
        """Return the routes of the static files."""
        return [self._assets.route()]

    def language(self, request: Request) -> str:
        """Return the language of the texts that this visitor gets."""
        return self._catalogs.language(locale_of(self._tag_of(request)))

    def gettext(self, request: Request, text: str) -> str:
        """Return a text in the visitor's language."""
        return self._catalogs.texts(self.language(request)).gettext(text)

    def show(
        self,
        request: Request,
        template: str,
        *,
        fragment: str | None = None,
        status: int = 200,
        **context: Any,
    ) -> Response:
        """Return the page, or only `fragment` if htmx asks for a part of it."""
        partial = fragment is not None and wants_fragment(request)
        notice = None if partial else self.flash.pending(request)
        values = {"notice": notice, "partial": partial, **context}
        html = self._render(request, fragment if partial and fragment else template, values)
        response = Response(html, status, self._headers, "text/html; charset=utf-8")
        if notice is not None:
            self.flash.shown(response)
        return response

    def problem(self, request: Request, status: int, **context: Any) -> Response:
        """Return a page, or for htmx an alert, that states what happened and what to do next."""
        return self.show(
            request,
            "kit/problem.html",
            fragment="kit/problem_alert.html",
            status=status,
            base=self._base,
            status_code=status,
            **context,
        )

    def _render(self, request: Request, template: str, values: Mapping[str, Any]) -> str:
        language = self.language(request)
        formats = self._formats.set(Formats(locale_of(self._tag_of(request))))
        try:
            with self._texts.use(self._catalogs.texts(language)):
                return self._environment.get_template(template).render(
                    language=language, here=_here(request), path=request.url.path, **values
                )
        finally:
            self._formats.reset(formats)


def wants_fragment(request: Request) -> bool:
    """Return whether htmx asks for a part of the page; it asks for a whole page too, on restoring history."""
    headers = request.headers
    return headers.get("hx-request") == "true" and headers.get("hx-request-type") == "partial"


def _environment(package: str) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(package), jinja2.PackageLoader(_KIT)]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _files(package: str, brand: Brand) -> dict[str, bytes]:
    kit = resources.files(_KIT) / "static"
    own = resources.files(package) / "static"
    sheets = (
        sorted(entry.name for entry in own.iterdir() if entry.name.endswith(".css")) if own.is_dir() else []
    )
    style = [
        brand.tokens.encode(),
        (kit / "kit.css").read_bytes(),
        *((own / name).read_bytes() for name in sheets),
    ]
    return {
        "pages.css": b"\n".join(style),
        _HTMX: (kit / "vendor" / _HTMX).read_bytes(),
        brand.icon_name: brand.icon,
    }


def _policy(form_targets: Sequence[str], frames: bool) -> str:
    # Browsers apply form-action to the redirects of a form as well, so their origins must be listed.
    directives = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        *(["frame-src 'self'"] if frames else []),
        " ".join(("form-action 'self'", *form_targets)),
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    return "; ".join(directives)


def _here(request: Request) -> str:
    """Return the path to come back to after signing in: the page's own, or / after a form."""
    if request.method != "GET":
        return "/"
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
