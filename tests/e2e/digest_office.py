"""Processes that send digests of every minute into channels of a Slack that is unkind to them."""

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec
from dbos import DBOS
from sqlalchemy.exc import SQLAlchemyError

from bot.language.schedules import Schedule
from bot.standin.figshare import figshare
from bot.standin.serving import serve
from bot.standin.slack import Workspace
from bot.standin.slack.people import BOT_USER_ID, MAYA, Channel
from bot.storage.database import Store, open_database
from bot.storage.rows import Subscription
from bot.storage.subscriptions import Subscriptions
from tests.e2e.digest_books import Books, balance, cut, open_now
from tests.e2e.digest_worker import Orders, fast
from tests.e2e.stores import fail
from tests.e2e.unkind_slack import Fates, UnkindSlack
from tests.e2e.waiting import soon

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
# A minute takes seven seconds and a half, and the half minute that an answer is waited for less than four.
SPEED = 8.0
# Longer than somebody else waits to look.
STOPPED_FOR = 7.0
CHANNELS, MINUTES, WHAT = 15, 40, "5616445 9784012"
PATIENCE = 300.0


@dataclass(frozen=True)
class Scenario:
    """How many processes send, and what becomes of them: `most` requests meet a fate, each with some chance.

    One process stops `stops` times just before it posts, and just after, and goes on: that counts too, and so
    does each time the database fails. A lease is in seconds of the fast clock.
    """

    store: str
    workers: int
    fates: Fates
    most: int
    chance: float
    lease: float = 24.0
    stops: int = 0
    fails: bool = False


@dataclass
class Office:
    """A workspace, the database, and what was subscribed to."""

    slack: Workspace
    unkind: UnkindSlack
    store: Store
    subscriptions: list[Subscription]

    async def settled(self, name: str, patience: float = PATIENCE) -> Books:
        """Wait until all has gone wrong that is to go wrong and all that was due is done, and count."""

        async def unlocked(ask: Callable[[], Awaitable[T]]) -> T | None:
            # Whoever is stopped may have locked the database.
            with suppress(SQLAlchemyError):
                return await ask()
            return None

        async def none_open() -> bool:
            return await unlocked(lambda: open_now(self.store)) == 0

        await soon(lambda: asyncio.sleep(0, self.unkind.is_kind), patience)
        wanted = await soon(lambda: unlocked(lambda: cut(self.store, self.subscriptions)), patience)
        await soon(none_open, patience)
        # What is posted once too often comes later.
        await asyncio.sleep(1.0)
        return await balance(name, self.unkind.happened, self.store, self.slack, wanted)


@asynccontextmanager
async def sending(url: str, schema: str, it: Scenario) -> AsyncIterator[Office]:
    """Start to send."""
    began = time.time()
    clock = fast(began, SPEED)
    async with (
        serve(figshare(now=lambda: datetime.fromtimestamp(clock(), UTC))) as catalogue,
        Workspace(signing_secret="secret", bot_token="xoxb-1", clock=clock) as slack,
        open_database(url, clock) as store,
        AsyncExitStack() as nests,
    ):
        unkind = UnkindSlack(slack.app, it.fates, it.most, it.chance)
        base = await nests.enter_async_context(serve(unkind))
        slack.url = f"{base}/everybody"
        subscriptions = await _subscribed(store, slack)
        # Many that do this at once on one server may wait for each other in vain.
        await asyncio.to_thread(DBOS.migrate, url.replace("sql:", "sql+psycopg:", 1), schema=schema)
        told = Orders(base, catalogue, url, schema, began, SPEED, it.lease, stopped_for=STOPPED_FOR)
        for number in range(it.workers):
            its = msgspec.structs.replace(told, stops=0 if number else it.stops)
            await nests.enter_async_context(_nest(its, unkind.happened))
        if it.fails:
            failing = asyncio.create_task(_failing(store, schema, slack, unkind))
            nests.callback(failing.cancel)
        yield Office(slack, unkind, store, subscriptions)


async def _failing(store: Store, schema: str, slack: Workspace, unkind: UnkindSlack) -> None:
    # What fails at its start is started again half a minute later; that is not meant here.
    await soon(lambda: asyncio.sleep(0, slack.history.messages), PATIENCE)
    while not unkind.is_kind:
        with suppress(SQLAlchemyError):
            unkind.happened[await fail(store, schema)] += 1
        await asyncio.sleep(1.5)


async def _subscribed(store: Store, slack: Workspace) -> list[Subscription]:
    """Subscribe each channel to daily digests, of which one comes in each of the next minutes."""
    made = []
    for number in range(CHANNELS):
        channel = Channel(f"C{number:04}", f"digests-{number}", members={MAYA, BOT_USER_ID})
        slack.channels[channel.id] = channel
    for minute in range(1, MINUTES + 1):
        at = datetime.fromtimestamp(store.clock() + 60 * minute, UTC)
        daily = Schedule(f"{at.minute} {at.hour} * * *")
        for number in range(CHANNELS):
            added, _ = await Subscriptions(store).add(
                f"C{number:04}", f"U{number:04}", "Maya", WHAT, "2 items", 8, daily
            )
            made.append(added)
    return made


@asynccontextmanager
async def _nest(orders: Orders, happened: Counter[str]) -> AsyncIterator[None]:
    told = msgspec.json.encode(orders)
    nest = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.e2e.digest_worker", told),
        cwd=ROOT,
        stdout=PIPE,
        start_new_session=True,
    )

    async def count() -> None:
        async for line in nest.stdout:
            happened[line.decode().strip()] += 1

    counting = asyncio.create_task(count())
    try:
        yield
        assert nest.returncode is None, "a worker ended by itself"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(nest.pid, 9)
        await nest.wait()
        await counting
