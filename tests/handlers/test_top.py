"""What a person sees who asks for the ranking."""

import json

import pytest

from bot.reply import Link, Table
from tests.support.bot_client import open_bot_client
from tests.support.message_checks import assert_is_good

LBORO = {
    "figshare_portal": "lboro",
    "figshare_stats_username": "lboro",
    "figshare_stats_password": "sample-lboro",
}


def rows(reply):
    return next(part for part in reply.parts if isinstance(part, Table)).rows


async def test_top_without_words_is_ten_items_by_views(client):
    reply = await client.reply("top")
    assert reply.title == ("Top 10 items by views, all time",)
    assert [row[0] for row in rows(reply)] == [str(n) for n in range(1, 11)]
    assert all(isinstance(row[1], Link) and row[1].url for row in rows(reply))
    assert [row[2] for row in rows(reply)] == sorted((row[2] for row in rows(reply)), reverse=True)
    assert "Raw Figshare counts, all of Figshare." in await client.ask("top")


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
async def test_arguments_may_stand_in_any_order(client, words, heading):
    assert (await client.reply(words)).title == (heading,)


async def test_long_ranking_is_paged(client):
    first, second = await client.reply("top 20"), await client.reply("top 20", 2)
    assert first.has_next_page and not second.has_next_page
    assert [row[0] for row in rows(first) + rows(second)] == [str(n) for n in range(1, 21)]


@pytest.mark.parametrize("words", ["top 0", "top 101", "top frogs", "top views downloads", "top 5 10"])
async def test_unknown_words_are_named_with_a_working_example(client, words):
    reply = await client.reply(words)
    assert reply.outcome == "wrong"
    assert (await client.reply(reply.buttons[0].words)).outcome == "ok"


@pytest.mark.parametrize(
    ("words", "name", "item_words"),
    [
        ("top datasets", "datasets", "top items"),
        ("top thesis last month", "thesis", "top items last month"),
        ("top downloads journal contributions 5", "journal contributions", "top downloads items 5"),
        ("top countries 2025", "countries", "top items 2025"),
    ],
)
async def test_what_is_not_ranked_names_what_is(client, words, name, item_words):
    reply = await client.reply(words)
    assert reply.outcome == "wrong"
    verb = "doesn't rank" if name == "countries" else "can't rank one type, such as"
    assert reply.title == (f"Figshare {verb} {name}. I can rank items, authors, collections and projects.",)
    assert reply.buttons[0].words == item_words
    for button in reply.buttons:
        assert (await client.reply(button.words)).outcome == "ok"


async def test_authors_are_shown_by_number(client):
    assert all(row[1].text.startswith("author 20") for row in rows(await client.reply("top authors 2")))


async def test_authors_whom_a_record_named_have_their_names(client):
    assert "author 2041117" in await client.ask("top authors 20", 2)
    await client.ask("item 5616445")
    client.requests.clear()
    link = next(row[1] for row in rows(await client.reply("top authors 20", 2)) if "2041117" in row[1].text)
    assert link == Link("Ada Thornbury (2041117)", "https://figshare.com/authors/_/2041117")
    assert client.requests == []
    # The other author of the item is on the first page, and is named too.
    assert "Benedikt Ossler (2041498)" in await client.ask("top authors 20")
    assert "author 2051023" in await client.ask("top authors 20")


async def test_collection_names_its_authors_too(client):
    collection = await client.bot.figshare.collection(4000001)
    author = next(each for each in collection.authors if each.full_name)
    assert (await client.reply(f"views author {author.id}")).title[0].text == (
        f"{author.full_name} (author {author.id})"
    )


async def test_hostile_name_of_an_author_pings_nobody(client):
    item = {
        "id": 7,
        "title": "Frogs",
        "authors": [
            {"id": 2051023, "full_name": "<!channel> <@U1> \u202e*Ann*|https://evil.example"},
            {"id": 2042260, "full_name": "W" * 5_000},
            {"id": 2043784, "full_name": " \u200b "},
            {"id": 2043403, "full_name": None},
            {"id": "nobody", "full_name": "Nobody"},
            None,
        ],
    }
    client.goes_wrong(
        "/v2/articles/7",
        times=None,
        body=json.dumps(item).encode(),
        headers={"content-type": "application/json"},
    )
    await client.ask("item 7")
    first, second, third, fourth = (row[1].text for row in rows(await client.reply("top authors 4")))
    assert "(2051023)" in first and "\u202e" not in first
    assert second.startswith("WWW") and second.endswith("… (2042260)") and len(second) < 100
    assert (third, fourth) == ("author 2043784", "author 2043403")
    for words in (
        "top authors 4",
        "stats author 2051023",
        "timeline author 2051023",
        "views author 2051023 7",
    ):
        assert_is_good(await client.message(words), independent=False)
        assert_is_good(await client.message(words, kinds=()), independent=False)


async def test_unavailable_title_leaves_the_number(client):
    client.goes_wrong("/v2/articles/20291007", status=500, times=None)
    reply = await client.reply("top 3")
    assert rows(reply)[0][1] == Link("item 20291007", None)
    assert reply.outcome == "ok"


async def test_ours_without_configuration_says_what_to_set(client):
    assert "FIGSHARE_PORTAL" in await client.ask("top ours")
    assert client.requests == []


async def test_ours_is_the_portal():
    async with open_bot_client(**LBORO) as client:
        reply = await client.reply("top ours downloads 3")
        assert reply.title == ("Top 3 items of lboro by downloads, all time",)
        assert client.requests[0] == ("GET", "/stats/lboro/top/downloads/article?count=3")
        assert "all of Figshare" not in await client.ask("top ours downloads 3")


async def test_ranking_without_ours_is_all_of_figshare():
    async with open_bot_client(**LBORO) as client:
        reply = await client.reply("top downloads 3")
        assert reply.title == ("Top 3 items by downloads, all time",)
        assert client.requests[0] == ("GET", "/stats/top/downloads/article?count=3")
        assert "all of Figshare" in await client.ask("top downloads 3")


async def test_titles_are_fetched_only_where_shown(client):
    await client.ask("top 20")
    assert len(client.requests) == 1 + 10
    client.requests.clear()
    await client.ask("top authors")
    assert len(client.requests) == 1
