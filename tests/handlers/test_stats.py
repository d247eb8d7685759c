"""What a person reads who asks how often something was viewed, downloaded or shared."""

import asyncio

import pytest

from bot.reply import Table
from tests.conftest import world_of

LBORO = {
    "figshare_portal": "lboro",
    "figshare_institution": 2,
    "figshare_group": 20401,
    "figshare_stats_username": "lboro",
    "figshare_stats_password": "sample-lboro",
}


def rows(reply):
    return next(part for part in reply.parts if isinstance(part, Table)).rows


@pytest.mark.parametrize("counter", ["views", "downloads", "shares"])
async def test_a_counter_says_what_it_counts_and_since_when(world, counter):
    said = await world.ask(f"{counter} 5616445")
    assert said.startswith("Using APIs to customise repositories and engage audiences")
    assert f"{counter} · all time" in said
    assert "Raw Figshare counts, all versions together." in said
    assert "As of 23 Nov 2026, 12:00 UTC." in said


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("collection 4000001", "Everything about frogs"),
        ("10.6084/m9.figshare.c.4000001", "Everything about frogs"),
        ("project 113166", "Listening to frogs"),
        ("author 2041117", "author 2041117"),
        ("author 0000-0002-9100-0000", "Ada Thornbury"),
        ("https://figshare.com/authors/Ada_Thornbury/2041117", "author 2041117"),
        ("group 20442", "group 20442"),
    ],
)
async def test_everything_figshare_counts_can_be_asked_for(world, words, title):
    for counter in ("views", "downloads", "shares", "stats"):
        reply = await world.reply(f"{counter} {words}")
        assert reply.outcome == "ok"
        assert reply.title[0].text == title


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
async def test_the_answer_repeats_the_period_as_it_was_understood(world, period, written):
    line = (await world.ask(f"views 5616445 {period}")).splitlines()[1]
    assert line.split(" views · ", 1)[1] == written if "views · " in line else line.endswith(f"· {written}")


async def test_the_counts_are_those_of_the_period(world):
    assert "549 views · 1 Jan 2025" in await world.ask("views 5616445 2025")
    months = [int((await world.ask(f"views 5616445 2025-{n:02}")).splitlines()[1].split()[0]) for n in (1, 2)]
    assert f"{sum(months)} views" in await world.ask("views 5616445 2025-01..2025-02")


async def test_a_year_as_the_last_word_after_a_reference_is_a_year(world):
    said = await world.ask("views 5616445 2025")
    assert "1 Jan 2025 – 31 Dec 2025" in said
    reply = await world.reply("views 5616445 article 2025")
    assert rows(reply)[1] == ("–", "item 2025", "not on Figshare")
    reply = await world.reply("views 2024 2025")
    assert "item 2024" in await world.ask("views 2024 2025")


async def test_several_references_give_one_table(world):
    reply = await world.reply("views 5616445 11820345, collection 4000001 last year")
    assert [(row[0].text, row[1]) for row in rows(reply)] == [
        ("Using APIs to customise repositories and engage audiences", "5616445"),
        ("Frog counts along the Thames, 2012 to 2018", "11820345"),
        ("Everything about frogs", "collection 4000001"),
    ]
    assert all(isinstance(row[2], int) and row[2] > 0 for row in rows(reply))
    assert "Views, 1 Jan 2025 – 31 Dec 2025" in await world.ask("views 5616445 11820345 last year")


async def test_what_is_not_there_stands_in_the_table_as_that(world):
    reply = await world.reply("downloads 5616445 99999999 author 1234")
    assert [row[2] for row in rows(reply)][1:] == ["not on Figshare", "0, or unknown to Figshare"]
    assert reply.outcome == "ok"


async def test_the_same_thing_twice_is_one_row(world):
    assert len(rows(await world.reply("views 5616445 5616445 11820345"))) == 2


async def test_ten_references_are_the_most(world):
    ten = "9784012 11820345 12930417 14410233 16651209 18112046 21004518 24335170 26102288 5616445"
    assert len(rows(await world.reply(f"views {ten}"))) == 10
    reply = await world.reply(f"views {ten} 12345678")
    assert reply.outcome == "wrong"
    assert "11 references are too many for one question: at most 10" in await world.ask(
        f"views {ten} 12345678"
    )
    assert (await world.reply(reply.buttons[0].words)).outcome == "ok"


