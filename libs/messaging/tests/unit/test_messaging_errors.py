"""Which errors wait, which go to the dead letters, and which are tried again."""

import psycopg
import pytest
from confluent_kafka import KafkaError, KafkaException
from psycopg import errors

from messaging.errors import Poison, classify, reason_of
from processkit.errors import Kind, Transient


@pytest.mark.parametrize(
    "error",
    [
        errors.DeadlockDetected(),
        errors.SerializationFailure(),
    ],
)
def test_what_the_database_resolves_by_itself_is_retried_at_once(error: Exception) -> None:
    assert classify(error) is Kind.CONFLICT


@pytest.mark.parametrize(
    "error",
    [
        Transient("the mail server is away"),
        psycopg.OperationalError("connection refused"),
        psycopg.InterfaceError("the connection is closed"),
        errors.AdminShutdown(),
        errors.QueryCanceled(),
        errors.DiskFull(),
        errors.LockNotAvailable(),
        KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN)),
        ConnectionRefusedError("refused"),
        TimeoutError("too slow"),
        # no message is at fault for any of these, although the driver does not call them operational
        errors.ReadOnlySqlTransaction(),
        errors.IdleInTransactionSessionTimeout(),
        errors.UndefinedTable(),
        errors.UndefinedColumn(),
        errors.InvalidSchemaName(),
        errors.InsufficientPrivilege(),
        errors.DataCorrupted(),
        errors.InternalError_(),
    ],
)
def test_a_neighbour_s_trouble_is_waited_for(error: Exception) -> None:
    assert classify(error) is Kind.TRANSIENT


@pytest.mark.parametrize(
    "error",
    [
        Poison("bad-json", "not JSON"),
        psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"),
        errors.NumericValueOutOfRange(),
        errors.UntranslatableCharacter(),
        errors.ProgramLimitExceeded("index row size 3000 exceeds maximum 2704"),
        errors.StatementTooComplex(),
    ],
)
def test_what_no_retry_mends_is_poison(error: Exception) -> None:
    assert classify(error) is Kind.POISON


@pytest.mark.parametrize(
    "error",
    [
        ValueError("a defect"),
        KeyError("a defect"),
        errors.UniqueViolation(),
        errors.CheckViolation(),
        errors.UndefinedFunction(),
        errors.InFailedSqlTransaction(),
        RecursionError(),
    ],
)
def test_the_rest_is_tried_a_few_times(error: Exception) -> None:
    assert classify(error) is Kind.UNEXPECTED


def test_a_reason_is_a_stable_word_and_a_bounded_sentence() -> None:
    assert reason_of(Poison("bad-json", "x" * 5000)) == ("bad-json", "x" * 1000)
    assert reason_of(errors.UniqueViolation("twice")) == ("UniqueViolation 23505", "twice")
    assert reason_of(ValueError("y" * 5000)) == ("ValueError", "y" * 1000)
