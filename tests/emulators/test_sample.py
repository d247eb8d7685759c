"""The catalogue that people try the bot with has a university, which is `ours` there."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date

import pytest

from bot.bot import Bot, open_bot
from bot.commands import CommandRegistry, Question
from bot.digests.report.collect import collect_report
from bot.dispatcher import Dispatcher
from bot.emulators.figshare.library import NORTHBRIDGE, Library
from bot.emulators.sample import sample_figshare
from bot.figshare.client import Request
from bot.figshare.models import ArticleComplete
from bot.language.tokens import normalize
from bot.language.topics import parse_topic
from bot.metrics import Metrics
from bot.render import plain_text
from bot.reply import Rows, Table
from bot.settings import Settings
from bot.settings.ours import OURS_NEEDS
from handlers import MODULES
from tests.support.clock import NOON, TODAY, Clock


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    """Yield a bot set up as `ask --figshare sample` and the playground set it up."""
    async with (
        sample_figshare(Settings(figshare_portal="mine", figshare_group=5), Clock()) as settings,
        open_bot(settings, CommandRegistry(MODULES), Metrics(), Clock()) as bot,
    ):
        yield bot


async def reply(bot, words):
    return await Dispatcher(bot).answer(Question(normalize(words), TODAY))


async def text(bot, words):
    return plain_text.terminal_text(await reply(bot, words))


@pytest.mark.parametrize("words", [words for need in OURS_NEEDS for words in need.questions])
async def test_every_question_about_ours_is_answered(bot, words):
    if not words.startswith("subscribe"):
        answer = await reply(bot, words)
        assert answer.outcome == "ok", words
        assert not [part for part in answer.parts if isinstance(part, Table) and None in part.rows[-1]]


async def test_numbers_of_the_university_agree(bot):
    assert await bot.stats.count_articles(41_000) == 40
    groups = [await bot.stats.count_articles(group) for group in (41_010, 41_020, 41_030)]
    assert groups == [14, 13, 10]
    months = await bot.stats.timeline(
        "month", "views", "group", 41_000, date(2025, 11, 1), date(2026, 10, 31)
    )
    assert len(months) == 12
    countries = await bot.stats.breakdown("views", "group", 41_000, date(2025, 11, 1), date(2026, 10, 31))
    assert sum(months.values()) == sum(countries.values()) > 5_000
    top = await bot.stats.top("downloads", "article", 40, via_portal=True)
    assert all(71_000_000 < id < 72_000_000 for id in top.counts)


async def test_search_and_new_find_only_what_is_ours(bot):
    found = await bot.figshare.search("articles", {"page_size": 100, **bot.ours_filter})
    assert len(found) == 40
    for words in ("new ours", "search ours frog OR footbridge", "search ours type:dataset"):
        rows = [part for part in (await reply(bot, words)).parts if isinstance(part, Rows)]
        assert rows and "repository.northbridge.example" in str(rows)
        assert "figshare.com/articles" not in str(rows)
    science = await text(bot, "search group:41010 sort:views")
    assert "Soil moisture" in science and "footbridge" not in science


async def test_digest_of_ours_has_all_its_parts(bot):
    report = await collect_report(
        bot, parse_topic("ours"), date(2026, 11, 16), date(2026, 11, 22), is_first=True,
        request_slots=asyncio.Semaphore(4),
    )  # fmt: skip
    [row] = report.listed
    assert row.title == "northbridge" and row.views.current > 0 and row.views.all_time > 10_000
    assert len(report.members) == 5 and report.new_items and report.problems == ()


async def test_items_are_as_varied_as_a_repository(bot):
    library = Library.load(NOON, NORTHBRIDGE)
    ours = [item for item in library.articles.values() if item.institution and item.institution["id"] == 4100]
    assert len(ours) == 40 and len({item.type_name for item in ours}) >= 15
    assert Counter(len(item.versions) for item in ours).keys() >= {1, 2, 3}
    assert max(len(item.files) for item in ours) == 12
    records = [await bot.figshare.article(item.id) for item in ours if "embargo" in item.seed]
    assert sorted(record.embargo_date is None for record in records) == [False, True]
    assert all(isinstance(record, ArticleComplete) and record.is_embargoed for record in records)


async def test_token_knows_its_institution_and_groups(bot):
    settings = bot.settings
    account = f"{settings.figshare_api_url}/account"
    institution, groups = [
        await bot.transport.get(Request("rest", account + path, token=settings.figshare_token), json.loads)
        for path in ("/institution", "/institution/groups")
    ]
    assert institution["id"] == settings.figshare_institution == 4100
    assert [group["id"] for group in groups if group["parent_id"] == 0] == [settings.figshare_group]
    assert len(groups) == 4


async def test_items_appear_as_the_clock_moves():
    clock = Clock()
    async with (
        sample_figshare(Settings(), clock) as settings,
        open_bot(settings, CommandRegistry(MODULES), Metrics(), clock) as bot,
    ):
        assert len(await bot.figshare.search("articles", {"page_size": 100, **bot.ours_filter})) == 40
        assert [row.version for row in await bot.figshare.versions(71_001_658)] == [1]
        clock.now += 7 * 86_400
        assert len(await bot.figshare.search("articles", {"page_size": 100, **bot.ours_filter})) == 42
        assert [row.version for row in await bot.figshare.versions(71_001_658)] == [1, 2]
        new = await bot.oai.newest("portal_4100", date(2026, 11, 24), 10)
        assert len(new.records) == 3


async def test_catalogue_stays_the_same():
    first, second = (Library.load(NOON, NORTHBRIDGE) for _ in range(2))
    assert first.articles == second.articles
    assert [item.id for item in Library.load(NOON).articles.values()] == list(first.articles)[:41]
