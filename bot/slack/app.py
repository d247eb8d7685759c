"""Puts Slack's side together: one session, one client, one Bolt app, the doors."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.dispatcher import Dispatcher
from bot.metrics import Metrics
from bot.settings import Settings
from bot.slack import connector
from bot.slack.asgi import Web, routes
from bot.slack.background_tasks import BackgroundTasks
from bot.slack.client import Client
from bot.slack.directory import SlackDirectory
from bot.slack.messenger import SlackMessenger
from bot.slack.responder import Responder
from bot.slack.router import Seen, SlackRouter
from bot.slack.signing import Signer, derived_key
from bot.storage.database import Database

# Asks something we need; gives what is wrong, or nothing.
Check = Callable[[], Awaitable[str]]

log = logging.getLogger(__name__)

DRAIN = 10.0
# What is found out about readiness serves so long; whoever polls a closed door costs nothing.
_KNOWN_FOR, _LONGEST_CHECK = 15.0, 10.0


@dataclass(frozen=True, slots=True)
class Line:
    """A connection to Slack."""

    client: AsyncWebClient
    session: aiohttp.ClientSession
    sender: Responder

    def courier(
        self,
        store: Database,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> SlackMessenger:
        """Give what brings digests into channels."""
        return SlackMessenger(
            self.client, self.sender, SlackDirectory(self.client), self.session, store, clock, sleep
        )


@dataclass(frozen=True, slots=True)
class Slack:
    """Slack's side of the bot."""

    app: AsyncApp
    line: Line
    web: Web
    work: BackgroundTasks


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Line]:
    """Open the one session and client."""
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=10),
        request_class=connector.Request,
        connector=connector.connector(),
        middlewares=(connector.unredirected,),
    ) as session:
        client = Client(settings, session)
        yield Line(client, session, Responder(client, session, settings.slack_api_url))


@asynccontextmanager
async def open_slack(
    settings: Settings,
    answers: Dispatcher,
    metrics: Metrics,
    clock: Callable[[], float] = time.time,
    checks: Mapping[str, Check] | None = None,
    seen: Seen | None = None,
) -> AsyncIterator[Slack]:
    """Open the doors; on leaving, finish the answers under way."""
    # slack_bolt prints whole bodies when it refuses a request: https://github.com/slackapi/bolt-python
    quiet = logging.getLogger("slack_bolt")
    quiet.setLevel(logging.CRITICAL)
    async with connected(settings) as line:
        client, work = line.client, BackgroundTasks()
        signer = Signer(derived_key(settings.slack_signing_secret, settings.slack_bot_token))
        app = AsyncApp(
            # An answer needs no token, so nobody is asked first who we are.
            before_authorize=SlackRouter(answers, line.sender, client, work, clock, signer, seen),
            client=client,
            signing_secret=settings.slack_signing_secret or "unused over a socket",
            process_before_response=True,
            # Over HTTP `Web` does it, before a body is read; a socket is opened by us and needs none.
            request_verification_enabled=False,
            attaching_function_token_enabled=False,
            logger=quiet,
        )
        readiness = Readiness({"slack": lambda: slack_problem(client), **(checks or {})}, clock)
        over_http = None if settings.slack_app_token else app
        try:
            web = Web(over_http, settings.slack_signing_secret, routes(metrics, readiness.missing))
            yield Slack(app, line, web, work)
        finally:
            await work.drain(DRAIN)


class Readiness:
    """Knows whether what we need can be used, asking it now and then; why it can't, only the log says."""

    def __init__(self, checks: Mapping[str, Check], clock: Callable[[], float]) -> None:
        self._checks, self._clock, self._asked = checks, clock, float("-inf")
        self._problems: dict[str, str] = {}
        self._asking: asyncio.Task[None] | None = None

    async def missing(self) -> list[str]:
        """Give the name of each thing that can't be used; however many ask, each is asked once."""
        if self._asking is None and not 0 <= self._clock() - self._asked <= _KNOWN_FOR:
            self._asking = asyncio.create_task(self._ask())
        if self._asking is not None:
            await asyncio.shield(self._asking)
        return [name for name, problem in self._problems.items() if problem]

    async def _ask(self) -> None:
        try:
            said = await asyncio.gather(*(_said(check) for check in self._checks.values()))
            problems = dict(zip(self._checks, said, strict=True))
            for name, problem in problems.items():
                if problem and problem != self._problems.get(name):
                    log.warning("not ready", extra={"missing": name, "cause": problem})
                elif not problem and self._problems.get(name):
                    log.info("ready again", extra={"found": name})
            self._problems, self._asked = problems, self._clock()
        finally:
            self._asking = None


async def _said(check: Check) -> str:
    try:
        async with asyncio.timeout(_LONGEST_CHECK):
            return await check()
    except Exception as error:
        return type(error).__name__


async def slack_problem(client: AsyncWebClient) -> str:
    """Ask Slack whether it knows us; give what is wrong, or nothing."""
    try:
        async with asyncio.timeout(5):
            await client.auth_test()
    except SlackApiError as error:
        return f"Slack says {error.response.get('error')}"
    except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
        return f"Slack can't be reached ({type(error).__name__})"
    return ""
