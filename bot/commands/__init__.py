"""What the bot can do: commands, the actions of buttons and forms, and the options of search fields."""

from bot.commands.command import Alternatives, Command, Match
from bot.commands.declaration import command
from bot.commands.interaction import (
    Action,
    Interaction,
    InvalidValue,
    Options,
    action,
    decode_metadata,
    options,
    parse_id,
)
from bot.commands.question import DEFAULT_MAX_LENGTH, Question
from bot.commands.registry import CommandRegistry

__all__ = [
    "DEFAULT_MAX_LENGTH",
    "Action",
    "Alternatives",
    "Command",
    "CommandRegistry",
    "Interaction",
    "InvalidValue",
    "Match",
    "Options",
    "Question",
    "action",
    "command",
    "decode_metadata",
    "options",
    "parse_id",
]
