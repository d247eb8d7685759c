"""What a person reads who asks how often something was viewed, downloaded or shared."""

import asyncio
import json
import re

import pytest

from bot.render.buttons import button_elements
from bot.render.plain_text import terminal_text
from bot.reply import NOT_ASKED, Table
from tests.support.bot_client import open_bot_client
from tests.support.portals import LBORO


def rows(reply):
    return next(part for part in reply.parts if isinstance(part, Table)).rows


@pytest.mark.parametrize("counter", ["views", "downloads", "shares"])
async def test_counter_names_its_meaning_and_start(client, counter):
    text = await client.ask(f"{counter} 5616445")
    assert text.startswith("Using APIs to customise repositories and engage audiences")
    assert f"{counter} · all time" in text
    assert "Raw Figshare counts, all versions together." in text
    assert "As of 23 Nov 2026, 12:00 UTC." in text


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("collection 4000001", "Everything about frogs"),
        ("10.6084/m9.figshare.c.4000001", "Everything about frogs"),
        ("project 113166", "Listening to frogs"),
        ("author 2041117", "author 2041117"),
        ("author 0000-0002-9100-0000", "Ada Thornbury (author 2041117)"),
        ("https://figshare.com/authors/Ada_Thornbury/2041117", "author 2041117"),
        ("group 20442", "group 20442"),
    ],
)
async def test_every_kind_of_subject_has_counts(client, words, title):
    for counter in ("views", "downloads", "shares", "stats"):
        reply = await client.reply(f"{counter} {words}")
        assert reply.outcome == "ok"
        assert reply.title[0].text == title


async def test_author_whom_a_record_named_has_a_name(client):
    await client.ask("item 5616445")
    for words in ("stats", "views", "downloads", "timeline", "countries"):
        reply = await client.reply(f"{words} author 2041117")
        assert reply.title[0].text == "Ada Thornbury (author 2041117)", words
        assert reply.outcome == "ok"
    comparison = await client.ask("views author 2041117 author 2041879")
    assert "Ada Thornbury (author 2041117)" in comparison and "author 2041879" in comparison


@pytest.mark.parametrize(
    ("period", "written"),
    [
        ("2025", "1 Jan 2025 – 31 Dec 2025"),
        ("2025-03", "1 Mar 2025 – 31 Mar 2025"),
        ("Q1 2025", "1 Jan 2025 – 31 Mar 2025"),
        ("yesterday", "22 Nov 2026"),
        ("this month", "1 Nov 2026 – 23 Nov 2026, so far"),
        ("last week", "16 Nov 2026 – 22 Nov 2026"),
        ("last month", "1 Oct 2026 – 31 Oct 2026"),
        ("last quarter", "1 Jul 2026 – 30 Sep 2026"),
        ("last year", "1 Jan 2025 – 31 Dec 2025"),
        ("last 30 days", "24 Oct 2026 – 22 Nov 2026"),
        ("since 2024-06-01", "1 Jun 2024 – 23 Nov 2026, so far"),
        ("2024-01-01..2024-06-30", "1 Jan 2024 – 30 Jun 2024"),
        ("2024-01..2024-06", "1 Jan 2024 – 30 Jun 2024"),
        ("2026", "1 Jan 2026 – 23 Nov 2026, so far"),
        ("all time", "all time"),
    ],
)
async def test_answer_repeats_the_understood_period(client, period, written):
    line = (await client.ask(f"views 5616445 {period}")).splitlines()[1]
    assert line.split(" views · ", 1)[1] == written if "views · " in line else line.endswith(f"· {written}")


async def test_counts_are_those_of_the_period(client):
    assert "549 views · 1 Jan 2025" in await client.ask("views 5616445 2025")
    months = [
        int((await client.ask(f"views 5616445 2025-{n:02}")).splitlines()[1].split()[0]) for n in (1, 2)
    ]
    assert f"{sum(months)} views" in await client.ask("views 5616445 2025-01..2025-02")


async def test_year_after_a_reference_is_a_period(client):
    text = await client.ask("views 5616445 2025")
    assert "1 Jan 2025 – 31 Dec 2025" in text
    reply = await client.reply("views 5616445 article 2025")
    assert rows(reply)[1] == ("–", "item 2025", "not on Figshare")
    reply = await client.reply("views 2024 2025")
    assert "item 2024" in await client.ask("views 2024 2025")


