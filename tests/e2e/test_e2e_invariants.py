"""The check of invariants detects each violation that a test introduces into a correct stack."""

import smtplib
from collections.abc import Callable

import invariants
import psycopg
import pytest

from devstack.client import Json, User
from devstack.testing.stack import RunningStack

GRANT = "select * from grants where source_id = %s"


def test_a_missing_and_a_duplicate_grant_are_detected(
    running_stack: RunningStack, buyer: User, course: str, buy: Callable[[User, str], Json]
) -> None:
    order_id = buy(buyer, course)["order_id"]
    invariants.check(running_stack)
    with psycopg.connect(running_stack.database_url("enrollment"), autocommit=True) as database:
        database.execute("create temp table kept as " + GRANT, (order_id,))
        database.execute("delete from grants where source_id = %s", (order_id,))
        try:
            with pytest.raises(AssertionError, match=f"{order_id} is paid and has 0 live grants"):
                invariants.check(running_stack)
            database.execute("insert into grants select * from kept")
            database.execute("update kept set line_id = line_id || '-twice'")
            database.execute("insert into grants select * from kept")
            with pytest.raises(AssertionError, match=f"{order_id} is paid and has 2 live grants"):
                invariants.check(running_stack)
        finally:
            database.execute("delete from grants where line_id like '%%-twice'")
    invariants.check(running_stack)


def test_a_missing_sale_and_a_missing_event_are_detected(
    running_stack: RunningStack, buyer: User, course: str, buy: Callable[[User, str], Json]
) -> None:
    order = buy(buyer, course)
    invariants.check(running_stack)
    for table, column, value, breach in (
        ("money_lines", "order_id", order["order_id"], "sales in usd are"),
        ("events", "object_id", order["session_id"], "reporting consumed checkout.session.completed"),
    ):
        with psycopg.connect(running_stack.database_url("reporting"), autocommit=True) as database:
            database.execute(f"create temp table kept as select * from {table} where {column} = %s", (value,))
            database.execute(f"delete from {table} where {column} = %s", (value,))
            try:
                with pytest.raises(AssertionError, match=breach):
                    invariants.check(running_stack)
            finally:
                database.execute(f"insert into {table} select * from kept")
    invariants.check(running_stack)


def test_a_mail_sent_twice_is_detected(
    running_stack: RunningStack, buyer: User, course: str, buy: Callable[[User, str], Json]
) -> None:
    client = running_stack.client
    buy(buyer, course)
    invariants.check(running_stack)
    [mail] = client.mails(buyer.email)
    raw = client.http.get(f"{client.inbox}/messages/{mail['id']}/raw").text
    with smtplib.SMTP("127.0.0.1", running_stack.smtp_port, timeout=10) as smtp:
        smtp.sendmail("hello@masterji.example", [buyer.email], raw.encode())
    with pytest.raises(AssertionError, match="was sent 2 times"):
        invariants.check(running_stack)
    client.http.delete(f"{client.inbox}/api/messages").raise_for_status()
    invariants.check(running_stack)
