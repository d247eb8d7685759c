"""Answers one question in the terminal."""

from datetime import datetime

import orjson

from bot.bot import open_bot
from bot.commands import Ask, Commands
from bot.dispatcher import Answers
from bot.language.tokens import tidy
from bot.metrics import Metrics
from bot.render import blocks, plain_text
from bot.settings import Settings


async def ask(
    settings: Settings, commands: Commands, question: str, *, as_json: bool, is_sample: bool
) -> int:
    """Print the answer, as text or as the Slack message, and return the exit status."""
    async with open_bot(settings, commands, Metrics()) as bot:
        words = tidy(question)
        reply = await Answers(bot).answer(Ask(words, datetime.now().astimezone().date()))
        if is_sample:
            reply = reply.with_notes(("Sample data: an invented catalogue, invented numbers.",))
        if as_json:
            print(orjson.dumps(blocks.message(reply, words)).decode())
        else:
            print(plain_text.terminal(reply))
        return 0 if reply.outcome == "ok" else 1
