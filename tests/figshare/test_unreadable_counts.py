"""A count that can't be read is unknown: never 0, and never left out of a sum that is shown as the sum."""

import asyncio
import json
from datetime import date

import pytest

from bot.digests.report import collect
from bot.digests.report.facts import ComparedCount
from bot.language import topics
from bot.reply import Table
from tests.support.bot_client import BotClient, open_bot_client
from tests.support.portals import LBORO

JSON = {"content-type": "application/json"}
MISSING = "missing"
UNREADABLE = ["7", "seven", 7.0, 7.5, True, False, None, [7], {"total": 7}, {}, -7]
COUNTERS = ("views", "downloads", "shares")


def answers(client: BotClient, path: str, document: object) -> None:
    client.goes_wrong(path, times=None, body=json.dumps(document).encode(), headers=JSON)


def without_missing(table: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in table.items() if value is not MISSING}


def table_rows(reply) -> list[tuple]:
    return [row for part in reply.parts if isinstance(part, Table) for row in part.rows]


def numbers(text: str) -> set[str]:
    return set(text.replace(",", "").split())


@pytest.mark.parametrize("count", UNREADABLE, ids=repr)
async def test_period_with_an_unreadable_count_is_unknown(client, count):
    answers(client, "/stats/timeline/total/", {"timeline": {"total": count}})
    answers(client, "/stats/timeline/year/", {"timeline": {"2019": 41, "2020": count}})
    assert "views unknown" in await client.ask("views 5616445 2025")
    assert "views unknown" in await client.ask("views 5616445 2019..2022")


@pytest.mark.parametrize("count", [*UNREADABLE, MISSING], ids=repr)
async def test_total_that_cannot_be_read_is_unknown(client, count):
    totals = {"views": 61, "downloads": 62, "shares": 63, "cites": 64}
    answers(client, "/stats/total/article/", without_missing(totals | {"downloads": count}))
    answers(client, "/stats/total/views/", {"totals": 61})
    answers(client, "/stats/total/shares/", {"totals": 63})
    answers(client, "/stats/total/downloads/", without_missing({"totals": count}))
    assert "61 views · downloads unknown · 63 shares" in await client.ask("stats 5616445")
    assert "downloads unknown" in await client.ask("downloads 5616445")
    assert "61 views · downloads unknown" in await client.ask("5616445")


@pytest.mark.parametrize("count", UNREADABLE, ids=repr)
async def test_citations_that_cannot_be_read_are_unknown(client, count):
    totals = {"views": 61, "downloads": 62, "shares": 63}
    answers(client, "/stats/total/article/", totals | {"cites": count})
    assert "63 shares · citations unknown" in await client.ask("stats 5616445")


async def test_citations_that_figshare_does_not_give_are_not_named(client):
    answers(client, "/stats/total/article/", {"views": 61, "downloads": 62, "shares": 63})
    assert "63 shares · all time" in await client.ask("stats 5616445")


@pytest.mark.parametrize("count", UNREADABLE, ids=repr)
async def test_timeline_with_an_unreadable_month_is_unknown(client, count):
    answers(client, "/stats/timeline/month/views/", {"timeline": {"2025-01": 41, "2025-02": count}})
    answers(client, "/stats/timeline/month/downloads/", {"timeline": {"2025-01": 42, "2025-02": 1}})
    answers(client, "/stats/timeline/month/shares/", {"timeline": {}})
    reply = await client.reply("timeline 5616445 2025")
    assert reply.outcome == "trouble"
    rows = table_rows(reply)
    assert {row[1] for row in rows} == {None}
    assert [row[2] for row in rows] == [42, 1] + [0] * 10 + [43]
    assert "41" not in numbers(await client.ask("timeline 5616445 2025"))


@pytest.mark.parametrize("key", ["January", "2025-01-01", "01/2025", ""])
async def test_count_of_an_unknown_month_is_not_read_as_0(client, key):
    answers(client, "/stats/timeline/month/", {"timeline": {key: 41}})
    reply = await client.reply("timeline 5616445 2025")
    assert not table_rows(reply) and "sent a response I couldn't read" in str(reply)


@pytest.mark.parametrize("count", [*UNREADABLE, MISSING], ids=repr)
async def test_countries_with_an_unreadable_count_are_unknown(client, count):
    chile = without_missing({"Arica": 3, "total": count})
    answers(
        client,
        "/stats/breakdown/total/views/",
        {"breakdown": {"total": {"Peru": {"total": 41}, "Chile": chile}}},
    )
    answers(client, "/stats/breakdown/total/downloads/", {"breakdown": {"total": {"Peru": {"total": 42}}}})
    reply = await client.reply("countries 5616445 2025")
    assert table_rows(reply) == [("Peru", None, 42), ("Total", None, 42)]


@pytest.mark.parametrize("countries", ["Peru", 7, True, None])
async def test_breakdown_with_an_unreadable_month_is_unknown(client, countries):
    answers(
        client, "/stats/breakdown/", {"breakdown": {"2025-01": {"Peru": {"total": 41}}, "2025-02": countries}}
    )
    assert "41" not in numbers(await client.ask("countries 5616445 2025"))
    assert "sent a response I couldn't read" in await client.ask("countries 5616445 2025")


@pytest.mark.parametrize("count", UNREADABLE, ids=repr)
async def test_ranked_item_with_an_unreadable_count_is_shown(client, count):
    answers(client, "/stats/top/", {"top": {"11820345": 3, "5616445": count, "9784012": 9}})
    reply = await client.reply("top")
    assert [(row[0], row[2]) for row in table_rows(reply)] == [("1", 9), ("2", 3), ("–", None)]
    assert table_rows(reply)[2][1].text.startswith("Using APIs")
    assert "I couldn't read 1 count, so 1 of these may rank higher." in await client.ask("top")


async def test_ranking_says_that_an_entry_was_left_out(client):
    answers(client, "/stats/top/", {"top": {"frog": 9, "5616445": 3}})
    assert "1 entry of Figshare's ranking left out" in await client.ask("top")


@pytest.mark.parametrize("count", UNREADABLE, ids=repr)
async def test_digest_with_an_unreadable_day_has_unknown_counts(client, count):
    answers(client, "/stats/timeline/day/views/", {"timeline": {"2026-11-17": 41, "2026-11-18": count}})
    first, last = date(2026, 11, 16), date(2026, 11, 22)
    report = await collect.collect_report(
        client.bot,
        topics.parse_topic("5616445 11820345"),
        first,
        last,
        is_first=False,
        request_slots=asyncio.Semaphore(8),
    )
    for row in report.listed:
        assert row.views == ComparedCount(None, None, row.views.all_time)
        assert row.downloads.current is not None
    assert [line.name for line in report.series] == ["Downloads"]
    assert "Figshare's statistics service sent a response I couldn't read." in report.problems
    assert not report.is_empty


async def test_digest_says_that_its_ranking_is_not_whole():
    async with open_bot_client(**LBORO) as client:
        answers(client, "/stats/lboro/top/", {"top": {"frog": 9, "5616445": 3}})
        report = await collect.collect_report(
            client.bot,
            topics.parse_topic("ours"),
            date(2026, 11, 16),
            date(2026, 11, 22),
            is_first=False,
            request_slots=asyncio.Semaphore(8),
        )
    assert [member.id for member in report.members] == [5616445]
    assert "I couldn't read all of Figshare's ranking." in report.problems
