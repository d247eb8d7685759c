"""A workspace, a catalogue, a bot with its doors and its digests, and a clock that is moved."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette

from bot.bot import Bot, open_bot
from bot.commands import Commands
from bot.digests.delivery.worker import Digests
from bot.dispatcher import Answers
from bot.metrics import Metrics
from bot.slack.app import Slack
from bot.slack.app import open_slack as doors
from bot.slack.messenger import Courier
from bot.standin.figshare import figshare
from bot.standin.serving import serve
from bot.standin.slack import Workspace
from bot.standin.slack.message import Message
from bot.standin.slack.people import JONAS, RESEARCH
from bot.storage.database import Store
from bot.storage.database import open_database as database
from bot.storage.deliveries import Ledger
from handlers import MODULES
from tests.conftest import Clock, library, settings_for
from tests.handlers.desk import buttons

# A Wednesday; the first Monday after it is the 30th.
BEGIN = datetime(2026, 11, 25, 12, tzinfo=UTC)


def at(day: int, hour: int = 9, minute: int = 0, month: int = 11) -> float:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC).timestamp()


class AtOnce:
    """An engine that looks at once, in turn."""

    def __init__(self, digests: Digests) -> None:
        self.digests = digests

    async def enqueue(self, queue: str, id: int, number: int) -> None:
        await self.digests.look(id, number)

    async def clean(self) -> None:
        pass


@dataclass
class Room:
    """What happens in a channel as time goes by."""

    slack: Workspace
    catalogue: Starlette
    bot: Bot
    store: Store
    digests: Digests
    clock: Clock
    line: Slack
    courier: Courier

    async def say(self, words: str, user: str = JONAS, channel: str = RESEARCH) -> Message:
        """Type a command and give its answer."""
        return (await self.slack.command("/figshare", words, user=user, channel=channel)).message

    async def press(self, message: Message, label: str, user: str = JONAS) -> Message:
        """Press a button and give what is seen then."""
        return (await self.slack.press(message.ts, buttons(message)[label], user=user)).message

    async def come(self, moment: float) -> list[Message]:
        """Let a moment come, and give what the bot wrote by itself then."""
        self.clock.now = moment
        return await self.look()

    async def look(self) -> list[Message]:
        """Send what is due now, and give what came of it."""
        seen = len(self.slack.history.messages)
        await self.digests.tick(AtOnce(self.digests))
        return [each for each in self.slack.history.messages[seen:] if each.from_bot]

    def goes_wrong(self, path: str, **how: Any) -> Any:
        return self.catalogue.state.faults.add(path, **how)


@asynccontextmanager
async def room_in(settle: float = 30.0, **changed: Any) -> AsyncIterator[Room]:
    """Open a room at noon of 25 November 2026."""
    clock = Clock(BEGIN.timestamp())

    async def wait(seconds: float) -> None:
        clock.now += seconds

    catalogue = figshare(library(BEGIN.date()), now=lambda: datetime.fromtimestamp(clock(), UTC))
    metrics = Metrics()
    async with (
        serve(catalogue) as figshare_base,
        database("sqlite://", clock) as store,
        Workspace(signing_secret="secret", bot_token="xoxb-1", clock=clock) as workspace,
        serve(workspace.app) as base,
    ):
        workspace.url = base
        settings = replace(
            settings_for(figshare_base, **changed),
            slack_api_url=f"{base}/api/",
            slack_bot_token=workspace.bot_token,
            slack_signing_secret="secret",
        )
        async with (
            open_bot(settings, Commands(MODULES), metrics, clock, store) as bot,
            doors(settings, Answers(bot), metrics, clock) as slack,
            serve(slack.web) as bot_base,
        ):
            workspace.bot_url = f"{bot_base}/slack/events"
            courier = slack.line.courier(store, clock, wait)
            digests = Digests(bot, Ledger(store), courier, rate=1000.0, settle=settle)
            yield Room(workspace, catalogue, bot, store, digests, clock, slack, courier)
