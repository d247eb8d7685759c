"""What a person sees who searches."""

import pytest

from bot.reply import Rows
from tests.support.bot_client import open_bot_client


def titles(reply):
    return [row[0][0].text for part in reply.parts if isinstance(part, Rows) for row in part.rows]


async def test_results_are_newest_first_five_a_page(client):
    reply = await client.reply("search title:frog")
    assert titles(reply)[0] == "frogwatch: find frog calls in field recordings"
    assert len(titles(reply)) == 5 and reply.has_next_page
    text = await client.ask("search title:frog")
    assert text.startswith("Results 1–5 for “title:frog”, newest first")
    assert "software · 3 Nov 2025 · 10.6084/m9.figshare.14410233.v5 · 14410233" in text
    assert "Figshare's search doesn't report a total." in text and "As of 23 Nov 2026" in text


async def test_result_pages_follow_without_gap_to_the_end(client):
    second = await client.reply("search title:frog", 2)
    assert "Results 6–9 for “title:frog”" in await client.ask("search title:frog", 2)
    assert not second.has_next_page and second.page == 2
    assert not set(titles(second)) & set(titles(await client.reply("search title:frog")))
    assert (await client.ask("search title:frog", 3)).startswith("No more items for “title:frog”")


async def test_page_field_sets_the_first_page(client):
    reply = await client.reply("search frog limit:2 page:2")
    assert (await client.ask("search frog limit:2 page:2")).startswith("Results 3–4 for “frog”")
    assert (await client.ask("search frog limit:2 page:2", 2)).startswith("Results 5–6 for “frog”")
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
    shown_titles = titles(await client.reply(f"search {words}"))
    assert len(shown_titles) == len(expected)
    assert all(any(title.startswith(start) for title in shown_titles) for start in expected)


async def test_understood_query_is_written_out(client):
    assert "for “frog AND title:tree”, newest first" in await client.ask("search frog title:tree")
    assert "for “frog AND type:poster”, most viewed first" in await client.ask(
        "search frog type:poster sort:views"
    )


@pytest.mark.parametrize(
    ("words", "heading", "title"),
    [
        ("search collections frog", "1 collection for “frog”", "Everything about frogs"),
        ("search projects frogs", "1 project for “frogs”", "Listening to frogs"),
        (
            "search items frog thames",
            "1 item for “frog AND thames”",
            "Frog counts along the Thames, 2012 to 2018",
        ),
    ],
)
async def test_first_word_chooses_what_is_searched(client, words, heading, title):
    assert (await client.ask(words)).startswith(heading)
    assert titles(await client.reply(words)) == [title]


async def test_quoted_first_word_is_searched_for(client):
    assert "Asked as" not in await client.ask('search "projects" frogs')
    assert (await client.ask('search "collections"')).startswith("No items for")


async def test_unsupported_order_is_named(client):
    text = await client.ask("search collections frog sort:downloads")
    assert "doesn't sort collections by downloads" in text
    assert text.startswith("1 collection for “frog”, ")


async def test_refused_order_falls_back_to_the_date(client):
    client.goes_wrong(
        "/v2/articles/search",
        status=400,
        body=b'{"message": "Invalid value received for order"}',
        headers={"content-type": "application/json"},
    )
    text = await client.ask("search frog sort:cites")
    assert "Figshare can't sort by cites here, so these are sorted by date." in text
    assert text.startswith("Results 1–5 for “frog”, newest first")


async def test_no_results_say_what_may_find_more(client):
    reply = await client.reply("search zzzzzz")
    text = await client.ask("search zzzzzz")
    assert text.startswith("No items for “zzzzzz”") and "title:" in text
    assert reply.outcome == "ok" and reply.buttons[0].words == "help search"


async def test_search_takes_one_request_and_none_when_repeated(client):
    await client.ask("search title:frog")
    await client.ask("search title:frog")
    assert client.requests == [("POST", "/v2/articles/search")]


async def test_ours_without_settings_says_what_to_set(client):
    assert "FIGSHARE_INSTITUTION or FIGSHARE_GROUP" in await client.ask("search ours battery")


@pytest.mark.parametrize("ours", [{"figshare_institution": 2}, {"figshare_group": 20442}])
async def test_ours_searches_the_portal_only(ours):
    async with open_bot_client(**ours) as client:
        reply = await client.reply("search ours battery")
        assert titles(reply) == [
            "Data management plan for the battery hall",
            "Thermal imaging of battery cells under load",
        ]
        assert "in our repository" in await client.ask("search ours battery")
        assert titles(await client.reply("search ours collections")) == ["Energy at Loughborough"]


@pytest.mark.parametrize(
    "words", ["battery ours", "battery in our repository", "our battery", "battery in ours limit:9"]
)
async def test_ours_is_understood_where_people_put_it(words):
    async with open_bot_client(figshare_institution=2) as client:
        assert titles(await client.reply(f"search {words}")) == titles(
            await client.reply("search ours battery")
        )


async def test_no_results_say_where_was_searched():
    async with open_bot_client(figshare_institution=2) as client:
        text = await client.ask("search ours tag:zzz")
        assert text.startswith("No items for “tag:zzz” in our repository")
        text = await client.ask("search zzz yyy in our repository")
        assert text.startswith("No items for “zzz AND yyy” in our repository")
        text = await client.ask("search collections zzz")
        assert text.startswith("No collections for “zzz”\n")


