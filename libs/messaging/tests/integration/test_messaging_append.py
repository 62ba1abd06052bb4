"""An API appends to the outbox on an asynchronous connection; the relay publishes as usual."""

import asyncio

import pytest
from messaging_effects import everything, until
from messaging_parcels import BORN
from messaging_workers import Service

from messaging.message import OutgoingMessage, decode_record
from messaging.outbox import rows as outbox
from processkit.postgres.engine import create_engine

pytestmark = pytest.mark.kafka_protocol


def row(topic: str, number: int) -> OutgoingMessage:
    return OutgoingMessage(topic, f"key{number}", f"id{number:05}", "total.v1", "parcels", BORN, b"{}")


async def _append_on_engine(dsn: str, rows: list[OutgoingMessage]) -> None:
    engine = create_engine(dsn, "api", 1, statement_seconds=5)
    async with engine.begin() as tx:
        await outbox.append_on_engine(tx, [])
        await outbox.append_on_engine(tx, rows)
    await engine.dispose()


def test_an_api_appends_without_blocking_its_loop(service: Service) -> None:
    rows = [row(service.announcements, 1), row(service.announcements, 2)]
    asyncio.run(_append_on_engine(service.dsn, rows))
    service.relay()
    until(lambda: service.effects.unpublished() == 0)
    published = everything(service.kafka, service.announcements)
    assert sorted(decode_record(record).id for record in published) == ["id00001", "id00002"]
