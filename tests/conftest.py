"""The real bot between a stand-in Figshare and a stand-in Slack, all on loopback."""

import importlib.util
import re
import sys
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import stamina
from starlette.applications import Starlette

from bot.bot import Bot, open_bot
from bot.commands import Ask, Commands
from bot.dispatcher import Answers
from bot.drafts.accounts import account_for
from bot.figshare.private import Fields
from bot.language.schedules import Schedule
from bot.language.tokens import tidy
from bot.metrics import Metrics
from bot.permissions import Directory, Person
from bot.playground import playing
from bot.render import blocks, plain_text
from bot.reply import Reply
from bot.settings import Settings
from bot.standin.figshare import figshare
from bot.standin.figshare.accounts import SERVICE_TOKEN
from bot.standin.figshare.library import Library
from bot.standin.serving import serve
from bot.standin.slack import Workspace
from bot.standin.slack.blockkit import message_problems, too_long
from bot.storage.database import Store
from bot.storage.database import open_database as database
from handlers import MODULES

SHARED = Path(__file__).resolve().parents[2] / "shared"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOON.date()


@pytest.fixture(autouse=True, scope="session")
def no_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spare every client the reading of all certificates: nothing here leaves loopback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SSL_CERT_FILE", raising=False)
        patch.setenv("SSL_CERT_DIR", str(tmp_path_factory.mktemp("certificates")))
        yield


