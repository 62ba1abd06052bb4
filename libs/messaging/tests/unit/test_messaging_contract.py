"""A message that violates its contract is rejected permanently, with a text of limited length."""

from datetime import UTC, datetime

import pytest

from messaging.errors import Poison
from messaging.eventset.contract import by_contract, by_type
from messaging.message import Message

MESSAGE = Message(
    "orders", 0, 0, None, b"12", "m_1", "order.placed.v1", "shop", datetime(2026, 1, 1, tzinfo=UTC)
)


def test_a_reader_returns_what_it_read() -> None:
    assert by_contract(lambda message: int(message.value))(MESSAGE) == 12


def test_a_violated_contract_names_the_message_and_the_violation() -> None:
    @by_contract
    def read(message: Message) -> None:
        raise ValueError("the amount is negative" + "!" * 2000)

    with pytest.raises(Poison) as refused:
        read(MESSAGE)
    assert refused.value.reason == "contract"
    assert refused.value.detail.startswith("order.placed.v1 m_1: the amount is negative!")
    assert len(refused.value.detail) == 1000


def test_other_errors_of_a_reader_are_not_the_fault_of_the_message() -> None:
    @by_contract
    def read(message: Message) -> None:
        raise KeyError("a defect")

    with pytest.raises(KeyError):
        read(MESSAGE)


def test_a_message_is_read_by_the_reader_of_its_type_and_any_other_type_by_none() -> None:
    assert by_type({MESSAGE.type: lambda message: int(message.value)})(MESSAGE) == 12
    assert by_type({"order.expired.v1": lambda message: int(message.value)})(MESSAGE) is None


def test_a_reader_of_one_type_rejects_what_violates_its_contract() -> None:
    with pytest.raises(Poison, match=r"order\.placed\.v1 m_1: invalid literal"):
        by_type({MESSAGE.type: lambda message: int(message.value, 2)})(MESSAGE)
