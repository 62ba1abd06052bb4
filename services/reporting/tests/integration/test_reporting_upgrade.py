"""A database that an earlier release wrote: migrated to the current schema, read by the API, derived again.

The files in `tests/data` hold the same orders, payments and refunds, recorded and derived by the code of each
release. Only releases that know tax on top of prices have the taxed order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from reporting_service import MIGRATIONS, Caller, Service

from devstack.testing import releases

DATA = Path(__file__).resolve().parents[1] / "data"
TAXED = {"20acdf4": False, "360a78a": True}
"""Commit of the release -> whether its database has the taxed order."""

LEDGER = """
select 'line' as place, to_jsonb(money_lines) as row from money_lines
union all select 'payment', to_jsonb(unattributed_payments) from unattributed_payments order by 1, 2
"""


@pytest.fixture(params=sorted(TAXED))
def release(request: pytest.FixtureRequest) -> str:
    """The commit of the release that wrote the database."""
    return str(request.param)


@pytest.fixture
def service(make_database: Callable[..., str], release: str) -> Iterator[Service]:
    dsn = make_database()
    releases.restore(dsn, DATA / f"rows-{release}.json", MIGRATIONS)
    service = Service(dsn)
    yield service
    service.database.close()


def test_reports_of_a_migrated_database_count_what_the_earlier_release_booked(
    api: Caller, release: str
) -> None:
    days = {"from": "2026-03-01", "to": "2026-03-04"}
    euros = api.get("/v1/reports/sales", currency="eur", **days).json()
    dollars = api.get("/v1/reports/sales", currency="usd", **days).json()

    assert euros["as_of"] == "2026-03-04T12:00:00Z"
    names = ("orders", "units", "gross", "discounts", "refunds", "net", "tax")
    taxed = TAXED[release]
    assert [tuple(row[name] for name in names) for row in euros["rows"]] == [
        (5, 7, 8500, 2500, 0, 6000, 380) if taxed else (4, 5, 6500, 2500, 0, 4000, 0),
        (0, 0, 0, 0, 2700, -2700, -190) if taxed else (0, 0, 0, 0, 1700, -1700, 0),
        (0, 0, 0, 0, -700, 700, 0),
        (0, 0, 0, 0, 0, 0, 0),
    ]
    assert [row["gross"] for row in dollars["rows"]] == [0, 0, 0, 1000]


def test_unattributed_payments_of_an_earlier_release_are_listed_with_their_reasons(api: Caller) -> None:
    answer = api.get("/v1/reports/unattributed").json()

    assert [
        (item["payment_id"], item["reason"], item["amount"], item["refunded"], item["expected_amount"])
        for item in answer["items"]
    ] == [
        ("pi_ord_9", "session_missing", 444, 0, 444),
        ("pi_ord_8", "order_unknown", 333, 0, None),
        ("ch_foreign", "foreign", 222, 0, None),
        ("pi_foreign", "foreign", 111, 11, None),
        ("pi_again", "paid_again", 300, 0, 300),
        ("pi_ord_6", "currency_mismatch", 900, 900, 900),
        ("pi_ord_5", "amount_mismatch", 800, 0, 900),
    ]


def test_facts_stored_by_an_earlier_release_give_the_same_ledger_again(service: Service) -> None:
    stored = service.rows(LEDGER)
    with service.database.transaction() as tx:
        tx.execute("truncate money_lines, unattributed_payments")

    service.derivation.rebuild(service.dsn)

    assert service.rows(LEDGER) == stored
    assert service.rows("select owner_id, failure from owners where needs_derivation") == []


def test_a_rebuild_writes_no_row_of_a_migrated_ledger(service: Service) -> None:
    versions = "select xmin::text, order_id, line_id, kind from money_lines order by 2, 3, 4"
    before = service.rows(versions)

    service.derivation.rebuild(service.dsn)

    assert service.rows(versions) == before
