"""What each step of a cached answer takes, in microseconds of CPU: the best of seven runs."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any

from bot.bot import open_bot
from bot.commands import CommandRegistry, Question
from bot.dispatcher import Dispatcher
from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.figshare.client import CachePolicy
from bot.language.parameters import ParseContext
from bot.language.tokens import normalize, tokenize
from bot.metrics import Metrics
from bot.render import blocks
from bot.settings import Settings
from bot.upstream.request_context import RequestContext, request_context
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
    async with serve(figshare_emulator()) as base:
        settings = replace(
            Settings(), figshare_api_url=f"{base}/v2", figshare_stats_url=f"{base}/stats", figshare_burst=1000
        )
        metrics = Metrics()
        async with open_bot(settings, CommandRegistry(MODULES), metrics) as bot:
            answers, ask = Dispatcher(bot, metrics.answered), Question(WORDS, TODAY, user="U1")
            found = bot.commands.find(WORDS)
            assert found is not None
            command, rest = found
            reply = await answers.answer(ask)
            life = CachePolicy(3_600, 3_600, 3_600)
            token = request_context.set(RequestContext())

            async def body() -> bytes:
                return b"{}"

            await measure("tidy", lambda: normalize(WORDS))
            await measure("find the command", lambda: bot.commands.find(WORDS))
            await measure("scan", lambda: tokenize(rest))
            await measure(
                "scan and read", lambda: command.read(ParseContext(tokenize(rest), bot, TODAY), rest)
            )
            await measure("cache hit", lambda: bot.cache.answer("key", body, len, life))
            request_context.reset(token)
            await measure("article, stored", lambda: bot.figshare.article(5616445))
            await measure("answer(), stored", lambda: answers.answer(ask))
            await measure("at_once(), stored", lambda: answers.at_once(ask))
            await measure("message()", lambda: blocks.message(reply, WORDS, share=True))


if __name__ == "__main__":
    asyncio.run(main())
