"""Runs the bot until it is told to stop: over HTTP, or over Slack's Socket Mode.

It answers as soon as it listens. What no answer needs follows in the background, in the order of need: the
check of the bot token, the database, and once a channel has a digest the worker that sends digests.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from importlib import import_module
from typing import TYPE_CHECKING

from bot.bot import Bot, open_bot
from bot.commands import CommandRegistry
from bot.dispatcher import Dispatcher
from bot.http_server import Server, server_config
from bot.metrics import Metrics
from bot.settings import InvalidSettings, Settings
from bot.slack.app import Slack, open_slack
from bot.slack.health import bot_token_problem, is_permanent
from bot.storage.claims import Claims
from bot.storage.deferred import DeferredDatabase

if TYPE_CHECKING:
    from bot.digests.delivery.service import DeliveryHealth
    from bot.storage.database import Database

log = logging.getLogger(__name__)


def serve(settings: Settings, commands: CommandRegistry) -> int:
    """Serve until SIGTERM or Ctrl-C, finish the answers under way, and return the exit status.

    Raises InvalidSettings: before it listens where a variable is missing, and afterwards where Slack rejects
    the token or the database can't be opened.
    """
    settings.check_serving()
    if sys.platform == "win32":
        return asyncio.run(_serve(settings, commands))
    import uvloop

    return uvloop.run(_serve(settings, commands))


async def _serve(settings: Settings, commands: CommandRegistry) -> int:
    metrics = Metrics(commands.names)
    async with (
        DeferredDatabase(settings.database_url) as database,
        open_bot(settings, commands, metrics, database=database) as bot,
    ):
        digests = _DigestWorker(bot, settings.database_url, metrics.count_digest)
        async with open_slack(
            settings,
            Dispatcher(bot, metrics.count_answer),
            metrics,
            checks={"database": database.problem, "digests": digests.problem},
            is_claimed=Claims(bot.redis, database).is_claimed,
        ) as slack:
            await _listen(settings, slack, database, digests)
            log.info("finishing", extra={"under_way": slack.background_tasks.length})
    return 0


async def _listen(
    settings: Settings, slack: Slack, database: DeferredDatabase, digests: "_DigestWorker"
) -> None:
    server = Server(
        server_config(
            slack.endpoint,
            host=settings.host,
            port=settings.port,
            lifespan="off",
            timeout_graceful_shutdown=5,
        )
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    background = asyncio.create_task(_run_in_background(settings, slack, database, digests, server))
    background.add_done_callback(lambda task: server.stop())
    token = settings.slack_app_token
    log.info(
        "serving over a socket" if token else "serving over http",
        extra={"host": settings.host, "port": settings.port},
    )
    try:
        async with _socket_mode(slack, token) if token else nullcontext():
            await server.serve()
    finally:
        background.cancel()
        with suppress(asyncio.CancelledError):
            await background


def _socket_mode(slack: Slack, token: str) -> AbstractAsyncContextManager[None]:
    # Over HTTP this client of Slack's is not needed.
    from bot.slack.socket_mode import open_socket_mode

    return open_socket_mode(slack.app, token)


async def _run_in_background(
    settings: Settings, slack: Slack, database: DeferredDatabase, digests: "_DigestWorker", server: Server
) -> None:
    """Do what no answer needs; raises InvalidSettings where the token or the database can't be used."""
    await server.listening.wait()
    if settings.dyno and settings.database_url.startswith("sqlite"):
        log.warning("this host has an ephemeral disk: set DATABASE_URL to a PostgreSQL database")
    database.start()
    await asyncio.gather(_check_token(slack), database.opened())
    await database.wait_for_subscriptions()
    await digests.send_until_cancelled(await database.opened(), slack)


async def _check_token(slack: Slack) -> None:
    problem = await bot_token_problem(slack.connection.client)
    if is_permanent(problem):
        raise InvalidSettings([f"SLACK_BOT_TOKEN: {problem}"])
    if problem:
        log.warning("slack is not usable yet", extra={"cause": problem})


class _DigestWorker:
    """The worker of the digests, whose libraries are loaded when it starts."""

    def __init__(self, bot: Bot, url: str, observe: Callable[[str], None]) -> None:
        self._bot, self._url, self._observe = bot, url, observe
        self._health: DeliveryHealth | None = None

    async def problem(self) -> str:
        """Return what keeps digests from being sent, or nothing."""
        return await self._health.current_problem() if self._health is not None else ""

    async def send_until_cancelled(self, database: "Database", slack: Slack) -> None:
        """Send digests until cancelled."""
        await asyncio.to_thread(import_module, "bot.digests.delivery.service")
        from bot.digests.delivery.service import DeliveryHealth, send_in_background

        self._health = DeliveryHealth()
        messenger = slack.connection.messenger(database)
        async with send_in_background(
            self._bot, database, messenger, self._url, health=self._health, observe=self._observe
        ):
            await asyncio.Event().wait()