async def test_several_references_are_one_table(client):
    reply = await client.reply("views 5616445 11820345, collection 4000001 last year")
    assert [(row[0].text, row[1]) for row in rows(reply)] == [
        ("Using APIs to customise repositories and engage audiences", "5616445"),
        ("Frog counts along the Thames, 2012 to 2018", "11820345"),
        ("Everything about frogs", "collection 4000001"),
    ]
    assert all(isinstance(row[2], int) and row[2] > 0 for row in rows(reply))
    assert "Views, 1 Jan 2025 – 31 Dec 2025" in await client.ask("views 5616445 11820345 last year")


async def test_unknown_reference_says_so_in_its_row(client):
    reply = await client.reply("downloads 5616445 99999999 author 1234")
    assert [row[2] for row in rows(reply)][1:] == ["not on Figshare", "0, or unknown to Figshare"]
    assert reply.outcome == "ok"


async def test_repeated_reference_is_one_row(client):
    assert len(rows(await client.reply("views 5616445 5616445 11820345"))) == 2 + 1


TEN = "9784012 11820345 12930417 14410233 16651209 18112046 21004518 24335170 26102288 5616445"


@pytest.mark.parametrize("command", ["views", "downloads", "shares", "stats"])
async def test_of_more_than_ten_references_a_button_asks_the_rest(client, command):
    assert len(rows(await client.reply(f"{command} {TEN}"))) == 11
    words = f"{command} {TEN}, 12345678; 10.6084/m9.figshare.7821100 last month"
    reply = await client.reply(words)
    assert [row[1] for row in rows(reply)] == [*TEN.split(), NOT_ASKED]
    assert "These are the first 10 of 12 references." in await client.ask(words)
    [button, *_] = reply.buttons
    assert button.label == "The other 2"
    rest = await client.reply(button.words)
    assert [row[1] for row in rows(rest)][:2] == ["12345678", "7821100"]
    assert "1 Oct 2026 – 31 Oct 2026" in await client.ask(button.words)


async def test_buttons_lead_through_hundreds_of_references(client):
    asked = [f"author {30_000_000 + number}" for number in range(200)]
    words, seen, beyond = f"views {', '.join(asked)} 2025", list[str](), ""
    while words:
        reply = await client.reply(words)
        seen += re.findall("author [0-9]+", reply.subscribable)
        said = terminal_text(reply)
        if not beyond and "ask again from" in said:
            beyond = said.partition("ask again from ")[2].partition(" on.")[0]
        elements = button_elements(reply, words, share=True)
        assert all(len(element["value"]) <= 2_000 for element in elements)
        rest = [element["value"] for element in elements if element["text"]["text"].startswith("The ")]
        words = json.loads(rest[0])["words"] if rest else ""
        assert not words or words.endswith(" 2025")
    assert seen == asked[: asked.index(beyond)] and len(seen) > 100


async def test_too_many_references_are_told_the_limit(client):
    text = await client.ask("views " + "1 " * 600)
    assert "You can ask about up to 500 references at once." in text and client.requests == []


async def test_rest_of_the_references_never_holds_a_private_hash(client):
    reply = await client.reply(f"views {TEN} https://figshare.com/s/0123456789abcdef0123")
    assert "0123456789" not in reply.buttons[0].words
    assert rows(await client.reply(f"{reply.buttons[0].words} 5616445"))[0][1] == "a private link"


async def test_zero_of_a_known_item_has_no_caveat(client):
    assert "0 views · all time" in await client.ask("views 7821100")
    assert "unknown" not in await client.ask("views 7821100")


@pytest.mark.parametrize("words", ["author 999999", "group 999999"])
async def test_zero_of_an_unknown_subject_has_a_caveat(client, words):
    assert "No views · all time" in await client.ask(f"views {words}")
    for command in ("views", "stats", "timeline", "countries"):
        text = await client.ask(f"{command} {words}")
        assert "Figshare answers 0 for numbers it doesn't know, so please check 999999." in text
    assert "No counts · all time" in await client.ask(f"stats {words}")


async def test_stats_shows_every_counter(client):
    text = (await client.ask("stats 5616445")).splitlines()[1]
    for counter in ("views", "downloads", "shares", "3 citations"):
        assert counter in text
    text = (await client.ask("stats 5616445 Q1 2025")).splitlines()[1]
    assert "145 views · 46 downloads · 1 share · 1 Jan 2025 – 31 Mar 2025" in text


