"""The courses of the demo. Amounts are in the currency's minor unit."""

from typing import Any


def _course(title: str, category: str, description: str, **prices: int) -> dict[str, Any]:
    listed = [{"currency": currency, "amount": amount} for currency, amount in prices.items()]
    return {"title": title, "category": category, "description": description, "prices": listed}


COURSES: dict[str, dict[str, Any]] = {
    "python-from-zero": _course(
        "Python from zero",
        "Programming",
        "Variables to your first web service, in forty short lessons.",
        usd=4900,
        eur=4500,
        inr=199900,
        jpy=7200,
    ),
    "sql-for-analysts": _course(
        "SQL for analysts",
        "Data",
        "Ask a database anything: joins, windows, and queries that stay fast.",
        usd=6900,
        eur=6400,
        inr=249900,
        jpy=9800,
    ),
    "watercolour-basics": _course(
        "Watercolour basics",
        "Art",
        "Paper, pigment, patience. Twelve paintings from a blank sheet.",
        usd=2900,
        eur=2700,
        inr=99900,
        jpy=4200,
    ),
    "kafka-in-practice": _course(
        "Kafka in practice",
        "Programming",
        "Topics, consumer groups and what to do when a message cannot be read.",
        usd=8900,
        eur=8200,
        inr=349900,
        jpy=12800,
    ),
}
