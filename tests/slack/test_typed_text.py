"""Whatever people type, through whichever door, harms nobody and betrays nothing."""

import asyncio
import gc
import json
import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import CommandRegistry
from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.language.tokens import normalize, sanitize
from bot.playground.app import open_playground
from handlers import MODULES
from tests.support.bot_client import library, settings_for
from tests.support.clock import slowness
from tests.support.slack_client import SlackClient
from tests.support.text_inputs import INPUTS, TYPED

LONGEST_MESSAGE = 40_000
PATIENCE = 0.1


@asynccontextmanager
async def watched() -> AsyncIterator[list[float]]:
    """List how long, by the processor's clock, everybody had to wait for the loop."""
    waits = list[float]()

    async def tick() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0)
            waits.append(time.thread_time() - before)

    # the objects of all the tests before take a collection long
    gc.collect()
    gc.freeze()
    ticking = asyncio.ensure_future(tick())
    try:
        yield waits
    finally:
        ticking.cancel()
        gc.unfreeze()


def bot_messages(slack_client: SlackClient) -> list[Any]:
    return [each for each in slack_client.slack.history.messages if each.from_bot]


async def settled(slack_client: SlackClient) -> None:
    """Wait until nothing has come for a moment."""
    seen = -1
    while seen != len(slack_client.slack.log):
        seen = len(slack_client.slack.log)
        await asyncio.sleep(0.015)


@pytest.mark.parametrize(
    "unit",
    [
        *(",", "<a://", "/s/"),
        *(
            pytest.param(unit, marks=pytest.mark.thorough)
            for unit in ("\u200d", "<mailto:", "<@U0FIGSHARE|", "1 ", ")", "a:b ")
        ),
    ],
)
async def test_very_long_text_does_not_block_the_loop(slack_client, unit):
    text = (unit * LONGEST_MESSAGE)[:LONGEST_MESSAGE]
    longest = []
    # Writing 40,000 characters as a form takes the loop too, so a busy machine has two more tries.
    patience = PATIENCE * slowness()
    while len(longest) < 3 and min(longest, default=patience) >= patience:
        async with watched() as waits:
            for door in INPUTS.values():
                await door(slack_client, text)
            await settled(slack_client)
        longest.append(max(waits))
    assert min(longest) < patience


@pytest.mark.parametrize("name", TYPED)
async def test_very_long_question_is_answered_with_the_limit(slack_client, name):
    for words in ("views " + "1 " * 20_000, "\u200b" * 40_000, "subscribe " + "1 " * 20_000):
        before = len(bot_messages(slack_client))
        await TYPED[name](slack_client, words)
        await slack_client.slack.until(lambda before=before: len(bot_messages(slack_client)) > before)
        longest = {"s": "8,000", "v": "4,000"}.get(words[0], "1,500")
        sentence = f"A question can have up to {longest} characters; this one has more than 8,000."
        assert sentence in bot_messages(slack_client)[-1].text


