"""A small application with a page for everything that the pages kit offers."""

from datetime import UTC, date, datetime
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response

from processkit.health import Health
from servicekit.app import create_app
from servicekit.pages import problems
from servicekit.pages.brand import Brand
from servicekit.pages.forms import FormState
from servicekit.pages.rendering import Pages
from servicekit.problem import Problem
from servicekit.settings import ServiceSettings
from servicekit.texts.catalogs import Catalogs, marked

SALES = {
    None: [("Sitar for beginners", "chf", 123450), ("Raga and tala", "eur", 3500)],
    "2": [("Tabla", "jpy", 5000)],
    "end": [],
}


def create_specimen(brand: Brand | None = None) -> FastAPI:
    """Return the application. Its front page shows every macro; the other addresses fail."""
    app = create_app("Specimen", ServiceSettings(), Health(), version="1")
    pages = Pages(
        "pages_specimen",
        catalogs=Catalogs("pages_specimen", "servicekit"),
        brand=brand or Brand(),
        tag_of=lambda request: request.headers.get("accept-language", "en"),
        form_targets=["https://pay.example"],
        notices={"saved": marked("Saved.")},
        base="base.html",
    )

    def front(request: Request, form: FormState, status: int = 200) -> Response:
        cursor = request.query_params.get("cursor")
        return pages.show(
            request,
            "front.html",
            fragment="sales.html",
            status=status,
            form=form,
            sales=SALES[cursor],
            first="/" if cursor else None,
            next_page=None if cursor else "/?cursor=2",
            moment_of_sale=datetime(2026, 11, 2, 18, 20, tzinfo=UTC),
            day_of_sale=date(2026, 11, 2),
        )

    @app.get("/", include_in_schema=False)
    async def shown(request: Request) -> Response:
        return front(request, FormState())

    @app.post("/")
    async def refused(request: Request) -> Response:
        values = {name: str(value) for name, value in (await request.form()).items()}
        return front(request, FormState(values, {"price": "Enter an amount, such as 49.00."}), 422)

    @app.post("/notice")
    async def notice() -> Response:
        response = RedirectResponse("/", 303)
        pages.flash.leave(response, "saved")
        return response

    @app.get("/sold-out")
    async def sold_out() -> Any:
        raise Problem(409, "sold-out", "Sold out", "No seat is left.", title_of_course="Sitar")

    @app.get("/busy")
    async def busy() -> Any:
        raise Problem(503, "busy", "Busy", "Try later.", headers={"Retry-After": "5"})

    @app.get("/broken")
    async def broken() -> Any:
        raise RuntimeError("secret")

    app.routes.extend(pages.routes())
    problems.install(
        app, pages, {"sold-out": (marked("Sold out: %(title_of_course)s"), marked("Choose another course."))}
    )
    return app
