"""What each step of a cached answer takes, in microseconds of CPU: the best of seven runs."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any

from bot.bot import open_bot
from bot.commands import Ask, Commands
from bot.dispatcher import Answers
from bot.figshare.client import Life
from bot.language.parameters import Reading
from bot.language.tokens import scan, tidy
from bot.metrics import Metrics
from bot.render import blocks
from bot.settings import Settings
from bot.standin.figshare import figshare
from bot.standin.serving import serve
from bot.upstream.request_context import Question, question
from handlers import MODULES

WORDS, TODAY = "views 5616445", date(2026, 11, 23)


async def measure(name: str, step: Callable[[], Any], count: int = 5_000) -> None:
    is_async = isinstance(given := step(), Awaitable)
    if is_async:
        await given
    best = float("inf")
    for _ in range(7):
        began = time.process_time()
        for _ in range(count):
            given = step()
            if is_async:
                await given
        best = min(best, (time.process_time() - began) / count)
    print(f"{name:34} {best * 1e6:7.2f}")


async def main() -> None:
    async with serve(figshare()) as base:
        settings = replace(
            Settings(), figshare_api_url=f"{base}/v2", figshare_stats_url=f"{base}/stats", figshare_burst=1000
        )
        metrics = Metrics()
        async with open_bot(settings, Commands(MODULES), metrics) as bot:
            answers, ask = Answers(bot, metrics.answered), Ask(WORDS, TODAY, user="U1")
            found = bot.commands.find(WORDS)
            assert found is not None
            command, rest = found
            reply = await answers.answer(ask)
            life = Life(3_600, 3_600, 3_600)
            token = question.set(Question())

            async def body() -> bytes:
                return b"{}"

            await measure("tidy", lambda: tidy(WORDS))
            await measure("find the command", lambda: bot.commands.find(WORDS))
            await measure("scan", lambda: scan(rest))
            await measure("scan and read", lambda: command.read(Reading(scan(rest), bot, TODAY), rest))
            await measure("cache hit", lambda: bot.cache.answer("key", body, len, life))
            question.reset(token)
            await measure("article, stored", lambda: bot.figshare.article(5616445))
            await measure("answer(), stored", lambda: answers.answer(ask))
            await measure("at_once(), stored", lambda: answers.at_once(ask))
            await measure("message()", lambda: blocks.message(reply, WORDS, share=True))


if __name__ == "__main__":
    asyncio.run(main())
