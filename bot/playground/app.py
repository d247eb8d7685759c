"""The playground: the real bot behind a page that looks like a Slack channel; needs no Slack and no token."""

import asyncio
import errno
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from tempfile import TemporaryDirectory

from bot.bot import open_bot
from bot.commands import CommandRegistry
from bot.dispatcher import Dispatcher
from bot.emulators.sample import sample_figshare
from bot.emulators.server import serve
from bot.emulators.slack import Workspace
from bot.figshare.client import CachePolicy, Request
from bot.figshare.errors import FigshareError
from bot.manifest import required_scopes
from bot.metrics import Metrics
from bot.playground.clock import MovingClock
from bot.playground.server import playground_app
from bot.settings import Settings
from bot.slack.app import open_slack

# How many seconds Figshare has to answer to count as reachable.
_REACH_TIMEOUT = 2.0
# How often, in seconds, to check whether a digest is due: more often than in Slack, since people wait for it.
_POLL_INTERVAL = 0.2
LIVE = "Live: these are Figshare's own answers."
SAMPLE = "Sample data: a small invented catalogue with invented numbers."
UNREACHABLE = (
    "Figshare can't be reached from here, so this is sample data: an invented catalogue, invented numbers."
)


async def run_playground(
    commands: CommandRegistry, settings: Settings, port: int, figshare: str | None
) -> int:
    """Serve the playground until Ctrl-C, and return the exit status.

    `figshare` is "live" or "sample"; with None it is live where Figshare can be reached.
    """
    if figshare is None:
        is_sample = not await _is_figshare_reachable(commands, settings)
        banner = UNREACHABLE if is_sample else LIVE
    else:
        is_sample = figshare == "sample"
        banner = SAMPLE if is_sample else LIVE
    # With Figshare itself drafts are only for the people whom DRAFT_USERS names.
    settings = replace(settings, draft_users=(Workspace.maya,)) if is_sample else settings
    clock = MovingClock()
    try:
        with TemporaryDirectory(prefix="figshare-bot-") as folder:
            async with AsyncExitStack() as stack:
                if is_sample:
                    settings = await stack.enter_async_context(sample_figshare(settings, clock))
                page_url, _ = await stack.enter_async_context(
                    open_playground(commands, settings, banner, port, clock, folder)
                )
                print(f"The playground is at {page_url}\n{banner}\nCtrl-C ends it.", flush=True)
                await asyncio.Event().wait()
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        is_taken = error.errno == errno.EADDRINUSE
        problem = f"Port {port} is in use." if is_taken else f"Port {port} needs more permissions."
        print(f"{problem} `figshare-bot playground --port 0` picks a free one.", file=sys.stderr)
        return 1
    return 0


@asynccontextmanager
async def open_playground(
    commands: CommandRegistry,
    settings: Settings,
    banner: str = "",
    port: int = 0,
    clock: MovingClock | None = None,
    folder: str = "",
) -> AsyncIterator[tuple[str, Workspace]]:
    """Serve the page, the emulated Slack and the bot; yield the URL of the page and the workspace.

    Digests are sent when there is a folder for the database.
    """
    from bot.digests.delivery.service import send_in_background
    from bot.storage.database import open_database

    url = f"sqlite:///{folder}/figshare-bot.db" if folder else "sqlite://"
    secret, token = secrets.token_hex(16), f"xoxb-{secrets.token_hex(16)}"
    metrics, clock = Metrics(commands.names), clock or MovingClock()
    scopes = required_scopes(settings)
    async with (
        open_database(url, clock) as database,
        Workspace(signing_secret=secret, bot_token=token, clock=clock, scopes=scopes) as workspace,
        serve(playground_app(workspace, clock, banner, commands, settings), port) as base,
    ):
        workspace.url = base
        slack_settings = replace(
            settings,
            slack_api_url=f"{base}/api/",
            slack_bot_token=workspace.bot_token,
            slack_signing_secret=secret,
            slack_app_token="",
        )
        async with (
            open_bot(slack_settings, commands, metrics, clock, database=database) as bot,
            open_slack(slack_settings, Dispatcher(bot, metrics.count_answer), metrics, clock) as slack,
            serve(slack.endpoint) as bot_base,
            AsyncExitStack() as stack,
        ):
            workspace.bot_url = f"{bot_base}/slack/events"
            if folder and bot.subscriptions is not None:
                clock.on_move.append(bot.subscriptions.changed.set)
                clock.next_digest = bot.subscriptions.next_occurrence
                messenger = slack.connection.messenger(database)
                await stack.enter_async_context(
                    send_in_background(
                        bot,
                        database,
                        messenger,
                        url,
                        queue_interval=_POLL_INTERVAL,
                        poll_interval=_POLL_INTERVAL,
                    )
                )
            yield base, workspace


async def _is_figshare_reachable(commands: CommandRegistry, settings: Settings) -> bool:
    async with open_bot(settings, commands, Metrics()) as bot:
        request = Request("rest", f"{settings.figshare_api_url}/licenses")
        try:
            async with asyncio.timeout(_REACH_TIMEOUT):
                await bot.transport.get_cached(request, len, CachePolicy(0, 0, 0))
        except (FigshareError, TimeoutError):
            return False
    return True
