"""A database that an earlier release wrote: migrated to the current schema, read by the API, sent from.

The files `tests/data/rows-….json` hold the same orders, payments and refunds, recorded, derived and
partly sent by the code of each release. Only releases that know tax on top of prices have the receipt of the
taxed order.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from notifications_service import MIGRATIONS, Caller, Service, SmtpServer

from devstack.testing import releases

DATA = Path(__file__).resolve().parents[1] / "data"
TAXED = {"20acdf4": False, "360a78a": True}
"""Commit of the release -> whether its database has the receipt of the taxed order."""


@pytest.fixture(params=sorted(TAXED))
def release(request: pytest.FixtureRequest) -> str:
    """The commit of the release that wrote the database."""
    return str(request.param)


@pytest.fixture
def dsn(make_database: Callable[..., str], release: str) -> str:
    dsn = make_database()
    releases.restore(dsn, DATA / f"rows-{release}.json", MIGRATIONS)
    return dsn


def pending(release: str) -> set[tuple[str, str]]:
    """The template and recipient of each pending mail."""
    return {
        ("receipt", "lena@example.com"),
        ("refund", "lena@example.com"),
        ("refund", "asha@example.com"),
        ("receipt", "free@example.com"),
        ("receipt", "late@example.com"),
        ("refund", "tax@example.com"),
        ("refund", "wrong@example.com"),
        ("receipt", "usd@example.com"),
    } | ({("receipt", "tax@example.com")} if TAXED[release] else set())


def test_the_api_lists_the_deliveries_of_an_earlier_release(api: Caller, release: str) -> None:
    items = api.get("/v1/deliveries", limit=200).json()["items"]

    assert len(items) == (14 if TAXED[release] else 13)
    assert {(item["template"], item["recipient"]) for item in items if item["state"] == "pending"} == pending(
        release
    )
    others = [item for item in items if item["state"] != "pending"]
    assert {(item["order_id"], item["state"], item["reason"]) for item in others} == {
        ("ord_old", "skipped", "too_old"),
        ("ord_sent", "sent", None),
        ("ord_failed", "failed", "rejected"),
        ("ord_reviewed", "skipped", "reviewed"),
    }
    [reviewed] = api.get("/v1/deliveries", order_id="ord_reviewed").json()["items"]
    assert (reviewed["reviewed_by"], reviewed["review_note"]) == ("usr_admin", "the buyer has no mailbox")
    assert "550" in reviewed["last_error"]


def test_every_delivery_of_an_earlier_release_can_be_previewed(api: Caller) -> None:
    for item in api.get("/v1/deliveries", limit=200).json()["items"]:
        preview = api.get(f"/v1/deliveries/{item['delivery_id']}/preview", format="text")

        assert preview.status_code == 200, item
        assert item["order_id"] in preview.text


def test_failed_mails_of_an_earlier_release_are_resent(api: Caller) -> None:
    answer = api.call("POST", "/v1/deliveries/resend", body={"reason": "rejected"})

    assert answer.json() == {"resent": 1, "left": 0}


def test_the_sender_sends_what_an_earlier_release_left_pending(
    service: Service, smtp: SmtpServer, release: str
) -> None:
    resent = next(row for row in service.deliveries() if row["resends"])
    sender = service.sender(smtp.mailer())

    while sender.once():
        pass

    mails = {(mail["To"], mail["Message-ID"]): mail for mail in smtp.received}
    assert {recipient for recipient, _ in mails} == {recipient for _, recipient in pending(release)}
    assert ("lena@example.com", f"<{resent['delivery_id']}.1@example.com>") in mails
    assert [row["about"] for row in service.deliveries() if row["state"] == "pending"] == []


def test_a_rebuild_of_an_earlier_release_changes_no_delivery(service: Service) -> None:
    before = service.deliveries()
    service.clock.forward(hours=1)

    service.derivation.rebuild(service.dsn)

    assert service.deliveries() == before
    with service.database.transaction() as tx:
        assert service.derivation.failing(tx) == 0
