"""Whatever Slack signs is answered without an error of ours; FUZZ_ROUNDS=50000 for the long run."""

import asyncio
import json
import logging
import os
import random
import resource
import time
import traceback
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from starlette.types import ASGIApp, Message

from bot.commands import CommandRegistry
from bot.emulators.slack.delivery import signature
from bot.emulators.slack.interactions import fill_view
from bot.emulators.slack.people import JONAS, MAYA, RESEARCH
from bot.emulators.slack.validation import message_problems, view_problems
from handlers import MODULES
from tests.support.digest_clock import DigestClock, open_digest_clock
from tests.support.slack_payloads import Payload, Slack, mutated

ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "2000"))
SEED = int(os.environ.get("FUZZ_SEED", "9"))
# of so many one goes through a socket
SOCKET = 20
# one for what could not be done, one for what could not be said
LINES = 2
TITLE = "Using APIs to customise repositories and engage audiences"
# what Slack says of messages and views that are not well made
REFUSALS = ("invalid_blocks", "invalid_arguments", "msg_too_long", "msg_blocks_too_long", "no_text")


class Lines(logging.Handler):
    """What was logged for a payload."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def logged() -> Iterator[Lines]:
    lines, root, bot = Lines(), logging.getLogger(), logging.getLogger("bot")
    # alone: a thousand captured lines would hide what was found
    level, kept, root.handlers = bot.level, root.handlers, [lines]
    bot.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.handlers = kept
        bot.setLevel(level)


@dataclass
class Found:
    """What went wrong, by what it is, with the payloads that show it."""

    found: dict[str, list[Payload]] = field(default_factory=lambda: defaultdict(list))

    def add(self, what: str, payload: Payload) -> None:
        self.found[what].append(payload)

    def __str__(self) -> str:
        said = [f"{sum(map(len, self.found.values()))} of {ROUNDS}"]
        for what, payloads in sorted(self.found.items(), key=lambda each: -len(each[1])):
            shortest = min(payloads, key=lambda each: (len(each.changes), len(each.body)))
            said.append(f"{len(payloads)} × {what}\n    {shortest}")
        return "\n".join(said)


def where(error: BaseException) -> str:
    """Name an error by its type and the last of our lines that it passed."""
    ours = [
        each
        for each in traceback.extract_tb(error.__traceback__)
        if "/bot/" in each.filename or "/handlers/" in each.filename
    ]
    last = ours[-1] if ours else None
    return (
        f"{type(error).__name__} at {last.filename.rpartition('/')[2]}:{last.name}" if last else repr(error)
    )


@dataclass
class Target:
    """The bot, spoken to as Slack does."""

    digest_clock: DigestClock
    session: aiohttp.ClientSession

    def headers(self, payload: Payload) -> dict[str, str]:
        at = str(int(time.time()))
        signed = signature("secret", at, payload.body)
        return {
            "content-type": payload.content_type,
            "x-slack-request-timestamp": at,
            "x-slack-signature": signed,
        }

    async def through_socket(self, payload: Payload) -> tuple[int, bytes]:
        url, headers = self.digest_clock.slack.bot_url, self.headers(payload)
        async with self.session.post(url, data=payload.body, headers=headers) as answer:
            return answer.status, await answer.read()

    async def at_once(self, payload: Payload) -> tuple[int, bytes]:
        app: ASGIApp = self.digest_clock.line.web
        headers = [(name.encode(), value.encode()) for name, value in self.headers(payload).items()]
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/slack/events",
            "query_string": b"",
            "headers": headers,
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": payload.body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await app(scope, receive, send)
        return sent[0]["status"], b"".join(each.get("body", b"") for each in sent)

    async def settled(self) -> None:
        async with asyncio.timeout(10):
            # its tasks begin others
            while self.digest_clock.line.work.length:  # noqa: ASYNC110
                await asyncio.sleep(0.000_5)

    def forget(self) -> None:
        """Let the emulators forget what they have seen, so that only the bot can grow."""
        slack = self.digest_clock.slack
        slack.log.clear()
        slack.triggers.triggers.clear()
        slack.triggers.response_urls.clear()
        del slack.history.messages[40:]
        slack.views.stacks.clear()
        self.digest_clock.catalogue.state.requests.clear()


def answer_problems(payload: Payload, body: bytes) -> list[str]:
    """Return what Slack would not take of an acknowledgement."""
    try:
        said = json.loads(body)
    except ValueError:
        return []
    if not isinstance(said, dict):
        return []
    problems = message_problems(said["blocks"]) if "blocks" in said else []
    return problems + (view_problems(said["view"]) if "view" in said else [])


def holds_what_it_may_not(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value or (not value.isascii() and any("\ud800" <= each <= "\udfff" for each in value))
    if isinstance(value, dict):
        return any(holds_what_it_may_not(each) for pair in value.items() for each in pair)
    return isinstance(value, list) and any(holds_what_it_may_not(each) for each in value)


def look(
    digest_clock: DigestClock, payload: Payload, status: int, body: bytes, lines: Lines, found: Found
) -> None:
    """Note whatever broke a promise."""
    if status >= 500:
        found.add(f"status {status}", payload)
    errors = [each for each in lines.records if each.exc_info or each.levelno >= logging.ERROR]
    for record in errors:
        error = record.exc_info[1] if record.exc_info else None
        found.add(f"{record.name} {record.getMessage()!r}: {where(error) if error else ''}", payload)
    # what Figshare did is another matter
    log_records = [each for each in lines.records if each.getMessage() != "figshare did not help"]
    if not errors and len(log_records) > LINES:
        found.add(f"lines: {' | '.join(each.getMessage() for each in lines.records)}", payload)
    for problem in answer_problems(payload, body):
        found.add(f"an acknowledgement Slack refuses: {problem[:120]}", payload)
    for call in digest_clock.slack.log:
        if call.to != "slack":
            continue
        if isinstance(call.answer, dict) and call.answer.get("error") in REFUSALS:
            why = (call.answer.get("response_metadata") or {}).get("messages")
            found.add(f"{call.kind} refused: {call.answer['error']} {why!s:.120}", payload)
        if holds_what_it_may_not(call.payload):
            found.add(f"{call.kind} with NUL or a lone surrogate", payload)
    for method, path in digest_clock.catalogue.state.requests:
        if "\0" in path or "%00" in path or "%ED%A0" in path.upper():
            found.add(f"{method} of Figshare with NUL or a lone surrogate", payload)


def memory() -> float:
    """Return what the process takes, in megabytes; nothing where the system does not tell."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * resource.getpagesize() / 1e6 if statm.exists() else 0.0


