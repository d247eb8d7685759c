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

from bot.commands import CommandRegistry, Interaction
from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.language.tokens import normalize, received
from bot.playground import open_playground
from bot.reply import Choice
from handlers import MODULES
from tests.support.bot_client import settings_for
from tests.support.slack_client import SlackClient
from tests.support.text_inputs import DOORS, TYPED

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


def bots(slack_client: SlackClient) -> list[Any]:
    return [each for each in slack_client.slack.history.messages if each.from_bot]


async def settled(slack_client: SlackClient) -> None:
    """Wait until nothing has come for a moment."""
    seen = -1
    while seen != len(slack_client.slack.log):
        seen = len(slack_client.slack.log)
        await asyncio.sleep(0.015)


@pytest.mark.parametrize(
    "unit", [",", "\u200d", "<a://", "<mailto:", "<@U0FIGSHARE|", "1 ", ")", "a:b ", "/s/"]
)
async def test_a_very_long_text_keeps_nobody_waiting(slack_client, unit):
    text = (unit * LONGEST_MESSAGE)[:LONGEST_MESSAGE]
    longest = []
    # Writing 40,000 characters as a form takes the loop too, so a busy machine has two more tries.
    while len(longest) < 3 and min(longest, default=PATIENCE) >= PATIENCE:
        async with watched() as waits:
            for door in DOORS.values():
                await door(slack_client, text)
            await settled(slack_client)
        longest.append(max(waits))
    assert min(longest) < PATIENCE


