"""The commands of `masterji`, one module for each subject."""

from devstack.commands.catalog import CATALOG
from devstack.commands.control import CONTROL
from devstack.commands.demo import DEMO
from devstack.commands.token import TOKEN
from devstack.commands.topics import TOPICS
from devstack.commands.up import UP
from processkit.commands import Command

COMMANDS: tuple[Command, ...] = (DEMO, UP, *CONTROL, TOKEN, CATALOG, TOPICS)

__all__ = ["COMMANDS"]
