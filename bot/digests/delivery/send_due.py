"""Sends the digests that are due, and ends: what `figshare-bot digests run` does."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence

from bot.bot import Bot
from bot.digests.delivery.send_once import Messenger
from bot.digests.delivery.worker import CONCURRENCY, Worker
from bot.storage.database import DATABASE_ERRORS, Database
from bot.storage.deliveries import Deliveries
from bot.storage.outbox import Outbox
from bot.storage.outcomes import DeliveryOutcome
from bot.storage.rows import OpenDelivery

# A run waits for what is due within so many seconds: long enough to find out what became of a message
# whose answer from Slack was lost.
_LOOK_AHEAD = 45.0
# Without any progress a run ends after STALLED_AFTER seconds, and says what it waits for every REPORT_AFTER.
STALLED_AFTER, REPORT_AFTER = 60.0, 10.0
CHECK_INTERVAL = 0.2
# How long a run waits for a database that does not answer.
_DATABASE_PATIENCE = 120.0
_RETRY_LATER, _ELSEWHERE = "to be tried again later", "left to another process"
_WAITING_FOR = {"new": "Figshare", "ready": "Slack"}
_MAX_NAMED = 10
_BAR_WIDTH, _MIN_FOR_BAR = 30, 5


async def send_due_digests(bot: Bot, database: Database, messenger: Messenger) -> dict[str, int]:
    """Send what is due by the bot's clock, and return how many digests came to which outcome, in words.

    Ends by itself: each delivery has a time limit, and what makes no progress is left for a later run. Raises
    one of DOWN when the database does not answer for minutes.
    """
    return await _Run(bot, database, messenger).run()


class _InProcessQueue:
    """Runs the jobs of one run in its own process.

    A run that sends ahead of time has a clock of its own; another process would wait for the occurrence.
    """

    def __init__(self, process: Callable[[int, int], Awaitable[None]]) -> None:
        self._process, self._tasks = process, set[asyncio.Task[None]]()
        self._semaphores = {name: asyncio.Semaphore(limit) for name, limit in CONCURRENCY.items()}

    @property
    def is_busy(self) -> bool:
        """Return whether a delivery is being processed or waits for that."""
        return bool(self._tasks)

    async def enqueue(self, queue: str, id: int, attempt: int) -> None:
        """Process a delivery as soon as fewer than the allowed number are being processed."""

        async def process() -> None:
            async with self._semaphores[queue]:
                await self._process(id, attempt)

        task = asyncio.create_task(process())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def vacuum(self) -> None:
        """Do nothing: jobs that are done leave nothing behind."""

    async def drain(self) -> None:
        """Wait for what is being processed."""
        await asyncio.gather(*self._tasks)


class _Run:
    """One run of the command, with a worker and a queue of its own."""

    def __init__(self, bot: Bot, database: Database, messenger: Messenger) -> None:
        self._clock = bot.clock
        self._deliveries = Deliveries(database, clock=bot.clock)
        self._outcomes: Counter[DeliveryOutcome] = Counter()
        self._worker = Worker(
            bot,
            self._deliveries,
            Outbox(database, clock=bot.clock),
            messenger,
            rate=bot.settings.figshare_requests_per_second,
            observe=lambda outcome: self._outcomes.update((outcome,)),
        )
        self._queue = _InProcessQueue(self._worker.process_delivery)
        self._enqueued = set[int]()

    async def run(self) -> dict[str, int]:
        last_id_before = await self._deliveries.newest_id()
        await self._worker.create_due_deliveries()
        remaining = await self._process_until_done_or_stalled()
        await self._queue.drain()
        await self._deliveries.vacuum()
        counts: Counter[str] = Counter()
        for outcome, count in self._outcomes.items():
            counts[str(outcome)] += count
        for other, count in (await self._deliveries.outcomes(self._enqueued, last_id_before)).items():
            counts[str(other) if other is not None else _RETRY_LATER] += count
        counts[_ELSEWHERE] += sum(delivery.id not in self._enqueued for delivery in remaining)
        return dict(sorted((+counts).items()))

    async def _process_until_done_or_stalled(self) -> list[OpenDelivery]:
        """Process what there is until nothing remains or nothing moves, and return what remains."""
        last_id, total, previous = await self._deliveries.newest_id(), 0, list[OpenDelivery]()
        answered_at = progress_at = reported_at = time.monotonic()
        while True:
            try:
                remaining = await self._deliveries.open_until(self._clock() + _LOOK_AHEAD, last_id)
                total = max(total, len(remaining))
                _show_progress(total - len(remaining), total, is_last=not remaining)
                now = time.monotonic()
                if {*remaining} != {*previous}:
                    previous, progress_at, reported_at = remaining, now, now
                if now - reported_at > REPORT_AFTER:
                    reported_at = now
                    _report_waiting(remaining, self._enqueued)
                if not remaining or (now - progress_at > STALLED_AFTER and not self._queue.is_busy):
                    return remaining
                self._enqueued |= await self._worker.enqueue_due(self._queue)
                answered_at = time.monotonic()
            except DATABASE_ERRORS:
                # A database that is being restarted answers again after a moment.
                if time.monotonic() - answered_at > _DATABASE_PATIENCE:
                    raise
            await asyncio.sleep(CHECK_INTERVAL)


def _report_waiting(remaining: Sequence[OpenDelivery], enqueued: Collection[int]) -> None:
    """Print what a run waits for."""
    subscriptions_by_cause: dict[str, list[int]] = {}
    for delivery in remaining:
        is_ours = delivery.id in enqueued
        cause = _WAITING_FOR[delivery.state] if is_ours else "another process"
        subscriptions_by_cause.setdefault(cause, []).append(delivery.subscription)
    for cause, subscriptions in subscriptions_by_cause.items():
        more = f" and {len(subscriptions) - _MAX_NAMED} more" if len(subscriptions) > _MAX_NAMED else ""
        listed = ", ".join(map(str, subscriptions[:_MAX_NAMED]))
        print(f"Waiting for {cause}: digest {listed}{more}", file=sys.stderr, flush=True)


def _show_progress(done: int, total: int, *, is_last: bool) -> None:
    if total >= _MIN_FOR_BAR and sys.stderr.isatty():
        bar = _progress_bar(done, total)
        print(f"\r{bar} {done} of {total}", end="\n" if is_last else "", file=sys.stderr, flush=True)


def _progress_bar(done: int, total: int) -> str:
    return f"{'█' * (_BAR_WIDTH * done // total):░<{_BAR_WIDTH}}"
