"""How many microseconds of CPU each step of a cached answer takes: the best of seven runs."""

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
from bot.upstream.request_context import RequestContext, request_context_of
from handlers import MODULES

WORDS, TODAY = "views 5616445", date(2026, 11, 23)


async def measure(name: str, step: Callable[[], Any], count: int = 5_000) -> None:
    """Print how long a step takes; `count` steps are a run."""
    is_async = isinstance(result := step(), Awaitable)
    if is_async:
        await result
    best = float("inf")
    for _ in range(7):
        started_at = time.process_time()
        for _ in range(count):
            result = step()
            if is_async:
                await result
        best = min(best, (time.process_time() - started_at) / count)
    print(f"{name:34} {best * 1e6:7.2f}")


async def main() -> None:
    async with serve(figshare_emulator()) as base:
        settings = replace(
            Settings(), figshare_api_url=f"{base}/v2", figshare_stats_url=f"{base}/stats", figshare_burst=1000
        )
        metrics = Metrics()
        async with open_bot(settings, CommandRegistry(MODULES), metrics) as bot:
            dispatcher, question = Dispatcher(bot, metrics.count_answer), Question(WORDS, TODAY, user="U1")
            resolved = bot.commands.resolve(WORDS)
            assert resolved is not None
            command, arguments = resolved
            reply = await dispatcher.answer(question)
            policy = CachePolicy(3_600, 3_600, 3_600)

            async def body() -> bytes:
                return b"{}"

            await measure("normalize", lambda: normalize(WORDS))
            await measure("resolve the command", lambda: bot.commands.resolve(WORDS))
            await measure("tokenize", lambda: tokenize(arguments))
            await measure(
                "tokenize and parse",
                lambda: command.parse(ParseContext(tokenize(arguments), bot.ours, TODAY), arguments),
            )
            with request_context_of(RequestContext()):
                await measure("cache hit", lambda: bot.cache.get_or_fetch("key", body, len, policy))
            await measure("article, stored", lambda: bot.figshare.article(5616445))
            await measure("answer(), stored", lambda: dispatcher.answer(question))
            await measure("answer_from_cache()", lambda: dispatcher.answer_from_cache(question))
            await measure("message()", lambda: blocks.message_payload(reply, WORDS, share=True))


if __name__ == "__main__":
    asyncio.run(main())
