"""The catalog: what is on sale, who may change it, and what is announced."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from checkout_shop import Shop

COURSE = {
    "title": "Tabla",
    "category": "Music",
    "description": "Rhythm, from the first stroke.",
    "prices": [{"currency": "usd", "amount": 2900}, {"currency": "kwd", "amount": 9120}],
    "access_days": 365,
}


def put(shop: Shop, course_id: str, body: Any, headers: Any = None) -> Any:
    return shop.http.put(f"/v1/admin/courses/{course_id}", json=body, headers=headers or shop.admin)


def test_a_course_is_put_on_sale_and_announced(shop: Shop) -> None:
    answer = put(shop, "tabla", COURSE)
    assert (answer.status_code, answer.json()["version"]) == (201, 1)
    seen = shop.http.get("/v1/courses/tabla").json()
    assert seen == {
        "course_id": "tabla",
        "title": "Tabla",
        "category": "Music",
        "description": "Rhythm, from the first stroke.",
        "prices": [{"currency": "kwd", "amount": 9120}, {"currency": "usd", "amount": 2900}],
        "access_days": 365,
    }
    ((event_id, type_, body),) = shop.announced("catalog")
    assert (event_id, type_) == ("course.tabla.1", "masterji.catalog.course_changed.v1")
    assert (body["title"], body["version"], body["active"]) == ("Tabla", 1, True)
    assert body["prices"] == [{"currency": "kwd", "amount": 9120}, {"currency": "usd", "amount": 2900}]


def test_the_same_body_again_changes_and_announces_nothing(shop: Shop) -> None:
    put(shop, "tabla", COURSE)
    reordered = COURSE | {"prices": COURSE["prices"][::-1]}  # type: ignore[index]
    answer = put(shop, "tabla", reordered)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert len(shop.announced("catalog")) == 1


def test_each_change_has_a_greater_version(shop: Shop) -> None:
    put(shop, "tabla", COURSE)
    assert put(shop, "tabla", COURSE | {"title": "Tabla II"}).json()["version"] == 2
    assert put(shop, "tabla", COURSE | {"active": False}).json()["version"] == 3
    assert [body["version"] for _, _, body in shop.announced("catalog")] == [1, 2, 3]
    shop.problem(shop.http.get("/v1/courses/tabla"), 404, "course-not-found")
    assert [course["course_id"] for course in shop.http.get("/v1/courses").json()["items"]] == ["ragas"]


def test_changes_at_once_have_different_versions(shop: Shop) -> None:
    barrier = threading.Barrier(6)

    def change(number: int) -> Any:
        barrier.wait()
        return put(shop, "tabla", COURSE | {"title": f"Tabla {number}"})

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(change, range(6)))
    assert sorted(answer.json()["version"] for answer in answers) == [1, 2, 3, 4, 5, 6]
    assert [body["version"] for _, _, body in shop.announced("catalog")] == [1, 2, 3, 4, 5, 6]


def test_courses_are_listed_by_title_page_by_page(shop: Shop) -> None:
    for course_id, title in (("b", "Bansuri"), ("s", "Sitar"), ("v", "Veena"), ("v2", "Veena")):
        put(shop, course_id, COURSE | {"title": title})
    found: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = shop.http.get("/v1/courses", params=query).json()
        found += [course["course_id"] for course in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert found == ["b", "ragas", "s", "v", "v2"]


def test_only_administrators_change_the_catalog(shop: Shop) -> None:
    shop.problem(shop.http.put("/v1/admin/courses/x", json=COURSE), 401, "unauthorized")
    shop.problem(put(shop, "x", COURSE, shop.bearer()), 403, "forbidden")
    shop.problem(put(shop, "x", COURSE, {"Authorization": "Bearer garbage"}), 401, "unauthorized")
    shop.problem(shop.http.get("/v1/courses/x"), 404, "course-not-found")


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"title": "   "},
        {"title": "x" * 251},
        {"title": "NUL \x00"},
        {"title": None},
        {"category": ""},
        {"description": "x" * 10_001},
        {"prices": []},
        {"prices": None},
        {"prices": [{"currency": "usd", "amount": 49}]},
        {"prices": [{"currency": "usd", "amount": 0}]},
        {"prices": [{"currency": "usd", "amount": -5}]},
        {"prices": [{"currency": "usd", "amount": 49.99}]},
        {"prices": [{"currency": "usd", "amount": "4900"}]},
        {"prices": [{"currency": "usd", "amount": 10**13}]},
        {"prices": [{"currency": "usd", "amount": 10**400}]},
        {"prices": [{"currency": "USD", "amount": 4900}]},
        {"prices": [{"currency": "dollar", "amount": 4900}]},
        {"prices": [{"currency": "kwd", "amount": 9125}]},
        {"prices": [{"currency": "usd", "amount": 4900}, {"currency": "usd", "amount": 5900}]},
        {"access_days": 0},
        {"access_days": 36_501},
        {"access_days": 1.5},
        {"active": "yes"},
        {"price": 4900},
    ],
    ids=lambda change: str(change)[:60],
)
def test_courses_that_do_not_fit_are_refused(shop: Shop, change: dict[str, Any]) -> None:
    shop.problem(put(shop, "tabla", COURSE | change), 422, "validation")
    shop.problem(shop.http.get("/v1/courses/tabla"), 404, "course-not-found")


@pytest.mark.parametrize("course_id", ["-x", "a b", "%00", "x" * 101, "ü"])
def test_ids_that_do_not_fit_are_refused(shop: Shop, course_id: str) -> None:
    answer = put(shop, course_id, COURSE)
    assert answer.status_code in (404, 405, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_course_not_yet_on_sale_needs_no_price(shop: Shop) -> None:
    assert put(shop, "tabla", COURSE | {"prices": [], "active": False}).status_code == 201
    shop.problem(shop.buy(course_id="tabla"), 404, "course-not-found")
