"""Processes that send digests of every minute into channels of a Slack that often fails."""

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
from tests.support.databases import fail_database
from tests.support.delivery_audit import DeliveryAudit, audit, count_open, request_files, stop_schedules
from tests.support.digest_worker import WorkerSpec, fast_clock
from tests.support.flaky_slack import Fates, FlakySlack
from tests.support.paths import ROOT
from tests.support.waiting import poll_until

T = TypeVar("T")
# A minute takes seven and a half seconds, and the half minute of SEND_SETTLE_TIME less than four.
SPEED = 8.0
# Longer than another process waits before it searches for a message.
STOPPED_FOR = 7.0
CHANNELS, MINUTES = 15, 40
# So many that their digest has a table in its thread.
TOPIC = "5616445 6211890 7821100 9784012 10042001 10158001"
PATIENCE = 300.0


@dataclass(frozen=True)
class Scenario:
    """How many processes send, and how many requests meet a fate, each with some chance.

    One process stops `stops` times just before it posts, and just after, and goes on: that counts too, and so
    does each time the database fails. A lease is in seconds of the fast clock.
    """

    store: str
    workers: int
    fates: Fates
    max_faults: int
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
        """Wait until all that is to go wrong has, and all deliveries are ended, and count."""

        async def unlocked(query: Callable[[], Awaitable[T]]) -> T | None:
            # A process that is suspended may hold the lock of the database.
            with suppress(SQLAlchemyError):
                return await query()
            return None

        async def none_open() -> bool:
            return await unlocked(lambda: count_open(self.store)) == 0

        async def no_file_missing() -> bool:
            # Less often than `poll_until` asks: the processes need the database too.
            await asyncio.sleep(1.0)
            return await unlocked(lambda: request_files(self.store)) == 0

        async def ask_for_files() -> None:
            while True:
                await no_file_missing()

        asking = asyncio.create_task(ask_for_files())
        await poll_until(lambda: asyncio.sleep(0, self.flaky.is_exhausted), patience)
        subscriptions = await poll_until(
            lambda: unlocked(lambda: stop_schedules(self.store, self.subscriptions)), patience
        )
        await poll_until(none_open, patience)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await poll_until(no_file_missing, patience)
        # A message that is sent twice would arrive the second time only now.
        await asyncio.sleep(1.0)
        return await audit(name, self.flaky.happened, self.store, self.slack, subscriptions)


@asynccontextmanager
async def open_digest_workspace(url: str, schema: str, scenario: Scenario) -> AsyncIterator[DigestWorkspace]:
    """Start the processes of a scenario."""
    began = time.time()
    clock = fast_clock(began, SPEED)
    async with (
        serve(figshare_emulator(now=lambda: datetime.fromtimestamp(clock(), UTC))) as catalogue,
        Workspace(signing_secret="secret", bot_token="xoxb-1", clock=clock) as slack,
        open_database(url, clock) as store,
        AsyncExitStack() as stack,
    ):
        flaky = FlakySlack(slack_emulator(slack), scenario.fates, scenario.max_faults, scenario.chance)
        base = await stack.enter_async_context(serve(flaky))
        slack.url = f"{base}/everybody"
        subscriptions = await _subscribed(store, slack)
        # Many processes that migrate at once on one server may deadlock.
        await asyncio.to_thread(DBOS.migrate, url.replace("sql:", "sql+psycopg:", 1), schema=schema)
        spec = WorkerSpec(base, catalogue, url, schema, began, SPEED, scenario.lease, stopped_for=STOPPED_FOR)
        for number in range(scenario.workers):
            worker = msgspec.structs.replace(spec, stops=0 if number else scenario.stops)
            await stack.enter_async_context(_worker_process(worker, flaky.happened))
        if scenario.fails:
            failing = asyncio.create_task(_failing(store, schema, slack, flaky))
            stack.callback(failing.cancel)
        yield DigestWorkspace(slack, flaky, store, subscriptions)


async def _failing(store: Database, schema: str, slack: Workspace, flaky: FlakySlack) -> None:
    # What fails at its start is started again half a minute later; that is not meant here.
    await poll_until(lambda: asyncio.sleep(0, slack.history.messages), PATIENCE)
    while not flaky.is_exhausted:
        with suppress(SQLAlchemyError):
            flaky.happened[await fail_database(store, schema)] += 1
        await asyncio.sleep(1.5)


async def _subscribed(store: Database, slack: Workspace) -> list[Subscription]:
    """Subscribe each channel to daily digests, of which one comes in each of the next minutes."""
    subscriptions = []
    for number in range(CHANNELS):
        channel = Conversation(f"C{number:04}", f"digests-{number}", members={MAYA, BOT_USER_ID})
        slack.channels[channel.id] = channel
    for minute in range(1, MINUTES + 1):
        first = datetime.fromtimestamp(store.clock() + 60 * minute, UTC)
        daily = Schedule(f"{first.minute} {first.hour} * * *")
        for number in range(CHANNELS):
            added, _ = await Subscriptions(store).add(
                f"C{number:04}", f"U{number:04}", "Maya", TOPIC, "6 items", 24, daily
            )
            subscriptions.append(added)
    return subscriptions


@asynccontextmanager
async def _worker_process(spec: WorkerSpec, happened: Counter[str]) -> AsyncIterator[None]:
    argument = msgspec.json.encode(spec)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.digest_worker", argument),
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
