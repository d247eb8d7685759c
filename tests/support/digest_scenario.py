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
from typing import TypeVar

import msgspec
from dbos import DBOS
from sqlalchemy.exc import SQLAlchemyError

from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator
from bot.emulators.slack.people import BOT_USER_ID, MAYA, Conversation
from bot.language.schedules import Schedule
from bot.storage.database import Database, open_database
from bot.storage.rows import Subscription
from bot.storage.subscriptions import Subscriptions
from tests.support.databases import fail
from tests.support.delivery_audit import DeliveryAudit, audit, cut, open_now
from tests.support.digest_worker import WorkerSpec, fast
from tests.support.flaky_slack import Fates, FlakySlack
from tests.support.paths import ROOT
from tests.support.waiting import soon

T = TypeVar("T")
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
class DigestWorkspace:
    """A workspace, the database, and what was subscribed to."""

    slack: Workspace
    flaky: FlakySlack
    store: Database
    subscriptions: list[Subscription]

    async def settled(self, name: str, patience: float = PATIENCE) -> DeliveryAudit:
        """Wait until all has gone wrong that is to go wrong and all that was due is done, and count."""

        async def unlocked(ask: Callable[[], Awaitable[T]]) -> T | None:
            # Whoever is stopped may have locked the database.
            with suppress(SQLAlchemyError):
                return await ask()
            return None

        async def none_open() -> bool:
            return await unlocked(lambda: open_now(self.store)) == 0

        await soon(lambda: asyncio.sleep(0, self.flaky.is_kind), patience)
        wanted = await soon(lambda: unlocked(lambda: cut(self.store, self.subscriptions)), patience)
        await soon(none_open, patience)
        # What is posted once too often comes later.
        await asyncio.sleep(1.0)
        return await audit(name, self.flaky.happened, self.store, self.slack, wanted)


@asynccontextmanager
async def open_digest_workspace(url: str, schema: str, it: Scenario) -> AsyncIterator[DigestWorkspace]:
    """Start to send."""
    began = time.time()
    clock = fast(began, SPEED)
    async with (
        serve(figshare_emulator(now=lambda: datetime.fromtimestamp(clock(), UTC))) as catalogue,
        Workspace(signing_secret="secret", bot_token="xoxb-1", clock=clock) as slack,
        open_database(url, clock) as store,
        AsyncExitStack() as stack,
    ):
        flaky = FlakySlack(slack_emulator(slack), it.fates, it.most, it.chance)
        base = await stack.enter_async_context(serve(flaky))
        slack.url = f"{base}/everybody"
        subscriptions = await _subscribed(store, slack)
        # Many that do this at once on one server may wait for each other in vain.
        await asyncio.to_thread(DBOS.migrate, url.replace("sql:", "sql+psycopg:", 1), schema=schema)
        told = WorkerSpec(base, catalogue, url, schema, began, SPEED, it.lease, stopped_for=STOPPED_FOR)
        for number in range(it.workers):
            its = msgspec.structs.replace(told, stops=0 if number else it.stops)
            await stack.enter_async_context(_worker_process(its, flaky.happened))
        if it.fails:
            failing = asyncio.create_task(_failing(store, schema, slack, flaky))
            stack.callback(failing.cancel)
        yield DigestWorkspace(slack, flaky, store, subscriptions)


async def _failing(store: Database, schema: str, slack: Workspace, flaky: FlakySlack) -> None:
    # What fails at its start is started again half a minute later; that is not meant here.
    await soon(lambda: asyncio.sleep(0, slack.history.messages), PATIENCE)
    while not flaky.is_kind:
        with suppress(SQLAlchemyError):
            flaky.happened[await fail(store, schema)] += 1
        await asyncio.sleep(1.5)


async def _subscribed(store: Database, slack: Workspace) -> list[Subscription]:
    """Subscribe each channel to daily digests, of which one comes in each of the next minutes."""
    made = []
    for number in range(CHANNELS):
        channel = Conversation(f"C{number:04}", f"digests-{number}", members={MAYA, BOT_USER_ID})
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
async def _worker_process(orders: WorkerSpec, happened: Counter[str]) -> AsyncIterator[None]:
    told = msgspec.json.encode(orders)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.digest_worker", told),
        cwd=ROOT,
        stdout=PIPE,
        start_new_session=True,
    )

    async def count() -> None:
        async for line in process.stdout:
            happened[line.decode().strip()] += 1

    counting = asyncio.create_task(count())
    try:
        yield
        assert process.returncode is None, "a worker ended by itself"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        await process.wait()
        await counting
