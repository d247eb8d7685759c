"""What a person sees who searches."""

import pytest

from bot.reply import Rows
from tests.support.bot_client import open_bot_client


def titles(reply):
    return [row[0][0].text for part in reply.parts if isinstance(part, Rows) for row in part.rows]


async def test_newest_first_five_at_a_time(client):
    reply = await client.reply("search title:frog")
    assert titles(reply)[0] == "frogwatch: find frog calls in field recordings"
    assert len(titles(reply)) == 5 and reply.has_next_page
    text = await client.ask("search title:frog")
    assert text.startswith("Items 1–5 for title:frog")
    assert "software · 3 Nov 2025 · 10.6084/m9.figshare.14410233.v5 · 14410233" in text
    assert "Figshare's search tells no total." in text and "As of 23 Nov 2026" in text


async def test_pages_follow_without_gap_until_there_is_none(client):
    second = await client.reply("search title:frog", 2)
    assert "Items 6–9 for title:frog" in await client.ask("search title:frog", 2)
    assert not second.has_next_page and second.page == 2
    assert not set(titles(second)) & set(titles(await client.reply("search title:frog")))
    assert (await client.ask("search title:frog", 3)).startswith("No more items for title:frog")


async def test_page_in_the_words_is_where_the_pages_begin(client):
    reply = await client.reply("search frog limit:2 page:2")
    assert (await client.ask("search frog limit:2 page:2")).startswith("Items 3–4 for")
    assert (await client.ask("search frog limit:2 page:2", 2)).startswith("Items 5–6 for")
    assert reply.page == 1
    message = await client.message("search frog limit:2 page:2")
    labels = [one["text"]["text"] for one in message["blocks"][-1]["elements"]]
    assert labels == ["Next", "Send me this weekly"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("frog thames", ["Frog counts along the Thames, 2012 to 2018"]),
        ("thames OR snow sort:views", ["Frog counts along the Thames", "Snow depth"]),
        ('"poison frog"', ["Skin microbiome"]),
        ("“poison frog”", ["Skin microbiome"]),
        ("title:frog NOT title:tree type:thesis", []),
        ("author:Ossler type:presentation", ["Using APIs"]),
        ("tag:phenology", ["Heat map"]),
        ("category:Sociology", ["Interviews", "Loneliness"]),
        ("orcid:0000-0002-9282-137X type:dataset", ["Skin microbiome"]),
        ("extension:biom", ["Skin microbiome"]),
        ("licence:MIT", ["frogwatch"]),
        ("doi:10.15786/13696192.v3", ["Snow depth"]),
        ("frog since:2025-02-27 until:2025-02-27", ["Frogs, toads"]),
        ("frog since:2025", ["frogwatch", "Frogs, toads"]),
        ("institution:latrobe type:report", ["Loneliness"]),
        ("institution:2 type:software", ["A toy model"]),
        ("group:20441 type:thesis", ["Hearing in noise"]),
        ("project:113166 type:figure", ["Heat map"]),
        ("description:volunteers", ["Frog counts"]),
        (":title: frog AND :tag: cell", ["Frog counts"]),
        ("title:(chytrid OR microbiome)", ["Frog decline", "Skin"]),
        ("frog type:software", ["frogwatch"]),
    ],
)
async def test_words_and_fields_find_the_named_items(client, words, expected):
    shown = titles(await client.reply(f"search {words}"))
    assert len(shown) == len(expected)
    assert all(any(title.startswith(start) for title in shown) for start in expected)


async def test_what_was_asked_is_written_out(client):
    assert "Asked as: frog AND title:tree, newest first" in await client.ask("search frog title:tree")
    assert "Asked as: frog AND type:poster, most views first" in await client.ask(
        "search frog type:poster sort:views"
    )


@pytest.mark.parametrize(
    ("words", "heading", "title"),
    [
        ("search collections frog", "Collection 1 for", "Everything about frogs"),
        ("search projects frogs", "Project 1 for", "Listening to frogs"),
        ("search items frog thames", "Item 1 for", "Frog counts along the Thames, 2012 to 2018"),
    ],
)
async def test_the_first_word_chooses_what_is_searched(client, words, heading, title):
    assert (await client.ask(words)).startswith(heading)
    assert titles(await client.reply(words)) == [title]


async def test_in_quotes_the_first_word_is_searched_for(client):
    assert "Asked as" not in await client.ask('search "projects" frogs')
    assert (await client.ask('search "collections"')).startswith("No items for")


async def test_an_order_that_figshare_refuses_is_said(client):
    text = await client.ask("search collections frog sort:downloads")
    assert "doesn't sort collections by downloads" in text
    assert text.startswith("Collection 1 for")


async def test_an_order_refused_by_surprise_is_asked_for_again_by_date(client):
    client.goes_wrong(
        "/v2/articles/search",
        status=400,
        body=b'{"message": "Invalid value received for order"}',
        headers={"content-type": "application/json"},
    )
    text = await client.ask("search frog sort:cites")
    assert "Figshare does not sort by cites here: sorted by date instead." in text
    assert text.startswith("Items 1–5")


async def test_nothing_found_says_what_may_find_more(client):
    reply = await client.reply("search zzzzzz")
    text = await client.ask("search zzzzzz")
    assert text.startswith("No items for zzzzzz") and "title:" in text
    assert reply.outcome == "ok" and reply.buttons[0].words == "help search"


async def test_a_search_is_one_request_and_none_when_asked_again(client):
    await client.ask("search title:frog")
    await client.ask("search title:frog")
    assert client.requests == [("POST", "/v2/articles/search")]


async def test_ours_without_configuration_says_what_to_set(client):
    assert "FIGSHARE_INSTITUTION or FIGSHARE_GROUP" in await client.ask("search ours battery")


@pytest.mark.parametrize("ours", [{"figshare_institution": 2}, {"figshare_group": 20442}])
async def test_ours_narrows_to_the_portal(ours):
    async with open_bot_client(**ours) as client:
        reply = await client.reply("search ours battery")
        assert titles(reply) == [
            "Data management plan for the battery hall",
            "Thermal imaging of battery cells under load",
        ]
        assert "ours" in await client.ask("search ours battery")
        assert titles(await client.reply("search ours collections")) == ["Energy at Loughborough"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("search", "what for?"),
        ("search titel:frog", "there is no such field"),
        ('search titel:"poison frog"', "there is no such field"),
        ("search type:datset frog", "Figshare has no such type"),
        ("search frog since:2025-13", "that is not a day, month or year"),
        ("search frog page:0", "pages are numbered from 1"),
        ("search frog limit:1000", "1 to 100 at a time"),
        ("search frog sort:colour", "it sorts by published, modified, views"),
        ("search title:", "what should be in it?"),
        ("search collections type:dataset frog", "collections have no type"),
    ],
)
async def test_a_wrong_field_is_named_with_an_example_that_works(client, words, why):
    reply = await client.reply(words)
    assert reply.outcome == "wrong"
    text = await client.ask(words)
    assert why in text and "?." not in text
    answer = await client.reply(reply.buttons[0].words)
    assert answer.outcome == "ok"
    if words.startswith("search titel"):
        assert len(titles(answer)) > 0