@pytest.mark.parametrize("name", TYPED)
async def test_a_very_long_question_is_told_how_long_one_may_be(slack_client, name):
    for words in ("views " + "1 " * 20_000, "\u200b" * 40_000, "subscribe " + "1 " * 20_000):
        before = len(bots(slack_client))
        await TYPED[name](slack_client, words)
        await slack_client.slack.until(lambda before=before: len(bots(slack_client)) > before)
        longest = "8,000" if words.startswith("s") else "1,500"
        said = f"A question may have {longest} characters; this one has more than 8,000."
        assert said in bots(slack_client)[-1].text


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
        self._office, self._figshare, self._database = slack_client, figshare, database

    def clear(self) -> None:
        """Forget what an earlier test made the bot send."""
        self._office.slack.log.clear()
        self._office.slack.history.messages.clear()
        self._figshare.clear()
        self._database.clear()

    def recorded(self, caplog: Any) -> dict[str, str]:
        """Return what was sent, by where it went."""
        slack = self._office.slack
        said = [each.answer if each.to == "bot" else (each.raw, each.payload) for each in slack.log]
        records = [(vars(each), each.getMessage()) for each in caplog.records]
        return {
            "Slack": json.dumps(said, default=str, ensure_ascii=False),
            "messages": str([(each.text, each.blocks) for each in bots(self._office)]),
            "Figshare": str(self._figshare),
            "database": str(self._database),
            "log": str([each for each in records if str(each[0]["name"]).startswith("bot")]),
        }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recording() -> AsyncIterator[tuple[SlackClient, Recorder]]:
    """Open one bot for all the tests that read what it sent."""
    catalogue, asked, stored = figshare_emulator(now=lambda: datetime.now(UTC)), list[str](), list[str]()

    async def overheard(scope: Any, receive: Any, send: Any) -> None:
        async def hear() -> Any:
            message = await receive()
            asked.append(message.get("body", b"").decode())
            return message

        asked.append(str((scope.get("path"), scope.get("query_string"), scope.get("headers"))))
        await catalogue(scope, hear, send)

    def executed(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        stored.append(f"{statement} {parameters}")

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", executed)
    try:
        async with (
            serve(overheard) as base,
            open_playground(CommandRegistry(MODULES), settings_for(base)) as (page, slack),
        ):
            slack_client = SlackClient(slack, catalogue, page, base)
            yield slack_client, Recorder(slack_client, asked, stored)
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", executed)


@pytest.fixture
def recorder(recording, caplog) -> tuple[SlackClient, Recorder]:
    caplog.set_level(logging.DEBUG)
    recording[1].clear()
    return recording


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", DOORS)
async def test_no_hash_of_a_private_link_goes_anywhere(recorder, caplog, name):
    slack_client, sent = recorder
    around = ("{}", "views {}", "search {}", "subscribe search {}") if name in TYPED else ("{}",)
    for some in around:
        for link in LINKS:
            await DOORS[name](slack_client, some.format(link))
    await settled(slack_client)
    for where, said in sent.recorded(caplog).items():
        found = {LINKS[int(each[len(KEY) : len(KEY) + 2] or "0", 16)] for each in KEYS.findall(said)}
        assert not found, (where, found)


@pytest.mark.parametrize("link", LINKS[:16])
async def test_bare_private_link_is_recognised(slack_client, link):
    seen = await slack_client.slack.command("/figshare", link)
    assert "That is a private link, so there is nothing to show." in seen.text


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
def test_what_only_looks_like_a_private_link_stays(words):
    assert normalize(words) == received(words) == words


@given(st.lists(st.sampled_from([*LINKS, "a", ",", '"', "%", "%25", "/", "s/", " ", "\\", "_"])).map("".join))
def test_whatever_stands_around_a_link_its_hash_is_gone(text):
    for read in (normalize, received):
        assert not KEYS.search(read(text))
        assert received(read(text)) == read(text)


NUMBERS = (
    "2147483648",
    "9223372036854775808",
    "1" + "0" * 30,
    "9" * 5_000,
    "²",
    "٣",
    "１",
    "-1",
    "1.5",
    "\u0661\u0662",
)
NUMBERED = (
    *("{}", "views {}", "item {}", "collection {}", "project {}", "stats author {}", "stats group {}"),
    *(
        "files {}",
        "versions {}",
        "cite {}",
        "5616445.v{}",
        "10.6084/m9.figshare.{}",
        "views 5616445 last {} days",
    ),
    *(
        "views 5616445 {}",
        "views 5616445 {}-01",
        "views 5616445 Q1 {}",
        "views 5616445 2020..{}",
        "top views {}",
    ),
    *("search frog page:{}", "search frog limit:{}", "search frog group:{}", "search frog since:{}"),
    *(
        "search frog project:{}",
        "search frog institution:{}",
        "search frog type:{}",
        "new {}",
        "new portal {}",
    ),
    *(
        "new since {}",
        "oai record {}",
        "draft delete {}",
        "unsubscribe {}",
        "pause {}",
        "resume {}",
        "send {}",
    ),
    *("subscribe {}", "subscribe 5616445 on {}", "subscribe 5616445 at {}", "subscribe 5616445 at {}:{}"),
    *('subscribe 5616445 cron "{} 9 * * *"', 'subscribe 5616445 cron "0 {} * * *"'),
    *('subscribe 5616445 cron "0 9 {} * *"', 'subscribe 5616445 cron "0 9 1-{} * *"'),
    *('subscribe 5616445 cron "0 9 */{} * *"', 'subscribe 5616445 cron "0 9 * * 1#{}"'),
)
CARRYING = (
    *("draft.card", "draft.edit", "draft.delete", "draft.reserve", "draft.link", "draft.save"),
    *("digest.change", "digest.stop", "digest.pause", "digest.resume", "digest.send", "digest.adopt"),
    *("digest.save", "digest.create", "digest.form", "digest.weekly"),
)


def broken(caplog: Any) -> list[str]:
    return [str(each.exc_info and each.exc_info[1]) for each in caplog.records if each.levelname == "ERROR"]


@pytest.mark.parametrize("words", NUMBERED)
async def test_a_number_of_any_size_is_answered_and_never_stored(drafts_client, caplog, words):
    stored = list[Any]()

    def executed(_: Any, __: Any, ___: str, parameters: Any, *____: Any) -> None:
        stored.extend(parameters if isinstance(parameters, list | tuple) else ())

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", executed)
    try:
        for number in NUMBERS:
            reply = await drafts_client.reply(words.replace("{}", number))
            assert reply.outcome != "failed", number[:40]
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", executed)
    assert broken(caplog) == []
    assert not [each for each in stored if isinstance(each, int) and abs(each) > 2**31 - 1]
    # a DOI is a text, whatever number it ends with
    assert not [
        asked
        for asked in drafts_client.requests
        if re.search("[0-9]{20}", asked[1]) and "doi=" not in asked[1]
    ]


@pytest.mark.parametrize("name", CARRYING)
async def test_a_number_that_a_button_carries_is_bounded_too(drafts_client, caplog, name):
    for number in (
        *NUMBERS,
        "",
        "frog",
        '{"id":1' + "0" * 30 + "}",
        '{"id":1e400}',
        '{"id":-1,"base":{}}',
        "[]",
        "\ud800",
    ):
        values = {"categories": (Choice("a", number),), "licence": (Choice("a", number),), "title": "Frogs"}
        act = Interaction(name, "U1", number, number, values, drafts_client.people, "C1")
        assert (await drafts_client.answers.run_action(act)).outcome != "failed", number[:40]
    assert broken(caplog) == []
    assert not [asked for asked in drafts_client.requests if re.search("[0-9]{20}", asked[1])]


async def test_numbers_chosen_in_a_form_are_bounded(drafts_client, caplog):
    for number in NUMBERS:
        chosen = (Choice("a", number),)
        values = {"title": f"Frogs {number[:20]}", "categories": chosen, "licence": chosen, "group": chosen}
        reply = await drafts_client.answers.run_action(
            Interaction("draft.create", "U1", "", f"V{number}", values, drafts_client.people, "C1")
        )
        assert reply.outcome != "failed", number[:40]
    assert broken(caplog) == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("odd", ["\x00", "\ud800", "\udfff", "\ud83d"])
@pytest.mark.parametrize("name", DOORS)
async def test_what_no_database_stores_is_taken_out(recorder, caplog, name, odd):
    if name == "slash" and odd != "\x00":
        pytest.skip("a form's field is UTF-8")
    slack_client, sent = recorder
    around = (
        ("subscribe search a{}b", "draft a{}b", "search a{}b")
        if name in TYPED
        else ("a{0}b", '{{"id": "{0}"}}')
    )
    for words in around:
        await DOORS[name](slack_client, words.format(odd))
    await settled(slack_client)
    recorded = sent.recorded(caplog)
    assert odd not in recorded["Figshare"] + recorded["database"]
    assert "\\x00" not in recorded["database"] and "\\ud" not in recorded["database"]
    assert broken(caplog) == []


@pytest.mark.parametrize("page", [-1, 0, 2**31, 2**63, 10**30])
@pytest.mark.parametrize(
    "words", ["search frog", "new", "oai sets", "drafts", "drafts log", "subscriptions", "help"]
)
async def test_a_page_of_any_number_is_answered(drafts_client, words, page):
    assert (await drafts_client.reply(words, page=page)).outcome != "failed"
    assert not [asked for asked in drafts_client.requests if re.search("[0-9]{10}", asked[1])]
