"""The operators' commands: python -m messaging dead-letters list|show|requeue, offsets show|set."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence

from confluent_kafka import Consumer, KafkaException
from pydantic import ValidationError

from messaging.deadletters.reading import (
    PUT_BACK_COUNT,
    Place,
    StoredLetter,
    UnknownTopic,
    partitions,
    reader,
    record_at,
    stored_letters,
    texts,
    topic_of,
)
from messaging.deadletters.requeue import requeue
from messaging.operations import offset_commands
from messaging.operations.group_offsets import Refused
from messaging.producer import create_producer
from messaging.runtime.brake import Brake
from messaging.settings import KafkaSettings
from processkit.clock import utc_now

DONE, NOT_ALL, WRONG = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 if all was done, 1 if something was not, 2 for a wrong command or
    setting."""
    asked = _parser().parse_args(argv)
    try:
        kafka = KafkaSettings()
    except ValidationError as error:
        for problem in error.errors(include_input=False):
            name = f"KAFKA_{problem['loc'][0]}".upper() if problem["loc"] else "The KAFKA_ variables"
            wrong = "is not set" if problem["type"] == "missing" else f"is wrong: {problem['msg']}"
            print(f"{name} {wrong}.", file=sys.stderr)
        return WRONG
    command: Callable[[argparse.Namespace, KafkaSettings, Consumer], int] = asked.command
    try:
        with reader(kafka) as consumer:
            done = command(asked, kafka, consumer)
        sys.stdout.flush()
        return done
    except (UnknownTopic, Refused) as error:
        print(error, file=sys.stderr)
        return WRONG
    except BrokenPipeError:
        # The reader (head, less) has closed the pipe. Without this the interpreter would fail on its last
        # flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_ALL
    except KafkaException as error:
        sentence = error.args[0].str() if hasattr(error.args[0], "str") else error
        print(f"Kafka at {kafka.bootstrap_servers} refused the command: {sentence}", file=sys.stderr)
        return NOT_ALL


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m messaging", description=__doc__)
    subjects = parser.add_subparsers(required=True, metavar="dead-letters|offsets")
    offset_commands.add_to(subjects)
    commands = subjects.add_parser(
        "dead-letters", help="messages that consumers rejected; reads the KAFKA_* variables"
    ).add_subparsers(required=True, metavar="list|show|requeue")

    def add(name: str, about: str, command: object) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about, description=about)
        which = added.add_mutually_exclusive_group(required=True)
        which.add_argument("--group", help="the consumer group: its dead letters are in GROUP.dlq")
        which.add_argument("--topic", help="the dead-letter topic itself")
        added.set_defaults(command=command)
        return added

    listing = add("list", "List the dead letters that were not requeued; with --all also the others.", _list)
    listing.add_argument("--all", action="store_true", help="also those that were requeued")
    listing.add_argument("--reason", help="only those with this reason, such as contract")
    listing.add_argument("--json", action="store_true", help="one JSON object per line")
    showing = add("show", "Show one dead letter in full. It may hold personal data.", _show)
    showing.add_argument("place", type=_place, metavar="PARTITION/OFFSET")
    requeueing = add("requeue", "Publish dead letters again to the topics that they came from.", _requeue)
    requeueing.add_argument("places", nargs="*", type=_place, metavar="PARTITION/OFFSET")
    requeueing.add_argument("--all", action="store_true", help="every dead letter that was not requeued")
    requeueing.add_argument("--reason", help="with --all: only those with this reason")
    requeueing.add_argument(
        "--fixed",
        action="store_true",
        help=f"allow more than {Brake.count} at once, after one was requeued and accepted",
    )
    requeueing.add_argument("--again", action="store_true", help="also those that were requeued before")
    return parser


def _place(text: str) -> Place:
    try:
        return Place.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _topic(asked: argparse.Namespace) -> str:
    topic: str = asked.topic or topic_of(asked.group)
    return topic


def _list(asked: argparse.Namespace, _: KafkaSettings, consumer: Consumer) -> int:
    topic = _topic(asked)
    found = stored_letters(consumer, topic)
    shown = [letter for letter in found if _wanted(letter, asked.reason, asked.all)]
    for letter in shown:
        print(json.dumps(_facts(letter)) if asked.json else _line(letter))
    if not asked.json:
        waiting = sum(not letter.requeued for letter in found)
        print(f"{topic}: {len(found)} dead letters, {waiting} to requeue, {len(found) - waiting} requeued")
    return DONE


