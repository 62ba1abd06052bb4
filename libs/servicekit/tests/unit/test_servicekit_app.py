"""The application that every service starts from, as its callers see it."""

from __future__ import annotations

import re
from typing import Annotated

import pytest
from fastapi import HTTPException, Query
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict

from servicekit.problem import Problem


class Course(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    price: int


@pytest.fixture
def app(make_app):
    app = make_app(cors_origins=("https://shop.example",))

    @app.post("/courses")
    async def create(course: Course) -> Course:
        return course

    @app.get("/boom")
    async def boom() -> None:
        raise RuntimeError("the password is hunter2")

    @app.get("/teapot")
    async def teapot() -> None:
        raise HTTPException(418, "Short and stout.")

    @app.get("/conflict")
    async def conflict() -> None:
        raise Problem(409, "already-bought", "You own this", "Open it.", course_id="c1")

    return app


@pytest.fixture
def client(app):
    return TestClient(app, raise_server_exceptions=False)


def test_the_documentation_loads_nothing_from_other_origins(client) -> None:
    page = client.get("/docs").text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) == 3
    for address in loaded:
        assert address.startswith("/docs/assets/")
        assert client.get(address).status_code == 200
    assert "https://" not in page


def test_a_slash_too_many_is_404_and_never_redirected_to_the_host_of_the_request(client) -> None:
    for path in ("/boom/", "/docs/", "/health/live/"):
        answer = client.get(path, headers={"Host": "evil.example"}, follow_redirects=False)
        assert answer.status_code == 404
        assert "location" not in answer.headers
        assert "evil.example" not in answer.text


def problem(answer) -> dict:
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["type"].startswith("https://masterji.dev/problems/")
    assert document["request_id"] == answer.headers["x-request-id"]
    return document


def test_404_and_405_are_problems(client):
    assert problem(client.get("/nowhere"))["type"].endswith("/not-found")
    answer = client.delete("/courses")
    assert problem(answer)["type"].endswith("/method-not-allowed")
    assert answer.headers["allow"] == "POST"


def test_500_is_a_problem_that_leaks_nothing_and_carries_the_request_id(client):
    answer = client.get("/boom", headers={"X-Request-Id": "abc-1"})
    document = problem(answer)
    assert (answer.status_code, document["request_id"]) == (500, "abc-1")
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_validation_names_the_fields_and_repeats_no_input(client):
    document = problem(client.post("/courses", json={"title": "a", "price": "secret-input", "more": 1}))
    assert document["status"] == 422
    assert {error["field"] for error in document["errors"]} == {"body.price", "body.more"}
    assert "secret-input" not in str(document)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 20_000, b"NaN", b'{"\\ud800": 1}', b"null", b"[]"]
)
def test_a_broken_body_is_a_4xx_problem(client, body):
    answer = client.post("/courses", content=body, headers={"Content-Type": "application/json"})
    assert problem(answer)["status"] in (400, 422)


def test_raised_problems_keep_slug_and_extensions(client):
    document = problem(client.get("/conflict"))
    assert (document["type"].rsplit("/", 1)[1], document["course_id"]) == ("already-bought", "c1")


def test_a_plain_http_exception_becomes_a_problem_with_its_text(client):
    assert problem(client.get("/teapot"))["detail"] == "Short and stout."


def test_a_declared_body_over_the_limit_is_413(client):
    assert problem(client.post("/courses", content=b" " * (64 * 1024 + 1)))["status"] == 413


def test_a_chunked_body_over_the_limit_is_413_and_not_read_to_its_end(client):
    sent = 0

    def chunks():
        nonlocal sent
        for _ in range(10):
            sent += 20_000
            yield b"x" * 20_000

    answer = client.post("/courses", content=chunks(), headers={"Content-Type": "application/json"})
    assert problem(answer)["status"] == 413


def test_valid_request_ids_are_kept_and_others_replaced(client):
    assert client.get("/health/live", headers={"X-Request-Id": "r-1"}).headers["x-request-id"] == "r-1"
    for strange in ("a b", "x" * 65, '"><script>'):
        made = client.get("/health/live", headers={"X-Request-Id": strange}).headers["x-request-id"]
        assert len(made) == 32


def test_cors_allows_only_the_configured_origin(client):
    def preflight(origin: str):
        return client.options("/courses", headers={"Origin": origin, "Access-Control-Request-Method": "POST"})

    assert preflight("https://shop.example").headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-origin" not in preflight("https://evil.example").headers


def test_ready_follows_the_components_and_live_does_not(client, health):
    database = health.component("database")
    database.down("connection refused")
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["components"]["database"]) == (503, "connection refused")
    assert client.get("/health/live").status_code == 200
    database.up()
    assert client.get("/health/ready").status_code == 200


def test_metrics_count_by_route_and_never_by_path(client):
    client.get("/nowhere/123456")
    client.get("/conflict")
    text = client.get("/metrics").text
    assert 'http_request_seconds_count{method="GET",route="/conflict",status="409"}' in text
    assert "123456" not in text


def test_the_documentation_describes_validation_errors_as_problems(client):
    responses = client.get("/openapi.json").json()["paths"]["/courses"]["post"]["responses"]
    assert "application/problem+json" in responses["default"]["content"]
    assert "422" not in responses


@pytest.fixture
def listing(make_app):
    app = make_app()

    @app.get("/courses")
    async def courses(limit: Annotated[int, Query(alias="max")] = 10) -> int:
        return limit

    @app.get("/page", include_in_schema=False)
    async def page() -> str:
        return "page"

    return TestClient(app)


def test_an_unknown_query_parameter_is_refused_with_the_names_of_those_that_exist(listing) -> None:
    answer = listing.get("/courses", params={"max": 3, "limt": 4})
    document = problem(answer)
    assert (answer.status_code, document["type"].rpartition("/")[2]) == (422, "validation")
    (error,) = document["errors"]
    assert (error["field"], error["type"]) == ("query.limt", "extra_forbidden")
    assert error["message"].endswith("it has max")
    assert listing.get("/courses", params={"max": 3}).json() == 3


def test_a_page_ignores_the_parameters_that_advertisements_add(listing) -> None:
    assert listing.get("/page", params={"utm_source": "mail"}).json() == "page"
