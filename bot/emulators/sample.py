"""The bundled sample catalogue, served on loopback for `ask` and the playground; Northbridge is `ours`."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from bot.emulators.figshare import figshare_emulator
from bot.emulators.figshare.accounts import NORTHBRIDGE_TOKEN
from bot.emulators.figshare.library import NORTHBRIDGE, Library
from bot.emulators.server import serve
from bot.settings import Settings


@asynccontextmanager
async def sample_figshare(
    settings: Settings, clock: Callable[[], float] = time.time
) -> AsyncIterator[Settings]:
    """Serve the sample catalogue while the block runs, and yield the settings that lead to it."""

    def now() -> datetime:
        return datetime.fromtimestamp(clock(), UTC)

    async with serve(figshare_emulator(Library.load(now(), NORTHBRIDGE), now=now)) as base:
        yield replace(
            settings,
            figshare_api_url=f"{base}/v2",
            figshare_stats_url=f"{base}/stats",
            figshare_oai_url="",
            figshare_resourcesync_url=(f"{base}/.well-known/resourcesync",),
            figshare_token=NORTHBRIDGE_TOKEN,
            figshare_portal="northbridge",
            figshare_institution=4100,
            figshare_group=41_000,
            figshare_stats_username="northbridge",
            figshare_stats_password="sample-northbridge",
            figshare_impersonate="",
            figshare_requests_per_second=1000.0,
            figshare_burst=1000,
        )
