"""Refunds in the ledger: the shared table of examples, and what holds for every order."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from typing import Any

import pytest

from messaging.eventset.event import chronological
from reporting.domain.sales import ledger_of
from schemas.contracts.files import EXAMPLES

TABLE: list[dict[str, Any]] = tomllib.loads(
    (EXAMPLES / "rules" / "refunds.toml").read_text(encoding="utf-8")
)["example"]


@pytest.mark.parametrize("example", TABLE, ids=lambda example: example["case"])
def test_refunds_are_booked_on_lines_as_in_the_shared_examples(story: Any, example: dict[str, Any]) -> None:
    line_ids, paid = list(example["lines"]), list(example["lines"].values())
    story.placed(*paid, line_ids=line_ids, bundles=example.get("bundles"), at=-1)
    story.session(sum(paid), at=-1)
    for refund in example["refunds"]:
        common = {"refund": refund["id"], "lines": refund.get("names", ())}
        story.refund(refund["amount"], at=refund["at"] / 60, **common)
        if "undone_at" in refund:
            at = refund["undone_at"] / 60
            story.refund(refund["amount"], at=at, status="failed", before="succeeded", **common)

    rows = ledger_of("ord_1", chronological(story.events)).lines

    shares: dict[str, dict[str, int]] = defaultdict(dict)
    remaining = dict.fromkeys(line_ids, 0)
    for row in rows:
        remaining[row.line_id] += row.gross - row.discount - row.refunded
        if row.kind == "refund":
            shares[row.reference][row.line_id] = row.refunded
    assert shares == example["shares"]
    assert {line: max(amount, 0) for line, amount in remaining.items()} == example["remaining"]
