"""The classification of errors: conflict, transient, poison or unexpected."""

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
def test_conflicts_are_retried_at_once(error: Exception) -> None:
    assert classify(error) is Kind.CONFLICT


@pytest.mark.parametrize(
    "error",
    [
        Transient("the mail server is unavailable"),
        psycopg.OperationalError("connection refused"),
        psycopg.InterfaceError("the connection is closed"),
        errors.AdminShutdown(),
        errors.QueryCanceled(),
        errors.DiskFull(),
        errors.LockNotAvailable(),
        KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN)),
        ConnectionRefusedError("refused"),
        TimeoutError("too slow"),
        # no message causes these, although the driver does not class them as operational
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
def test_an_unavailable_dependency_is_transient(error: Exception) -> None:
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
def test_errors_that_no_retry_fixes_are_poison(error: Exception) -> None:
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
def test_other_errors_are_unexpected(error: Exception) -> None:
    assert classify(error) is Kind.UNEXPECTED


def test_a_reason_is_a_stable_word_and_a_limited_sentence() -> None:
    assert reason_of(Poison("bad-json", "x" * 5000)) == ("bad-json", "x" * 1000)
    assert reason_of(errors.UniqueViolation("twice")) == ("UniqueViolation 23505", "twice")
    assert reason_of(ValueError("y" * 5000)) == ("ValueError", "y" * 1000)
