"""What a person sees who searches."""

import pytest

from bot.reply import Rows
from tests.conftest import world_of


def titles(reply):
    return [row[0][0].text for part in reply.parts if isinstance(part, Rows) for row in part.rows]


async def test_newest_first_five_at_a_time(world):
    reply = await world.reply("search title:frog")
    assert titles(reply)[0] == "frogwatch: find frog calls in field recordings"
    assert len(titles(reply)) == 5 and reply.more
    said = await world.ask("search title:frog")
    assert said.startswith("Items 1–5 for title:frog")
    assert "software · 3 Nov 2025 · 10.6084/m9.figshare.14410233.v5 · 14410233" in said
    assert "Figshare's search tells no total." in said and "As of 23 Nov 2026" in said


async def test_pages_follow_without_gap_until_there_is_none(world):
    second = await world.reply("search title:frog", 2)
    assert "Items 6–9 for title:frog" in await world.ask("search title:frog", 2)
    assert not second.more and second.page == 2
    assert not set(titles(second)) & set(titles(await world.reply("search title:frog")))
    assert (await world.ask("search title:frog", 3)).startswith("No more items for title:frog")


async def test_page_in_the_words_is_where_the_pages_begin(world):
    reply = await world.reply("search frog limit:2 page:2")
    assert (await world.ask("search frog limit:2 page:2")).startswith("Items 3–4 for")
    assert (await world.ask("search frog limit:2 page:2", 2)).startswith("Items 5–6 for")
    assert reply.page == 1
    message = await world.message("search frog limit:2 page:2")
    labels = [one["text"]["text"] for one in message["blocks"][-1]["elements"]]
    assert labels == ["Next", "Send me this weekly"]


@pytest.mark.parametrize(
    ("words", "found"),
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
async def test_words_and_fields_find_what_they_name(world, words, found):
    shown = titles(await world.reply(f"search {words}"))
    assert len(shown) == len(found)
    assert all(any(title.startswith(start) for title in shown) for start in found)


async def test_what_was_asked_is_written_out(world):
    assert "Asked as: frog AND title:tree, newest first" in await world.ask("search frog title:tree")
    assert "Asked as: frog AND type:poster, most views first" in await world.ask(
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
async def test_the_first_word_chooses_what_is_searched(world, words, heading, title):
    assert (await world.ask(words)).startswith(heading)
    assert titles(await world.reply(words)) == [title]


async def test_in_quotes_the_first_word_is_searched_for(world):
    assert "Asked as" not in await world.ask('search "projects" frogs')
    assert (await world.ask('search "collections"')).startswith("No items for")


async def test_an_order_that_figshare_refuses_is_said(world):
    said = await world.ask("search collections frog sort:downloads")
    assert "doesn't sort collections by downloads" in said
    assert said.startswith("Collection 1 for")


async def test_an_order_refused_by_surprise_is_asked_for_again_by_date(world):
    world.goes_wrong(
        "/v2/articles/search",
        status=400,
        body=b'{"message": "Invalid value received for order"}',
        headers={"content-type": "application/json"},
    )
    said = await world.ask("search frog sort:cites")
    assert "Figshare does not sort by cites here: sorted by date instead." in said
    assert said.startswith("Items 1–5")


async def test_nothing_found_says_what_may_find_more(world):
    reply = await world.reply("search zzzzzz")
    said = await world.ask("search zzzzzz")
    assert said.startswith("No items for zzzzzz") and "title:" in said
    assert reply.outcome == "ok" and reply.buttons[0].words == "help search"


async def test_a_search_is_one_request_and_none_when_asked_again(world):
    await world.ask("search title:frog")
    await world.ask("search title:frog")
    assert world.requests == [("POST", "/v2/articles/search")]


async def test_ours_without_configuration_says_what_to_set(world):
    assert "FIGSHARE_INSTITUTION or FIGSHARE_GROUP" in await world.ask("search ours battery")


@pytest.mark.parametrize("ours", [{"figshare_institution": 2}, {"figshare_group": 20442}])
async def test_ours_narrows_to_the_portal(ours):
    async with world_of(**ours) as world:
        reply = await world.reply("search ours battery")
        assert titles(reply) == [
            "Data management plan for the battery hall",
            "Thermal imaging of battery cells under load",
        ]
        assert "ours" in await world.ask("search ours battery")
        assert titles(await world.reply("search ours collections")) == ["Energy at Loughborough"]


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
async def test_a_wrong_field_is_named_with_an_example_that_works(world, words, why):
    reply = await world.reply(words)
    assert reply.outcome == "wrong"
    said = await world.ask(words)
    assert why in said and "?." not in said
    found = await world.reply(reply.buttons[0].words)
    assert found.outcome == "ok"
    if words.startswith("search titel"):
        assert len(titles(found)) > 0
