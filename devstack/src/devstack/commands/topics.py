"""The command `masterji topics`."""

import argparse
import sys

from confluent_kafka import KafkaException

from devstack import topics
from devstack.errors import DevstackError
from processkit.commands import Arguments, Command


def run(arguments: Arguments) -> int:
    """Create or check the topics on KAFKA_BOOTSTRAP_SERVERS."""
    from messaging.settings import KafkaSettings
    from servicekit.settings import load

    settings = load(KafkaSettings)
    try:
        if arguments.action == "create":
            created = topics.create(settings, development=arguments.dev)
            print(f"{len(created)} topics were created" + (f": {', '.join(created)}" if created else ""))
            return 0
        problems = topics.check(settings, development=arguments.dev)
    except KafkaException as error:
        raise DevstackError(
            f"Kafka at {settings.bootstrap_servers} failed to {arguments.action} the topics: "
            f"{error.args[0].str()}"
        ) from error
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print("All topics exist, and no topic can lose an acknowledged message.")
    return 1 if problems else 0


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("create", "check"))
    parser.add_argument("--dev", action="store_true", help="allow a single replica, for a single broker")


TOPICS = Command("topics", "create or check the topics on KAFKA_BOOTSTRAP_SERVERS", run, _options)
