"""Fixtures of the end-to-end tests: one running stack, a course to buy, and a buyer."""

import uuid
from collections.abc import Callable, Iterator

import invariants
import pytest
import sandbox_openapi_requests

from devstack.client import Json, User
from devstack.testing.stack import RunningStack

COURSE = {
    "title": "End to end",
    "category": "Testing",
    "description": "From the first page to the last mail.",
    "prices": [{"currency": "usd", "amount": 4900}, {"currency": "jpy", "amount": 7200}],
}


@pytest.fixture(autouse=True)
def _every_request_to_stripe_is_valid(running_stack: RunningStack) -> Iterator[None]:
    yield
    sandbox_openapi_requests.check_all(running_stack.client.stripe)


@pytest.fixture
def course(running_stack: RunningStack) -> str:
    """A course that only this test uses, on sale."""
    course_id = f"course-{uuid.uuid4().hex[:8]}"
    running_stack.client.put_course(course_id, COURSE)
    return course_id


@pytest.fixture
def buyer(running_stack: RunningStack) -> User:
    """A user who has not bought anything yet."""
    return running_stack.client.user()


@pytest.fixture
def has_access(running_stack: RunningStack) -> Callable[[User, str], bool]:
    """Whether a user has access to a course now."""
    return lambda user, course_id: bool(running_stack.client.access(user, course_id)["access"])


@pytest.fixture
def expect_access(
    running_stack: RunningStack, has_access: Callable[[User, str], bool]
) -> Callable[[User, str], None]:
    """Wait until a user has access to a course, and check that all services then agree with Stripe."""

    def expect(user: User, course_id: str) -> None:
        running_stack.eventually("access", lambda: has_access(user, course_id))
        invariants.check(running_stack)

    return expect


@pytest.fixture
def buy(running_stack: RunningStack) -> Callable[[User, str], Json]:
    """Order a course, pay with a valid card, and return checkout's answer."""

    def bought(user: User, course_id: str) -> Json:
        order = running_stack.client.checkout(user, course_id)
        assert running_stack.client.pay(order["session_id"])["status"] == "succeeded"
        return order

    return bought
