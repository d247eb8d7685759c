"""Puts the sending of digests together: for `serve` and the playground beside everything else, or once."""

import asyncio
import logging
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.bot import Bot
from bot.digests.ledger import Ledger
from bot.digests.posting import Post
from bot.digests.running import Digests, Engine
from bot.digests.ticking import TICK, running
from bot.store import DOWN, Store, why

log = logging.getLogger(__name__)

_AGAIN = 30.0
# `digests run` waits for what is to be looked at again so soon: an answer of Slack's may have been lost.
NEAR = 45.0
_GLANCE = 0.2
# How long `digests run` waits for a database that does not answer.
_DATABASE = 120.0
_BAR, _MUCH = 30, 5


class Health:
    """What keeps digests from being sent, in a few words."""

    trouble = ""

    async def usable(self) -> str:
        """Give what is wrong, or nothing."""
        return self.trouble


@asynccontextmanager
async def beside(
    bot: Bot,
    store: Store,
    post: Post,
    url: str,
    *,
    health: Health | None = None,
    interval: float = 1.0,
    tick: float = TICK,
    observe: Callable[[str], None] = lambda outcome: None,
) -> AsyncIterator[None]:
    """Send digests while the block runs; starting takes a second, and keeps nobody waiting."""
    health = health or Health()

    async def work() -> None:
        while True:
            try:
                return await _send_for_ever(bot, store, post, url, interval, tick, observe, health)
            except Exception as error:
                health.trouble = f"Digests can't be sent ({why(error)})"
                log.error(
                    "digests can't be sent just now",
                    extra={"cause": why(error), "again_in": _AGAIN},
                    exc_info=None if isinstance(error, DOWN) else error,
                )
            await asyncio.sleep(_AGAIN)

    working = asyncio.create_task(work())
    try:
        yield
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def _send_for_ever(
    bot: Bot,
    store: Store,
    post: Post,
    url: str,
    interval: float,
    tick: float,
    observe: Callable[[str], None],
    health: Health,
) -> None:
    assert bot.subscriptions is not None
    # Importing the engine takes longer than all the rest of a start.
    await asyncio.to_thread(__import__, "bot.digests.engine")
    from bot.digests.engine import carried

    ledger = Ledger(store)
    rate = bot.settings.figshare_requests_per_second
    digests = Digests(bot, ledger, post, rate=rate, observe=observe)
    async with (
        carried(url, digests.look, interval, await _schema(store)) as engine,
        running(digests, engine, ledger, bot.subscriptions.changed, tick),
    ):
        health.trouble = ""
        await asyncio.Event().wait()


async def run(bot: Bot, store: Store, post: Post, url: str) -> dict[str, int]:
    """Send what is due by the bot's clock, and give how many digests came to which outcome.

    Raises what is DOWN when the database does not answer for minutes.
    """
    ledger = Ledger(store, clock=bot.clock)
    outcomes: Counter[str] = Counter()
    digests = Digests(
        bot,
        ledger,
        post,
        rate=bot.settings.figshare_requests_per_second,
        observe=lambda outcome: outcomes.update((outcome,)),
    )
    newest, taken = await ledger.newest(), set[int]()
    await digests.expand()
    if await ledger.open_until(bot.clock() + NEAR):
        from bot.digests.engine import carried

        async with carried(url, digests.look, schema=await _schema(store)) as engine:
            await _finish(digests, ledger, engine, bot.clock, taken)
            await engine.clean()
    await ledger.clean()
    outcomes += await ledger.untold(taken, newest)
    return dict(sorted(outcomes.items()))


async def _finish(
    digests: Digests, ledger: Ledger, engine: Engine, clock: Callable[[], float], taken: set[int]
) -> None:
    most, answered = 0, time.monotonic()
    while True:
        try:
            left = await ledger.open_until(clock() + NEAR)
            most = max(most, left)
            _show(most - left, most, "" if left else "\n")
            if not left:
                return
            taken |= await digests.tick(engine)
            answered = time.monotonic()
        except DOWN:
            # A database that is started again takes a moment.
            if time.monotonic() - answered > _DATABASE:
                raise
        await asyncio.sleep(_GLANCE)


async def _schema(store: Store) -> str:
    """Name where the engine has its tables: beside ours, never among another bot's."""
    name = await store.schema()
    return f"{name}_dbos" if name else "dbos"


def _show(done: int, most: int, end: str = "") -> None:
    if most >= _MUCH and sys.stderr.isatty():
        bar = "█" * (_BAR * done // most)
        print(f"\r{bar:░<{_BAR}} {done} of {most}", end=end, file=sys.stderr, flush=True)
