"""What the bot can do: commands, the actions of buttons and forms, and the options of search fields."""

from bot.commands.command import Command, command
from bot.commands.interaction import (
    Action,
    Interaction,
    InvalidValue,
    Options,
    action,
    decoded,
    number,
    options,
)
from bot.commands.question import LONGEST_QUESTION, Question
from bot.commands.registry import CommandRegistry

__all__ = [
    "LONGEST_QUESTION",
    "Action",
    "Command",
    "CommandRegistry",
    "Interaction",
    "InvalidValue",
    "Options",
    "Question",
    "action",
    "command",
    "decoded",
    "number",
    "options",
]
