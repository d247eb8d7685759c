"""What a person gets who asks in their own words, and that all that is offered works."""

import asyncio
import re
import time
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.commands import CommandRegistry, Question
from bot.interpretation.vocabulary import vocabulary_of
from bot.language.tokens import normalize
from bot.render.plain_text import terminal_text
from bot.reply import Code, Reply, Text
from handlers import MODULES
from tests.interpretation.plain_question_table import TABLE, result
from tests.support.bot_client import BotClient, open_bot_client, open_drafts_client
from tests.support.clock import slowness
from tests.support.portals import LBORO

COMMANDS = CommandRegistry(MODULES)
WRITING = {"draft", "draft delete", "subscribe", "unsubscribe", "pause", "resume", "send", "stop", "change"}
WRITING |= {"watch", "previews on", "previews off", "previews"}


async def test_each_question_of_the_table_comes_to_what_it_must():
    assert len(TABLE) >= 150 and len({question for _, question, _ in TABLE}) == len(TABLE)
    async with open_drafts_client(**LBORO) as client:
        results = {question: result(await client.reply(question)) for _, question, _ in TABLE}
    wrong = [
        (question, expected, results[question])
        for _, question, expected in TABLE
        if results[question] != expected
        and not (expected.startswith("!") and results[question].startswith(expected))
    ]
    assert wrong == []


@pytest.mark.parametrize("of_role", ["librarian", "researcher", "administrator"])
def test_the_table_has_questions_of_each_role(of_role):
    assert sum(role == of_role for role, _, _ in TABLE) >= 40


def test_no_command_that_writes_is_guessed():
    for command in COMMANDS.all:
        assert not (command.is_guessable and (command.role or command.name in WRITING)), command.name


async def test_an_understood_question_says_how_it_was_understood(client):
    reply = await client.reply("how many views did 5616445 get in 2025?")
    assert reply.footnotes[0][:2] == ("Understood as: ", Code("views 5616445 2025"))
    assert (await client.reply("views 5616445 2025")).parts == reply.parts
    assert "Understood as: item 5616445, without “frobnicate”" in await client.ask("5616445 frobnicate")


async def test_a_command_is_not_said_to_be_understood(client):
    assert "Understood as" not in await client.ask("views 5616445 2025")
    assert "Understood as" not in await client.ask("5616445")


async def test_without_ours_nothing_of_ours_is_offered(client):
    reply = await client.reply("downloads last month")
    assert [button.words for button in reply.buttons] == ["top downloads last month"]
    assert "FIGSHARE_GROUP" in await client.ask("our downloads last month")


async def test_what_a_person_typed_can_not_ping_or_link(client):
    message = await client.message("find <!channel> and <https://evil.example|figshare.com>")
    context = [block for block in message["blocks"] if block["type"] == "context"]
    for mrkdwn in (message["text"], str(context)):
        assert "Understood as" in str(context)
        assert "<!channel>" not in mrkdwn and "<https://evil.example|" not in mrkdwn


async def test_plain_question_depends_on_the_askers_day(client):
    assert client.dispatcher.needs_today("how many downloads did 5616445 get yesterday")
    assert client.dispatcher.needs_today("collection 4000001 views yesterday")
    reply = await client.reply("views of 5616445 yesterday", today=date(2026, 2, 2))
    assert "1 Feb 2026" in terminal_text(reply)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("views 5616445 since frog times", ["views 5616445 last month"]),
        ("citations 5616445", ["stats 5616445", "cite 5616445"]),
        ("delete 1", ["help"]),
        ("subscribe frog", ["subscribe search frog"]),
        ("stats 9784012 frog", ["stats 9784012"]),
        ("countries last year", ["countries 5616445 last year"]),
        (
            "timeline 11820345 by week 2025",
            [f"timeline 11820345 by {step} 2025" for step in ("month", "year", "day")],
        ),
    ],
)
async def test_an_offer_keeps_what_was_understood(drafts_client, words, offered):
    reply = await drafts_client.reply(words)
    assert [button.words for button in reply.buttons] == offered
    left = {"timeline 11820345 by week 2025": "not by week", "stats 9784012 frog": "without “frog”"}
    assert left.get(words, "") in terminal_text(reply)


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("views ours last monht", "I didn't understand “monht”."),
        ("views ours next month", "next month: that is in the future."),
        ("views ours except 2024", "except 2024: I can't leave out a period."),
        ("cite 5616445 in MLA", "I can't cite in MLA. I have APA, BibTeX, RIS, CSL-JSON and DataCite."),
        ("cite this", "I don't know which item you mean."),
        ("never", "I didn't understand “never”."),
        ("publish 5616445", "Nothing can be published or changed from here; drafts lists your drafts."),
    ],
)
async def test_title_names_what_was_not_understood(drafts_client, words, title):
    assert terminal_text(await drafts_client.reply(words)).splitlines()[0] == title


def offered_words(reply: Reply) -> Iterator[str]:
    """Yield the words of every button, example and "Did you mean" of a reply."""
    yield from (button.words for button in reply.buttons if button.words)
    for part in reply.parts:
        if isinstance(part, Text) and re.match("This works|Or|Did you mean|I can search", str(part.line[0])):
            yield from (span.text for span in part.line if isinstance(span, Code))