# Each hash begins alike, and ends with the number of its form.
KEY, KEYS = "feedface0123456789", re.compile("feedface[0-9a-f_-]*", re.IGNORECASE)
FORMS = (
    "https://figshare.com/s/{}",
    "http://figshare.com/s/{}",
    "figshare.com/s/{}",
    "www.figshare.com/s/{}",
    "https://figsh.com/s/{}",
    "https://team.figshare.com/s/{}",
    "https://opal.latrobe.edu.au/s/{}",
    "opal.latrobe.edu.au/s/{}",
    "/s/{}",
    "HTTPS://FIGSHARE.COM/S/{}",
    "https://figshare.com/S/{}",
    "https://figshare.com:443/s/{}",
    "https://opal.latrobe.edu.au:8443/s/{}",
    "https://ann:secret@figshare.com/s/{}",
    "figshare.com:443/s/{}",
    "https://figshare.com./s/{}",
    "https://figshare.com//s//{}",
    r"https:\/\/figshare.com\/s\/{}",
    "https://figshare.com/s/{}/",
    "https://figshare.com/s/{}?file=1",
    "https://figshare.com/s/{}#top",
    "https://figshare.com/articles/dataset/x/5?private_link={}",
    "https://figshare.com/articles/dataset/x/5?file=1&private_link={}",
    "https://figshare.com/articles/dataset/x/5?file=1&amp;private_link={}",
    "https://figshare.com/articles/dataset/x/5?PRIVATE_LINK={}",
    "https://figshare.com/articles/dataset/x/5#private_link={}",
    "https://ndownloader.figshare.com/files/1?private_link={}",
    "https://example.org/x?private_link={}&a=b",
    "private_link={}",
    "?private_link={}",
    "https%3A%2F%2Ffigshare.com%2Fs%2F{}",
    "https%253A%252F%252Ffigshare.com%252Fs%252F{}",
    "https://figshare.com/%73/{}",
    "https://figshare.com%2fs%2f{}",
    "https://figshare.com/articles/x/5?private%5Flink={}",
    "https://figshare.com/articles/x/5?%70rivate_link%3D{}",
    "https://example.org/?to=https%3A%2F%2Ffigshare.com%2Fs%2F{}",
    "https://example.org/?to=https://figshare.com/s/{}",
    "`https://figshare.com/s/{}`",
    "```https://figshare.com/s/{}```",
    "*https://figshare.com/s/{}*",
    "_https://figshare.com/s/{}_",
    "~https://figshare.com/s/{}~",
    "a,https://figshare.com/s/{}",
    "see:https://figshare.com/s/{}",
    "see:figshare.com/s/{}",
    "[x](https://figshare.com/s/{})",
    "[https://figshare.com/s/{}]",
    "<https://figshare.com/s/{}|text>",
    "<https://figshare.com/s/{0}|figshare.com/s/{0}>",
    "<https://figshare.com/s/{}>",
    "<https://figshare.com/articles/5|https://figshare.com/s/{}>",
    "&lt;https://figshare.com/s/{}&gt;",
    "(https://figshare.com/s/{})",
    '"https://figshare.com/s/{}"',
    "'https://figshare.com/s/{}'",
    "“https://figshare.com/s/{}”",
    "https://figshare.com/s/{}.",
    "https://figshare.com/s/{},",
    "https://figshare.com/s/{}!",
    "https://figshare.com/s/{}…",
    "https://figshare.com/s/{0}https://figshare.com/s/{0}",
    "https://figshare.com/s/{0},https://figshare.com/s/{0}",
    "https://figshare.com/s/{0};https://figshare.com/s/{0}",
    "title:https://figshare.com/s/{}",
    'title:"https://figshare.com/s/{}"',
    'title:"see https://figshare.com/s/{} there"',
    "(title:https://figshare.com/s/{} OR x)",
    "fig\u200bshare.com/s/{}",
    "https://figshare.com/\u00ads/\u2060{}",
    "| https://figshare.com/s/{} |",
    "> https://figshare.com/s/{}",
    "•https://figshare.com/s/{}",
)
LINKS = [form.format(f"{KEY}{at:02x}") for at, form in enumerate(FORMS)]


