"""Whether any answer that Figshare might send, however spoilt, ends in a message that Slack takes.

FUZZ_ROUNDS=50000 spoils as many answers, FUZZ_SEED begins elsewhere.
"""

import gc
import json
import logging
import os
import re
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import orjson
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.bot import Bot, open_bot
from bot.commands import CommandRegistry, Interaction, Question
from bot.dispatcher import Dispatcher
from bot.drafts.accounts import account_for
from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.emulators.slack.validation import view_problems
from bot.figshare.private import Fields
from bot.language.tokens import normalize
from bot.metrics import Metrics
from bot.render import blocks
from bot.reply import Reply
from bot.slack.signing import Signer
from bot.slack.views import PrivateMetadata, Seal, view
from bot.storage.database import open_database as database
from handlers import MODULES
from tests.support.bot_client import MemberDirectory, library, settings_for
from tests.support.clock import NOON, TODAY, Clock
from tests.support.message_checks import assert_is_good, elements
from tests.support.paths import SHARED
from tests.support.spoilt_answers import Sent, spoil

ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "5000"))
# each with a seed of its own, so that several processes share the rounds
PARTS = 2
SEED = int(os.environ.get("FUZZ_SEED", "9"))
# A question to Slack's acknowledgement waits 3 s at most; others wait no longer than for one answer.
LONGEST = 1.0
MOST_GROWTH = 60_000_000

QUESTIONS = [
    *(
        "item 5616445",
        "item 5616445.v1",
        "files 5616445",
        "versions 5616445",
        "stats 5616445",
        "timeline 5616445",
    ),
    *(
        "timeline 5616445 2025 by day",
        "countries 5616445",
        "top",
        "top downloads authors",
        "search frog limit:50",
    ),
    *(
        "search collections frog",
        "search projects frog",
        "new",
        "new portal 2",
        "new portal london",
        "cite 5616445",
    ),
    *(
        "cite 5616445 apa",
        "cite 5616445 bibtex",
        "cite 5616445 ris",
        "cite 5616445 csl",
        "cite 5616445 datacite",
    ),
    *(
        "collection 4000001",
        "project 113166",
        "oai identify",
        "oai sets",
        "oai formats",
        "oai record 5616445",
    ),
    *(
        "oai record 5616445 oai_datacite",
        "resourcesync",
        "views 5616445, 9784012 2025",
        "10.6084/m9.figshare.5616445",
    ),
    *("views 0000-0002-1825-0097", "views author 1", "stats group 1", "status", "drafts", "item 5616445"),
]
DEEDS = ["draft.card", "draft.edit", "draft.link", "draft.reserve", "draft.form", "draft.categories"]

RECORDED = [
    (r"/v2/(account/)?articles/\d+(/versions/\d+)?", ("articles/*.json", "account_articles/*embargoed.json")),
    (
        r"/v2/.*articles(/search)?",
        ("articles_list/*.json", "articles_search/*.json", "account_articles/*page1.json"),
    ),
    (r"/v2/.*/files", ("article_parts/files*.json",)),
    (r"/v2/categories", ("categories/*.json",)),
    (r"/v2/(account/)?licenses", ("licenses/*.json",)),
    (r"/v2/projects/\d+", ("projects/[0-9]*.json",)),
    (r"/stats/timeline/.*", ("stats/*timeline*.json",)),
    (r"/stats/breakdown/.*", ("stats/*breakdown*.json",)),
    (r"/stats/top/.*", ("stats/*top*.json",)),
    (r"/stats/total/article/.*", ("stats/total*.json",)),
    (r"/v2/oai\?.*verb=Identify.*", ("oai/Identify*.xml",)),
    (r"/v2/oai\?.*verb=ListRecords.*", ("oai/ListRecords*.xml",)),
    (r"/v2/oai\?.*verb=ListSets.*", ("oai/ListSets*.xml",)),
    (r"/v2/oai\?.*verb=GetRecord.*", ("oai/GetRecord*.xml",)),
]


def bodies(paths: Iterable[Path]) -> list[bytes]:
    """Return the answers in recorded files, some of which hold more than the answer."""
    found = []
    for path in paths:
        body = path.read_bytes()
        document = json.loads(body) if path.suffix == ".json" else None
        inside = document.get("response", {}).get("body") if isinstance(document, dict) else None
        found.append(json.dumps(inside).encode() if inside else body)
    return [body for body in found if len(body) < 60_000]


def recorded() -> list[tuple[re.Pattern[str], list[bytes]]]:
    """Return what Figshare really sent, by address; nothing where it is not at hand."""
    folder = SHARED / "figshare" / "responses"
    read = [
        (re.compile(address), bodies(path for each in globs for path in sorted(folder.glob(each))))
        for address, globs in RECORDED
    ]
    return [(address, some) for address, some in read if some]


