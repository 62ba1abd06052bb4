"""Reporting around one database, driven step by step, and a caller of its API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi.testclient import TestClient
from psycopg.rows import dict_row

from devstack.tokens import TokenIssuer
from messaging.eventset.event import Event
from processkit.postgres.database import Database
from reporting.handlers import handler
from reporting.store.ledger_rows import derivation

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


class Service:
    """Reporting with one database, called step by step."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.derivation = derivation(lambda: NOW)
        self.handler = handler(self.derivation)
        self.database = Database(dsn, "test")

    def consume(self, events: Sequence[Event]) -> None:
        """Handle one batch as the consumer does: record, commit, derive, commit."""
        self.record(events)
        self.derive(events)

    def record(self, events: Sequence[Event]) -> None:
        with self.database.transaction() as tx:
            self.handler.record(tx, events)

    def derive(self, events: Sequence[Event]) -> None:
        with self.database.transaction() as tx:
            self.handler.derive(tx, events)

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        with self.database.transaction() as tx, tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), parameters).fetchall()

    def lines(self, order_id: str | None = None) -> list[tuple[Any, ...]]:
        """(order, line, kind, currency, gross, discount, refunded), sorted."""
        rows = self.rows("select * from sales_lines")
        columns = ("order_id", "line_id", "kind", "currency", "gross", "discount", "refunded")
        return sorted(
            tuple(row[column] for column in columns) for row in rows if order_id in (None, row["order_id"])
        )

    def unattributed(self) -> list[tuple[str, str, int, int]]:
        """(payment, reason, amount, refunded), sorted."""
        rows = self.rows("select * from payments_unattributed")
        return sorted((row["payment_id"], row["reason"], row["amount"], row["refunded"]) for row in rows)


class Caller:
    """An HTTP client with a token of the given roles."""

    def __init__(self, http: TestClient, issuer: TokenIssuer) -> None:
        self.http, self._issuer = http, issuer

    def get(self, path: str, roles: Sequence[str] = ("analyst",), **parameters: Any) -> httpx.Response:
        token = self._issuer.token("ana", "ana@example.com", roles=tuple(roles))
        return self.http.get(path, params=parameters, headers={"Authorization": f"Bearer {token}"})