def _show(asked: argparse.Namespace, _: KafkaSettings, consumer: Consumer) -> int:
    topic = _topic(asked)
    record = record_at(consumer, topic, asked.place)
    if record is None:
        print(_no_such(consumer, topic, asked.place), file=sys.stderr)
        return NOT_ALL
    for name, text in texts(record).items():
        print(f"{name}: {_plain(text)}")
    print(f"key: {_plain((record.key() or b'').decode('utf-8', 'backslashreplace'))}\n")
    value = record.value() or b""
    try:
        print(json.dumps(json.loads(value), indent=2))
    except (ValueError, RecursionError):
        print(_plain(value.decode("utf-8", "backslashreplace")))
    return DONE


def _plain(text: str) -> str:
    """Return the text without control sequences that a terminal would interpret."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _requeue(asked: argparse.Namespace, kafka: KafkaSettings, consumer: Consumer) -> int:
    topic = _topic(asked)
    if asked.all == bool(asked.places):
        print("Name dead letters as PARTITION/OFFSET, or pass --all.", file=sys.stderr)
        return WRONG
    found = {letter.place: letter for letter in stored_letters(consumer, topic)}
    missing = [place for place in asked.places if place not in found]
    for place in missing:
        print(_no_such(consumer, topic, place), file=sys.stderr)
    chosen = [found[place] for place in asked.places if place in found]
    if asked.all:
        chosen = [letter for letter in found.values() if _wanted(letter, asked.reason, True)]
    before = [letter for letter in chosen if letter.requeued and not asked.again]
    for letter in before if asked.places else ():
        print(f"{letter.place}: was requeued {letter.requeued[-1]} (pass --again to requeue it again)")
    left = [letter for letter in chosen if letter not in before]
    if len(left) > Brake.count and not asked.fixed:
        # If they are rejected again, the group halts, and each restart reads them again.
        print(
            f"{len(left)} dead letters would be requeued. If more than {Brake.count} are rejected again, "
            f"the group halts. Requeue one first ({left[0].place}) and list again: a new dead letter with "
            "the same id means that it is still rejected. If none appears, pass --fixed.",
            file=sys.stderr,
        )
        return WRONG
    producer = create_producer(kafka, "dead-letters", message_timeout_ms=20_000)
    failed = 0
    for outcome in requeue(consumer, producer, topic, left, utc_now):
        failed += not outcome.done
        stream = sys.stdout if outcome.done else sys.stderr
        print(f"{outcome.place}: {'' if outcome.done else 'not requeued: '}{outcome.sentence}", file=stream)
    print(
        f"{topic}: {len(left) - failed} requeued, {len(before)} had been requeued before, "
        f"{failed + len(missing)} failed"
    )
    return NOT_ALL if failed or missing else DONE


def _wanted(letter: StoredLetter, reason: str | None, also_requeued: bool) -> bool:
    return (reason is None or letter.headers.get("dlq-reason") == reason) and (
        also_requeued or not letter.requeued
    )


def _facts(letter: StoredLetter) -> dict[str, object]:
    return {
        "place": str(letter.place),
        "origin": letter.origin,
        "bytes": letter.size,
        "put_back": letter.requeued,
        "headers": letter.headers,
    }


def _line(letter: StoredLetter) -> str:
    headers = letter.headers
    again = f", refused again (requeues: {headers[PUT_BACK_COUNT]})" if PUT_BACK_COUNT in headers else ""
    again += f", requeued {', '.join(letter.requeued)}" if letter.requeued else ""
    first = (
        f"{letter.place!s:>8}  {headers.get('dlq-time', '?')[:19]}  {headers.get('dlq-reason', '?')}  "
        f"{headers.get('ce_type', '?')} {headers.get('ce_id', '?')} from {letter.origin}{again}"
    )
    return f"{_plain(first)}\n{'':10}{_plain(headers.get('dlq-detail', ''))[:300]}"


def _no_such(consumer: Consumer, topic: str, place: Place) -> str:
    there = partitions(consumer, topic)
    if place.partition not in there:
        return f"{place}: {topic} has partitions {there[0]} to {there[-1]}"
    return f"{place}: {topic} holds no such dead letter (any more); see dead-letters list"


if __name__ == "__main__":
    sys.exit(main())
