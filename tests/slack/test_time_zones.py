"""Whose day it is matters only to some questions: for the others nobody asks Slack for a time zone."""

import inspect
from datetime import date

import pytest

from bot.commands import CommandRegistry
from handlers import MODULES
from tests.support.clock import TODAY

COMMANDS = CommandRegistry(MODULES)
ANOTHER = date(2026, 3, 31)


@pytest.mark.parametrize("name", [each.name for each in COMMANDS.all])
async def test_command_that_depends_on_the_day_says_so(client, name):
    command = COMMANDS[name]
    for words in (name, *command.examples, *(f"{each} yesterday" for each in command.examples)):
        first, again, other = [await client.reply(words, today=day) for day in (TODAY, TODAY, ANOTHER)]
        # `status` says how many milliseconds Figshare took.
        if first == again != other:
            assert client.dispatcher.needs_today(words), words


def test_handler_that_reads_the_day_is_declared():
    looking = {each.name for each in COMMANDS.all if "question.today" in inspect.getsource(each.handler)}
    assert looking == {each.name for each in COMMANDS.all if each.depends_on_today}


def test_period_behind_any_separator_depends_on_the_day(client):
    assert all(client.dispatcher.needs_today(f"views 5616445{each}2026") for each in (" ", ",", ";", "; "))
    assert not client.dispatcher.needs_today("views 5616445")
