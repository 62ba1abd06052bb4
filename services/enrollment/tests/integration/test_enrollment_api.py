"""The HTTP API with a real database: who may read what, and the responses."""

import pytest
from enrollment_messages import DAY, Messages, at
from enrollment_stories import Story
from starlette.testclient import TestClient

from enrollment import bootstrap
from enrollment.settings import Settings
from messaging.message import Message
from processkit.health import Health
from schemas.events import CourseChanged
from servicekit.roles import Context


@pytest.fixture
def client(dsn, jwt_issuer, monkeypatch):
    for name, value in jwt_issuer.settings_env.items():
        monkeypatch.setenv(name, value)
    app = bootstrap.api(Context(Settings(database_url=dsn), Health())).app
    with TestClient(app) as made:
        yield made


@pytest.fixture
def headers(jwt_issuer):
    def of(user: str, *roles: str, **more: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {jwt_issuer.token(user, f'{user}@example.com', roles=roles)}",
            **more,
        }

    return of


def access(client, headers, user="user_1", course="python"):
    return client.get("/v1/access", params={"user_id": user, "course_id": course}, headers=headers)


def test_the_course_player_reads_access_with_its_source_and_end(client, consumer, headers):
    consumer.apply(Story().purchase("ord_1", ("python", 3000)).messages)
    assert access(client, headers("player", "service")).json() == {
        "user_id": "user_1",
        "course_id": "python",
        "access": True,
        "state": "active",
        "source": {"kind": "order", "id": "ord_1"},
        "until": None,
    }


def test_an_unchanged_response_is_304_and_a_changed_one_is_200(client, consumer, headers):
    story = Story().purchase("ord_1", ("python", 3000))
    consumer.apply(story.messages)
    first = access(client, headers("user_1"))
    assert first.headers["cache-control"] == "private, no-cache"
    again = access(client, headers("user_1", **{"If-None-Match": first.headers["etag"]}))
    assert (again.status_code, again.content) == (304, b"")
    consumer.apply(story.refund("ord_1", 3000, t=DAY).messages)
    changed = access(client, headers("user_1", **{"If-None-Match": first.headers["etag"]}))
    assert (changed.status_code, changed.json()["access"]) == (200, False)


def test_unknown_users_and_courses_have_no_access_and_no_error(client, headers):
    answer = access(client, headers("player", "service"), "unknown", "unknown")
    assert (answer.status_code, answer.json()["access"], answer.json()["state"]) == (200, False, "none")
    answer = client.get("/v1/users/unknown/enrollments", headers=headers("unknown"))
    assert answer.json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("user", "roles", "status"),
    [
        ("user_1", (), 200),
        ("mallory", (), 403),
        ("mallory", ("analyst",), 403),
        ("p", ("service",), 200),
        ("a", ("admin",), 200),
    ],
)
def test_users_read_only_their_own_enrollments(client, headers, user, roles, status):
    assert access(client, headers(user, *roles)).status_code == status
    path = "/v1/users/user_1/enrollments"
    assert client.get(path, headers=headers(user, *roles)).status_code == status


def test_requests_without_a_token_return_401(client):
    assert access(client, {}).status_code == 401
    assert client.get("/v1/users/user_1/enrollments").status_code == 401


def test_an_ended_grant_gives_no_access_even_before_it_is_derived_again(client, consumer, headers):
    # Access has ended by the API's clock; the consumer's clock is before the end.
    consumer.now = at(DAY)
    consumer.apply(Story().purchase("ord_1", ("python", 3000), days=2).messages)
    answer = access(client, headers("user_1")).json()
    assert (answer["access"], answer["state"]) == (False, "expired")
    (item,) = client.get("/v1/users/user_1/enrollments", headers=headers("user_1")).json()["items"]
    assert (item["access"], item["state"]) == (False, "expired")


def test_a_grant_for_every_course_gives_access_to_any_course(client, consumer, headers):
    story = Story().grant("dec_1", "*", t=0)  # by an administrator, since a subscription of START has ended
    consumer.apply(story.messages)
    assert access(client, headers("user_1"), course="anything").json()["source"]["kind"] == "admin"


