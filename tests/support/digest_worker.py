"""A process that sends digests as the program does, and is started again as often as it is killed.

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
from bot.digests.delivery.worker import Worker, poll_in_background
from bot.metrics import Metrics
from bot.settings import Settings
from bot.slack import messenger
from bot.slack.app import open_slack_connection
from bot.storage.database import open_database
from bot.storage.deliveries import Deliveries
from bot.storage.outbox import Outbox
from handlers import MODULES

# From linux/prctl.h.
PR_SET_PDEATHSIG = 1
QUEUE_INTERVAL, POLL_INTERVAL, PASSES_PER_STOP = 0.2, 0.3, 7


class WorkerSpec(msgspec.Struct):
    """The addresses that a worker process uses, and how fast its clock is."""

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


def fast_clock(began: float, speed: float) -> Callable[[], float]:
    """Return a clock that was right when it began, and has been `speed` times as fast since."""
    return lambda: began + (time.time() - began) * speed


class SuspendingOutbox(Outbox):
    """An outbox whose process is suspended just before a message is posted, and just after."""

    stops = 0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._passed, self._stopped = Counter[str](), Counter[str]()

    def _stop(self, where: str) -> None:
        self._passed[where] += 1
        if (
            self._passed[where] >= PASSES_PER_STOP * (self._stopped[where] + 1)
            and self._stopped[where] < self.stops
        ):
            self._stopped[where] += 1
            os.kill(os.getpid(), signal.SIGSTOP)
            print(f"stop {where}", flush=True)

    async def record_intent(self, *arguments: Any) -> int | None:
        """Record it, and stop now and then."""
        attempt = await super().record_intent(*arguments)
        if attempt is not None:
            self._stop("before")
        return attempt

    async def mark_sent(self, *arguments: Any) -> None:
        """Stop now and then, and record it."""
        self._stop("after")
        await super().mark_sent(*arguments)


async def work(spec: WorkerSpec) -> None:
    """Send digests until the process is killed."""
    clock = fast_clock(spec.began, spec.speed)
    settings = replace(
        Settings(),
        # names the process, so that FlakySlack can kill the sender of a request
        slack_api_url=f"{spec.slack}/{os.getpid()}/api/",
        slack_bot_token="xoxb-1",
        figshare_api_url=f"{spec.figshare}/v2",
        figshare_stats_url=f"{spec.figshare}/stats",
        figshare_requests_per_second=1000.0,
        figshare_burst=1000,
    )
    send_once.SEND_TIMEOUT /= spec.speed
    # High enough for the digests of a minute to leave within a minute of this clock.
    messenger.WORKSPACE_RATE, messenger.CHANNEL_RATE = 200.0, 50.0
    async with (
        open_database(spec.database, clock) as database,
        open_bot(settings, CommandRegistry(MODULES), Metrics(), clock, database) as bot,
        open_slack_connection(settings) as connection,
    ):
        deliveries, outbox = Deliveries(database, lease=spec.lease), SuspendingOutbox(database)
        outbox.stops = spec.stops
        worker = Worker(bot, deliveries, outbox, connection.messenger(database, clock), rate=1000.0)
        async with (
            open_job_queue(spec.database, worker.process_delivery, QUEUE_INTERVAL, spec.schema) as queue,
            poll_in_background(worker, queue, deliveries, bot.subscriptions.changed, POLL_INTERVAL),
        ):
            await asyncio.Event().wait()


def wait_for_end(child: int, stopped_for: float) -> bool:
    """Wait for the end of a process, waking it when it is stopped; return whether it was killed."""
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        time.sleep(stopped_for)
        os.kill(child, signal.SIGCONT)


def end_with_parent() -> None:
    """Have this process killed when its parent ends, even while it is suspended."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> None:
    """Run the worker in a fork, and after each kill in a new one, so that nothing is imported again."""
    spec = msgspec.json.decode(sys.argv[1], type=WorkerSpec)
    end_with_parent()
    while True:
        child = os.fork()
        if child == 0:
            end_with_parent()
            asyncio.run(work(spec))
        elif not wait_for_end(child, spec.stopped_for):
            sys.exit("a worker ended by itself")


if __name__ == "__main__":
    main()