@cache
def library(day: date) -> Library:
    """Read the sample catalogue once."""
    return Library.load(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


@pytest.fixture(autouse=True)
def no_pause_between_tries() -> Iterator[None]:
    """Try again as often as always, but without waiting."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = field(default_factory=NOON.timestamp)

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """A bot that asks the sample catalogue, and what it asked."""

    bot: Bot
    answers: Answers
    catalogue: Starlette
    clock: Clock
    metrics: Metrics
    people: Directory | None = None
    store: Store | None = None

    @property
    def requests(self) -> list[tuple[str, str]]:
        return self.catalogue.state.requests

    async def reply(self, words: str, page: int = 1, user: str = "U1", today: date = TODAY) -> Reply:
        return await self.answers.answer(Ask(tidy(words), today, page, user, self.people, "C1"))

    async def ask(self, words: str, page: int = 1) -> str:
        """Give what a person reads."""
        return plain_text.terminal(await self.reply(words, page))

    async def message(self, words: str, page: int = 1, **how: Any) -> dict[str, Any]:
        """Give what Slack gets."""
        return blocks.message(await self.reply(words, page), tidy(words), **how)

    def goes_wrong(self, path: str, **how: Any) -> Any:
        return self.catalogue.state.faults.add(path, **how)


def settings_for(base: str, **changed: Any) -> Settings:
    """Give settings that lead to a stand-in."""
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
async def world_of(
    patience: float = 5.0, store: Store | None = None, clock: Clock | None = None, **changed: Any
) -> AsyncIterator[World]:
    """Open a bot over the sample catalogue with changed settings."""
    catalogue, clock, commands = (
        figshare(library(TODAY), now=lambda: NOON),
        clock or Clock(),
        Commands(MODULES),
    )
    metrics = Metrics(commands.names)
    async with (
        serve(catalogue) as base,
        open_bot(settings_for(base, **changed), commands, metrics, clock, store) as bot,
    ):
        yield World(bot, Answers(bot, metrics.answered, patience), catalogue, clock, metrics)


class Colleagues:
    """A directory in which everybody belongs to the workspace."""

    async def person(self, user: str) -> Person:
        return Person(user, "Maya Okafor", "maya@playground.example")

    async def members(self, group: str) -> tuple[str, ...]:
        return ()

    async def is_open(self, channel: str) -> bool:
        return True

    async def direct(self, user: str) -> str:
        return f"D{user}"


@asynccontextmanager
async def desk_of(**changed: Any) -> AsyncIterator[World]:
    """Open a world in which U1 may write drafts."""
    clock = Clock()
    async with (
        database("sqlite://", clock) as store,
        world_of(store=store, clock=clock, draft_users=("U1",), **changed) as opened_world,
    ):
        opened_world.people, opened_world.store = Colleagues(), store
        yield opened_world


@pytest.fixture
async def desk() -> AsyncIterator[World]:
    """Give a world with the two drafts and the digests that examples name."""
    async with desk_of() as opened_desk:
        account = await account_for(opened_desk.bot, "U1", opened_desk.people)
        for title in ("Counting frogs by ear", "Frog calls"):
            await account.create(Fields(title=title))
        for id in (5616445, 9784012, 9784013, 9784014, 9784015):
            schedule = Schedule("0 9 * * 5")
            await opened_desk.bot.subscriptions.add("C1", "U1", "Maya", str(id), f"item {id}", 4, schedule)
        yield opened_desk


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with world_of() as opened_world:
        yield opened_world


@dataclass
class Office:
    """A Slack workspace with the bot in it."""

    slack: Workspace
    catalogue: Starlette
    base: str
    figshare: str


@asynccontextmanager
async def office_of(**changed: Any) -> AsyncIterator[Office]:
    """Open a workspace whose bot asks the sample catalogue."""
    catalogue = figshare(now=lambda: datetime.fromtimestamp(time.time(), UTC))
    async with (
        serve(catalogue) as figshare_base,
        playing(Commands(MODULES), settings_for(figshare_base, **changed)) as (base, slack),
    ):
        yield Office(slack, catalogue, base, figshare_base)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with office_of() as opened_office:
        yield opened_office


CHECKER = SHARED / "tools" / "check_blocks.py"
PING = re.compile(r"<[!@#]")


def checker() -> Any:
    """Load the independent checker where it is."""
    if not CHECKER.exists():
        return None
    spec = importlib.util.spec_from_file_location("check_blocks", CHECKER)
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their module up
    sys.modules["check_blocks"] = module
    spec.loader.exec_module(module)
    with warnings.catch_warnings():
        # it leaves its schema open, once
        warnings.simplefilter("ignore")
        module.check({"text": "ready", "blocks": []})
    return module


INDEPENDENT = checker()


def read_by_slack(value: Any) -> list[str]:
    """Give every text in which Slack looks for mentions and links."""
    if isinstance(value, list):
        return [text for each in value for text in read_by_slack(each)]
    if not isinstance(value, dict):
        return []
    if value.get("type") in ("mrkdwn", "plain_text"):
        return [value["text"]]
    return [text for each in value.values() for text in read_by_slack(each)]


def elements(value: Any) -> list[dict[str, Any]]:
    found = [value] if isinstance(value, dict) else []
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        found += elements(each)
    return found


def assert_is_good(
    made: dict[str, Any],
    people: frozenset[str] = frozenset(),
    independent: bool = True,
    channels: frozenset[str] = frozenset(),
) -> None:
    """Fail unless Slack takes the message, and nobody is pinged and no channel named but these."""
    assert message_problems(made["blocks"]) == []
    assert not too_long(made["blocks"])
    assert len(made["text"]) <= 4_000
    if INDEPENDENT is not None and independent:
        # without its schema, which takes longer than all the rest
        found = INDEPENDENT.check(made, schema="")
        assert [str(problem) for problem in found if problem.level == "error"] == []
    for text in [made["text"], *read_by_slack(made["blocks"])]:
        ours = re.sub(r"<!date\^[0-9]+\^\{date_short\} \{time\}\|[^<>|]*>", "", text)
        for person in people:
            ours = ours.replace(f"<@{person}>", "")
        for channel in channels:
            ours = ours.replace(f"<#{channel}>", "")
        assert not PING.search(ours), ours
    for element in elements(made["blocks"]):
        assert element.get("type") not in ("broadcast", "usergroup")
        if element.get("type") == "channel":
            assert element["channel_id"] in channels
        if element.get("type") == "user":
            assert element["user_id"] in people
        if element.get("type") == "link":
            assert element["url"].startswith(("https://", "http://"))
