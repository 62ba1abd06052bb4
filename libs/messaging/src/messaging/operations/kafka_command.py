"""What every operator's command on Kafka does: read the settings, open a consumer, report errors."""

from collections.abc import Callable

from confluent_kafka import Consumer, KafkaException
from pydantic import ValidationError

from messaging.deadletters.reading import reader
from messaging.errors import KafkaFailed
from messaging.settings import KafkaSettings
from processkit.commands import Arguments
from processkit.errors import ConfigurationError

KafkaCommand = Callable[[Arguments, KafkaSettings, Consumer], int]


def on_kafka(command: KafkaCommand) -> Callable[[Arguments], int]:
    """Return the command as a function of its arguments.

    The consumer that it gets belongs to no group. Raises ConfigurationError for the KAFKA_* variables,
    KafkaFailed, and what the command raises.
    """

    def run(asked: Arguments) -> int:
        kafka = _settings()
        try:
            with reader(kafka) as consumer:
                return command(asked, kafka, consumer)
        except KafkaException as error:
            sentence = error.args[0].str() if hasattr(error.args[0], "str") else error
            raise KafkaFailed(
                f"Kafka at {kafka.bootstrap_servers} refused the command: {sentence}"
            ) from error

    return run


def _settings() -> KafkaSettings:
    try:
        return KafkaSettings()
    except ValidationError as error:
        raise ConfigurationError(
            "\n".join(
                _sentence(problem["loc"], problem["type"], problem["msg"])
                for problem in error.errors(include_input=False)
            )
        ) from None


def _sentence(place: tuple[int | str, ...], kind: str, message: str) -> str:
    name = f"KAFKA_{place[0]}".upper() if place else "The KAFKA_ variables"
    return f"{name} {'is not set' if kind == 'missing' else f'is wrong: {message}'}."
