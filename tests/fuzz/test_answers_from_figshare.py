"""Whether any answer that Figshare might send, however odd, ends in a message that Slack accepts.

FUZZ_ROUNDS=50000 mutates as many answers, FUZZ_SEED starts from another seed.
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
from bot.drafts.accounts import account_of_user
from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.emulators.slack.validation import view_problems
from bot.figshare.private import DraftFields
from bot.language.tokens import normalize
from bot.metrics import Metrics
from bot.render import blocks
from bot.reply import Reply
from bot.slack.private_metadata import MetadataSigner, PrivateMetadata, signed_view
from bot.slack.signing import Signer
from bot.storage.database import open_database
from handlers import MODULES
from tests.support.bot_client import MemberDirectory, library, settings_for
from tests.support.clock import NOON, TODAY, Clock
from tests.support.message_checks import assert_is_good, elements
from tests.support.mutated_answers import Answer, mutate
from tests.support.paths import SHARED

ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "5000"))
# Each part has a seed of its own, so that several processes share the rounds.
PARTS = 2
SEED = int(os.environ.get("FUZZ_SEED", "9"))
# Slack waits 3 s for an acknowledgement, and while one answer is computed all others wait.
MAX_SECONDS = 1.0
MAX_GROWTH = 60_000_000

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
ACTIONS = ["draft.card", "draft.edit", "draft.link", "draft.reserve", "draft.form", "draft.categories"]

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


def recorded_bodies(paths: Iterable[Path]) -> list[bytes]:
    """Return the bodies in recorded files, some of which hold the request as well."""
    answers = []
    for path in paths:
        body = path.read_bytes()
        document = json.loads(body) if path.suffix == ".json" else None
        inner = document.get("response", {}).get("body") if isinstance(document, dict) else None
        answers.append(json.dumps(inner).encode() if inner else body)
    return [body for body in answers if len(body) < 60_000]


def recorded() -> list[tuple[re.Pattern[str], list[bytes]]]:
    """Return what Figshare really sent, by URL; nothing where the recordings are missing."""
    folder = SHARED / "figshare" / "responses"
    by_url = [
        (re.compile(url), recorded_bodies(path for each in globs for path in sorted(folder.glob(each))))
        for url, globs in RECORDED
    ]
    return [(url, bodies) for url, bodies in by_url if bodies]


class MutatingProxy:
    """An application in front of the emulator that mutates its answers."""

    def __init__(self, app: ASGIApp, random: Random) -> None:
        self._app, self._random, self._recorded = app, random, recorded()
        self._answers: dict[str, Answer] = {}
        self.is_on, self.count, self.seconds, self.last = False, 0, 0.0, list[tuple[str, Answer]]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        target = scope["path"] + "?" + scope["query_string"].decode()
        key = f"{scope['method']} {target}" if "/account/" not in target else ""
        answer = self._answers.get(key) or await self._answer(scope, receive)
        if key:
            self._answers[key] = answer
        if self.is_on and self._random.random() < 0.95:
            began = time.process_time()
            answer = mutate(self._recorded_or(target, answer), self._random)
            self.seconds += time.process_time() - began
            self.count += 1
            self.last.append((f"{scope['method']} {target}", answer))
        has_body = answer.status >= 200 and answer.status not in (204, 304)
        headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
        if has_body:
            headers["content-length"] = str(len(answer.body))
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": answer.body if has_body else b""})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        headers = {name.decode().lower(): value.decode() for name, value in messages[0]["headers"]}
        return Answer(
            messages[0]["status"], headers, b"".join(each.get("body", b"") for each in messages[1:])
        )

    def _recorded_or(self, target: str, answer: Answer) -> Answer:
        path = target.removesuffix("?") if "/oai" in target else target.partition("?")[0]
        for url, bodies in self._recorded:
            if self._random.random() < 0.5 and url.fullmatch(path):
                return Answer(200, answer.headers, self._random.choice(bodies))
        return answer


class ErrorLog(logging.Handler):
    """Collects what is logged as an error, which only unexpected ones are."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(logging.Formatter().format(record))