async def test_stats_of_several_items_are_a_table_with_a_total(client):
    reply = await client.reply("stats 5616445 11820345 Q1 2025")
    [first, second, total] = rows(reply)
    assert total == (
        "Total of 2 items",
        NOT_ASKED,
        *(a + b for a, b in zip(first[2:], second[2:], strict=True)),
    )
    assert first[2:] == (145, 46, 1)
    assert "Counts, 1 Jan 2025 – 31 Mar 2025" in await client.ask("stats 5616445 11820345 Q1 2025")
    assert "Citations" in await client.ask("stats 5616445 11820345")
    assert reply.subscribable == "5616445 11820345"


@pytest.mark.parametrize(
    "words",
    ["5616445 collection 4000001", "5616445 author 2041117", "5616445 99999999", "5616445 5616445.v2"],
)
async def test_counts_that_could_overlap_have_no_total(client, words):
    for command in ("views", "stats"):
        assert "Total" not in await client.ask(f"{command} {words}")


async def test_total_with_an_unknown_count_is_unknown(client):
    client.goes_wrong("/stats/timeline/total/downloads/article/11820345", status=500, times=9)
    reply = await client.reply("stats 5616445 11820345 2025")
    [_, second, total] = rows(reply)
    assert second[3] is None and total[3] is None and isinstance(total[2], int)
    assert reply.outcome == "ok" and "unknown" in await client.ask("stats 5616445 11820345 2025")


async def test_stats_of_a_group_say_how_many_items_it_has(client):
    assert "6 public items now" in await client.ask("stats group 20401 2025")
    assert "public item" not in await client.ask("views group 20401")
    assert "0 public items now" in await client.ask("stats group 999999")
    client.goes_wrong("/stats/count/articles", status=500, times=9)
    text = await client.ask("stats group 20442")
    assert "Number of public items: unknown" in text and " views" in text


@pytest.mark.parametrize(
    ("words", "requests"),
    [
        ("views 5616445", 2),
        ("views 5616445 2025", 2),
        ("stats 5616445", 2),
        ("stats 5616445 2025", 4),
        ("views author 2041117", 1),
        ("views 5616445 11820345 12345678", 6),
        ("downloads 5616445 since 2012-01-01", 2 + 2),
    ],
)
async def test_counts_take_as_few_requests_as_possible(client, words, requests):
    await client.ask(words)
    assert len(client.requests) == requests


async def test_count_and_title_are_fetched_together(client):
    client.goes_wrong("/v2/articles/5616445", delay=0.4)
    client.goes_wrong("/stats/total", delay=0.4)
    async with asyncio.timeout(0.75):
        await client.ask("views 5616445")


async def test_buttons_keep_the_period(client):
    reply = await client.reply("views 5616445 last month")
    assert [button.words for button in reply.buttons] == ["stats 5616445 2026-10", "timeline 5616445 2026-10"]


async def test_ours_without_configuration_says_what_to_set(client):
    for words in ("stats ours", "views ours 2025", "timeline ours", "countries ours"):
        reply = await client.reply(words)
        assert reply.outcome == "wrong"
        assert "FIGSHARE_GROUP" in await client.ask(words)
    assert client.requests == []


async def test_ours_is_the_group_of_the_portal(caplog):
    async with open_bot_client(**LBORO) as client:
        output = await client.ask("stats ours")
        assert output.startswith("lboro (group 20401)\n17,639 views · ")
        assert "1 Jan 2025 – 31 Dec 2025" in await client.ask("views ours 2025")
        assert "1 Nov 2025 – 31 Oct 2026, by month" in await client.ask("timeline ours")
        for words in ("stats ours", "timeline ours", "countries ours", "views group 20401"):
            assert (await client.reply(words)).subscribable == "ours"
        assert "United Kingdom" in await client.ask("countries ours")
        counted = [path for _, path in client.requests if path != "/stats/count/articles"]
        assert all(path.startswith("/stats/lboro/") for path in counted)
        reply = await client.reply("views ours 5616445")
        assert [row[1] for row in rows(reply)] == ["group 20401", "5616445"]
        assert "sample-lboro" not in caplog.text


async def test_items_are_counted_outside_the_portal():
    async with open_bot_client(**LBORO) as client:
        await client.ask("views 5616445")
        assert ("GET", "/stats/total/views/article/5616445") in client.requests


async def test_number_of_a_collection_offers_the_same_question(client):
    reply = await client.reply("views 4000001 2025")
    assert [button.words for button in reply.buttons] == ["views collection 4000001 2025"]
    assert "views · 1 Jan 2025 – 31 Dec 2025" in await client.ask(reply.buttons[0].words)


