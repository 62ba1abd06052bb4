"""The operators' commands: python -m messaging dead-letters list|show|requeue, offsets show|set."""

import os
import sys
from collections.abc import Sequence

from messaging.errors import KafkaFailed, Refused, UnknownTopic
from messaging.operations import dead_letter_commands, offset_commands
from processkit.commands import Parser, add_commands, exit_code
from processkit.errors import ConfigurationError

CODES = {KafkaFailed: 1, ConfigurationError: 2, Refused: 2, UnknownTopic: 2}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 if all was done, 1 if something was not, 2 for a wrong command or
    setting."""
    asked = _parser().parse_args(argv)
    try:
        done = exit_code(lambda: int(asked.run(asked)), CODES)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (head, less) has closed the pipe. Without this the interpreter would fail on its last
        # flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return done


def _parser() -> Parser:
    parser = Parser(prog="python -m messaging", description=__doc__)
    subjects = parser.add_subparsers(required=True, metavar="dead-letters|offsets")
    offsets = subjects.add_parser("offsets", help="read and set the offsets of a consumer group")
    add_commands(offsets, offset_commands.COMMANDS, "show|set", shared=offset_commands.which_group)
    letters = subjects.add_parser(
        "dead-letters", help="messages that consumers rejected; reads the KAFKA_* variables"
    )
    add_commands(
        letters,
        dead_letter_commands.COMMANDS,
        "list|show|requeue",
        shared=dead_letter_commands.which_topic,
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
