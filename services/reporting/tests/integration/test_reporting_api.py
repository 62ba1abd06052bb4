"""The API of the reports with a real database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import invariants
import pytest
from reporting_order_events import OrderEvents
from reporting_service import Caller, Service

SALES = "/v1/reports/sales"


@pytest.fixture
def taxed_sale(service: Service, new_order: Callable[..., OrderEvents]) -> None:
    """A sale for 10 GBP and 2 GBP of tax, of which half is refunded."""
    taxed = new_order("ord_6", "pi_6")
    taxed.placed(1000, currency="gbp")
    taxed.session(1200, before_tax=1000, currency="gbp")
    taxed.refund(600, currency="gbp")
    service.consume(taxed.events)


@pytest.fixture
def march(service: Service, new_order: Callable[..., OrderEvents]) -> None:
    """Two sales on 1 March (UTC noon and 23:30), a refund on the 2nd, and one sale in dollars."""
    first = new_order("ord_1", "pi_1")
    first.placed(2000, (1500, 500))
    first.session(3000, at=0)
    first.refund(1000, at=60 * 24)
    second = new_order("ord_2", "pi_2")
    second.placed(700)
    second.session(700, at=60 * 11.5)
    dollars = new_order("ord_3", "pi_3")
    dollars.placed(900, currency="usd")
    dollars.session(900, currency="usd")
    foreign = new_order("x", "pi_x")
    foreign.payment_succeeded(111, ours=False, at=5)
    wrong = new_order("ord_5", "pi_5")
    wrong.placed(900)
    wrong.session(800, at=7)
    service.consume([*first.events, *second.events, *dollars.events, *foreign.events, *wrong.events])


def row(
    period: str, orders: int, units: int, gross: int, discounts: int, refunds: int, tax: int = 0
) -> dict[str, Any]:
    return {
        "period": period, "orders": orders, "units": units, "gross": gross, "discounts": discounts,
        "refunds": refunds, "disputes": 0, "net": gross - discounts - refunds, "tax": tax, "dispute_fees": 0,
    }  # fmt: skip


@pytest.mark.usefixtures("march")
class TestSales:
    def test_each_day_has_a_row_even_without_sales(self, api: Caller) -> None:
        answer = api.get(SALES, currency="eur", **{"from": "2026-02-28", "to": "2026-03-02"})

        assert answer.status_code == 200
        assert answer.json() == {
            "currency": "eur",
            "as_of": "2026-03-02T12:00:00Z",
            "rows": [
                row("2026-02-28", 0, 0, 0, 0, 0),
                row("2026-03-01", 2, 3, 4200, 500, 0),
                row("2026-03-02", 0, 0, 0, 0, 1000),
            ],
        }

    def test_days_are_calendar_days_of_the_requested_time_zone(self, api: Caller) -> None:
        days = {"from": "2026-03-01", "to": "2026-03-02"}
        answer = api.get(SALES, currency="eur", tz="Asia/Kolkata", **days)

        # 23:30 UTC is 05:00 of the next day in Kolkata; the refund at 12:00 UTC is on the 2nd in both zones.
        assert answer.json()["rows"] == [
            row("2026-03-01", 1, 2, 3500, 500, 0),
            row("2026-03-02", 1, 1, 700, 0, 1000),
        ]

    @pytest.mark.parametrize(("granularity", "period"), [("month", "2026-03"), ("year", "2026")])
    def test_months_and_years_sum_their_days(self, api: Caller, granularity: str, period: str) -> None:
        days = {"from": "2026-03-01", "to": "2026-03-31"}
        answer = api.get(SALES, currency="EUR", granularity=granularity, **days)

        assert answer.json()["rows"] == [row(period, 2, 3, 4200, 500, 1000)]

    def test_currencies_are_never_added(self, api: Caller) -> None:
        days = {"from": "2026-03-01", "to": "2026-03-01"}
        answer = api.get(SALES, currency="usd", **days)

        assert answer.json()["rows"] == [row("2026-03-01", 1, 1, 900, 0, 0)]

    @pytest.mark.usefixtures("taxed_sale")
    def test_tax_on_top_is_summed_separately_from_prices(self, api: Caller) -> None:
        days = {"from": "2026-03-01", "to": "2026-03-02"}
        answer = api.get(SALES, currency="gbp", **days)

        assert answer.json()["rows"] == [
            row("2026-03-01", 1, 1, 1000, 0, 0, tax=200),
            row("2026-03-02", 0, 0, 0, 0, 500, tax=-100),
        ]

    @pytest.mark.usefixtures("taxed_sale")
    def test_prices_and_tax_of_a_taxed_sale_sum_to_charges_less_refunds(self, api: Caller) -> None:
        days = {"from": "2026-03-01", "to": "2026-03-31"}

        def violations(charged: int) -> list[str]:
            common = {"status": "succeeded", "captured": True, "currency": "gbp"}
            return invariants.money_violations(
                [common | {"amount": charged}],
                [common | {"amount": 600}],
                [],
                lambda currency: api.get(SALES, currency=currency, **days).json()["rows"],
            )

        assert violations(charged=1200) == []
        assert violations(charged=1100) == ["sales in gbp are 600; charges less refunds and disputes are 500"]

    def test_without_days_the_report_covers_30_days_12_months_or_5_years(self, api: Caller) -> None:
        assert len(api.get(SALES, currency="eur").json()["rows"]) == 30
        assert len(api.get(SALES, currency="eur", granularity="month").json()["rows"]) == 12
        assert len(api.get(SALES, currency="eur", granularity="year").json()["rows"]) == 5


INVALID_REQUESTS: list[dict[str, str]] = [
    {},
    {"currency": "euro"},
    {"currency": "eur", "granularity": "week"},
    {"currency": "eur", "from": "yesterday"},
    {"currency": "eur", "from": "2026-02-30"},
    {"currency": "eur", "from": "2026-03-02", "to": "2026-03-01"},
    {"currency": "eur", "to": "9999-12-31"},
    {"currency": "eur", "from": "0001-01-01"},
    {"currency": "eur", "from": "2000-01-01", "to": "2026-01-01"},
    {"currency": "eur", "tz": "Mars/Olympus"},
    {"currency": "eur", "tz": "../../etc/passwd"},
    {"currency": "eur", "tz": "Europe"},
    {"currency": "eur", "tz": ""},
    {"currency": "eur", "tz": "a\x00b"},
]


def test_an_invalid_request_returns_422_and_names_the_parameter(
    api: Caller, subtests: pytest.Subtests
) -> None:
    for wrong in INVALID_REQUESTS:
        with subtests.test(**{name.replace("from", "first"): value for name, value in wrong.items()}):
            answer = api.get(SALES, **wrong)

            assert answer.status_code == 422
            assert answer.headers["content-type"] == "application/problem+json"
            [error] = answer.json()["errors"]
            assert error["field"].startswith("query.")
            assert error["message"]


def test_as_of_is_null_before_the_first_event(api: Caller) -> None:
    answer = api.get(SALES, currency="eur").json()

    assert answer["as_of"] is None
    assert {line["net"] for line in answer["rows"]} == {0}


def test_only_analysts_and_admins_read_reports(api: Caller) -> None:
    for path in (SALES, "/v1/reports/unattributed"):
        assert api.http.get(path, params={"currency": "eur"}).status_code == 401
        assert api.get(path, roles=(), currency="eur").status_code == 403
        assert api.get(path, roles=("service",), currency="eur").status_code == 403
        assert api.get(path, roles=("analyst",), currency="eur").status_code == 200
        assert api.get(path, roles=("admin",), currency="eur").status_code == 200


@pytest.mark.usefixtures("march")
class TestUnattributed:
    PATH = "/v1/reports/unattributed"

    def test_it_lists_unattributed_payments_with_reasons_and_totals(self, api: Caller) -> None:
        answer = api.get(self.PATH).json()

        assert [(item["payment_id"], item["reason"], item["amount"]) for item in answer["items"]] == [
            ("pi_5", "amount_mismatch", 800),
            ("pi_x", "foreign", 111),
        ]
        assert answer["items"][0]["expected_amount"] == 900
        assert answer["next_cursor"] is None
        assert answer["totals"] == [
            {"currency": "eur", "reason": "amount_mismatch", "payments": 1, "amount": 800, "refunded": 0},
            {"currency": "eur", "reason": "foreign", "payments": 1, "amount": 111, "refunded": 0},
        ]

    def test_it_is_filtered_and_paged(self, api: Caller) -> None:
        first = api.get(self.PATH, limit=1).json()
        second = api.get(self.PATH, limit=1, cursor=first["next_cursor"]).json()

        assert [page["items"][0]["payment_id"] for page in (first, second)] == ["pi_5", "pi_x"]
        assert second["next_cursor"] is None
        assert len(second["totals"]) == 2
        only = api.get(self.PATH, reason="foreign", currency="EUR").json()
        assert [item["payment_id"] for item in only["items"]] == ["pi_x"]
        assert api.get(self.PATH, **{"from": "2026-03-02"}).json()["items"] == []

    @pytest.mark.parametrize(
        ("filters", "payments"),
        [
            ({}, ["pi_5", "pi_x"]),
            ({"currency": "usd"}, []),
            ({"reason": "amount_mismatch"}, ["pi_5"]),
            ({"from": "2026-03-01", "to": "2026-03-01"}, ["pi_5", "pi_x"]),
            ({"to": "2026-02-28"}, []),
            ({"to": "2026-03-01", "reason": "foreign", "currency": "eur"}, ["pi_x"]),
            # 12:05 and 12:07 UTC are the next day in the zone that is furthest ahead.
            ({"from": "2026-03-02", "tz": "Pacific/Kiritimati"}, ["pi_5", "pi_x"]),
        ],
    )
    def test_filters_narrow_the_page_and_its_totals(
        self, api: Caller, filters: dict[str, str], payments: list[str]
    ) -> None:
        answer = api.get(self.PATH, **filters).json()

        assert [item["payment_id"] for item in answer["items"]] == payments
        assert sum(total["payments"] for total in answer["totals"]) == len(payments)

    def test_an_invalid_cursor_returns_400(self, api: Caller) -> None:
        for cursor in ("x", "bm9wZQ", "WyJ4Iiwi"):
            assert api.get(self.PATH, cursor=cursor).status_code == 400