@asynccontextmanager
async def mutating_figshare(random: Random) -> AsyncIterator[tuple[MutatingProxy, Bot, Bot]]:
    """Return the proxy, a bot for questions, and a slower one with a database for drafts."""
    proxy, clock = MutatingProxy(figshare_emulator(library(TODAY), now=lambda: NOON), random), Clock()
    async with open_database("sqlite://", clock) as store, serve(proxy) as base:
        settings = settings_for(
            base,
            draft_users=("U1",),
            figshare_requests_per_second=1e6,
            figshare_burst=10**6,
            figshare_timeout=20.0,
        )
        commands = CommandRegistry(MODULES)
        async with (
            open_bot(settings, commands, Metrics(), clock) as asking_bot,
            open_bot(settings, commands, Metrics(), clock, store) as writing_bot,
        ):
            yield proxy, asking_bot, writing_bot


def resident() -> int:
    gc.collect()
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


async def checked_reply(answers: Dispatcher, words: str, draft: int, random: Random) -> Reply:
    """Return the reply to a question or a button, after checking what Slack would get."""
    people = MemberDirectory()
    if words not in ACTIONS:
        reply = await answers.answer(
            Question(normalize(words), TODAY, random.choice((1, 1, 2)), "U1", people, "C1")
        )
    elif words == "draft.categories":
        await answers.find_options(words, "a", Interaction(words, "U1", directory=people))
        return Reply(("offered",))
    else:
        interaction = Interaction(words, "U1", value=str(draft), directory=people)
        reply = await answers.run_action(interaction)
        if reply.form is not None and reply.form.load is not None:
            reply = await answers.load_form(reply.form, interaction)
    if reply.form is not None and reply.form.load is None:
        definition = signed_view(reply.form, PrivateMetadata(), MetadataSigner(Signer(b"key"), "U1"))
        assert view_problems(definition) == []
        orjson.dumps(definition)
    payload = blocks.message_payload(reply, words, share=True)
    orjson.dumps(payload)
    assert_is_good(payload, independent=False)
    for element in elements(payload["blocks"]):
        assert "@" not in element.get("url", "").removeprefix("https://").partition("/")[0]
    return reply


@pytest.mark.parametrize(
    ("part", "rounds"),
    [
        (0, ROUNDS // 10),
        *(pytest.param(part, ROUNDS // PARTS, marks=pytest.mark.thorough) for part in range(PARTS)),
    ],
)
async def test_mutated_answers_of_figshare_always_give_a_reply(part, rounds):
    random, errors, slowest, warm = Random(SEED + part), ErrorLog(), (0.0, ""), 0
    logging.getLogger().addHandler(errors)
    try:
        async with mutating_figshare(random) as (proxy, asking_bot, writing_bot):
            account = await account_of_user(writing_bot, "U1", MemberDirectory())
            draft = await account.create(DraftFields(title="Frog calls", description="<p>Frogs</p>"))
            outcomes: dict[str, int] = {}
            while proxy.count < rounds:
                words = random.choice(ACTIONS if random.random() < 0.15 else QUESTIONS)
                # A stored answer would hide the next one, and a pause would only take time.
                bot = writing_bot if words in ACTIONS else asking_bot
                bot.cache._entries.clear()
                bot.transport._limiter._paused_until.clear()
                proxy.last.clear()
                proxy.is_on, began = True, time.process_time() - proxy.seconds
                reply = await checked_reply(Dispatcher(bot), words, draft, random)
                proxy.is_on, seconds = False, time.process_time() - proxy.seconds - began
                slowest = max(slowest, (seconds, words))
                outcomes[reply.outcome] = outcomes.get(reply.outcome, 0) + 1
                context = (
                    words,
                    [(target, answer.status, answer.body[:2_000]) for target, answer in proxy.last],
                    errors.records,
                )
                assert reply.outcome != "failed" and not errors.records, context
                assert seconds < MAX_SECONDS, context
                warm = warm or (resident() if proxy.count > rounds // 3 else 0)
            grown = resident() - warm
    finally:
        logging.getLogger().removeHandler(errors)
    print(f"{rounds:,} answers: {outcomes}; slowest {slowest}; grown by {grown / 1e6:.1f} MB")
    assert set(outcomes) >= {"ok", "wrong", "trouble"}
    assert grown < MAX_GROWTH
