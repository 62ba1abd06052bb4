"""Migrations keep the mails of earlier schemas."""

from collections.abc import Callable
from pathlib import Path

import psycopg

from processkit.postgres import migrations

FOLDER = Path(__file__).resolve().parents[2]
_MAIL = """
insert into deliveries
    (delivery_id, template, about, order_id, user_id, recipient, locale, happened_at, context, state,
     next_attempt_at, created_at)
values
    (gen_random_uuid(), 'confirmation', %(state)s, 'ord_1', 'usr_1', 'asha@example.com', 'en',
     '2026-03-01Z', '{}', %(state)s, '2026-03-02Z', '2026-03-01Z')"""


def test_a_mail_that_failed_before_the_migration_failed_at_its_last_attempt(
    make_database: Callable[..., str],
) -> None:
    dsn = make_database()
    migrations.upgrade(dsn, FOLDER, revision="0001")
    with psycopg.connect(dsn) as connection:
        for state in ("pending", "sent", "failed", "skipped"):
            connection.execute(_MAIL, {"state": state})
    migrations.upgrade(dsn, FOLDER)
    with psycopg.connect(dsn) as connection:
        failed = connection.execute(
            "select state, failed_at = next_attempt_at from deliveries where failed_at is not null"
        )
        assert failed.fetchall() == [("failed", True)]
