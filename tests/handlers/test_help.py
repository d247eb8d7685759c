"""What a person sees who asks for help, or types a word nobody knows."""

import pytest

from bot.commands import CommandRegistry
from bot.figshare.item_types import ITEM_TYPES
from handlers import MODULES

COMMANDS = CommandRegistry(MODULES).all


async def test_help_has_a_line_for_every_command_by_task(client):
    lines = (await client.ask("help")).splitlines()
    for command in COMMANDS:
        [line] = [line for line in lines if line.startswith(f"• {command.name} – ")]
        headings = [each for each in lines[: lines.index(line)] if not each.startswith("•")]
        assert headings[-1] == command.task
        assert len(line) < 120 and not line.endswith(".")
    assert (await client.ask("")).splitlines() == lines


async def test_help_leads_to_three_roles(client):
    reply = await client.reply("help")
    assert [button.words for button in reply.buttons] == [
        *("help librarian", "help researcher", "help administrator")
    ]
    for button in reply.buttons:
        assert await client.ask(button.words) == await client.ask(f"{button.words}s")


async def test_help_buttons_work(client):
    for button in (await client.reply("help")).buttons:
        assert (await client.reply(button.words)).outcome == "ok"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
async def test_help_of_a_command_has_working_examples(drafts_client, command):
    text = await drafts_client.ask(f"help {command.name}")
    assert command.usage in text and command.summary.replace("`", "") in text
    for parameter in command.parameters if command.name != "search" else ():
        lines = [line for line in text.splitlines() if line.startswith(("• <", "• ["))]
        [line] = [line for line in lines if f"{parameter.name}]" in line or f"{parameter.name}>" in line]
        for choice in parameter.name.rpartition(" ")[2].split("/") if "/" in parameter.name else ():
            assert choice in line.partition(" – ")[2], parameter.name
    assert command.summary.endswith(".")
    for example in command.examples:
        assert example in text
        assert (await drafts_client.reply(example)).outcome == "ok", example


async def test_help_of_a_family_lists_every_member(client):
    text = await client.ask("help oai")
    assert all(f"oai {name}" in text for name in ("identify", "sets", "formats", "record"))


async def test_help_of_counters_says_what_is_left_out(client):
    assert "Figshare leaves out double clicks" in await client.ask("help views")
    assert "one “Download all”" in await client.ask("help downloads")


async def test_help_search_says_its_usage_and_its_fields(client):
    text = await client.ask("help search")
    assert text.startswith("How to use search") and "• search title:frog – in the title" in text


async def test_help_ignores_slash_and_capitals(client):
    assert (await client.ask("help /Views")).startswith("How to use views")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("vews 5616445", "views 5616445"),
        ("dowloads 5616445", "downloads 5616445"),
        ("serch title:frog", "search title:frog"),
        ("timelin 5616445 2025", "timeline 5616445 2025"),
        ("sats 5616445", "stats 5616445"),
        ("hlep", "help"),
        ("statuss", "status"),
        ("cites 5616445 bibtex", "cite 5616445 bibtex"),
    ],
)
async def test_unknown_word_offers_the_nearest_command(client, typed, meant):
    reply = await client.reply(typed)
    assert reply.outcome == "wrong"
    text = await client.ask(typed)
    assert "I didn't understand “" in text and "Did you mean" in text and "help lists what I can do." in text
    assert [button.words for button in reply.buttons] == [meant]
    assert (await client.reply(meant)).outcome == "ok"


async def test_word_like_no_command_can_be_searched_for(client):
    reply = await client.reply("frobnicate the thing")
    assert [button.words for button in reply.buttons] == ["search frobnicate"]
    assert [button.words for button in (await client.reply("delete 1")).buttons] == ["help"]


