"""The commands `python -m messaging dead-letters list|show|requeue`."""

import argparse
import json
import sys

from confluent_kafka import Consumer

from messaging.deadletters.reading import (
    PUT_BACK_COUNT,
    Place,
    StoredLetter,
    partitions,
    record_at,
    stored_letters,
    texts,
    topic_of,
)
from messaging.deadletters.requeue import requeue
from messaging.operations.kafka_command import on_kafka
from messaging.producer import create_producer
from messaging.runtime.brake import Brake
from messaging.settings import KafkaSettings
from processkit.clock import utc_now
from processkit.commands import Arguments, Command, Parser


def which_topic(parser: Parser) -> None:
    """Add the options that name the dead-letter topic."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--group", help="the consumer group: its dead letters are in GROUP.dlq")
    which.add_argument("--topic", help="the dead-letter topic itself")


def _listing(parser: Parser) -> None:
    parser.add_argument("--all", action="store_true", help="also those that were requeued")
    parser.add_argument("--reason", help="only those with this reason, such as contract")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")


def _showing(parser: Parser) -> None:
    parser.add_argument("place", type=_place, metavar="PARTITION/OFFSET")


def _requeueing(parser: Parser) -> None:
    parser.add_argument("places", nargs="*", type=_place, metavar="PARTITION/OFFSET")
    parser.add_argument("--all", action="store_true", help="every dead letter that was not requeued")
    parser.add_argument("--reason", help="with --all: only those with this reason")
    parser.add_argument(
        "--fixed",
        action="store_true",
        help=f"allow more than {Brake.count} at once, after one was requeued and accepted",
    )
    parser.add_argument("--again", action="store_true", help="also those that were requeued before")


def _place(text: str) -> Place:
    try:
        return Place.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _topic(asked: Arguments) -> str:
    topic: str = asked.topic or topic_of(asked.group)
    return topic


def _list(asked: Arguments, _: KafkaSettings, consumer: Consumer) -> int:
    topic = _topic(asked)
    found = stored_letters(consumer, topic)
    shown = [letter for letter in found if _wanted(letter, asked.reason, asked.all)]
    for letter in shown:
        print(json.dumps(_facts(letter)) if asked.json else _line(letter))
    if not asked.json:
        waiting = sum(not letter.requeued for letter in found)
        print(f"{topic}: {len(found)} dead letters, {waiting} to requeue, {len(found) - waiting} requeued")
    return 0


def _show(asked: Arguments, _: KafkaSettings, consumer: Consumer) -> int:
    topic = _topic(asked)
    record = record_at(consumer, topic, asked.place)
    if record is None:
        print(_no_such(consumer, topic, asked.place), file=sys.stderr)
        return 1
    for name, text in texts(record).items():
        print(f"{name}: {_plain(text)}")
    print(f"key: {_plain((record.key() or b'').decode('utf-8', 'backslashreplace'))}\n")
    value = record.value() or b""
    try:
        print(json.dumps(json.loads(value), indent=2))
    except (ValueError, RecursionError):
        print(_plain(value.decode("utf-8", "backslashreplace")))
    return 0


def _plain(text: str) -> str:
    """Return the text without control sequences that a terminal would interpret."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _requeue(asked: Arguments, kafka: KafkaSettings, consumer: Consumer) -> int:
    topic = _topic(asked)
    if asked.all == bool(asked.places):
        print("Name dead letters as PARTITION/OFFSET, or pass --all.", file=sys.stderr)
        return 2
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
        return 2
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
    return 1 if failed or missing else 0


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
    return f"{place}: {topic} has no such dead letter, or it has expired; see dead-letters list"


COMMANDS = (
    Command(
        "list",
        "List the dead letters that were not requeued; with --all also the others.",
        on_kafka(_list),
        _listing,
    ),
    Command("show", "Show one dead letter in full. It may hold personal data.", on_kafka(_show), _showing),
    Command(
        "requeue",
        "Publish dead letters again to the topics that they came from.",
        on_kafka(_requeue),
        _requeueing,
    ),
)
