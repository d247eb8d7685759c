"""A process that sends digests, put together as the program does, and made anew as often as it is killed.

Its clock is fast, so that a digest of every minute comes every few seconds; all it waits for is scaled alike.
"""

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from bot.bot import open_bot
from bot.commands import CommandRegistry
from bot.digests.delivery import send_once
from bot.digests.delivery.job_queue import open_job_queue
from bot.digests.delivery.ticking import running
from bot.digests.delivery.worker import Worker
from bot.metrics import Metrics
from bot.settings import Settings
from bot.slack import messenger
from bot.slack.app import connected
from bot.storage.database import open_database as database
from bot.storage.deliveries import Deliveries
from handlers import MODULES

# From linux/prctl.h.
PR_SET_PDEATHSIG = 1
INTERVAL, TICK, SELDOM = 0.2, 0.3, 7


class WorkerSpec(msgspec.Struct):
    """Where everything is, and how fast time goes."""

    slack: str
    figshare: str
    database: str
    schema: str
    began: float
    speed: float
    # in seconds of that clock
    lease: float
    # how often it stops before it posts, and after, and for how many seconds
    stops: int = 0
    stopped_for: float = 0.0


def fast(began: float, speed: float) -> Callable[[], float]:
    """Return a clock that was right at a moment."""
    return lambda: began + (time.time() - began) * speed


class Stopping(Deliveries):
    """A ledger whose process is stopped just before a message is posted, and just after."""

    stops = 0

    def __init__(self, *store: Any, **more: Any) -> None:
        super().__init__(*store, **more)
        self._passed, self._stopped = Counter[str](), Counter[str]()

    def _stop(self, where: str) -> None:
        self._passed[where] += 1
        if self._passed[where] >= SELDOM * (self._stopped[where] + 1) and self._stopped[where] < self.stops:
            self._stopped[where] += 1
            os.kill(os.getpid(), signal.SIGSTOP)
            print(f"stop {where}", flush=True)

    async def intend(self, *what: Any) -> int | None:
        """Note it, and stop now and then."""
        attempt = await super().intend(*what)
        if attempt is not None:
            self._stop("before")
        return attempt

    async def sent(self, *what: Any) -> None:
        """Stop now and then, and note it."""
        self._stop("after")
        await super().sent(*what)


async def work(orders: WorkerSpec) -> None:
    """Send digests for ever."""
    clock = fast(orders.began, orders.speed)
    settings = replace(
        Settings(),
        # whose request it is, for whoever is to kill the one that makes it
        slack_api_url=f"{orders.slack}/{os.getpid()}/api/",
        slack_bot_token="xoxb-1",
        figshare_api_url=f"{orders.figshare}/v2",
        figshare_stats_url=f"{orders.figshare}/stats",
        figshare_requests_per_second=1000.0,
        figshare_burst=1000,
    )
    send_once.LONGEST /= orders.speed
    # As many a second as there are in a minute of this clock.
    messenger.ALTOGETHER, messenger.TO_A_CHANNEL = 200.0, 50.0
    async with (
        database(orders.database, clock) as store,
        open_bot(settings, CommandRegistry(MODULES), Metrics(), clock, store) as bot,
        connected(settings) as line,
    ):
        ledger = Stopping(store, lease=orders.lease)
        ledger.stops = orders.stops
        digests = Worker(bot, ledger, line.courier(store, clock), rate=1000.0)
        async with (
            open_job_queue(orders.database, digests.look, INTERVAL, orders.schema) as engine,
            running(digests, engine, ledger, bot.subscriptions.changed, TICK),
        ):
            await asyncio.Event().wait()


def outlive(child: int, stopped_for: float) -> bool:
    """Wait for the end of a process, wake it when it is stopped, and tell whether it was killed."""
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        time.sleep(stopped_for)
        os.kill(child, signal.SIGCONT)


def end_with_parent() -> None:
    """Be killed when whoever started this process ends, even while it is stopped."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> None:
    """Fork, so that nothing has to be imported again."""
    orders = msgspec.json.decode(sys.argv[1], type=WorkerSpec)
    end_with_parent()
    while True:
        child = os.fork()
        if child == 0:
            end_with_parent()
            asyncio.run(work(orders))
        elif not outlive(child, orders.stopped_for):
            sys.exit("a worker ended by itself")


if __name__ == "__main__":
    main()
