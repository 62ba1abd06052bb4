"""The pages and forms of the storefront."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Depends, Form, Query, Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import RedirectResponse, Response

from checkout import domain, errors
from checkout.api.orders import buyer
from checkout.domain.catalog import Course
from checkout.domain.order import CheckoutRequest, CourseItem
from checkout.domain.pricing import choose_currency
from checkout.pages.storefront.rendering import SIGNED_OUT
from checkout.pages.storefront.visitor import MAX_COOKIE, Sessions, Visitor, safe_path
from checkout.store import catalog, enrollments, orders
from checkout.usecases.purchase import Purchases
from servicekit.auth import unauthorized
from servicekit.pages.forms import FormState
from servicekit.pages.rendering import Pages
from servicekit.pagination import decode_cursor, one_page
from servicekit.problem import Problem
from servicekit.texts.catalogs import marked

log = structlog.stdlib.get_logger(__name__)

PAGE_SIZE = 24
POLLS = 60
"""How often the return page polls the order's state, every 2 s; then the visitor must reload it."""
_ACCEPT_FIRST = marked("Please accept the terms of sale to continue.")

Text = Annotated[str | None, Query()]
Field = Annotated[str | None, Form()]
_CURRENCY = re.compile(r"[a-z]{3}\Z")


def router(
    engine: AsyncEngine,
    purchases: Purchases,
    pages: Pages,
    sessions: Sessions,
    clock: Callable[[], datetime],
    *,
    app_url: str,
    sign_in_url: str,
    terms_version: str,
    default_currency: str,
) -> APIRouter:
    """Return the routes of the storefront."""
    routes = APIRouter(include_in_schema=False)
    Guest = Annotated[Visitor | None, Depends(sessions.visitor)]  # noqa: N806 - a type

    async def member(request: Request, visitor: Guest) -> Visitor:
        if visitor is None:
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            raise SignInFirst(back if request.method == "GET" else "/")
        return visitor

    Member = Annotated[Visitor, Depends(member)]  # noqa: N806 - a type

    def check_form(request: Request, visitor: Visitor, csrf: str | None) -> None:
        if not sessions.is_own_form(request, visitor, csrf):
            raise Problem(
                403,
                "form-not-ours",
                "This form was not sent from our page",
                "Go back, reload the page, and send the form again.",
            )

    async def course_page(
        request: Request,
        visitor: Visitor | None,
        course_id: str,
        currency: str | None,
        status: int = 200,
        errors_of_form: dict[str, str] | None = None,
    ) -> Response:
        async with engine.connect() as tx:
            course = await catalog.course(tx, _storable(course_id))
            owned: set[str] = set()
            held = None
            pending = disputed = False
            if visitor is not None and course is not None:
                user_id = visitor.principal.user_id
                owned = await enrollments.accessible(tx, user_id, [course_id], clock())
                held = next(iter(await orders.holding(tx, user_id, [course_id])), None)
                if held is not None:
                    pending = await orders.waits_for_money(tx, held.order_id)
                    disputed = await orders.is_disputed(tx, held.order_id)
        if course is None or (not course.active and not owned):
            raise errors.CourseNotFound
        return pages.show(
            request,
            "course.html",
            status=status,
            visitor=visitor,
            course=course,
            offer=_offer(course, currency, default_currency) if course.prices else None,
            owned=bool(owned),
            held=held,
            pending=pending,
            disputed=disputed,
            bought=held is not None and held.state in domain.BOUGHT,
            form=FormState(errors=errors_of_form or {}),
        )

    @routes.get("/")
    async def front(request: Request, visitor: Guest, currency: Text = None, cursor: Text = None) -> Response:
        after = decode_cursor(cursor, (str, str)) if cursor else None
        async with engine.connect() as tx:
            found = await catalog.courses_on_sale(tx, after, PAGE_SIZE + 1)
            ids = [course.course_id for course in found]
            owned = (
                await enrollments.accessible(tx, visitor.principal.user_id, ids, clock())
                if visitor
                else set()
            )
        shown, next_cursor = one_page(found, PAGE_SIZE, lambda course: (course.title, course.course_id))
        chosen = currency if currency and _CURRENCY.match(currency) else None
        return pages.show(
            request,
            "courses.html",
            fragment="courses_list.html",
            visitor=visitor,
            courses=[(course, _offer(course, chosen, default_currency)) for course in shown if course.prices],
            owned=owned,
            currencies=[
                (name, name.upper()) for name in sorted({n for course in shown for n in course.prices})
            ],
            currency=chosen or default_currency,
            next_page=_next_page("/", next_cursor, currency=chosen or default_currency),
            first=cursor is None,
        )

    @routes.get("/courses/{course_id}")
    async def course(request: Request, course_id: str, visitor: Guest, currency: Text = None) -> Response:
        return await course_page(request, visitor, course_id, currency)

    @routes.post("/courses/{course_id}/checkout")
    async def buy(
        request: Request,
        course_id: str,
        visitor: Guest,
        csrf: Field = None,
        currency: Field = None,
        terms: Field = None,
        accept: Field = None,
        beside_pending: Field = None,
    ) -> Response:
        if visitor is None:
            raise SignInFirst(f"/courses/{course_id}")
        check_form(request, visitor, csrf)
        if accept != "yes" or terms != terms_version:
            wrong = {"accept": pages.gettext(request, _ACCEPT_FIRST)}
            return await course_page(request, visitor, course_id, currency, 422, wrong)
        wanted = CheckoutRequest(
            (CourseItem(_storable(course_id)),),
            terms,
            currency or None,
            beside_pending=beside_pending == "yes",
        )
        link = await purchases.start(buyer(visitor.principal, request), wanted)
        return RedirectResponse(link.url, 303)

    @routes.post("/orders/{order_id}/resume")
    async def resume(request: Request, order_id: str, visitor: Member, csrf: Field = None) -> Response:
        check_form(request, visitor, csrf)
        link = await purchases.resume(visitor.principal.user_id, _storable(order_id))
        return RedirectResponse(link.url, 303)

    async def own_order(visitor: Visitor, order_id: str | None) -> Any:
        async with engine.connect() as tx:
            found = await orders.view(tx, visitor.principal.user_id, _storable(order_id or ""))
        if found is None:
            raise errors.OrderNotFound
        return found

    @routes.get("/checkout/success")
    async def success(request: Request, visitor: Member, order: Text = None, look: Text = None) -> Response:
        found = await own_order(visitor, order)
        looks = int(look) if look and look.isascii() and look.isdigit() and len(look) < 4 else 0
        waits = found["state"] in ("open", "processing") and found["mismatch"] is None
        again = f"/checkout/success?{urlencode({'order': found['order_id'], 'look': looks + 1})}"
        return pages.show(
            request,
            "success.html",
            fragment="order_status.html",
            visitor=visitor,
            order=found,
            waits=waits,
            again=again,
            refresh=waits and looks < POLLS,
        )

    @routes.get("/checkout/cancel")
    async def cancel(request: Request, visitor: Member, order: Text = None) -> Response:
        found = await own_order(visitor, order)
        return pages.show(request, "cancel.html", visitor=visitor, order=found)

    @routes.get("/orders")
    async def my_orders(request: Request, visitor: Member, cursor: Text = None) -> Response:
        before = decode_cursor(cursor, (datetime, str)) if cursor else None
        async with engine.connect() as tx:
            rows = await orders.views(tx, visitor.principal.user_id, before, PAGE_SIZE + 1)
        shown, next_cursor = one_page(rows, PAGE_SIZE, lambda row: (row["created_at"], row["order_id"]))
        return pages.show(
            request,
            "orders.html",
            fragment="orders_list.html",
            visitor=visitor,
            orders=shown,
            next_page=_next_page("/orders", next_cursor),
            first=cursor is None,
        )

    @routes.get("/terms")
    async def terms_page(request: Request, visitor: Guest) -> Response:
        return pages.show(request, "terms.html", visitor=visitor)

    @routes.get("/sign-in")
    async def sign_in(return_to: Text = None) -> Response:
        return RedirectResponse(_sign_in_address(sign_in_url, app_url, safe_path(return_to)), 303)

    @routes.post("/session")
    async def start_session(request: Request, token: Field = None, return_to: Field = None) -> Response:
        """A bearer token, as a form field or in the Authorization header, becomes the cookie."""
        if not sessions.may_sign_in_from(request):
            raise Problem(
                403,
                "origin-refused",
                "Signing in from there is not allowed",
                "Sign in from the sign-in page of this site.",
            )
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        given = token or (bearer.strip() if scheme.lower() == "bearer" else "")
        if not given or len(given) > MAX_COOKIE:
            raise unauthorized("Send the token of the sign-in page. Sign in again.")
        await request.app.state.authenticator.verify(given)
        response: Response = (
            RedirectResponse(safe_path(return_to), 303) if token else Response(status_code=204)
        )
        sessions.sign_in(response, given)
        return response

    @routes.post("/session/delete")
    async def end_session(request: Request, visitor: Guest, csrf: Field = None) -> Response:
        if visitor is not None:
            check_form(request, visitor, csrf)
        response = RedirectResponse("/", 303)
        sessions.sign_out(response)
        pages.flash.leave(response, SIGNED_OUT)
        return response

    return routes


