"""Everything that `help` offers to type does what it says, and fits into a message."""

import re
from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.applications import Starlette

from bot.bot import open_bot
from bot.commands import CommandRegistry
from bot.dispatcher import Dispatcher
from bot.emulators.sample import sample_figshare
from bot.help.invitation import first_questions
from bot.help.roles import ROLES
from bot.help.topics import TOPICS
from bot.language import search_parser
from bot.language.parameters import ParseContext
from bot.language.tokens import normalize, tokenize
from bot.language.topics import parse_subscription
from bot.metrics import Metrics
from bot.render import blocks
from bot.reply import Code, Rows
from bot.settings import Settings
from bot.storage.database import open_database
from handlers import MODULES
from tests.support.bot_client import BotClient, MemberDirectory, open_bot_client, open_drafts_client
from tests.support.clock import TODAY, Clock
from tests.support.message_checks import assert_is_good
from tests.support.portals import LBORO

COMMANDS = CommandRegistry(MODULES)
TOPICS_BY_NAME = {topic.name: topic for topic in TOPICS}
PAGES = [
    *("help", "help nothing like it", *(f"help {topic.name}" for topic in TOPICS)),
    *(f"help {role.name}" for role in ROLES),
    *(f"help {command.name}" for command in COMMANDS.all),
]


@pytest.fixture
async def sample_client() -> AsyncIterator[BotClient]:
    """Yield a client of the catalogue that people try the bot with, in which `ours` is set up."""
    clock, metrics = Clock(), Metrics()
    async with (
        open_database("sqlite://", clock) as store,
        sample_figshare(Settings(draft_users=("U1",), figshare_year_start=(8, 1)), clock) as settings,
        open_bot(settings, COMMANDS, metrics, clock, store) as bot,
    ):
        dispatcher = Dispatcher(bot)
        yield BotClient(bot, dispatcher, Starlette(), clock, metrics, MemberDirectory(), store)


async def problem(client: BotClient, words: str) -> str:
    """Return what is wrong with a question; one that keeps something is read but not run."""
    question = normalize(words)
    resolved = client.bot.commands.resolve(question)
    if resolved is None:
        return f"{words}: no command"
    command, text = resolved
    if command.name == "subscribe":
        parse_subscription(text)
    elif "<N" in command.usage or command.role == "writes":
        command.parse(ParseContext(tokenize(text), client.bot.ours, TODAY), text)
    elif (reply := await client.reply(words)).outcome != "ok":
        return f"{words}: {reply.title}"
    return ""


@pytest.mark.parametrize("name", TOPICS_BY_NAME)
async def test_every_example_of_a_topic_works(sample_client, name):
    topic = TOPICS_BY_NAME[name]
    assert [found for words in topic.questions if (found := await problem(sample_client, words))] == []


# In words about what doesn't work, or parts of a part.
NOT_TO_TYPE = {"01/02/2024", "item 2025", "AND", "OR", "NOT", "desc", "https://doi.org/", "loughborough"}


def code_in(topic) -> Iterator[str]:
    meanings = [row.meaning for section in topic.sections for row in section.rows]
    for text in (topic.intro, *meanings, *topic.notes):
        yield from re.findall("`([^`]+)`", text)


@pytest.mark.parametrize("name", TOPICS_BY_NAME)
async def test_every_word_to_type_in_a_topic_is_read(sample_client, name):
    topic, problems = TOPICS_BY_NAME[name], []
    for words in {*code_in(topic)} - NOT_TO_TYPE - {command.name for command in COMMANDS.all}:
        if COMMANDS.by_name(words) is None:
            words = topic.frame.format(words)
        if found := await problem(sample_client, words):
            problems.append(found)
    assert problems == []


async def test_every_example_of_a_search_finds_something(sample_client):
    for words in TOPICS_BY_NAME["search"].questions:
        parts = (await sample_client.reply(words)).parts
        assert any(isinstance(part, Rows) and part.rows for part in parts), words


def test_help_search_has_every_field_with_an_example():
    questions = " ".join(TOPICS_BY_NAME["search"].questions)
    texts = questions + " ".join(code_in(TOPICS_BY_NAME["search"]))
    fields = {*search_parser._FIELDS, *search_parser._OPTIONS}
    assert [field for field in sorted(fields) if f"{field}:" not in texts] == []
    assert [f"sort:{order}" for order in search_parser.ORDERS if f"sort:{order}" not in texts] == []


@pytest.mark.parametrize("settings", [{}, LBORO, LBORO | {"figshare_stats_password": ""}])
@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
async def test_five_examples_of_a_role_work_with_what_is_set_up(role, settings):
    async with open_drafts_client(**settings) as client:
        reply = await client.reply(f"help {role.name}")
        questions = [row[0][0].text for row in reply.parts[0].rows]
        assert len(set(questions)) == 5
        assert [found for words in questions if (found := await problem(client, words))] == []
        for button in reply.buttons:
            assert (await client.reply(button.words)).outcome == "ok", button.words
            assert not button.words.startswith("subscribe")
        is_about_ours = any("ours" in words for words in questions)
        assert is_about_ours is bool(settings) or role.name != "librarian"


@pytest.mark.parametrize("settings", [{}, LBORO, LBORO | {"figshare_stats_password": ""}])
async def test_help_begins_with_three_examples_that_work(settings):
    async with open_drafts_client(**settings) as client:
        questions = first_questions(client.bot, "U2")
        assert len(set(questions)) == 3
        assert [found for words in questions if (found := await problem(client, words))] == []
        [invitation, *_] = (await client.reply("help", user="U2")).parts
        assert [span.text for span in invitation.line if isinstance(span, Code)] == [*questions]
        assert ("ours" in questions[0]) is bool(settings)


async def test_help_offers_a_draft_to_those_who_may():
    async with open_drafts_client() as client:
        assert "draft My data set" in await client.ask("help")
        assert (await client.reply("draft My data set")).outcome == "ok"
    async with open_bot_client() as client:
        assert "draft My data set" not in await client.ask("help")


@pytest.mark.parametrize("words", PAGES)
async def test_every_page_of_help_fits_into_a_message(client, words):
    reply = await client.reply(words)
    message = blocks.message_payload(reply, words, share=True)
    assert_is_good(message)
    assert "didn't fit" not in str(message)
    assert "cut here" not in message["text"]
