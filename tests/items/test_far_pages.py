"""A page that is not there, which a button of long ago may ask for, is an answer that Slack takes."""

import pytest

from bot.commands import CommandRegistry
from bot.render import blocks
from handlers import MODULES
from tests.support.message_checks import assert_is_good

COMMANDS = CommandRegistry(MODULES)


@pytest.mark.parametrize("name", [each.name for each in COMMANDS.all])
async def test_page_beyond_the_last_is_a_valid_message(drafts_client, name):
    for words in COMMANDS[name].examples:
        for page in (2, 10_000):
            reply = await drafts_client.reply(words, page)
            assert reply.outcome != "failed"
            assert_is_good(blocks.message_payload(reply, words), independent=False)