async def test_ours_last_without_settings_says_what_to_set(client):
    assert "FIGSHARE_INSTITUTION or FIGSHARE_GROUP" in await client.ask("search battery ours")


@pytest.mark.parametrize(
    "words", ["since:2024", "until:2025", "sort:published asc", ":published_after: 2024-01-01", "-since:2025"]
)
async def test_search_by_date_says_which_date(client, words):
    assert "By the date of the newest version" in await client.ask(f"search frog {words}")
    assert "newest version" not in await client.ask("search frog")
    assert "newest version" not in await client.ask("search collections frog since:2010")


async def test_name_after_by_is_offered_as_an_author(client):
    for words in ("search by Ossler", "search portals by Ossler"):
        [button, *_] = (await client.reply(words)).buttons
        assert button.words == words.replace("by Ossler", "author:Ossler")
        assert (await client.reply(button.words)).outcome == "ok"
    [button, *_] = (await client.reply("search frog by Jane Doe")).buttons
    assert button.words == 'search frog author:"Jane Doe"'
    assert not [one for one in (await client.reply("search frog by night")).buttons if "author" in one.words]


async def test_plain_search_since_a_year_goes_by_the_date(client):
    text = await client.ask("find frog since 2025")
    assert text.startswith("Results 1–2 for “frog AND since:2025-01-01”")


async def test_page_that_isnt_there_is_named(client):
    reply = await client.reply("search frog page:99 limit:10")
    text = await client.ask("search frog page:99 limit:10")
    assert text.startswith("There is no page 99; the items for “frog” end before it.")
    assert [button.words for button in reply.buttons] == ["search frog limit:10"]
    assert titles(await client.reply("search frog limit:10"))


async def test_results_of_ours_are_counted():
    async with open_bot_client(figshare_institution=2) as client:
        reply = await client.reply("search ours battery limit:1")
        assert "Item 1 of 2 for “battery” in our repository" in str(reply.title)
        first, second = [await client.reply("search ours limit:3", page) for page in (1, 2)]
        assert reply.has_next_page and first.has_next_page and not second.has_next_page
        assert "Results 1–3 of 6 for" in str(first.title) and "Results 4–6 of 6 for" in str(second.title)
        assert "total" not in str((*first.footnotes, *second.footnotes))
    async with open_bot_client() as client:
        assert "Results 1–2 of 4 for" in str((await client.reply("search group:20442 limit:2")).title)
        assert " of " not in str((await client.reply("search frog limit:2")).title)


async def test_results_that_cant_be_counted_have_no_total():
    async with open_bot_client(figshare_institution=2) as client:
        client.goes_wrong("/v2/articles/search", delay=0.001, times=1)
        client.goes_wrong("/v2/articles/search", status=500, times=None)
        text = await client.ask("search ours limit:3")
        assert text.startswith("Results 1–3 for") and "doesn't report a total" in text


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("search", "What should I search for?"),
        ("search titel:frog", "I don't know that field"),
        ('search titel:"poison frog"', "I don't know that field"),
        ("search type:datset frog", "Figshare doesn't have that type"),
        ("search frog since:2025-13", "there is no such month"),
        ("search frog since:soon", "that isn't a day, month or year"),
        ("search frog page:0", "pages are numbered from 1"),
        ("search frog limit:1000", "a page has 1 to 100 results"),
        ("search frog sort:colour", "I can sort by published, modified, views"),
        ("search title:", "what should it contain?"),
        ("search collections type:dataset frog", "collections have no type"),
    ],
)
async def test_wrong_field_is_named_with_a_working_example(client, words, why):
    reply = await client.reply(words)
    assert reply.outcome == "wrong"
    text = await client.ask(words)
    assert why in text and "?." not in text
    answer = await client.reply(reply.buttons[0].words)
    assert answer.outcome == "ok"
    if words.startswith("search titel"):
        assert len(titles(answer)) > 0


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("search Page: a novel", ['search "Page" a novel', "search page:2 novel"]),
        ("search frog sort: relevance", ["search frog sort:views", 'search frog "sort" relevance']),
        ("search frog since:01/02/2024", ["search frog since:2024-02-01", "search frog since:2024-01-02"]),
        ("search frog until:31 Apr 2025 -toad", ["search frog until:2025-04-30 -toad"]),
        ("search collections frog type:dataset", ["search frog type:dataset"]),
        ("search frog type:dataset type:poster", ["search frog type:dataset OR type:poster"]),
        ("search frog type:datset", ["search frog type:dataset"]),
        ("search frog type:video", ["search frog type:media"]),
        ("search frog type:article", ['search frog type:"journal contribution"']),
        ("search frog since 2024", ["search frog since:2024", 'search frog "since 2024"']),
        (
            "search frog until June 2024 tree",
            ["search frog until:2024-06-30 tree", 'search frog "until June 2024" tree'],
        ),
        ("search frog type:beauty", ["search frog type:dataset", 'search frog "type" beauty']),
        ("search frog limit:101", ["search frog limit:10", 'search frog "limit" 101']),
    ],
)
async def test_offered_searches_keep_the_other_words_and_run(client, words, offered):
    reply = await client.reply(words)
    assert reply.outcome == "wrong" and [button.words for button in reply.buttons] == offered
    assert all([(await client.reply(example)).outcome == "ok" for example in offered])


async def test_word_with_a_minus_is_left_out(client):
    assert "frog AND NOT title:api" in await client.ask("search frog -title:api")
    both, one = await client.reply("search api"), await client.reply("search api -portal")
    assert len(titles(one)) <= len(titles(both))