async def test_help_of_an_unknown_word_offers_the_nearest_command(client):
    reply = await client.reply("help serch")
    text = await client.ask("help serch")
    assert "There is no command or topic “serch”." in text and "Did you mean help search?" in text
    assert reply.outcome == "wrong" and [button.words for button in reply.buttons] == ["help search"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(("period", "periods"), ("dates", "periods"), ("ours", "references"), ("Numbers", "numbers")),
        *(("fields", "search"), ("schedule", "digests"), ("librarians", "librarian")),
        *(("admin", "administrator"), ("me", ""), ("types", "search"), ("portal", "references")),
        *(("embargo", "item"), ("citation", "cite"), ("Topics?", "topics")),
    ],
)
async def test_help_knows_a_topic_by_other_words(client, typed, meant):
    assert await client.ask(f"help {typed}") == await client.ask(f"help {meant}")


@pytest.mark.parametrize(("typed", "meant"), [("perids", "periods"), ("libarian", "librarian")])
async def test_help_of_a_misspelt_topic_offers_it(client, typed, meant):
    [button] = (await client.reply(f"help {typed}")).buttons
    assert button.words == f"help {meant}"


async def test_help_of_a_word_like_no_command_lists_what_there_is(client):
    reply, text = await client.reply("help frog"), await client.ask("help frog")
    assert text.startswith("There is no command or topic “frog”.")
    assert len(text.splitlines()) < 6 and reply.outcome == "wrong"
    assert [button.words for button in reply.buttons] == ["help", "help topics"]


@pytest.mark.parametrize("name", ["topics", "topic"])
async def test_help_topics_lists_what_is_explained(client, name):
    reply, text = await client.reply(f"help {name}"), await client.ask(f"help {name}")
    assert text.startswith("What there is help on") and reply.outcome == "ok"
    for words in ("help references", "help search", "help administrator"):
        assert f"• {words} – " in text
    assert all([(await client.reply(button.words)).outcome == "ok" for button in reply.buttons])


async def test_help_new_says_what_a_year_and_no_period_mean(client):
    text = await client.ask("help new")
    assert "the last 30 days without it" in text and "new 2025 is new since 2025" in text
    [period] = [line for line in text.splitlines() if line.startswith("• [period]")]
    assert "2025," not in period.replace("since 2025,", "")


async def test_help_search_lists_the_types(client):
    text = await client.ask("help search")
    assert all(name in text for name in ITEM_TYPES.values())


async def test_help_explains_an_unknown_country(client):
    for words in ("help countries", "help numbers"):
        assert "“Unknown” is what Figshare counted without saying where from" in await client.ask(words)


@pytest.mark.parametrize(
    "words",
    [
        "views",
        "views frog",
        "views 5616445 frog",
        "views 5616445 2024-13",
        "views 5616445 last 30 frogs",
        "views 5616445 2030",
        "views 5616445 Q7 2025",
        "views 5616445 Q1",
        "views 5616445 since",
        "views 5616445 since frog",
        "views 5616445 2025-06..2025-01",
        "views last 30 5616445",
        "files 5616445 11820345",
        "timeline 5616445 by week",
        "countries frog 2025",
        "top 2030",
        "versions",
        "files frog",
        "collection frog",
        "project frog",
        "status frog",
    ],
)
async def test_wrong_argument_is_named_with_a_working_example(client, words):
    reply = await client.reply(words)
    assert reply.outcome == "wrong"
    shown = await client.ask(words)
    assert "This works: " in shown or "These work: " in shown
    assert (await client.reply(reply.buttons[0].words)).outcome == "ok", reply.buttons[0].words


async def test_typographic_characters_are_understood(client):
    plain = await client.ask("search title:frog AND tag:census")
    assert plain == await client.ask("search\u00a0title:frog \u200bAND tag:census")
    assert "5616445" in await client.ask("views <https://doi.org/10.6084/m9.figshare.5616445|10.6084/m9…>")
    assert "1 Jan 2024 – 30 Jun 2024" in await client.ask("views 5616445 2024‑01..2024‑06")
    assert "review & outlook" in await client.ask('search "review &amp; outlook"')
