"""What a person sees who asks for the ranking."""

import pytest

from bot.reply import Chart, Link, Table
from tests.conftest import world_of

LBORO = {
    "figshare_portal": "lboro",
    "figshare_stats_username": "lboro",
    "figshare_stats_password": "sample-lboro",
}


def rows(reply):
    return next(part for part in reply.parts if isinstance(part, Table)).rows


async def test_ten_items_by_views_of_all_time_with_their_titles(world):
    reply = await world.reply("top")
    assert reply.title == ("Top 10 items by views, all time",)
    assert [row[0] for row in rows(reply)] == [str(n) for n in range(1, 11)]
    assert all(isinstance(row[1], Link) and row[1].url for row in rows(reply))
    assert [row[2] for row in rows(reply)] == sorted((row[2] for row in rows(reply)), reverse=True)
    assert "Raw Figshare counts, all of Figshare." in await world.ask("top")


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        ("top downloads", "Top 10 items by downloads, all time"),
        ("top shares projects 3", "Top 3 projects by shares, all time"),
        ("top downloads authors last month 5", "Top 5 authors by downloads, 1 Oct 2026 – 31 Oct 2026"),
        ("top 5 2025", "Top 5 items by views, 1 Jan 2025 – 31 Dec 2025"),
        ("top 2025 5 items downloads", "Top 5 items by downloads, 1 Jan 2025 – 31 Dec 2025"),
        ("top collections 2026", "Top 5 collections by views, 1 Jan 2026 – 23 Nov 2026, so far"),
        ("TOP Views", "Top 10 items by views, all time"),
    ],
)
async def test_the_words_may_stand_in_any_order(world, words, heading):
    assert (await world.reply(words)).title == (heading,)


async def test_a_long_ranking_has_pages(world):
    first, second = await world.reply("top 20"), await world.reply("top 20", 2)
    assert first.more and not second.more
    assert [row[0] for row in rows(first) + rows(second)] == [str(n) for n in range(1, 21)]
    chart = next(part for part in second.parts if isinstance(part, Chart))
    assert len(chart.categories) == 10 and chart.categories[0].startswith("11. ")


@pytest.mark.parametrize("words", ["top 0", "top 101", "top frogs", "top views downloads", "top 5 10"])
async def test_what_it_does_not_understand_it_names_with_an_example_that_works(world, words):
    reply = await world.reply(words)
    assert reply.outcome == "wrong"
    assert (await world.reply(reply.buttons[0].words)).outcome == "ok"


async def test_authors_show_their_number(world):
    assert all(row[1].text.startswith("author 20") for row in rows(await world.reply("top authors 2")))


async def test_a_title_that_could_not_be_had_leaves_the_number(world):
    world.goes_wrong("/v2/articles/20291007", status=500, times=None)
    reply = await world.reply("top 3")
    assert rows(reply)[0][1] == Link("item 20291007", None)
    assert reply.outcome == "ok"


async def test_ours_without_configuration_says_what_to_set(world):
    assert "FIGSHARE_PORTAL" in await world.ask("top ours")
    assert world.requests == []


async def test_ours_is_the_portal():
    async with world_of(**LBORO) as world:
        reply = await world.reply("top ours downloads 3")
        assert reply.title == ("Top 3 items of lboro by downloads, all time",)
        assert world.requests[0] == ("GET", "/stats/lboro/top/downloads/article?count=3")
        assert "all of Figshare" not in await world.ask("top ours downloads 3")


async def test_a_portal_that_does_not_open_says_what_to_set():
    async with world_of(figshare_portal="lboro") as world:
        reply = await world.reply("top ours")
        assert reply.outcome == "trouble"
        assert "FIGSHARE_STATS_USERNAME" in await world.ask("top ours")


async def test_titles_are_asked_for_only_where_they_are_shown(world):
    await world.ask("top 20")
    assert len(world.requests) == 1 + 10
    world.requests.clear()
    await world.ask("top authors")
    assert len(world.requests) == 1
