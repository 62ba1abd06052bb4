"""The JWKS, and a page to choose a demo user. It replaces a company's identity provider."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from devstack.guard import Guard
from devstack.tokens import TokenIssuer
from servicekit.pages.brand import Brand
from servicekit.pages.rendering import Pages
from servicekit.texts.catalogs import Catalogs


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


def create_app(issuer: TokenIssuer, storefront_url: str) -> Starlette:
    """Create the issuer's pages. Signing in posts the token to the storefront's /session."""
    pages = Pages(
        "devstack.issuer",
        catalogs=Catalogs(),
        brand=Brand("Masterji development"),
        form_targets=[_origin(storefront_url)],
        # The storefront checks the origin of this page, which the kit's own policy would hide from it.
        headers={"Referrer-Policy": "strict-origin-when-cross-origin"},
    )

    async def key_set(_request: Request) -> Response:
        return JSONResponse(issuer.jwks(), headers={"cache-control": "max-age=300"})

    async def sign_in(request: Request) -> Response:
        return_to = request.query_params.get("return_to", "/")
        choices = [(user, issuer.token(user.id, user.email, user.roles)) for user in DEMO_USERS]
        return pages.show(
            request, "sign_in.html", choices=choices, storefront_url=storefront_url, return_to=return_to
        )

    async def ready(_request: Request) -> Response:
        return JSONResponse({"status": "ready"})

    return Starlette(
        routes=[
            Route("/.well-known/jwks.json", key_set),
            Route("/sign-in", sign_in),
            Route("/health/ready", ready),
            *pages.routes(),
        ],
        middleware=[Middleware(Guard)],
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
