"""Answers one question in the terminal."""

from contextlib import AsyncExitStack
from datetime import datetime

import orjson

from bot.bot import open_bot
from bot.commands import CommandRegistry, Question
from bot.dispatcher import Dispatcher
from bot.language.tokens import normalize
from bot.metrics import Metrics
from bot.render import blocks, plain_text
from bot.settings import Settings


async def ask(
    settings: Settings,
    commands: CommandRegistry,
    question: str,
    *,
    page: int,
    as_json: bool,
    is_sample: bool,
) -> int:
    """Print the answer, as text or as the Slack message; return 0, or 1 when there was no answer."""
    async with AsyncExitStack() as stack:
        if is_sample:
            from bot.emulators.sample import sample_figshare

            settings = await stack.enter_async_context(sample_figshare(settings))
        bot = await stack.enter_async_context(open_bot(settings, commands, Metrics()))
        words = normalize(question)
        reply = await Dispatcher(bot).answer(Question(words, datetime.now().astimezone().date(), page))
        if is_sample:
            reply = reply.with_footnotes(("Sample data: an invented catalogue, invented numbers.",))
        if as_json:
            print(orjson.dumps(blocks.message_payload(reply, words)).decode())
        else:
            print(plain_text.terminal_text(reply))
        return 0 if reply.outcome == "ok" else 1