def test_enrollments_page_by_cursor(client, consumer, headers):
    courses = [f"course_{number:02}" for number in range(7)]
    consumer.apply(Story().purchase("ord_1", *((course, 100) for course in courses)).messages)
    seen, cursor = [], None
    while True:
        page = client.get(
            "/v1/users/user_1/enrollments",
            params={"limit": 3} | ({"cursor": cursor} if cursor else {}),
            headers=headers("user_1"),
        ).json()
        seen += [item["course_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == courses


@pytest.mark.parametrize("query", [{"cursor": "%%%"}, {"cursor": "WzFd"}, {"limit": "0"}, {"limit": "x"}])
def test_invalid_paging_returns_a_problem(client, headers, query):
    answer = client.get("/v1/users/user_1/enrollments", params=query, headers=headers("user_1"))
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_grant_by_an_administrator_is_published_and_takes_effect_when_consumed(
    client, consumer, headers, db
):
    consumer.apply(Messages().ours(CourseChanged(course_id="python", title="Python", version=1), 0).messages)
    admin = headers("boss", "admin", **{"Idempotency-Key": "k1"})
    body = {"user_id": "user_1", "course_id": "python", "reason": "scholarship"}
    first = client.post("/v1/admin/grants", json=body, headers=admin)
    assert first.status_code == 202
    assert (
        client.post("/v1/admin/grants", json=body, headers=admin).json()["decision_id"]
        == (first.json()["decision_id"])
    )
    _deliver_decisions(consumer, db)
    assert access(client, headers("user_1")).json()["source"] == {
        "kind": "admin",
        "id": first.json()["decision_id"],
    }
    client.post("/v1/admin/revocations", json=body, headers=headers("boss", "admin"))
    _deliver_decisions(consumer, db)
    assert access(client, headers("user_1")).json()["state"] == "revoked"


def test_a_course_that_the_catalog_does_not_have_cannot_be_granted(client, consumer, headers, db):
    admin = headers("boss", "admin")
    body = {"user_id": "user_1", "course_id": "pyhton", "reason": "scholarship"}
    answer = client.post("/v1/admin/grants", json=body, headers=admin)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "course-unknown")
    assert db.execute("select count(*) from outbox").fetchone() == (0,)

    withdrawn = CourseChanged(course_id="withdrawn", title="Perl", active=False, version=2)
    repeated = CourseChanged(course_id="withdrawn", title="Perl", version=1)
    consumer.apply(Messages().ours(withdrawn, 0).ours(repeated, 1).messages)
    consumer.apply(Story().purchase("ord_1", ("before-the-catalog", 3000)).messages)
    for known in ("withdrawn", "before-the-catalog", "*"):
        answer = client.post("/v1/admin/grants", json={**body, "course_id": known}, headers=admin)
        assert answer.status_code == 202, known


@pytest.mark.parametrize(
    "change",
    [{"reason": ""}, {"reason": None}, {"until": "2020-01-01T00:00:00Z"}, {"until": "soon"}, {"user_id": ""}],
)
def test_an_invalid_grant_is_refused(client, headers, db, change):
    body = {"user_id": "user_1", "course_id": "python", "reason": "scholarship"} | change
    assert client.post("/v1/admin/grants", json=body, headers=headers("boss", "admin")).status_code == 422
    assert db.execute("select count(*) from outbox").fetchone() == (0,)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/v1/admin/grants"),
        ("post", "/v1/admin/revocations"),
        ("post", "/v1/admin/derivations"),
        ("get", "/v1/admin/gaps"),
        ("get", "/v1/admin/failures"),
        ("get", "/v1/admin/users/user_1/history"),
        ("get", "/v1/admin/orders/ord_1/history"),
    ],
)
def test_administration_requires_the_role_admin(client, headers, method, path):
    assert client.request(method, path, headers=headers("user_1", "service")).status_code == 403


