"""A bot that asks the sample catalogue, without Slack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from starlette.applications import Starlette

from bot.bot import Bot, open_bot
from bot.commands import CommandRegistry, Question
from bot.dispatcher import Dispatcher
from bot.emulators.figshare import figshare_emulator
from bot.emulators.figshare.accounts import SERVICE_TOKEN
from bot.emulators.figshare.library import Library
from bot.emulators.server import serve
from bot.emulators.slack import Workspace
from bot.language.tokens import normalize
from bot.metrics import Metrics
from bot.permissions import Directory, Person
from bot.render import blocks, plain_text
from bot.reply import Reply
from bot.settings import Settings
from bot.storage.database import Database, open_database
from handlers import MODULES
from tests.support.clock import NOON, TODAY, Clock


@cache
def library(day: date) -> Library:
    """Read the sample catalogue once."""
    return Library.load(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


@dataclass
class BotClient:
    """A bot that asks the sample catalogue; `requests` are what it asked."""

    bot: Bot
    dispatcher: Dispatcher
    catalogue: Starlette
    clock: Clock
    metrics: Metrics
    people: Directory | None = None
    store: Database | None = None

    @property
    def requests(self) -> list[tuple[str, str]]:
        return self.catalogue.state.requests

    async def reply(self, words: str, page: int = 1, user: str = "U1", today: date = TODAY) -> Reply:
        return await self.dispatcher.answer(Question(normalize(words), today, page, user, self.people, "C1"))

    async def ask(self, words: str, page: int = 1) -> str:
        """Return what a person reads."""
        return plain_text.terminal_text(await self.reply(words, page))

    async def message(self, words: str, page: int = 1, **how: Any) -> dict[str, Any]:
        """Return what Slack gets."""
        return blocks.message_payload(await self.reply(words, page), normalize(words), **how)

    def goes_wrong(self, path: str, **how: Any) -> Any:
        return self.catalogue.state.faults.add(path, **how)


def settings_for(base: str, **changed: Any) -> Settings:
    """Return settings that lead to an emulator."""
    given: dict[str, Any] = {
        "figshare_api_url": f"{base}/v2",
        "figshare_stats_url": f"{base}/stats",
        "figshare_resourcesync_url": (f"{base}/.well-known/resourcesync",),
        "figshare_requests_per_second": 1000.0,
        "figshare_burst": 1000,
        "figshare_timeout": 2.0,
        "figshare_token": SERVICE_TOKEN,
        "draft_users": (Workspace.maya,),
    }
    return replace(Settings(), **(given | changed))


@asynccontextmanager
async def open_bot_client(
    patience: float = 5.0, store: Database | None = None, clock: Clock | None = None, **changed: Any
) -> AsyncIterator[BotClient]:
    """Open a bot over the sample catalogue with changed settings."""
    catalogue, clock, commands = (
        figshare_emulator(library(TODAY), now=lambda: NOON),
        clock or Clock(),
        CommandRegistry(MODULES),
    )
    metrics = Metrics(commands.names)
    async with (
        serve(catalogue) as base,
        open_bot(settings_for(base, **changed), commands, metrics, clock, store) as bot,
    ):
        yield BotClient(bot, Dispatcher(bot, metrics.count_answer, patience), catalogue, clock, metrics)


class MemberDirectory:
    """A directory in which everybody belongs to the workspace."""

    async def person(self, user: str) -> Person:
        return Person(user, "Maya Okafor", "maya@playground.example")

    async def members(self, group: str) -> tuple[str, ...]:
        return ()

    async def can_read_channel(self, channel: str) -> bool:
        return True

    async def direct(self, user: str) -> str:
        return f"D{user}"


@asynccontextmanager
async def open_drafts_client(**changed: Any) -> AsyncIterator[BotClient]:
    """Open a bot with a database, at which U1 may write drafts."""
    clock = Clock()
    async with (
        open_database("sqlite://", clock) as store,
        open_bot_client(store=store, clock=clock, draft_users=("U1",), **changed) as client,
    ):
        client.people, client.store = MemberDirectory(), store
        yield client
