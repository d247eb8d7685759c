"""What reaches two processes on one database at the same moment has one effect."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select, text

from bot.bot import open_bot
from bot.commands import CommandRegistry
from bot.dispatcher import Dispatcher
from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator
from bot.emulators.slack.people import JONAS, MAYA, RESEARCH
from bot.metrics import Metrics
from bot.slack.app import open_slack as doors
from bot.storage.claims import CLAIM_LIFETIME, Claims
from bot.storage.database import Database
from bot.storage.database import open_database as database
from bot.storage.tables import seen_table, subscription_table
from handlers import MODULES
from tests.support.bot_client import library, settings_for
from tests.support.clock import Clock
from tests.support.fan_out import to_all
from tests.support.slack_client import buttons


@dataclass
class Twins:
    """A workspace that sends everything to two bots, and their databases."""

    slack: Workspace
    catalogue: Any
    databases: list[Database]
    bots: list[Any]
    # the commands that were carried out
    commands_run: list[str]

    async def messages_when_done(self) -> list[Any]:
        """Return what the bots have written when both are done."""
        while any(each.background_tasks.length for each in self.bots):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return [each for each in self.slack.history.messages if each.from_bot]

    async def count(self, table: Any) -> int:
        async with self.databases[0].engine.begin() as connection:
            return await connection.scalar(select(func.count()).select_from(table))


@pytest.fixture
async def twins(url):
    async with AsyncExitStack() as stack:
        catalogue = figshare_emulator(library(datetime.now(UTC).date()))
        base = await stack.enter_async_context(serve(catalogue))
        slack = await stack.enter_async_context(Workspace(signing_secret="secret", bot_token="xoxb-test"))
        slack.url = await stack.enter_async_context(serve(slack_emulator(slack)))
        settings = replace(
            settings_for(base),
            slack_api_url=f"{slack.url}/api/",
            slack_bot_token="xoxb-test",
            slack_signing_secret="secret",
        )
        databases, bots, commands_run = [], [], []
        for _ in range(2):
            store = await stack.enter_async_context(database(url))
            bot = await stack.enter_async_context(
                open_bot(settings, CommandRegistry(MODULES), Metrics(), database=store)
            )
            answers = Dispatcher(bot, lambda command, outcome, seconds: commands_run.append(command))
            opening = doors(settings, answers, Metrics(), is_claimed=Claims(store).is_claimed)
            databases.append(store)
            bots.append(await stack.enter_async_context(opening))
        both = await stack.enter_async_context(serve(to_all([each.endpoint for each in bots])))
        slack.bot_url = f"{both}/slack/events"
        yield Twins(slack, catalogue, databases, bots, commands_run)


async def test_mention_is_answered_once(twins):
    for _ in range(3):
        await twins.slack.mention(RESEARCH, MAYA, "help")
    assert len(await twins.messages_when_done()) == 3


async def test_press_posts_once(twins):
    seen = await twins.slack.command("/figshare", "views 5616445")
    before = len(await twins.messages_when_done())
    await twins.slack.press(seen.message.ts, buttons(seen.message)["Share in channel"])
    assert len(await twins.messages_when_done()) == before + 1


async def test_changing_command_runs_once(twins):
    await twins.slack.command("/figshare", "subscribe 5616445", user=JONAS, wait=0.2)
    await twins.messages_when_done()
    assert await twins.count(subscription_table) == 1
    await twins.slack.command("/figshare", "unsubscribe 1", user=JONAS, wait=0.2)
    await twins.messages_when_done()
    assert await twins.count(subscription_table) == 0 and twins.commands_run == ["subscribe", "unsubscribe"]


async def test_answer_with_a_chart_is_posted_once(twins):
    await twins.slack.command("/figshare", "timeline 5616445")
    assert len(await twins.messages_when_done()) == 1


async def test_acknowledged_answer_asks_no_database(twins):
    await twins.slack.command("/figshare", "views 5616445")
    await twins.slack.command("/figshare", "views 5616445")
    assert len(await twins.messages_when_done()) == 2 and await twins.count(seen_table) == 0


async def test_form_creates_one_draft_and_one_card(twins):
    await twins.slack.command("/figshare", "draft Frog calls")
    await twins.slack.until(lambda: twins.slack.views.top(MAYA).definition.get("submit"))
    await twins.slack.submit_view({})
    cards = [each for each in await twins.messages_when_done() if "To publish it on Figshare" in each.text]
    creations = [each for each in twins.catalogue.state.requests if each == ("POST", "/v2/account/articles")]
    assert len(cards) == len(creations) == 1
    view = twins.slack.views.top(MAYA)
    # whichever answer Slack heard
    assert view is None or "Slack sent this twice" in str(view.definition)


async def test_form_submitted_again_later_gets_the_same_answer(twins):
    await twins.slack.command("/figshare", "draft Frog calls")
    await twins.slack.until(lambda: twins.slack.views.top(MAYA).definition.get("submit"))
    first = (await twins.slack.submit_view({})).exchange
    await twins.messages_when_done()
    before = list(twins.catalogue.state.requests)
    async with (
        aiohttp.ClientSession() as session,
        session.post(twins.slack.bot_url, data=first.raw.encode(), headers=first.headers) as again,
    ):
        assert again.status == 200 and await again.json() == first.answer
    await twins.messages_when_done()
    assert twins.catalogue.state.requests == before


async def test_claim_expires_after_its_lifetime(url):
    clock = Clock()
    async with database(url, clock) as store:
        claims = Claims(store)
        assert [await claims.is_claimed("one"), await claims.is_claimed("one")] == [False, True]
        clock.now += CLAIM_LIFETIME - 1
        assert await claims.is_claimed("one") is True
        clock.now += 62
        assert await claims.is_claimed("two") is False
        async with store.engine.begin() as connection:
            assert await connection.scalar(select(func.count()).select_from(seen_table)) == 1


async def test_odd_request_id_can_be_claimed(url):
    async with database(url) as store:
        for name in ("nul \0", "half \ud800", "x" * 1_000_000):
            assert [await Claims(store).is_claimed(name) for _ in range(2)] == [False, True]


async def test_locked_database_delays_no_acknowledgement(file):
    async with database(file) as store, database(file) as other, other.engine.begin() as connection:
        await connection.execute(text("SELECT 1"))
        began = asyncio.get_running_loop().time()
        assert (
            await asyncio.gather(*(Claims(store).is_claimed(str(number)) for number in range(5)))
            == [False] * 5
        )
        assert await Claims(store).is_claimed("afterwards") is False
        assert asyncio.get_running_loop().time() - began < 1.2
