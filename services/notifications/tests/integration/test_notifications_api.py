"""The API for administrators."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from notifications_service import Caller, Service, SmtpServer
from notifications_story import Story
from prometheus_client import REGISTRY

from notifications.workers.backlog import count_backlog


@pytest.fixture
def three(service: Service, new_story: Callable[..., Story]) -> list[dict[str, Any]]:
    """Three orders, one of them refunded: four mails, stored one second apart."""
    for number in range(3):
        story = new_story(f"ord_{number}")
        story.placed({"title": "Sitar & <b>Tabla</b>"}, locale="de")
        story.session()
        if number == 1:
            story.refund(500)
        service.consume(story.messages)
        service.clock.forward(seconds=1)
    rows: list[dict[str, Any]] = service.deliveries()
    return rows


@pytest.mark.usefixtures("three")
class TestList:
    def test_pages_are_newest_first_without_gaps_or_repeats(self, api: Caller) -> None:
        seen, cursor = [], None
        while True:
            page = api.get("/v1/deliveries", limit=1, **({"cursor": cursor} if cursor else {})).json()
            seen += [(item["template"], item["about"]) for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break

        assert seen[0] == ("receipt", "ord_2")
        assert seen[-1] == ("receipt", "ord_0")
        assert sorted(seen) == [
            ("receipt", "ord_0"),
            ("receipt", "ord_1"),
            ("receipt", "ord_2"),
            ("refund", "re_ord_1"),
        ]

    def test_filters_select_deliveries(self, api: Caller, subtests: pytest.Subtests) -> None:
        expected: list[tuple[dict[str, str], int]] = [
            ({"order_id": "ord_1"}, 2),
            ({"template": "refund"}, 1),
            ({"state": "pending"}, 4),
            ({"state": "failed"}, 0),
            ({"user_id": "user_1", "template": "receipt"}, 3),
            ({"order_id": "unknown"}, 0),
        ]
        for filters, found in expected:
            with subtests.test(**filters):
                assert len(api.get("/v1/deliveries", **filters).json()["items"]) == found

    def test_invalid_parameters_are_refused(self, api: Caller, subtests: pytest.Subtests) -> None:
        invalid: list[tuple[dict[str, Any], int]] = [
            ({"state": "lost"}, 422),
            ({"template": "spam"}, 422),
            ({"limit": 0}, 422),
            ({"order_id": "a\x00b"}, 422),
            ({"cursor": "nonsense"}, 400),
            ({"cursor": "WyIyMDI2LTAzLTAxVDEyOjAwOjAwKzAwOjAwIiwieCJd"}, 400),  # a time, and no UUID
        ]
        for parameters, status in invalid:
            with subtests.test(**parameters):
                answer = api.get("/v1/deliveries", **parameters)

                assert answer.status_code == status
                assert answer.headers["content-type"] == "application/problem+json"


def test_a_delivery_is_previewed_as_the_customer_gets_it(api: Caller, three: list[dict[str, Any]]) -> None:
    path = f"/v1/deliveries/{three[0]['delivery_id']}/preview"

    html, text = api.get(path), api.get(path, format="text")

    assert html.headers["content-type"].startswith("text/html")
    assert "sandbox" in html.headers["content-security-policy"]
    assert "Sitar &amp; &lt;b&gt;Tabla&lt;/b&gt;" in html.text
    assert text.text.startswith("Subject: Dein Kurs ist bereit: Sitar & <b>Tabla</b> · Masterji\n")


def test_a_resent_receipt_states_the_present_as_its_preview_does(
    api: Caller, service: Service, smtp: SmtpServer, new_story: Callable[..., Story]
) -> None:
    story = new_story("ord_late")
    story.placed({"title": "Sitar"})
    story.session()
    service.consume(story.messages)
    sender = service.sender(smtp.mailer())
    assert sender.once() is True
    [receipt] = service.deliveries()
    path = f"/v1/deliveries/{receipt['delivery_id']}"
    story.refund(2000)
    service.consume(story.messages)
    assert "Start learning" in api.get(f"{path}/preview", format="text").text, "as it was sent"

    assert api.call("POST", f"{path}/resend").status_code == 202
    preview = api.get(f"{path}/preview", format="text").text
    assert "Its access has ended" in preview and "Refunded since then: -€20.00" in preview
    service.clock.now = max(row["next_attempt_at"] for row in service.deliveries())
    while sender.once():
        pass
    sent = [mail for mail in smtp.received if str(mail["Subject"]).startswith("Your receipt")]
    assert len(sent) == 1
    assert api.get(f"{path}/preview", format="text").text == preview


def test_a_template_is_previewed_with_sample_content(api: Caller) -> None:
    for template in ("receipt", "refund"):
        answer = api.get(f"/v1/templates/{template}/preview", locale="fr")

        assert answer.status_code == 200
        assert '<html lang="fr">' in answer.text


def test_a_failed_mail_is_resent_as_a_new_message(
    api: Caller, service: Service, smtp: SmtpServer, three: list[dict[str, Any]]
) -> None:
    smtp.rcpt.append("550 no such user")
    sender = service.sender(smtp.mailer())
    while sender.once():
        pass
    [failed] = api.get("/v1/deliveries", state="failed").json()["items"]
    service.clock.forward(days=365)

    answer = api.call("POST", f"/v1/deliveries/{failed['delivery_id']}/resend")

    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["resends"], answer.json()["resent_by"]) == (
        "pending",
        1,
        "root",
    )
    again = api.call("POST", f"/v1/deliveries/{failed['delivery_id']}/resend")
    assert (again.status_code, again.json()["type"]) == (409, "https://masterji.dev/problems/already-pending")
    service.clock.now = max(row["next_attempt_at"] for row in service.deliveries())
    assert sender.once() is True
    assert smtp.received[-1]["Message-ID"] == f"<{failed['delivery_id']}.1@example.com>"
    assert api.get(f"/v1/deliveries/{failed['delivery_id']}").json()["state"] == "sent"


def given_up(service: Service) -> float | None:
    """The gauge that the alert on failed mails uses."""
    with service.database.transaction() as tx:
        count_backlog(tx, service.clock())
    return REGISTRY.get_sample_value("notifications_given_up")


def fail_all(service: Service, smtp: SmtpServer) -> None:
    """Let the server refuse every mail that is due, one minute apart."""
    smtp.rcpt.extend(["550 no such user"] * 10)
    service.clock.now = max(service.clock.now, *(row["next_attempt_at"] for row in service.deliveries()))
    sender = service.sender(smtp.mailer())
    while sender.once():
        service.clock.forward(minutes=1)
    smtp.rcpt.clear()


def test_a_failed_mail_is_reviewed_with_a_note_and_stays_unsent(
    api: Caller, service: Service, smtp: SmtpServer, three: list[dict[str, Any]]
) -> None:
    fail_all(service, smtp)
    assert given_up(service) == 4
    one = f"/v1/deliveries/{three[0]['delivery_id']}"

    answer = api.call("POST", f"{one}/review", body={"note": " informed by telephone "})

    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["state"], shown["reason"], shown["reviewed_by"]) == ("skipped", "reviewed", "root")
    assert (shown["review_note"], shown["reviewed_at"] is not None) == ("informed by telephone", True)
    assert "550" in shown["last_error"], "the reason of the failure is kept"
    assert given_up(service) == 3
    again = api.call("POST", f"{one}/review", body={"note": "x"})
    assert (again.status_code, again.json()["type"]) == (
        409,
        "https://masterji.dev/problems/nothing-to-review",
    )
    # A reviewed mail can still be resent.
    assert api.call("POST", f"{one}/resend").json()["review_note"] is None
    assert given_up(service) == 3


def test_mails_that_failed_for_one_reason_are_resent_in_batches(
    api: Caller, service: Service, smtp: SmtpServer, three: list[dict[str, Any]]
) -> None:
    begun = service.clock.now
    fail_all(service, smtp)
    failures = sorted((row["failed_at"], str(row["delivery_id"])) for row in service.deliveries())
    assert len({at for at, _ in failures}) == 4 and failures[0][0] >= begun
    path, most = "/v1/deliveries/resend", failures[3][0].isoformat()
    nothing = {"reason": "attempts_exhausted", "failed_until": most}
    assert api.call("POST", path, body=nothing).json() == {"resent": 0, "left": 0}
    late = {"reason": "rejected", "failed_from": failures[3][0].isoformat(), "failed_until": most}
    assert api.call("POST", path, body=late).json() == {"resent": 0, "left": 0}

    wanted = {"reason": "rejected", "failed_from": begun.isoformat(), "failed_until": most, "limit": 2}
    assert api.call("POST", path, body=wanted).json() == {"resent": 2, "left": 1}

    waiting = api.get("/v1/deliveries", state="pending").json()["items"]
    assert {row["delivery_id"] for row in waiting} == {name for _, name in failures[:2]}, (
        "the oldest failure first"
    )
    assert {(row["resends"], row["resent_by"], row["attempts"]) for row in waiting} == {(1, "root", 0)}
    # They fail again, after `failed_until`: the same request does not select them again.
    fail_all(service, smtp)
    assert api.call("POST", path, body=wanted).json() == {"resent": 1, "left": 0}
    assert api.call("POST", path, body=wanted).json() == {"resent": 0, "left": 0}
    service.clock.now = max(row["next_attempt_at"] for row in service.deliveries())
    assert service.sender(smtp.mailer()).once() is True
    assert given_up(service) == 3


def test_invalid_reviews_and_selections_are_refused(api: Caller, subtests: pytest.Subtests) -> None:
    one = f"/v1/deliveries/{uuid.uuid4()}/review"
    invalid: list[tuple[str, Any]] = [
        (one, {}),
        (one, {"note": "  "}),
        (one, {"note": "x" * 501}),
        (one, {"note": "a\x00b"}),
        (one, {"note": "x", "state": "sent"}),
        (one, []),
        ("/v1/deliveries/resend", {}),
        ("/v1/deliveries/resend", {"reason": "too_old"}),
        ("/v1/deliveries/resend", {"reason": "rejected", "limit": 0}),
        ("/v1/deliveries/resend", {"reason": "rejected", "limit": 1001}),
        ("/v1/deliveries/resend", {"reason": "rejected", "failed_from": "2026-03-01T00:00:00"}),
        ("/v1/deliveries/resend", {"reason": "rejected", "failed_until": "yesterday"}),
        ("/v1/deliveries/resend", {"reason": "rejected", "until": "2026-03-01T00:00:00Z"}),
    ]
    for path, body in invalid:
        with subtests.test(path=path, body=str(body)[:40]):
            answer = api.call("POST", path, body=body)
            assert answer.status_code == 422, answer.text
            assert answer.headers["content-type"] == "application/problem+json"


def test_an_unknown_delivery_returns_404(api: Caller) -> None:
    for method, path in (("GET", ""), ("GET", "/preview"), ("POST", "/resend"), ("POST", "/review")):
        answer = api.call(method, f"/v1/deliveries/{uuid.uuid4()}{path}", body={"note": "x"})
        assert answer.status_code == 404, path
        assert answer.json()["type"] == "https://masterji.dev/problems/delivery-not-found"
    assert api.get("/v1/deliveries/17").status_code == 422


def test_only_administrators_have_access(api: Caller) -> None:
    one = f"/v1/deliveries/{uuid.uuid4()}"
    closed = [
        ("GET", "/v1/deliveries"),
        ("GET", one),
        ("GET", f"{one}/preview"),
        ("POST", f"{one}/resend"),
        ("POST", f"{one}/review"),
        ("POST", "/v1/deliveries/resend"),
        ("GET", "/v1/templates/receipt/preview"),
    ]
    for method, path in closed:
        assert api.http.request(method, path).status_code == 401, path
        for roles in ((), ("analyst",), ("service",)):
            assert api.call(method, path, roles=roles).status_code == 403, path
