"""The playground: the real bot behind a page that looks like a Slack channel; needs no Slack and no token."""

import asyncio
import errno
import os
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
from bot.playground.server import page
from bot.settings import Settings
from bot.slack.app import open_slack as doors

PATIENCE = 2.0
# How often is looked whether a digest is due: nobody likes to wait on a page.
GLANCE = 0.2
LIVE = "Live: these are Figshare's own answers."
SAMPLE = "Sample data: a small invented catalogue with invented numbers."
UNREACHABLE = (
    "Figshare can't be reached from here, so this is sample data: an invented catalogue, invented numbers."
)


async def run(commands: CommandRegistry, settings: Settings, port: int, choice: str | None) -> int:
    """Serve the playground until Ctrl-C; without a choice with Figshare itself where it can be reached."""
    sample = choice == "sample" or (choice is None and not await _reachable(commands, settings))
    banner = LIVE if not sample else SAMPLE if choice else UNREACHABLE
    # Figshare itself is written to only where somebody is named for it.
    named = replace(settings, draft_users=(Workspace.maya,)) if sample else settings
    clock = MovingClock()
    try:
        with TemporaryDirectory(prefix="figshare-bot-") as folder:
            async with AsyncExitStack() as stack:
                chosen = await stack.enter_async_context(sample_figshare(named, clock)) if sample else named
                base, _ = await stack.enter_async_context(
                    open_playground(commands, chosen, banner, port, clock, folder)
                )
                print(f"The playground is at {base}\n{banner}\nCtrl-C ends it.", flush=True)
                await asyncio.Event().wait()
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        taken = f"Port {port} can't be had: {os.strerror(error.errno).lower()}."
        print(f"{taken} `figshare-bot playground --port 0` takes one that is free.", file=sys.stderr)
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
    """Serve the page, the emulated Slack and the bot; give the page's address and the workspace.

    With a folder for the database digests are sent.
    """
    # Whoever asks from a terminal needs no database, and importing one takes long.
    from bot.digests.delivery.service import run_in_background
    from bot.storage.database import open_database as database

    url = f"sqlite:///{folder}/figshare-bot.db" if folder else "sqlite://"
    secret, token = secrets.token_hex(16), f"xoxb-{secrets.token_hex(16)}"
    metrics, clock = Metrics(commands.names), clock or MovingClock()
    async with (
        database(url, clock) as store,
        Workspace(signing_secret=secret, bot_token=token, clock=clock, scopes=required_scopes()) as workspace,
        serve(page(workspace, clock, banner), port) as base,
    ):
        workspace.url = base
        slack = replace(
            settings,
            slack_api_url=f"{base}/api/",
            slack_bot_token=workspace.bot_token,
            slack_signing_secret=secret,
            slack_app_token="",
        )
        async with (
            open_bot(slack, commands, metrics, clock, store=store) as bot,
            doors(slack, Dispatcher(bot, metrics.answered), metrics, clock) as opened_doors,
            serve(opened_doors.web) as bot_base,
            AsyncExitStack() as sending,
        ):
            workspace.bot_url = f"{bot_base}/slack/events"
            if folder and bot.subscriptions is not None:
                clock.on_move.append(bot.subscriptions.changed.set)
                clock.upcoming = bot.subscriptions.upcoming
                courier = opened_doors.line.courier(store)
                await sending.enter_async_context(
                    run_in_background(bot, store, courier, url, interval=GLANCE, tick=GLANCE)
                )
            yield base, workspace


async def _reachable(commands: CommandRegistry, settings: Settings) -> bool:
    async with open_bot(settings, commands, Metrics()) as bot:
        request = Request("rest", f"{settings.figshare_api_url}/licenses")
        try:
            async with asyncio.timeout(PATIENCE):
                await bot.transport.fetch(request, len, CachePolicy(0, 0, 0))
        except (FigshareError, TimeoutError):
            return False
    return True
