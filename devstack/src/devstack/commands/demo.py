"""The command `masterji demo`."""

import argparse

from devstack.commands.place import state_of
from devstack.commands.up import add_stack_options, options_of
from devstack.demo import run as demo
from processkit.commands import Arguments, Command


def run(arguments: Arguments) -> int:
    """Start everything, play one purchase, print each step, and stay up until Ctrl-C."""
    place = state_of(arguments)
    options = options_of(arguments, place.folder)
    return demo.run(options, place, once=arguments.once, logs=arguments.logs)


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack_options(parser)
    parser.add_argument(
        "--once", action="store_true", help="stop after the purchase; exit code 0 if every step was observed"
    )
    parser.add_argument("--logs", action="store_true", help="print the processes' logs as well")


DEMO = Command("demo", "start everything and play one purchase", run, _options)
