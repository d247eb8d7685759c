"""A workspace, a catalogue, a bot on Slack with its worker, and a clock that is moved."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from starlette.applications import Starlette

from bot.bot import Bot, open_bot
from bot.commands import CommandRegistry
from bot.digests.delivery.worker import Worker
from bot.dispatcher import Dispatcher
from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator
from bot.emulators.slack.message import PostedMessage
from bot.emulators.slack.people import JONAS, RESEARCH
from bot.metrics import Metrics
from bot.slack.app import Slack, open_slack
from bot.slack.messenger import SlackMessenger
from bot.storage.database import Database, open_database
from bot.storage.deliveries import Deliveries
from bot.storage.outbox import Outbox
from bot.storage.tables import delivery_table
from handlers import MODULES
from tests.support.bot_client import library, settings_for
from tests.support.clock import Clock
from tests.support.slack_client import buttons

# A Wednesday; the first Monday after it is the 30th.
BEGIN = datetime(2026, 11, 25, 12, tzinfo=UTC)


def timestamp(day: int, hour: int = 9, minute: int = 0, month: int = 11) -> float:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC).timestamp()


class ImmediateQueue:
    """A queue that runs each job at once, one after the other."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    async def enqueue(self, queue: str, id: int, attempt: int) -> None:
        await self.worker.process_delivery(id, attempt)

    async def vacuum(self) -> None:
        pass


@dataclass
class DigestClock:
    """A bot that sends digests, the clock that it goes by, and what it talks to: `slack` is the workspace."""

    slack: Workspace
    catalogue: Starlette
    bot: Bot
    store: Database
    worker: Worker
    clock: Clock
    slack_side: Slack
    messenger: SlackMessenger

    async def say(self, words: str, user: str = JONAS, channel: str = RESEARCH) -> PostedMessage:
        """Type a command and return its answer."""
        return (await self.slack.command("/figshare", words, user=user, channel=channel)).message

    async def press(self, message: PostedMessage, label: str, user: str = JONAS) -> PostedMessage:
        """Press a button and return what is seen then."""
        return (await self.slack.press(message.ts, buttons(message)[label], user=user)).message

    async def advance_to(self, moment: float) -> list[PostedMessage]:
        """Let a moment come, and return what the bot wrote by itself then."""
        self.clock.now = moment
        return await self.send_due()

    async def send_due(self) -> list[PostedMessage]:
        """Send what is due now, and return the messages of that."""
        before = len(self.slack.history.messages)
        await self.worker.enqueue_due(ImmediateQueue(self.worker))
        return [each for each in self.slack.history.messages[before:] if each.from_bot]

    async def next_due(self) -> float | None:
        """Return when a delivery has to be processed next."""
        async with self.store.engine.begin() as connection:
            return await connection.scalar(select(func.min(delivery_table.c.due_at)))

    def goes_wrong(self, path: str, **how: Any) -> Any:
        return self.catalogue.state.faults.add(path, **how)


@asynccontextmanager
async def open_digest_clock(
    settle_time: float = 30.0, database_url: str = "sqlite://", **changed: Any
) -> AsyncIterator[DigestClock]:
    """Open a workspace at noon of 25 November 2026, with a bot that has changed settings."""
    clock = Clock(BEGIN.timestamp())

    async def wait(seconds: float) -> None:
        clock.now += seconds

    catalogue = figshare_emulator(library(BEGIN.date()), now=lambda: datetime.fromtimestamp(clock(), UTC))
    metrics = Metrics()
    async with (
        serve(catalogue) as figshare_base,
        open_database(database_url, clock) as store,
        Workspace(signing_secret="secret", bot_token="xoxb-1", clock=clock) as workspace,
        serve(slack_emulator(workspace)) as base,
    ):
        workspace.url = base
        settings = replace(
            settings_for(figshare_base, **changed),
            slack_api_url=f"{base}/api/",
            slack_bot_token=workspace.bot_token,
            slack_signing_secret="secret",
        )
        async with (
            open_bot(settings, CommandRegistry(MODULES), metrics, clock, store) as bot,
            open_slack(settings, Dispatcher(bot), metrics, clock) as slack,
            serve(slack.endpoint) as bot_base,
        ):
            workspace.bot_url = f"{bot_base}/slack/events"
            messenger = slack.connection.messenger(store, clock, wait)
            worker = Worker(
                bot, Deliveries(store), Outbox(store), messenger, rate=1000.0, settle_time=settle_time
            )
            yield DigestClock(workspace, catalogue, bot, store, worker, clock, slack, messenger)