class SignInFirst(Exception):
    """The page requires sign-in; `back` is the path to return to afterwards."""

    def __init__(self, back: str) -> None:
        super().__init__(back)
        self.back = back


def to_sign_in(back: str) -> Response:
    """Redirect to the sign-in page, which returns to `back`."""
    return RedirectResponse(f"/sign-in?{urlencode({'return_to': safe_path(back)})}", 303)


def _sign_in_address(sign_in_url: str, app_url: str, path: str) -> str:
    query = urlencode({"return_to": path, "session_url": f"{app_url}/session"})
    return f"{sign_in_url}{'&' if '?' in sign_in_url else '?'}{query}"


def _next_page(path: str, cursor: str | None, **query: str) -> str | None:
    return None if cursor is None else f"{path}?{urlencode({**query, 'cursor': cursor})}"


def _offer(course: Course, currency: str | None, default: str) -> tuple[str, int]:
    """Return the currency and amount to show: the given currency if the course has a price in it."""
    chosen = choose_currency([course], currency if currency in course.prices else None, default)
    return chosen, course.prices[chosen]


def _storable(value: str) -> str:
    """Return the id. Raises CourseNotFound if PostgreSQL could not compare it."""
    if "\x00" in value or len(value) > 255 or any("\ud800" <= char <= "\udfff" for char in value):
        raise errors.CourseNotFound
    return value
