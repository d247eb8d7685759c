"""Runs the bot until it is told to stop: over HTTP, or over Slack's Socket Mode."""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.bot import open_bot
from bot.commands import CommandRegistry
from bot.digests.delivery.service import Health, run_in_background
from bot.dispatcher import Dispatcher
from bot.http_server import Server, configured
from bot.metrics import Metrics
from bot.settings import InvalidSettings, Settings
from bot.slack.app import Slack, slack_problem
from bot.slack.app import open_slack as doors
from bot.storage.claims import Claims
from bot.storage.database import open_database as database

log = logging.getLogger(__name__)

# Slack's words for tokens that will never work.
_HOPELESS = ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired")
# No acknowledgement takes longer; later than that Slack does not listen.
_ACKNOWLEDGED = 3.0


def run(settings: Settings, commands: CommandRegistry) -> int:
    """Serve until SIGTERM or Ctrl-C, finish the answers under way, and give the exit status."""
    settings.check_serving()
    if sys.platform == "win32":
        return asyncio.run(_serve(settings, commands))
    import uvloop

    return uvloop.run(_serve(settings, commands))


async def _serve(settings: Settings, commands: CommandRegistry) -> int:
    metrics, health = Metrics(commands.names), Health()
    async with (
        database(settings.database_url) as store,
        open_bot(settings, commands, metrics, store=store) as bot,
        doors(
            settings,
            Dispatcher(bot, metrics.answered),
            metrics,
            checks={"database": store.usable, "digests": health.usable},
            seen=Claims(bot.redis, store).seen,
        ) as slack,
        run_in_background(
            bot,
            store,
            slack.line.courier(store),
            settings.database_url,
            health=health,
            observe=metrics.digested,
        ),
    ):
        problem = await slack_problem(slack.line.client)
        if problem.endswith(_HOPELESS):
            raise InvalidSettings([f"SLACK_BOT_TOKEN: {problem}"])
        if problem:
            log.warning("slack is not usable yet", extra={"cause": problem})
        if settings.dyno and settings.database_url.startswith("sqlite"):
            log.warning("this host forgets its disk: set DATABASE_URL to a PostgreSQL database")
        config = configured(
            slack.web, host=settings.host, port=settings.port, lifespan="off", timeout_graceful_shutdown=5
        )
        server = Server(config)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, server.stop)
        async with _socket(settings, slack) if settings.slack_app_token else _http(settings):
            await server.serve()
        log.info("finishing", extra={"under_way": slack.work.length})
    return 0


@asynccontextmanager
async def _http(settings: Settings) -> AsyncIterator[None]:
    log.info("serving over http", extra={"host": settings.host, "port": settings.port})
    yield


@asynccontextmanager
async def _socket(settings: Settings, slack: Slack) -> AsyncIterator[None]:
    handler = _Handler(slack.app, settings.slack_app_token)
    connecting = asyncio.create_task(_connect(handler))
    log.info("serving over a socket", extra={"host": settings.host, "port": settings.port})
    try:
        yield
    finally:
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        if handler.waiting:
            await asyncio.wait(handler.waiting, timeout=_ACKNOWLEDGED)
        await handler.close_async()  # type: ignore[no-untyped-call]


class _Handler(AsyncSocketModeHandler):
    """Knows which requests wait for their acknowledgement: it goes over the socket they came by."""

    def __init__(self, app: AsyncApp, app_token: str) -> None:
        super().__init__(app, app_token)
        # slack_sdk has read the environment's by itself, for this machine too.
        self.client.proxy = app.client.proxy
        self.waiting = set[asyncio.Task[None]]()

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        task = asyncio.create_task(super().handle(client, req))
        self.waiting.add(task)
        task.add_done_callback(self.waiting.discard)
        await task


async def _connect(handler: AsyncSocketModeHandler) -> None:
    wait = 1.0
    while True:
        try:
            return await handler.connect_async()  # type: ignore[no-untyped-call, no-any-return]
        except (SlackClientError, OSError, TimeoutError) as error:
            log.warning("no socket to slack yet", extra={"cause": type(error).__name__, "again_in": wait})
        await asyncio.sleep(wait)
        wait = min(wait * 2, 60.0)