def test_the_history_shows_which_event_led_to_which_decision(client, consumer, headers):
    story = Story().purchase("ord_1", ("python", 3000), days=30).refund("ord_1", 3000, t=DAY)
    story.refund("ord_1", 3000, t=2 * DAY, status="failed", kind="failed")
    story.purchase("ord_2", ("sql", 1000), t=3 * DAY)
    consumer.apply(story.messages[::-1])
    path = "/v1/admin/orders/ord_1/history"
    items = client.get(path, headers=headers("boss", "admin")).json()["items"]
    shown = [
        (item["type"], change["before"], change["after"]) for item in items for change in item["changes"]
    ]
    assert shown == [
        ("checkout.session.completed", None, "active"),
        ("refund.created", "active", "revoked"),
        ("refund.failed", "revoked", "active"),
        (None, "active", "expired"),
    ]
    everything = client.get("/v1/admin/users/user_1/history", headers=headers("boss", "admin")).json()[
        "items"
    ]
    assert len(everything) == len(story.events) + 1


def test_history_pages_by_cursor(client, consumer, headers):
    consumer.apply(Story().purchase("ord_1", ("python", 3000)).messages)
    path, admin = "/v1/admin/users/user_1/history", headers("boss", "admin")
    everything = client.get(path, headers=admin).json()["items"]
    first = client.get(path, params={"limit": 3}, headers=admin).json()
    rest = client.get(path, params={"cursor": first["next_cursor"]}, headers=admin).json()
    assert first["items"] + rest["items"] == everything
    assert len(first["items"]) == 3


def test_an_administrator_lists_paid_orders_without_a_grant(client, consumer, headers):
    consumer.apply(Story().order("ord_1", ("python", 3000)).payment("ord_1", 3000).messages)
    (gap,) = client.get("/v1/admin/gaps", headers=headers("boss", "admin")).json()["items"]
    assert (gap["order_id"], gap["user_id"], gap["reason"]) == ("ord_1", "user_1", "session_missing")
    long_ago = client.get("/v1/admin/gaps", params={"minutes": 525_600}, headers=headers("boss", "admin"))
    assert long_ago.json()["items"] == []


def test_paid_orders_without_a_grant_page_by_cursor_oldest_first(client, consumer, headers):
    story = Story()
    for number, paid in enumerate((2 * DAY, 0, DAY, DAY), 1):
        story.order(f"ord_{number}", ("python", 3000), t=paid).payment(f"ord_{number}", 3000, t=paid)
    consumer.apply(story.messages)
    seen, cursor = [], None
    while True:
        page = client.get(
            "/v1/admin/gaps",
            params={"limit": 1} | ({"cursor": cursor} if cursor else {}),
            headers=headers("boss", "admin"),
        ).json()
        seen += [item["order_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["ord_2", "ord_3", "ord_4", "ord_1"]


def test_deriving_again_corrects_rows_that_were_changed_by_hand(client, consumer, headers, db):
    consumer.apply(Story().purchase("ord_1", ("python", 3000)).messages)
    db.execute("update access set access = false, state = 'revoked'")
    answer = client.post(
        "/v1/admin/derivations", json={"user_id": "user_1"}, headers=headers("boss", "admin")
    )
    assert [item["state"] for item in answer.json()["items"]] == ["active"]
    assert access(client, headers("user_1")).json()["access"] is True


def test_a_failed_derivation_is_listed(client, consumer, headers, db):
    story = Story().purchase("ord_1", ("python", 3000))
    consumer.apply(story.messages)
    db.execute("update events set facts = '{}' where type like 'masterji%'")
    consumer.apply(story.messages)
    (item,) = client.get("/v1/admin/failures", headers=headers("boss", "admin")).json()["items"]
    assert (item["user_id"], item["attempts"]) == ("user_1", 1)
    assert "currency" in item["failure"]


def _deliver_decisions(consumer, db) -> None:
    """Do with the decisions what relay, topic and consumer do."""
    rows = db.execute(
        "delete from outbox where topic = 'decisions'"
        " returning topic, key, event_id, type, source, time, value"
    ).fetchall()
    consumer.apply(
        [
            Message(row[0], 0, n, row[1], bytes(row[6]), row[2], row[3], row[4], row[5])
            for n, row in enumerate(rows)
        ]
    )