async def test_nobody_looked_is_a_fact_where_the_item_is_known(world):
    assert "0 views · all time" in await world.ask("views 7821100")
    assert "unknown" not in await world.ask("views 7821100")


@pytest.mark.parametrize("words", ["author 999999", "group 999999"])
async def test_a_zero_of_somebody_who_may_not_exist_says_so(world, words):
    assert "0 views, or unknown to Figshare" in await world.ask(f"views {words}")
    assert "or unknown to Figshare" in await world.ask(f"stats {words}")
    assert "0, or unknown to Figshare" in await world.ask(f"timeline {words}")
    assert "or unknown to Figshare" in await world.ask(f"countries {words}")


async def test_stats_gives_everything_in_one_answer(world):
    said = (await world.ask("stats 5616445")).splitlines()[1]
    for counter in ("views", "downloads", "shares", "3 citations"):
        assert counter in said
    said = (await world.ask("stats 5616445 Q1 2025")).splitlines()[1]
    assert "145 views · 46 downloads · 1 share · 1 Jan 2025 – 31 Mar 2025" in said


async def test_stats_of_several_says_that_it_takes_one(world):
    said = await world.ask("stats 5616445 11820345")
    assert "stats takes one reference" in said


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
async def test_figshare_is_asked_as_little_as_possible(world, words, requests):
    await world.ask(words)
    assert len(world.requests) == requests


async def test_the_number_is_asked_for_while_the_title_is(world):
    world.goes_wrong("/v2/articles/5616445", delay=0.4)
    world.goes_wrong("/stats/total", delay=0.4)
    async with asyncio.timeout(0.75):
        await world.ask("views 5616445")


async def test_the_buttons_keep_the_period(world):
    reply = await world.reply("views 5616445 last month")
    assert [button.words for button in reply.buttons] == ["stats 5616445 2026-10", "timeline 5616445 2026-10"]


async def test_ours_without_configuration_says_what_to_set(world):
    for words in ("stats ours", "views ours 2025", "timeline ours", "countries ours"):
        reply = await world.reply(words)
        assert reply.outcome == "wrong"
        assert "FIGSHARE_GROUP" in await world.ask(words)
    assert world.requests == []


async def test_ours_is_the_group_of_the_portal(caplog):
    async with world_of(**LBORO) as world:
        said = await world.ask("stats ours")
        assert said.startswith("group 20401 (lboro)\n17,639 views · ")
        assert "1 Jan 2025 – 31 Dec 2025" in await world.ask("views ours 2025")
        assert "1 Nov 2025 – 31 Oct 2026, by month" in await world.ask("timeline ours")
        assert "United Kingdom" in await world.ask("countries ours")
        assert all(path.startswith("/stats/lboro/") for _, path in world.requests)
        reply = await world.reply("views ours 5616445")
        assert [row[1] for row in rows(reply)] == ["group 20401", "5616445"]
        assert "sample-lboro" not in caplog.text


async def test_items_are_counted_outside_the_portal_too():
    async with world_of(**LBORO) as world:
        await world.ask("views 5616445")
        assert ("GET", "/stats/total/views/article/5616445") in world.requests


async def test_a_portal_without_its_password_says_what_to_set():
    async with world_of(**(LBORO | {"figshare_stats_password": ""})) as world:
        reply = await world.reply("views ours 2025")
        said = await world.ask("views ours 2025")
        assert "views unknown" in said and "FIGSHARE_STATS_PASSWORD" in said
        assert reply.outcome == "trouble" and "0 views" not in said


async def test_a_number_that_is_a_collection_keeps_the_question_in_the_offer(world):
    reply = await world.reply("views 4000001 2025")
    assert [button.words for button in reply.buttons] == ["views collection 4000001 2025"]
    assert "views · 1 Jan 2025 – 31 Dec 2025" in await world.ask(reply.buttons[0].words)


async def test_one_thing_named_twice_is_one_row(world):
    reply = await world.reply("views 5616445 10.6084/m9.figshare.5616445.v2")
    assert len(rows(reply)) == 1


async def test_a_zero_of_a_group_asked_at_a_portal_may_be_anothers():
    async with world_of(figshare_portal="lboro") as configured:
        assert "or not a group of lboro" in await configured.ask("group 29001")