VOCABULARY = vocabulary_of(COMMANDS)
OTHER_PIECES = (
    *("5616445", "11820345.v1", "1", "2024", "2030", "10", "1,2", "author 97471", "collection 4000001"),
    *("10.6084/m9.figshare.5616445", "https://figshare.com/articles/presentation/x/5616445", "group 7"),
    *("ours", "my", "last month", "since", "2024-13", "yesterday", "Q1 2025", "2024..2025", "last 30 frogs"),
    *("frog", "title:frog", "titel:frog", "type:frog", "sort:", "page:0", "daily", "on monday", "at 25"),
    *("the", "of", "please", "how many", "who", "without", "?", ",", '"', "wekly", "delete", "all", "hi"),
)
PIECES = st.one_of(
    st.sampled_from(sorted({part for phrase in VOCABULARY.phrases for part in phrase.split(" ")})),
    st.sampled_from([command.name for command in COMMANDS.all]),
    st.sampled_from(OTHER_PIECES),
    st.text(alphabet="abeiopstuvw \"'`:,.-/?<>&é1", max_size=8),
)
QUESTIONS = st.lists(PIECES, max_size=7).map(" ".join)


@settings(max_examples=12, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(questions=st.lists(QUESTIONS, min_size=30, max_size=40))
def test_whatever_is_offered_works_and_writes_only_when_asked(questions):
    async def ask_all() -> None:
        async with open_drafts_client(**LBORO) as client:
            for question in questions:
                await assert_offers_work(client, normalize(question))

    asyncio.run(ask_all())


def is_unknown(reply: Reply) -> bool:
    """Return whether a question was understood, but is about something that isn't on Figshare."""
    text = terminal_text(reply)
    return "not on Figshare" in text or bool(
        re.match("There is no |I found no author|That's a private", text)
    )


async def assert_offers_work(client: BotClient, question: str) -> None:
    reply = await client.reply(question)
    assert reply.outcome != "failed", question
    if reply.outcome == "ok":
        return
    for words in offered_words(reply):
        resolved = client.bot.commands.resolve(words)
        assert resolved is not None, (question, words)
        command, arguments = resolved
        if not command.is_guessable:
            own = command.name.split(" ")[0]
            assert own[0] in {word[:1] for word in question.lower().split()}, (question, words)
            named = [part for part in re.findall("[0-9]{2,}", arguments) if not re.match("09|00", part)]
            assert all(part in question for part in named), (question, words)
            # Pressing it would write.
            continue
        if words != question:
            again = await client.reply(words)
            assert again.outcome != "wrong" or is_unknown(again), (question, words, terminal_text(again))


async def test_bot_without_ours_offers_only_what_works():
    async with open_bot_client() as client:
        for _, question, _ in TABLE:
            await assert_offers_work(client, normalize(question))


async def test_a_very_long_text_is_no_plain_question(client):
    asked = " ".join(f"{30_000_000 + number}" for number in range(40))
    assert "Understood as" in await client.ask(f"compare the views of {asked} please")
    assert "Understood as" not in await client.ask(f"please show views of 5616445 {'please ' * 80}")


async def test_a_cached_answer_can_be_had_in_plain_words(client):
    question = Question("views of 5616445", date(2026, 2, 2))
    await client.dispatcher.answer(question)
    reply = await client.dispatcher.answer_from_cache(question)
    assert reply is not None and "Understood as: views 5616445" in terminal_text(reply)


ITEM = "https://figshare.com/articles/dataset/İzmir/5616445"


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (f"views {ITEM} 2024, 2025", f"views {ITEM} 2024..2025"),
        ("stop 3 please", "stop 3"),
        ("resume all please", "resume all"),
        ("search frog since:1 Jan 2099", "search frog since:2024-06-01"),
        ("frogs since 1 March 2024", "search frogs since:1 March 2024"),
        ("frogs until June 2023", "search frogs until:June 2023"),
        ("difference between 5616445.v1 and 5616445.v2", "versions 5616445.v1"),
        ("difference between views and downloads of 5616445", "stats 5616445"),
    ],
)
async def test_offer_corrects_what_was_typed(drafts_client, words, offered):
    reply = await drafts_client.reply(words)
    assert reply.outcome == "wrong" and reply.buttons[0].words == offered
    assert "without" not in terminal_text(reply) or words.startswith("difference")


async def test_offer_says_that_it_leaves_ours_out(client):
    assert "This works: views 5616445, without “ours last month”" in await client.ask(
        "views ours last month frogs"
    )


@pytest.mark.parametrize("lead", ["", "views "])
@pytest.mark.parametrize("unit", ["1 ", "frog ", "views ", "last month ", "vews ", "5616445, ", "how many "])
async def test_no_question_keeps_the_others_waiting(client, lead, unit):
    for count in (60, 149, 20_000 // len(unit)):
        began = time.thread_time()
        await client.reply(lead + unit * count)
        assert time.thread_time() - began < 0.3 * slowness(), count
