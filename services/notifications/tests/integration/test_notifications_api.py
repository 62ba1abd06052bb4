"""What an administrator sees and does."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from messaging.health import Health
from notifications.bootstrap import build_api
from notifications.settings import Settings


class Caller:
    """An HTTP client that signs in."""

    def __init__(self, http: TestClient, issuer: Any) -> None:
        self.http, self._issuer = http, issuer

    def call(self, method: str, path: str, roles: Sequence[str] = ("admin",), **parameters: Any) -> Any:
        token = self._issuer.token("root", "root@example.com", roles=tuple(roles))
        return self.http.request(
            method, path, params=parameters, headers={"Authorization": f"Bearer {token}"}
        )

    def get(self, path: str, **parameters: Any) -> Any:
        return self.call("GET", path, **parameters)


@pytest.fixture
def api(service: Any, jwt_issuer: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    for name, value in jwt_issuer.settings_env.items():
        monkeypatch.setenv(name, value)
    settings = Settings(
        database_url=service.dsn,
        app_url="https://learn.example.com",
        smtp_url=SecretStr("smtp://127.0.0.1:1"),
        mail_from="hello@example.com",
    )
    with TestClient(build_api(settings, Health())) as http:
        yield Caller(http, jwt_issuer)


@pytest.fixture
def three(service: Any, new_story: Any) -> list[dict[str, Any]]:
    """Three orders, one refunded: four mails, written down one after the other."""
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
    def test_it_is_paged_newest_first_without_gap_or_repeat(self, api: Caller) -> None:
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

    def test_it_is_filtered(self, api: Caller, subtests: pytest.Subtests) -> None:
        expected: list[tuple[dict[str, str], int]] = [
            ({"order_id": "ord_1"}, 2),
            ({"template": "refund"}, 1),
            ({"state": "pending"}, 4),
            ({"state": "failed"}, 0),
            ({"user_id": "user_1", "template": "receipt"}, 3),
            ({"order_id": "nobody's"}, 0),
        ]
        for filters, found in expected:
            with subtests.test(**filters):
                assert len(api.get("/v1/deliveries", **filters).json()["items"]) == found

    def test_garbage_is_refused(self, api: Caller, subtests: pytest.Subtests) -> None:
        garbage: list[tuple[dict[str, Any], int]] = [
            ({"state": "lost"}, 422),
            ({"template": "spam"}, 422),
            ({"limit": 0}, 422),
            ({"order_id": "a\x00b"}, 422),
            ({"cursor": "nonsense"}, 400),
            ({"cursor": "WyIyMDI2LTAzLTAxVDEyOjAwOjAwKzAwOjAwIiwieCJd"}, 400),  # a time, and what is no UUID
        ]
        for parameters, status in garbage:
            with subtests.test(**parameters):
                answer = api.get("/v1/deliveries", **parameters)

                assert answer.status_code == status
                assert answer.headers["content-type"] == "application/problem+json"


def test_a_delivery_is_shown_as_the_customer_reads_it(api: Caller, three: list[dict[str, Any]]) -> None:
    path = f"/v1/deliveries/{three[0]['delivery_id']}/preview"

    html, text = api.get(path), api.get(path, format="text")

    assert html.headers["content-type"].startswith("text/html")
    assert "sandbox" in html.headers["content-security-policy"]
    assert "Sitar &amp; &lt;b&gt;Tabla&lt;/b&gt;" in html.text
    assert text.text.startswith("Subject: Dein Kurs ist bereit: Sitar & <b>Tabla</b>\n")


def test_a_template_is_previewed_without_any_customer(api: Caller) -> None:
    for template in ("receipt", "refund"):
        answer = api.get(f"/v1/templates/{template}/preview", locale="fr")

        assert answer.status_code == 200
        assert '<html lang="fr">' in answer.text


def test_a_failed_mail_is_sent_again_as_a_new_message(
    api: Caller, service: Any, smtp: Any, three: list[dict[str, Any]]
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


def test_a_delivery_that_does_not_exist_is_404(api: Caller) -> None:
    for method, path in (("GET", ""), ("GET", "/preview"), ("POST", "/resend")):
        answer = api.call(method, f"/v1/deliveries/{uuid.uuid4()}{path}")
        assert answer.status_code == 404, path
        assert answer.json()["type"] == "https://masterji.dev/problems/delivery-not-found"
    assert api.get("/v1/deliveries/17").status_code == 422


def test_only_administrators_come_in(api: Caller) -> None:
    one = f"/v1/deliveries/{uuid.uuid4()}"
    closed = [
        ("GET", "/v1/deliveries"),
        ("GET", one),
        ("GET", f"{one}/preview"),
        ("POST", f"{one}/resend"),
        ("GET", "/v1/templates/receipt/preview"),
    ]
    for method, path in closed:
        assert api.http.request(method, path).status_code == 401, path
        for roles in ((), ("analyst",), ("service",)):
            assert api.call(method, path, roles=roles).status_code == 403, path
