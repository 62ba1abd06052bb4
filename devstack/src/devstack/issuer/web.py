"""The JWKS, and a page to choose a demo user. It replaces a company's identity provider."""

from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from devstack.guard import Guard
from devstack.tokens import TokenIssuer


@dataclass(frozen=True)
class DemoUser:
    """A user to sign in as."""

    id: str
    name: str
    email: str
    roles: tuple[str, ...] = ()


DEMO_USERS = (
    DemoUser("usr_asha", "Asha, a student", "asha@example.com"),
    DemoUser("usr_ben", "Ben, a student", "ben@example.com"),
    DemoUser("usr_mira", "Mira, an administrator", "mira@example.com", ("admin",)),
    DemoUser("usr_noor", "Noor, an analyst", "noor@example.com", ("analyst",)),
)

_STYLE = """
:root { color-scheme: light dark; } body { font: 16px/1.5 system-ui; margin: 10vh auto; padding: 0 1rem;
max-width: 26rem; }
button { font: inherit; display: block; width: 100%; text-align: left; padding: .8rem 1rem;
margin: .6rem 0; border: 1px solid #8886; border-radius: .5rem; background: none; cursor: pointer; }
button:hover { border-color: currentColor; } small { color: #888; display: block; }
"""


def create_app(issuer: TokenIssuer, storefront_url: str) -> Starlette:
    """Create the issuer's pages. Signing in posts the token to the storefront's /session."""

    async def key_set(_request: Request) -> Response:
        return JSONResponse(issuer.jwks(), headers={"cache-control": "max-age=300"})

    async def sign_in(request: Request) -> Response:
        return_to = request.query_params.get("return_to", "/")
        choices = "".join(_choice(issuer, user, storefront_url, return_to) for user in DEMO_USERS)
        page = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in (development)</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<style>{_STYLE}</style></head><body><h1>Sign in as</h1>"
            f"<p>This page exists only in development.</p>{choices}</body></html>"
        )
        policy = f"default-src 'none'; style-src 'unsafe-inline'; form-action {_origin(storefront_url)}"
        headers = {"content-security-policy": policy, "cache-control": "no-store"}
        return HTMLResponse(page, headers=headers)

    async def ready(_request: Request) -> Response:
        return JSONResponse({"status": "ready"})

    return Starlette(
        routes=[
            Route("/.well-known/jwks.json", key_set),
            Route("/sign-in", sign_in),
            Route("/health/ready", ready),
        ],
        middleware=[Middleware(Guard)],
    )


def _choice(issuer: TokenIssuer, user: DemoUser, storefront_url: str, return_to: str) -> str:
    token = issuer.token(user.id, user.email, user.roles)
    return (
        f'<form method="post" action="{escape(storefront_url)}/session">'
        f'<input type="hidden" name="token" value="{escape(token)}">'
        f'<input type="hidden" name="return_to" value="{escape(return_to)}">'
        f'<button data-user="{escape(user.id)}">{escape(user.name)}'
        f"<small>{escape(user.email)}</small></button></form>"
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
