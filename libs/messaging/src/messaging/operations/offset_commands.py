"""The commands `python -m messaging offsets show|set`."""

import argparse
import sys
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient

from messaging.operations.group_offsets import EARLIEST, LATEST, Group, Target
from messaging.settings import KafkaSettings


def add_to(subjects: Any) -> None:
    """Add the commands to the parser's subjects."""
    commands = subjects.add_parser(
        "offsets", help="read and set the offsets of a consumer group"
    ).add_subparsers(required=True, metavar="show|set")
    showing = commands.add_parser("show", help="Show the offset of a group in each partition.")
    showing.add_argument("--group", required=True)
    showing.set_defaults(command=show)
    about = "Set the offsets of a stopped group. Without --execute it only shows what would change."
    setting = commands.add_parser("set", help=about, description=about)
    setting.add_argument("--group", required=True)
    setting.add_argument(
        "--to",
        required=True,
        type=_target,
        help="earliest, latest, an offset, or a time as 2026-03-01T00:00:00Z",
    )
    setting.add_argument("--execute", action="store_true", help="set the offsets, not only show them")
    setting.add_argument("--all-topics", action="store_true", help="every partition that the group reads")
    setting.add_argument("places", nargs="*", metavar="TOPIC or TOPIC/PARTITION")
    setting.set_defaults(command=change)


def show(asked: argparse.Namespace, kafka: KafkaSettings, consumer: Consumer) -> int:
    """Print each partition: offset, bounds of the log, and how far the group is behind."""
    group = Group(AdminClient(kafka.common("offsets")), consumer, asked.group)
    for each in group.standings():
        behind = max(0, each.high - (each.low if each.offset is None else each.offset))
        offset = "none yet" if each.offset is None else each.offset
        print(f"{each}: {offset}, the log holds {each.low} to {each.high}, {behind} behind")
    print(f"members: {', '.join(group.members()) or 'none'}")
    return 0


def change(asked: argparse.Namespace, kafka: KafkaSettings, consumer: Consumer) -> int:
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