class Recorder:
    """Everything that the bot sends to Slack, Figshare, its database and its log."""

    def __init__(self, slack_client: SlackClient, figshare: list[str], database: list[str]) -> None:
        self._slack_client, self._figshare, self._database = slack_client, figshare, database

    def clear(self) -> None:
        """Forget what an earlier test made the bot send."""
        self._slack_client.slack.log.clear()
        self._slack_client.slack.history.messages.clear()
        self._figshare.clear()
        self._database.clear()

    def recorded(self, caplog: Any) -> dict[str, str]:
        """Return what was sent, by where it went."""
        slack = self._slack_client.slack
        calls = [each.answer if each.to == "bot" else (each.raw, each.payload) for each in slack.log]
        records = [(vars(each), each.getMessage()) for each in caplog.records]
        return {
            "Slack": json.dumps(calls, default=str, ensure_ascii=False),
            "messages": str([(each.text, each.blocks) for each in bot_messages(self._slack_client)]),
            "Figshare": str(self._figshare),
            "database": str(self._database),
            "log": str([each for each in records if str(each[0]["name"]).startswith("bot")]),
        }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recording() -> AsyncIterator[tuple[SlackClient, Recorder]]:
    """Open one bot for all the tests that read what it sent."""
    catalogue, requests, statements = (
        figshare_emulator(library(datetime.now(UTC).date()), now=lambda: datetime.now(UTC)),
        list[str](),
        list[str](),
    )

    async def overheard(scope: Any, receive: Any, send: Any) -> None:
        async def hear() -> Any:
            message = await receive()
            requests.append(message.get("body", b"").decode())
            return message

        requests.append(str((scope.get("path"), scope.get("query_string"), scope.get("headers"))))
        await catalogue(scope, hear, send)

    def executed(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        statements.append(f"{statement} {parameters}")

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", executed)
    try:
        async with (
            serve(overheard) as base,
            open_playground(CommandRegistry(MODULES), settings_for(base)) as (page, slack),
        ):
            slack_client = SlackClient(slack, catalogue, page, base)
            yield slack_client, Recorder(slack_client, requests, statements)
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", executed)


@pytest.fixture
def recorder(recording, caplog) -> tuple[SlackClient, Recorder]:
    caplog.set_level(logging.DEBUG)
    recording[1].clear()
    return recording


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("each", ["some", pytest.param("all", marks=pytest.mark.thorough)])
@pytest.mark.parametrize("name", INPUTS)
async def test_hash_of_a_private_link_is_sent_nowhere(recorder, caplog, name, each):
    slack_client, sent = recorder
    around = ("{}", "views {}", "search {}", "subscribe search {}") if name in TYPED else ("{}",)
    for number, template in enumerate(around):
        # Every form of link by every way, or also with every command.
        for link in LINKS if each == "all" else LINKS[number :: len(around)]:
            await INPUTS[name](slack_client, template.format(link))
    await settled(slack_client)
    for place, text in sent.recorded(caplog).items():
        leaked = {LINKS[int(each[len(KEY) : len(KEY) + 2] or "0", 16)] for each in KEYS.findall(text)}
        assert not leaked, (place, leaked)


@pytest.mark.parametrize("link", LINKS[:16])
async def test_bare_private_link_is_recognised(slack_client, link):
    seen = await slack_client.slack.command("/figshare", link)
    assert "That's a private link, so I can't show anything." in seen.text


@pytest.mark.parametrize(
    "words",
    [
        "https://example.org/s/",
        "https://example.org/s/frogs",
        "a/s/b",
        "/s/",
        "10.1234/s/abc",
        "10.1234/s/0123456789abcdef",
        "https://doi.org/10.1234/s/0123456789abcdef",
        'title:"/s/"',
        "private_link",
        "private_link=",
        "50% off",
        "https://example.org/a%20b?x=%2Fs%2F",
        "https://figshare.com/articles/dataset/s/5616445",
        "https://figshare.com/s",
    ],
)
def test_text_resembling_a_private_link_stays(words):
    assert normalize(words) == sanitize(words) == words


@given(st.lists(st.sampled_from([*LINKS, "a", ",", '"', "%", "%25", "/", "s/", " ", "\\", "_"])).map("".join))
def test_hash_is_removed_whatever_stands_around_it(text):
    for read in (normalize, sanitize):
        assert not KEYS.search(read(text))
        assert sanitize(read(text)) == read(text)


def logged_errors(caplog: Any) -> list[str]:
    return [str(each.exc_info and each.exc_info[1]) for each in caplog.records if each.levelname == "ERROR"]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("odd", ["\x00", "\ud800", "\udfff", "\ud83d"])
@pytest.mark.parametrize("name", INPUTS)
async def test_character_no_database_stores_is_removed(recorder, caplog, name, odd):
    if name == "slash" and odd != "\x00":
        pytest.skip("a form's field is UTF-8")
    slack_client, sent = recorder
    around = (
        ("subscribe search a{}b", "draft a{}b", "search a{}b")
        if name in TYPED
        else ("a{0}b", '{{"id": "{0}"}}')
    )
    for words in around:
        await INPUTS[name](slack_client, words.format(odd))
    await settled(slack_client)
    recorded = sent.recorded(caplog)
    assert odd not in recorded["Figshare"] + recorded["database"]
    assert "\\x00" not in recorded["database"] and "\\ud" not in recorded["database"]
    assert logged_errors(caplog) == []