class Spoiler:
    """Stands before the sample catalogue and spoils what it answers."""

    def __init__(self, app: ASGIApp, random: Random) -> None:
        self._app, self._random, self._recorded = app, random, recorded()
        self._known: dict[str, Sent] = {}
        self.is_on, self.count, self.spent, self.last = False, 0, 0.0, list[tuple[str, Sent]]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        text = scope["path"] + "?" + scope["query_string"].decode()
        key = f"{scope['method']} {text}" if "/account/" not in text else ""
        sent = self._known.get(key) or await self._answer(scope, receive)
        if key:
            self._known[key] = sent
        if self.is_on and self._random.random() < 0.95:
            began = time.process_time()
            sent = spoil(self._instead(text, sent), self._random)
            self.spent += time.process_time() - began
            self.count += 1
            self.last.append((f"{scope['method']} {text}", sent))
        has_body = sent.status >= 200 and sent.status not in (204, 304)
        headers = {name: value for name, value in sent.headers.items() if name != "content-length"}
        if has_body:
            headers["content-length"] = str(len(sent.body))
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": sent.status, "headers": raw})
        await send({"type": "http.response.body", "body": sent.body if has_body else b""})

    async def _answer(self, scope: Scope, receive: Receive) -> Sent:
        told: list[Message] = []

        async def keep(message: Message) -> None:
            told.append(message)

        await self._app(scope, receive, keep)
        headers = {name.decode().lower(): value.decode() for name, value in told[0]["headers"]}
        return Sent(told[0]["status"], headers, b"".join(each.get("body", b"") for each in told[1:]))

    def _instead(self, asked: str, sent: Sent) -> Sent:
        path = asked.removesuffix("?") if "/oai" in asked else asked.partition("?")[0]
        for address, some in self._recorded:
            if self._random.random() < 0.5 and address.fullmatch(path):
                return Sent(200, sent.headers, self._random.choice(some))
        return sent


class Errors(logging.Handler):
    """Keeps what is logged as an error: only what nobody thought of is."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(logging.Formatter().format(record))


@asynccontextmanager
async def spoilt(random: Random) -> AsyncIterator[tuple[Spoiler, Bot, Bot]]:
    """Return what spoils, a bot that is asked, and one with a database, which writes and takes longer."""
    spoiler, clock = Spoiler(figshare_emulator(library(TODAY), now=lambda: NOON), random), Clock()
    async with database("sqlite://", clock) as store, serve(spoiler) as base:
        settings = settings_for(
            base,
            draft_users=("U1",),
            figshare_requests_per_second=1e6,
            figshare_burst=10**6,
            figshare_timeout=20.0,
        )
        commands = CommandRegistry(MODULES)
        async with (
            open_bot(settings, commands, Metrics(), clock) as asks,
            open_bot(settings, commands, Metrics(), clock, store) as writes,
        ):
            yield spoiler, asks, writes


def resident() -> int:
    gc.collect()
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


async def asked(answers: Dispatcher, words: str, draft: int, random: Random) -> Reply:
    """Ask a question or press a button, and check what Slack would get."""
    people = MemberDirectory()
    if words not in DEEDS:
        reply = await answers.answer(
            Question(normalize(words), TODAY, random.choice((1, 1, 2)), "U1", people, "C1")
        )
    elif words == "draft.categories":
        await answers.find_options(words, "a", Interaction(words, "U1", people=people))
        return Reply(("offered",))
    else:
        act = Interaction(words, "U1", value=str(draft), people=people)
        reply = await answers.run_action(act)
        if reply.form is not None and reply.form.load is not None:
            reply = await answers.load_form(reply.form, act)
    if reply.form is not None and reply.form.load is None:
        made = view(reply.form, PrivateMetadata(), Seal(Signer(b"key"), "U1"))
        assert view_problems(made) == []
        orjson.dumps(made)
    made = blocks.message(reply, words, share=True)
    orjson.dumps(made)
    assert_is_good(made, independent=False)
    for element in elements(made["blocks"]):
        assert "@" not in element.get("url", "").removeprefix("https://").partition("/")[0]
    return reply


@pytest.mark.parametrize("part", range(PARTS))
async def test_no_answer_of_figshare_is_too_odd_for_a_reply(part):
    random, errors, slowest, warm, rounds = Random(SEED + part), Errors(), (0.0, ""), 0, ROUNDS // PARTS
    logging.getLogger().addHandler(errors)
    try:
        async with spoilt(random) as (spoiler, asks, writes):
            account = await account_for(writes, "U1", MemberDirectory())
            draft = await account.create(Fields(title="Frog calls", description="<p>Frogs</p>"))
            outcomes: dict[str, int] = {}
            while spoiler.count < rounds:
                words = random.choice(DEEDS if random.random() < 0.15 else QUESTIONS)
                # What was stored would keep the next answer away, and a pause would only take time.
                bot = writes if words in DEEDS else asks
                bot.cache._entries.clear()
                bot.transport._limiter._paused_until.clear()
                spoiler.last.clear()
                spoiler.is_on, began = True, time.process_time() - spoiler.spent
                reply = await asked(Dispatcher(bot), words, draft, random)
                spoiler.is_on, took = False, time.process_time() - spoiler.spent - began
                slowest = max(slowest, (took, words))
                outcomes[reply.outcome] = outcomes.get(reply.outcome, 0) + 1
                why = (
                    words,
                    [(at, sent.status, sent.body[:2_000]) for at, sent in spoiler.last],
                    errors.records,
                )
                assert reply.outcome != "failed" and not errors.records, why
                assert took < LONGEST, why
                warm = warm or (resident() if spoiler.count > rounds // 3 else 0)
            grown = resident() - warm
    finally:
        logging.getLogger().removeHandler(errors)
    print(f"{rounds:,} answers: {outcomes}; slowest {slowest}; grown by {grown / 1e6:.1f} MB")
    assert set(outcomes) >= {"ok", "wrong", "trouble"}
    assert grown < MOST_GROWTH
