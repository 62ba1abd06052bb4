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
    Letter,
    Place,
    UnknownTopic,
    letters,
    partitions,
    reader,
    record_at,
    texts,
    topic_of,
)
from messaging.deadletters.requeue import put_back
from messaging.operations import offset_commands
from messaging.operations.group_offsets import Refused
from messaging.producer import create_producer
from messaging.runtime.brake import Brake
from messaging.settings import KafkaSettings
from processkit.clock import utc_now

DONE, NOT_ALL, WRONG = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 if all was done, 1 if something was not, 2 for a wrong command or setting."""
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
        # Whoever read this (head, less) has seen enough. The interpreter would flush once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_ALL
    except KafkaException as error:
        sentence = error.args[0].str() if hasattr(error.args[0], "str") else error
        print(f"Kafka at {kafka.bootstrap_servers} did not do what was asked: {sentence}", file=sys.stderr)
        return NOT_ALL


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m messaging", description=__doc__)
    subjects = parser.add_subparsers(required=True, metavar="dead-letters|offsets")
    offset_commands.add_to(subjects)
    commands = subjects.add_parser(
        "dead-letters", help="what consumers refused; KAFKA_* variables say where Kafka is"
    ).add_subparsers(required=True, metavar="list|show|requeue")

    def add(name: str, about: str, command: object) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about, description=about)
        which = added.add_mutually_exclusive_group(required=True)
        which.add_argument("--group", help="the consumer group: its letters are in GROUP.dlq")
        which.add_argument("--topic", help="the dead-letter topic itself")
        added.set_defaults(command=command)
        return added

    listing = add("list", "List the letters that wait; with --all those that were put back, too.", _list)
    listing.add_argument("--all", action="store_true", help="also those that were put back")
    listing.add_argument("--reason", help="only those with this reason, such as contract")
    listing.add_argument("--json", action="store_true", help="one JSON object a line")
    showing = add("show", "Show one letter whole. It may hold personal data.", _show)
    showing.add_argument("place", type=_place, metavar="PARTITION/OFFSET")
    putting = add("requeue", "Put letters back into the topics that they came from.", _requeue)
    putting.add_argument("places", nargs="*", type=_place, metavar="PARTITION/OFFSET")
    putting.add_argument("--all", action="store_true", help="every letter that waits")
    putting.add_argument("--reason", help="with --all: only those with this reason")
    putting.add_argument(
        "--mended",
        action="store_true",
        help=f"more than {Brake.count} at once: one was put back and was taken",
    )
    putting.add_argument("--again", action="store_true", help="also those that were put back before")
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
    found = letters(consumer, topic)
    shown = [letter for letter in found if _wanted(letter, asked.reason, asked.all)]
    for letter in shown:
        print(json.dumps(_facts(letter)) if asked.json else _line(letter))
    if not asked.json:
        waiting = sum(not letter.put_back for letter in found)
        print(f"{topic}: {len(found)} letters, {waiting} wait, {len(found) - waiting} were put back")
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
    """The text without what would steer a terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _requeue(asked: argparse.Namespace, kafka: KafkaSettings, consumer: Consumer) -> int:
    topic = _topic(asked)
    if asked.all == bool(asked.places):
        print("Name letters as PARTITION/OFFSET, or say --all.", file=sys.stderr)
        return WRONG
    found = {letter.place: letter for letter in letters(consumer, topic)}
    missing = [place for place in asked.places if place not in found]
    for place in missing:
        print(_no_such(consumer, topic, place), file=sys.stderr)
    chosen = [found[place] for place in asked.places if place in found]
    if asked.all:
        chosen = [letter for letter in found.values() if _wanted(letter, asked.reason, True)]
    before = [letter for letter in chosen if letter.put_back and not asked.again]
    for letter in before if asked.places else ():
        print(f"{letter.place}: was put back {letter.put_back[-1]} (--again does it once more)")
    left = [letter for letter in chosen if letter not in before]
    if len(left) > Brake.count and not asked.mended:
        # Refused again they would halt the group, and each restart would meet them again.
        print(
            f"{len(left)} letters would go back; if more than {Brake.count} of them are refused again, the "
            f"group halts. Put one back first ({left[0].place}) and list again: a new letter of the same id "
            "means that it is still refused. If there is none, say --mended.",
            file=sys.stderr,
        )
        return WRONG
    producer = create_producer(kafka, "dead-letters", message_timeout_ms=20_000)
    failed = 0
    for outcome in put_back(consumer, producer, topic, left, utc_now):
        failed += not outcome.done
        stream = sys.stdout if outcome.done else sys.stderr
        print(f"{outcome.place}: {'' if outcome.done else 'not put back: '}{outcome.sentence}", file=stream)
    print(
        f"{topic}: {len(left) - failed} put back, {len(before)} were put back before, "
        f"{failed + len(missing)} could not be"
    )
    return NOT_ALL if failed or missing else DONE


def _wanted(letter: Letter, reason: str | None, also_put_back: bool) -> bool:
    return (reason is None or letter.headers.get("dlq-reason") == reason) and (
        also_put_back or not letter.put_back
    )


def _facts(letter: Letter) -> dict[str, object]:
    return {
        "place": str(letter.place),
        "origin": letter.origin,
        "bytes": letter.size,
        "put_back": letter.put_back,
        "headers": letter.headers,
    }


def _line(letter: Letter) -> str:
    headers = letter.headers
    again = f", refused again after {headers[PUT_BACK_COUNT]} times back" if PUT_BACK_COUNT in headers else ""
    again += f", put back {', '.join(letter.put_back)}" if letter.put_back else ""
    first = (
        f"{letter.place!s:>8}  {headers.get('dlq-time', '?')[:19]}  {headers.get('dlq-reason', '?')}  "
        f"{headers.get('ce_type', '?')} {headers.get('ce_id', '?')} from {letter.origin}{again}"
    )
    return f"{_plain(first)}\n{'':10}{_plain(headers.get('dlq-detail', ''))[:300]}"


def _no_such(consumer: Consumer, topic: str, place: Place) -> str:
    there = partitions(consumer, topic)
    if place.partition not in there:
        return f"{place}: {topic} has partitions {there[0]} to {there[-1]}"
    return f"{place}: there is no such letter in {topic} (any more); see dead-letters list"


if __name__ == "__main__":
    sys.exit(main())
