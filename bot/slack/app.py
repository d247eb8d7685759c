"""Puts Slack's side together: one session, one client, one Bolt app with its router."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.dispatcher import Dispatcher
from bot.metrics import Metrics
from bot.settings import Settings
from bot.slack import connector
from bot.slack.asgi import SlackEndpoint, monitoring_app
from bot.slack.background_tasks import BackgroundTasks
from bot.slack.client import Client
from bot.slack.deduplicator import ClaimCheck
from bot.slack.directory import SlackDirectory
from bot.slack.health import bot_token_problem
from bot.slack.pending_answers import PendingAnswers
from bot.slack.responder import Responder
from bot.slack.router import SlackRouter
from bot.slack.signing import Signer, derived_key

if TYPE_CHECKING:
    from bot.slack.messenger import SlackMessenger
    from bot.storage.database import Database

# Returns what is wrong with something that the bot needs, or nothing.
Check = Callable[[], Awaitable[str]]

log = logging.getLogger(__name__)

# How many seconds the answers under way get when the bot stops.
DRAIN_TIMEOUT = 10.0
# How many seconds the result of the checks is cached, so that polling `/ready` costs nothing.
_READY_TTL, _NOT_READY_TTL = 15.0, 1.0
_CHECK_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class SlackConnection:
    """The session and the client that everything sent to Slack goes through."""

    client: AsyncWebClient
    session: aiohttp.ClientSession
    responder: Responder

    def messenger(
        self,
        database: "Database",
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> "SlackMessenger":
        """Return the messenger that brings digests into channels."""
        # Digests need the database, whose libraries load while the bot already answers.
        from bot.slack.messenger import SlackMessenger

        directory = SlackDirectory(self.client)
        return SlackMessenger(self.client, self.responder, directory, self.session, database, clock, sleep)


@dataclass(frozen=True, slots=True)
class Slack:
    """Slack's side of the bot."""

    app: AsyncApp
    connection: SlackConnection
    endpoint: SlackEndpoint
    background_tasks: BackgroundTasks


@asynccontextmanager
async def open_slack_connection(settings: Settings) -> AsyncIterator[SlackConnection]:
    """Open the one session and client."""
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=10),
        request_class=connector.DeadlineRequest,
        connector=connector.new_connector(),
        middlewares=(connector.refuse_redirects,),
    ) as session:
        client = Client(settings, session)
        yield SlackConnection(client, session, Responder(client, session, settings.slack_api_url))


@asynccontextmanager
async def open_slack(
    settings: Settings,
    dispatcher: Dispatcher,
    metrics: Metrics,
    clock: Callable[[], float] = time.time,
    checks: Mapping[str, Check] | None = None,
    is_claimed: ClaimCheck | None = None,
) -> AsyncIterator[Slack]:
    """Open Slack's side of the bot; on leaving, finish the answers under way."""
    # slack_bolt prints whole bodies when it refuses a request: https://github.com/slackapi/bolt-python
    bolt_log = logging.getLogger("slack_bolt")
    bolt_log.setLevel(logging.CRITICAL)
    async with open_slack_connection(settings) as connection:
        client, tasks = connection.client, BackgroundTasks()
        pending = PendingAnswers(tasks)
        signer = Signer(derived_key(settings.slack_signing_secret, settings.slack_bot_token))
        app = AsyncApp(
            # Without a name Bolt looks for one in the call stack, which takes longer than 20 answers.
            name="figshare-bot",
            # Before the authorization: an answer needs none, and Bolt would call `auth.test` for it.
            before_authorize=SlackRouter(
                dispatcher,
                connection.responder,
                client,
                tasks,
                clock,
                signer,
                is_claimed,
                metrics.count_ignored,
                pending,
            ),
            client=client,
            signing_secret=settings.slack_signing_secret or "unused over a socket",
            process_before_response=True,
            # Over HTTP `SlackEndpoint` verifies the signatures; requests over a socket have none.
            request_verification_enabled=False,
            attaching_function_token_enabled=False,
            logger=bolt_log,
        )
        readiness = Readiness({"slack": lambda: bot_token_problem(client), **(checks or {})}, clock)
        over_http = None if settings.slack_app_token else app
        try:
            web = SlackEndpoint(
                over_http, settings.slack_signing_secret, monitoring_app(metrics, readiness.unready)
            )
            yield Slack(app, connection, web, tasks)
        finally:
            await asyncio.gather(pending.stop_following_up(), tasks.drain(DRAIN_TIMEOUT))
            await pending.close()


class Readiness:
    """Runs the checks of what the bot needs, and caches their result; causes are only logged."""

    def __init__(self, checks: Mapping[str, Check], clock: Callable[[], float]) -> None:
        self._checks, self._clock, self._checked_at = checks, clock, float("-inf")
        self._problems: dict[str, str] = {}
        self._checking: asyncio.Task[None] | None = None

    async def unready(self) -> list[str]:
        """Return the name of each thing that can't be used; concurrent calls share one run of the checks."""
        ttl = _NOT_READY_TTL if any(self._problems.values()) else _READY_TTL
        if self._checking is None and not 0 <= self._clock() - self._checked_at <= ttl:
            self._checking = asyncio.create_task(self._check())
        if self._checking is not None:
            await asyncio.shield(self._checking)
        return [name for name, problem in self._problems.items() if problem]

    async def _check(self) -> None:
        try:
            results = await asyncio.gather(*(_run_check(check) for check in self._checks.values()))
            problems = dict(zip(self._checks, results, strict=True))
            for name, problem in problems.items():
                if problem and problem != self._problems.get(name):
                    log.warning("not ready", extra={"missing": name, "cause": problem})
                elif not problem and self._problems.get(name):
                    log.info("ready again", extra={"found": name})
            self._problems, self._checked_at = problems, self._clock()
        finally:
            self._checking = None


async def _run_check(check: Check) -> str:
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT):
            return await check()
    except Exception as error:
        return type(error).__name__
