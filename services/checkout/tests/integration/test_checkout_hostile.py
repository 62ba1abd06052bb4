"""Whatever is sent to an entrance, the answer is a 4xx problem with a next step, never a 5xx."""

import json
from typing import Any

import pytest
from checkout_shop import Shop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["course_id", "terms_version", "currency", "ui_mode", "success_url", "cancel_url"]
SHARED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SHARED
@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=6), JSON, max_size=6))
def test_any_json_asks_for_a_session_in_vain(shop: Shop, body: dict[str, Any]) -> None:
    headers = shop.bearer() | {"Content-Type": "application/json"}
    # Python writes Infinity and NaN, which are no JSON, as some careless client would.
    answer = shop.http.post("/v1/checkout/sessions", content=json.dumps(body), headers=headers)
    assert answer.status_code in (404, 422), (body, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"


@SHARED
@given(st.sampled_from(["course_id", "currency", "success_url"]), st.text(max_size=40))
def test_any_text_in_a_field_of_a_good_request(shop: Shop, name: str, text: str) -> None:
    answer = shop.buy("usr_text", **{name: text})
    assert answer.status_code in (404, 422), (name, text, answer.text)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"[" * 50_000,
        b'{"course_id": "\\ud800", "terms_version": "1"}',
        b'{"course_id": "\\u0000", "terms_version": "1"}',
        b'{"course_id": 1e999, "terms_version": "1"}',
        b'{"course_id": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda raw: str(raw[:24]),
)
def test_bodies_that_are_no_request(shop: Shop, raw: bytes) -> None:
    headers = shop.bearer() | {"Content-Type": "application/json"}
    for method, path in (
        ("POST", "/v1/checkout/sessions"),
        ("POST", "/v1/orders/ord_1/refunds"),
        ("PUT", "/v1/admin/courses/x"),
    ):
        answer = shop.http.request(method, path, content=raw, headers=headers | shop.admin)
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_huge_body_is_refused_unread(shop: Shop) -> None:
    headers = shop.bearer() | {"Content-Type": "application/json"}
    answer = shop.http.post("/v1/checkout/sessions", content=b" " * 1_000_000, headers=headers)
    shop.problem(answer, 413, "body-too-large")


@pytest.mark.parametrize(
    "token",
    ["x", "a.b.c", "é", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfYXNoYSJ9.", "x" * 20_000],
    ids=lambda token: token[:12],
)
def test_tokens_that_are_none(shop: Shop, token: str) -> None:
    for path in ("/v1/orders", "/v1/orders/ord_1"):
        answer = shop.http.get(path, headers={b"Authorization": f"Bearer {token}".encode()})
        assert answer.status_code in (400, 401, 431), answer.text


def test_tokens_of_others_are_refused(shop: Shop) -> None:
    from datetime import timedelta

    for claims in (
        {"aud": "another"},
        {"iss": "https://evil.org"},
        {"sub": ""},
        {"sub": "a\x00b"},
        {"sub": 7},
    ):
        token = shop.issuer.token("usr_asha", "asha@example.com", **claims)
        answer = shop.http.get("/v1/orders", headers={"Authorization": f"Bearer {token}"})
        shop.problem(answer, 401, "unauthorized")
    stale = shop.issuer.token("usr_asha", "asha@example.com", lifetime=timedelta(hours=-1))
    shop.problem(
        shop.http.get("/v1/orders", headers={"Authorization": f"Bearer {stale}"}), 401, "unauthorized"
    )


@pytest.mark.parametrize("name", ["%00", "%ff", "x" * 300, "..%2f..%2fetc", "%F0%9F%92%A9", "'--", "{}"])
def test_ids_from_nowhere(shop: Shop, name: str) -> None:
    for path in (
        f"/v1/courses/{name}",
        f"/v1/orders/{name}",
        f"/courses/{name}",
        f"/checkout/success?order={name}",
    ):
        for headers in (shop.bearer(), {"Accept": "text/html"}):
            answer = shop.http.get(path, headers=headers)
            assert answer.status_code in (303, 401, 404, 422), (path, answer.text)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "limit=99999999999999999999", "cursor=%00"]
)
def test_queries_that_do_not_fit(shop: Shop, query: str) -> None:
    for path in ("/v1/courses", "/v1/orders"):
        answer = shop.http.get(f"{path}?{query}", headers=shop.bearer())
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
    assert shop.http.get(f"/?{query}").status_code in (200, 400)