async def test_two_references_to_one_item_are_one_row(client):
    reply = await client.reply("views 5616445 10.6084/m9.figshare.5616445.v2")
    assert len(rows(reply)) == 1


async def test_zero_of_a_portal_group_has_a_caveat():
    async with open_bot_client(figshare_portal="lboro") as configured:
        assert "lboro answers 0 for groups it doesn't know, so please check 29001." in await configured.ask(
            "views group 29001"
        )
        assert "lboro answers 0 for groups it doesn't know, so please check 999." in await configured.ask(
            "group 999"
        )


async def test_zero_of_another_portals_group_contradicts_nothing():
    async with open_bot_client(figshare_portal="lboro") as configured:
        text = await configured.ask("group 29001")
        assert "No counts · all time" in text and " public items now" in text
        assert "lboro has no counts for this group, which may belong to another portal." in text
        assert "please check" not in text


async def test_zero_of_ours_has_no_caveat():
    async with open_bot_client(**LBORO) as configured:
        for words in ("stats ours 2001", "views ours 2001", "timeline ours 2001", "countries ours 2001"):
            text = await configured.ask(words)
            assert "doesn't know" not in text and "or not a group" not in text, text
        assert "0 views · 0 downloads · 0 shares" in await configured.ask("stats ours 2001")
        assert "or not" not in await configured.ask("stats ours 5616445 2001")


async def test_zero_beside_another_count_has_no_caveat(client):
    for words in ("stats group 20401 31 Jul 2025", "stats group 20401 5616445 31 Jul 2025"):
        text = await client.ask(words)
        assert re.search(r"\b0\b", text) and re.search(r"[1-9][0-9]* views|  [1-9]", text), text
        assert "unknown to Figshare" not in text


async def test_zero_of_a_group_with_items_has_no_caveat(client):
    text = await client.ask("stats group 20442 2001")
    assert "0 views · 0 downloads · 0 shares · " in text and " public items now" in text
    assert "doesn't know" not in text


async def test_year_of_the_institution_needs_its_beginning():
    async with open_bot_client() as client:
        reply = await client.reply("views 5616445 FY2025")
        assert reply.outcome == "wrong" and "FIGSHARE_YEAR_START isn't set" in "".join(map(str, reply.title))
    async with open_bot_client(figshare_year_start=(8, 1)) as client:
        for words in "FY2025", "in 2024/25", "academic year 2024/25":
            assert "1 Aug 2024 – 31 Jul 2025" in await client.ask(f"views 5616445 {words}")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("31 Apr 2025", ["views 5616445 30 Apr 2025"]),
        ("since 01/02/2024", ["views 5616445 since 1 Feb 2024", "views 5616445 since 2 Jan 2024"]),
        ("February 29, 2025", ["views 5616445 28 Feb 2025"]),
        ("since last summer", ["views 5616445 since 2026-06-01"]),
        ("in March 11820345", ["views 5616445 in March 2026 11820345"]),
        ("30 Jun 2024 - 1 Jan 2024", ["views 5616445 1 Jan 2024 to 30 Jun 2024"]),
    ],
)
async def test_offered_periods_keep_the_rest_of_the_question_and_run(client, words, offered):
    reply = await client.reply(f"views 5616445 {words}")
    assert reply.outcome == "wrong" and [button.words for button in reply.buttons] == offered
    assert all([(await client.reply(example)).outcome == "ok" for example in offered])


@pytest.mark.parametrize("command", ["stats 5616445", "views 5616445 group 20442", "timeline 5616445", "top"])
async def test_two_years_in_a_row_are_both_or_either(client, command):
    reply = await client.reply(f"{command} 2024 2025")
    offered = [f"{command} 2024..2025", f"{command} 2024", f"{command} 2025"]
    assert reply.outcome == "wrong" and [button.words for button in reply.buttons] == offered
    assert "2024 2025: which of these years, or all of them?" in await client.ask(f"{command} 2024 2025")
    assert client.requests == []


async def test_item_with_a_years_number_can_be_named_before_a_year(client):
    assert "item 2024" in await client.ask("views 5616445 item 2024 2025")


async def test_reference_too_long_for_a_button_is_named(client):
    long = "10.1234/" + "a" * 1_960
    reply = await client.reply(" ".join(["views", *map(str, range(5616445, 5616455)), long]))
    assert not any(button.label.startswith(("The next", "The other")) for button in reply.buttons)
    assert "These are the first 10 of 11 references. Ask again from 10.1234/a" in terminal_text(reply)
