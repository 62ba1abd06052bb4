"""The API of the catalog. Anyone may read it; administrators change it."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncEngine

from checkout import errors
from checkout.api.models import AdminCourseView, CourseBody, CourseId, CourseIdPath, CourseView
from checkout.domain.catalog import Course
from checkout.store import catalog as store
from checkout.usecases import catalog as usecase
from servicekit.auth import require_role
from servicekit.pagination import Page, decode_cursor, one_page

Cursor = Annotated[str | None, Query(max_length=2048, description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100)]


def router(engine: AsyncEngine, clock: Callable[[], datetime]) -> APIRouter:
    """The routes; `clock` dates changes."""
    routes = APIRouter(prefix="/v1", tags=["catalog"])

    @routes.get("/courses")
    async def list_courses(cursor: Cursor = None, limit: Limit = 50) -> Page[CourseView]:
        """Courses on sale, by title."""
        after = decode_cursor(cursor, (str, str)) if cursor else None
        async with engine.connect() as tx:
            found = await store.courses_on_sale(tx, after, limit + 1)
        shown, next_cursor = one_page(found, limit, lambda course: (course.title, course.course_id))
        return Page(items=[CourseView.of(course) for course in shown], next_cursor=next_cursor)

    @routes.get("/courses/{course_id}")
    async def get_course(course_id: CourseIdPath) -> CourseView:
        """One course on sale; 404 for any other."""
        async with engine.connect() as tx:
            course = await store.course(tx, course_id)
        if course is None or not course.active:
            raise errors.CourseNotFound
        return CourseView.of(course)

    @routes.put(
        "/admin/courses/{course_id}",
        dependencies=[Depends(require_role("admin"))],
        responses={201: {"model": AdminCourseView, "description": "The course is new"}},
    )
    async def put_course(course_id: CourseId, body: CourseBody, response: Response) -> AdminCourseView:
        """Create or replace a course. Repeating the same request changes nothing and announces nothing."""
        wanted = Course(
            course_id=course_id,
            title=body.title,
            category=body.category,
            description=body.description,
            prices={price.currency: price.amount for price in sorted(body.prices, key=lambda p: p.currency)},
            access_days=body.access_days,
            active=body.active,
            version=0,
        )
        course, is_new = await usecase.put_course(engine, wanted, clock())
        response.status_code = 201 if is_new else 200
        return AdminCourseView.of(course)

    return routes
