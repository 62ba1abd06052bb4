"""The commands `python -m messaging offsets show|set`."""

import argparse
import sys
from datetime import UTC, datetime

from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient

from messaging.operations.group_offsets import EARLIEST, LATEST, Group, Target
from messaging.operations.kafka_command import on_kafka
from messaging.settings import KafkaSettings
from processkit.commands import Arguments, Command, Parser


def _show(asked: Arguments, kafka: KafkaSettings, consumer: Consumer) -> int:
    """Print each partition: offset, bounds of the log, and how far the group is behind."""
    group = Group(AdminClient(kafka.common("offsets")), consumer, asked.group)
    for each in group.positions():
        behind = max(0, each.high - (each.low if each.offset is None else each.offset))
        offset = "none yet" if each.offset is None else each.offset
        print(f"{each}: {offset}, the log holds {each.low} to {each.high}, {behind} behind")
    print(f"members: {', '.join(group.members()) or 'none'}")
    return 0


def _change(asked: Arguments, kafka: KafkaSettings, consumer: Consumer) -> int:
    """Set the offsets, or print what would change."""
    if asked.all_topics == bool(asked.places):
        print("Name topics or partitions, or pass --all-topics.", file=sys.stderr)
        return 2
    group = Group(AdminClient(kafka.common("offsets")), consumer, asked.group)
    moves = group.plan(asked.places, asked.to)
    if asked.execute:
        group.move(moves)
    for each in moves:
        print(each)
    print("Set." if asked.execute else "Nothing was changed. Pass --execute to apply.")
    return 0


def _target(text: str) -> Target:
    if text in (EARLIEST, LATEST):
        return text
    if text.isascii() and text.isdecimal() and len(text) < 19:
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not earliest, latest, an offset, or a time such as 2026-03-01T00:00:00Z"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def which_group(parser: Parser) -> None:
    """Add the option that names the group."""
    parser.add_argument("--group", required=True)


def _setting(parser: Parser) -> None:
    parser.add_argument(
        "--to",
        required=True,
        type=_target,
        help="earliest, latest, an offset, or a time as 2026-03-01T00:00:00Z",
    )
    parser.add_argument("--execute", action="store_true", help="set the offsets, not only show them")
    parser.add_argument("--all-topics", action="store_true", help="every partition that the group reads")
    parser.add_argument("places", nargs="*", metavar="TOPIC or TOPIC/PARTITION")


COMMANDS = (
    Command("show", "Show the offset of a group in each partition.", on_kafka(_show)),
    Command(
        "set",
        "Set the offsets of a stopped group. Without --execute it only shows what would change.",
        on_kafka(_change),
        _setting,
    ),
)
