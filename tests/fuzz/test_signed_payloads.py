"""Any signed payload is answered without an error; FUZZ_ROUNDS=50000 for the long run."""

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
from tests.support.slack_payloads import Payload, PayloadFactory, mutated_payload

ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "400"))
THOROUGH = 5
SEED = int(os.environ.get("FUZZ_SEED", "9"))
# One in so many goes through a socket.
SOCKET = 20
# One line for what could not be done, one for what could not be sent.
LINES = 2
TITLE = "Using APIs to customise repositories and engage audiences"
# Slack's errors for invalid messages and views.
REFUSALS = ("invalid_blocks", "invalid_arguments", "msg_too_long", "msg_blocks_too_long", "no_text")


class LogLines(logging.Handler):
    """The log records of a payload."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def capture_log() -> Iterator[LogLines]:
    lines, root, bot = LogLines(), logging.getLogger(), logging.getLogger("bot")
    # No other handler: a thousand captured lines would hide the problems.
    level, handlers, root.handlers = bot.level, root.handlers, [lines]
    bot.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.handlers = handlers
        bot.setLevel(level)


@dataclass
class Problems:
    """What went wrong, with the payloads that show it."""

    rounds: int
    by_problem: dict[str, list[Payload]] = field(default_factory=lambda: defaultdict(list))

    def add(self, problem: str, payload: Payload) -> None:
        self.by_problem[problem].append(payload)

    def __str__(self) -> str:
        lines = [f"{sum(map(len, self.by_problem.values()))} of {self.rounds}"]
        for problem, payloads in sorted(self.by_problem.items(), key=lambda each: -len(each[1])):
            shortest = min(payloads, key=lambda each: (len(each.changes), len(each.body)))
            lines.append(f"{len(payloads)} × {problem}\n    {shortest}")
        return "\n".join(lines)


def place_of(error: BaseException) -> str:
    """Return the type of an error and the innermost function of the bot that it passed."""
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
        timestamp = str(int(time.time()))
        signed = signature("secret", timestamp, payload.body)
        return {
            "content-type": payload.content_type,
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": signed,
        }

    async def through_socket(self, payload: Payload) -> tuple[int, bytes]:
        url, headers = self.digest_clock.slack.bot_url, self.headers(payload)
        async with self.session.post(url, data=payload.body, headers=headers) as answer:
            return answer.status, await answer.read()

    async def through_app(self, payload: Payload) -> tuple[int, bytes]:
        app: ASGIApp = self.digest_clock.slack_side.endpoint
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

    async def wait_until_idle(self) -> None:
        async with asyncio.timeout(10):
            # its tasks begin others
            while self.digest_clock.slack_side.background_tasks.length:  # noqa: ASYNC110
                await asyncio.sleep(0.000_5)

    def reset_emulators(self) -> None:
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
        response = json.loads(body)
    except ValueError:
        return []
    if not isinstance(response, dict):
        return []
    problems = message_problems(response["blocks"]) if "blocks" in response else []
    return problems + (view_problems(response["view"]) if "view" in response else [])


def has_forbidden_character(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value or (not value.isascii() and any("\ud800" <= each <= "\udfff" for each in value))
    if isinstance(value, dict):
        return any(has_forbidden_character(each) for pair in value.items() for each in pair)
    return isinstance(value, list) and any(has_forbidden_character(each) for each in value)


def check_promises(
    digest_clock: DigestClock, payload: Payload, status: int, body: bytes, lines: LogLines, problems: Problems
) -> None:
    """Note what went wrong with a payload."""
    if status >= 500:
        problems.add(f"status {status}", payload)
    errors = [each for each in lines.records if each.exc_info or each.levelno >= logging.ERROR]
    for record in errors:
        error = record.exc_info[1] if record.exc_info else None
        problems.add(f"{record.name} {record.getMessage()!r}: {place_of(error) if error else ''}", payload)
    # what Figshare did is another matter
    log_records = [each for each in lines.records if each.getMessage() != "figshare did not help"]
    if not errors and len(log_records) > LINES:
        problems.add(f"lines: {' | '.join(each.getMessage() for each in lines.records)}", payload)
    for problem in answer_problems(payload, body):
        problems.add(f"an acknowledgement Slack refuses: {problem[:120]}", payload)
    for call in digest_clock.slack.log:
        if call.to != "slack":
            continue
        if isinstance(call.answer, dict) and call.answer.get("error") in REFUSALS:
            details = (call.answer.get("response_metadata") or {}).get("messages")
            problems.add(f"{call.kind} refused: {call.answer['error']} {details!s:.120}", payload)
        if has_forbidden_character(call.payload):
            problems.add(f"{call.kind} with NUL or a lone surrogate", payload)
    for method, path in digest_clock.catalogue.state.requests:
        if "\0" in path or "%00" in path or "%ED%A0" in path.upper():
            problems.add(f"{method} of Figshare with NUL or a lone surrogate", payload)


def resident_megabytes() -> float:
    """Return what the process takes, in megabytes; nothing where the system does not tell."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * resource.getpagesize() / 1e6 if statm.exists() else 0.0


async def create_payloads(digest_clock: DigestClock) -> PayloadFactory:
    """Create messages to press and views to submit, and return what sends payloads about them."""
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
    return PayloadFactory(digest_clock.slack, CommandRegistry(MODULES), messages, views)


@pytest.mark.parametrize("rounds", [ROUNDS, pytest.param(ROUNDS * THOROUGH, marks=pytest.mark.thorough)])
async def test_signed_payload_is_answered_without_an_error(rounds):
    rng, problems = random.Random(SEED), Problems(rounds)
    async with open_digest_clock() as digest_clock, aiohttp.ClientSession() as session:
        target, slack = Target(digest_clock, session), await create_payloads(digest_clock)
        before, sizes = time.process_time(), list[float]()
        payloads = slack.bodies(rng)
        with capture_log() as lines:
            for number in range(rounds):
                target.reset_emulators() if number % 100 == 0 else digest_clock.slack.log.clear()
                payload = mutated_payload(*next(payloads), rng)
                lines.records.clear()
                digest_clock.catalogue.state.requests.clear()
                send = target.through_socket if number % SOCKET == 0 else target.through_app
                try:
                    status, body = await send(payload)
                    await target.wait_until_idle()
                except Exception as error:
                    problems.add(f"raised {place_of(error)}", payload)
                    continue
                check_promises(digest_clock, payload, status, body, lines, problems)
                if number % (rounds // 20 or 1) == 0:
                    sizes.append(resident_megabytes())
        spent = time.process_time() - before
        print(f"{rounds} payloads, {spent:.1f} s of CPU, {sizes[0]:.0f} to {sizes[-1]:.0f} MB")
        if problems.by_problem:
            pytest.fail(str(problems), pytrace=False)
        assert TITLE in (await digest_clock.say("views 5616445", JONAS)).text
        # a fifth of the run is enough to fill what is bounded
        assert sizes[-1] - sizes[len(sizes) // 5] < 40, sizes