async def begin(digest_clock: DigestClock) -> Slack:
    """Say and open what there is to press and to submit."""
    for words in ("5616445 daily at 09:00 UTC", "9784012 on monday at 09:00 UTC"):
        await digest_clock.say(f"subscribe {words}", JONAS)
    messages, views = [], []
    for words in (
        "views 5616445",
        "help drafts",
        "drafts",
        "subscriptions",
        "search title:frog",
        "timeline 5616445",
    ):
        messages.append(await digest_clock.say(words, MAYA))
    messages.append((await digest_clock.slack.mention(RESEARCH, MAYA, "search title:frog")).message)
    for words in ("draft Frog calls", "subscribe"):
        await digest_clock.slack.command("/figshare", words, user=MAYA)
        await digest_clock.slack.until(
            lambda: (top := digest_clock.slack.views.top(MAYA)) and top.definition.get("submit")
        )
        view = digest_clock.slack.views.top(MAYA)
        fill_view(view, {"title": "Frog calls", "what": "5616445"})
        views.append(view)
    return Slack(digest_clock.slack, CommandRegistry(MODULES), messages, views)


async def test_whatever_slack_signs_is_answered_without_an_error():
    chance, found = random.Random(SEED), Found()
    async with open_digest_clock() as digest_clock, aiohttp.ClientSession() as session:
        target, slack = Target(digest_clock, session), await begin(digest_clock)
        before, sizes = time.process_time(), list[float]()
        payloads = slack.bodies(chance)
        with logged() as lines:
            for number in range(ROUNDS):
                target.forget() if number % 100 == 0 else digest_clock.slack.log.clear()
                payload = mutated(*next(payloads), chance)
                lines.records.clear()
                digest_clock.catalogue.state.requests.clear()
                ask = target.through_socket if number % SOCKET == 0 else target.at_once
                try:
                    status, said = await ask(payload)
                    await target.settled()
                except Exception as error:
                    found.add(f"raised {where(error)}", payload)
                    continue
                look(digest_clock, payload, status, said, lines, found)
                if number % (ROUNDS // 20 or 1) == 0:
                    sizes.append(memory())
        spent = time.process_time() - before
        print(f"{ROUNDS} payloads, {spent:.1f} s of CPU, {sizes[0]:.0f} to {sizes[-1]:.0f} MB")
        if found.found:
            pytest.fail(str(found), pytrace=False)
        assert TITLE in (await digest_clock.say("views 5616445", JONAS)).text
        # a fifth of the run is enough to fill what is bounded
        assert sizes[-1] - sizes[len(sizes) // 5] < 40, sizes
