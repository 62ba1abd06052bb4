"""The database hangs during purchases: it keeps its connections and does not answer.

Every service reports it and answers every caller, and resumes automatically. Then all invariants must hold.
"""

import re
import uuid

import httpx
import invariants
import pytest

from devstack.testing.freezing import frozen
from devstack.testing.stack import RunningStack

pytestmark = pytest.mark.kafka_protocol

SERVICES = ("checkout", "enrollment", "notifications", "reporting")
ANSWERED_SECONDS = 25.0
PATHS = {
    "checkout": "/v1/courses",
    "enrollment": "/v1/access?user_id=usr_1&course_id=course-1",
    "notifications": "/v1/deliveries",
    "reporting": "/v1/reports/unattributed",
}


def _health(stack: RunningStack, service: str) -> httpx.Response:
    return stack.client.http.get(stack.client.url(service, "/health/ready"))


def _metrics(stack: RunningStack, service: str) -> str:
    return stack.client.http.get(stack.client.url(service, "/metrics")).text


def _unaffected(stack: RunningStack, service: str) -> list[str]:
    """The components that are `ok`, without those that do not need an answer from the database."""
    components = _health(stack, service).json()["components"]
    independent = ("kafka", "group-watch", "schema", "endpoints")
    return [name for name, state in components.items() if state == "ok" and name not in independent]


@pytest.mark.timeout(600)
def test_a_hanging_database_is_reported_and_services_resume_automatically(
    running_stack: RunningStack,
) -> None:
    client = running_stack.client
    course = f"course-{uuid.uuid4().hex[:8]}"
    client.put_course(course, {"title": "Held up", "prices": [{"currency": "usd", "amount": 4900}]})
    buyers = [client.user() for _ in range(4)]
    pages = [str(client.checkout(buyer, course)["session_id"]) for buyer in buyers]
    staff = client.user("usr_staff", "staff@example.com", "admin", "analyst", "service", "support")
    before = running_stack.processes()

    with frozen(int(before["postgres"]["pid"])):
        paid = [client.pay(page) for page in pages]
        assert all(one["status"] == "succeeded" for one in paid), paid
        for service, path in PATHS.items():
            # Without a timeout the client would wait longer than a service may take.
            answer = client.http.get(
                client.url(service, path), headers=staff.headers, timeout=ANSWERED_SECONDS
            )
            assert answer.status_code == 503, (service, answer.text)
            assert answer.headers["retry-after"] and answer.json()["detail"]
        for service in SERVICES:
            running_stack.eventually(
                f"{service} is unready",
                lambda service=service: _health(running_stack, service).status_code == 503,
            )
        for service in SERVICES:
            running_stack.eventually(
                f"{service}'s consumer counts as waiting",
                lambda service=service: re.search(
                    r"^messaging_paused\{[^}]*\} 1\.0$", _metrics(running_stack, service), re.MULTILINE
                ),
                90,
            )
        for service in SERVICES:
            running_stack.eventually(
                f"all components of {service} that need the database report it",
                lambda service=service: not _unaffected(running_stack, service),
                90,
            )

    running_stack.wait_ready(120)
    after = running_stack.processes()
    for service in SERVICES:
        assert after[service]["pid"] == before[service]["pid"], f"{service} was restarted"
    invariants.check(running_stack, seconds=180, resent=2)
    for buyer in buyers:
        assert [one["access"] for one in client.enrollments(buyer)] == [True]
