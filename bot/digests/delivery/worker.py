"""The worker: enqueues the deliveries that are due, and processes what the queue hands out."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from bot.bot import Bot
from bot.digests.delivery.publisher import Publisher
from bot.digests.delivery.send_once import SEND_SETTLE_TIME, Messenger
from bot.digests.report import collect
from bot.digests.report.facts import Report
from bot.digests.report.fetcher import digest_error_message
from bot.digests.report.records import fetch_records
from bot.figshare.errors import FigshareError
from bot.language import topics
from bot.language.schedules import end_of_day
from bot.language.tokens import InvalidArgument
from bot.storage.database import DATABASE_ERRORS, describe_db_error
from bot.storage.deliveries import Deliveries
from bot.storage.outbox import Outbox
from bot.storage.outcomes import DeliveryOutcome
from bot.storage.rows import Claim, Delivery
from bot.upstream.request_context import RequestContext, request_context_of

log = logging.getLogger(__name__)

# An answer that was fetched for one digest serves all others for so many seconds.
_ANSWER_TTL = 6 * 3_600.0
# Long before its occurrence an attempt to collect a digest ends after so many seconds, and its lease soon
# after: so when its process is killed, another process tries again in time.
_MAX_COLLECT_TIME = 3_600.0
# How many seconds after its occurrence a digest waits for what Figshare has not answered yet.
_COLLECT_PATIENCE = 60.0
_RETRY_DELAY, _MAX_RETRY_DELAY = 60.0, 1_800.0
# How many seconds a file waits for what Figshare's records say of its rows.
_RECORDS_PATIENCE = 60.0
# How many requests to Figshare may wait on behalf of all digests.
_MAX_REQUESTS = 8
# How many deliveries of each state are processed at a time. Figshare is slow and Slack is fast, so what waits
# for the one has a queue of its own. Databases hold the names of these queues.
COLLECT_QUEUE, PUBLISH_QUEUE = "gather", "post"
CONCURRENCY = {COLLECT_QUEUE: 4, PUBLISH_QUEUE: 8}
# How often, in seconds, the worker looks for what is due, and how often while there is something to do.
POLL_INTERVAL, BUSY_POLL_INTERVAL = 5.0, 0.5
_VACUUM_INTERVAL = 3_600.0


class JobQueue(Protocol):
    """Hands out deliveries to the workers."""

    async def enqueue(self, queue: str, id: int, attempt: int) -> None:
        """Have a worker process a delivery, once for each attempt."""

    async def vacuum(self) -> None:
        """Delete the jobs that were done long ago."""


class Worker:
    """The worker of one process; several processes may each have one on the same database."""

    def __init__(
        self,
        bot: Bot,
        deliveries: Deliveries,
        outbox: Outbox,
        messenger: Messenger,
        *,
        rate: float,
        settle_time: float = SEND_SETTLE_TIME,
        observe: Callable[[DeliveryOutcome], None] = lambda outcome: None,
    ) -> None:
        self._bot, self._deliveries, self._rate = bot, deliveries, rate
        self._publisher = Publisher(deliveries, outbox, messenger, bot.clock, settle_time, observe)
        self._request_slots = asyncio.Semaphore(_MAX_REQUESTS)
        self._in_progress = set[int]()

    @property
    def is_busy(self) -> bool:
        """Return whether a delivery is being processed, after which there may be more to do at once."""
        return bool(self._in_progress)

    async def enqueue_due(self, queue: JobQueue) -> set[int]:
        """Claim and enqueue every delivery that is due now, and return their ids."""
        enqueued = set[int]()
        await self.create_due_deliveries()
        while claims := await self._deliveries.claim(self._bot.clock()):
            for index, claim in enumerate(claims):
                name = COLLECT_QUEUE if claim.state == "new" else PUBLISH_QUEUE
                try:
                    await queue.enqueue(name, claim.id, claim.attempt)
                except Exception:
                    await self._release_all(claims[index:])
                    raise
                enqueued.add(claim.id)
        return enqueued

    async def create_due_deliveries(self) -> None:
        """Create the deliveries of the occurrences that are due."""
        while await self._deliveries.create_due(self._rate, self._bot.clock()):
            pass

    async def process_delivery(self, id: int, attempt: int) -> None:
        """Collect a delivery's report, or publish it when that is done; never raises."""
        if id in self._in_progress:
            # The clock was put forward, so the lease ended of a delivery that this worker still processes.
            return
        self._in_progress.add(id)
        delivery: Delivery | None = None
        try:
            delivery = await self._deliveries.get(id)
            if delivery is None:
                await self._deliveries.discard(id)
            elif delivery.attempt == attempt:
                await self._process(delivery)
        except DATABASE_ERRORS as error:
            cause = describe_db_error(error)
            log.warning("the outcome of a digest could not be stored, will retry", extra={"cause": cause})
            await self._release_patiently(id, attempt)
        except Exception:
            log.exception("a digest failed", extra={"reference": secrets.token_hex(4), "delivery": id})
            if delivery is not None:
                await self._retry_later(delivery, "something went wrong on my end")
        finally:
            self._in_progress.discard(id)

    async def _process(self, delivery: Delivery) -> None:
        if delivery.is_file_wanted:
            await self._send_file(delivery)
            return
        if delivery.state == "ready":
            await self._publisher.publish(delivery)
            return
        report = await self._collect(delivery)
        if report is not None:
            await self._deliveries.store_report(delivery, msgspec.json.encode(report))

    async def _collect(self, delivery: Delivery) -> Report | None:
        """Return the report of a digest; None when it was put off until later."""
        now = self._bot.clock()
        # Near the occurrence it may take three times as long as the rate limit makes its requests take.
        min_time_limit = 3 * delivery.weight / self._rate
        time_left = min(delivery.occurrence - now, _MAX_COLLECT_TIME)
        time_limit = max(time_left, min_time_limit) + _COLLECT_PATIENCE
        await self._deliveries.extend_lease(delivery, now + time_limit + self._deliveries.lease)
        try:
            report = await self._fetch_report(delivery, now, time_limit)
        except (FigshareError, InvalidArgument) as error:
            is_upstream = isinstance(error, FigshareError)
            # An InvalidArgument quotes what a person typed, and that is never logged.
            cause = repr(error) if is_upstream else type(error).__name__
            log.info("digest delayed, will retry", extra={"delivery": delivery.id, "cause": cause})
            await self._retry_later(
                delivery, digest_error_message(error) if isinstance(error, FigshareError) else str(error)
            )
            return None
        # `digests run --at` sends by a clock that is ahead, but the figures are as of the real time.
        ahead = self._bot.clock() - self._deliveries.wall_clock()
        report = replace(report, as_of=report.as_of - ahead, ready_at=self._bot.clock())
        remaining = delivery.occurrence - self._bot.clock()
        if report.problems and remaining > _RETRY_DELAY:
            # Some figures are missing, and there is time to try again.
            moment = delivery.occurrence - max(remaining / 2, _RETRY_DELAY)
            await self._deliveries.retry_at(delivery, moment)
            return None
        return report

    async def _send_file(self, delivery: Delivery) -> None:
        """Send the figures of a digest that was sent long ago or just now, as somebody asked for them."""
        report = msgspec.json.decode(delivery.report or b"", type=Report)
        leased_until = self._bot.clock() + _RECORDS_PATIENCE + self._deliveries.lease
        await self._deliveries.extend_lease(delivery, leased_until)
        records = await fetch_records(self._bot, report, self._request_slots, _RECORDS_PATIENCE)
        await self._publisher.publish_file(delivery, report, records)

    async def _fetch_report(self, delivery: Delivery, now: float, time_limit: float) -> Report:
        # An answer from before the last day was over may lack some of that day.
        min_fetched_at = max(now - _ANSWER_TTL, end_of_day(delivery.last_day))
        deadline = asyncio.get_running_loop().time() + time_limit
        with request_context_of(RequestContext("", deadline, min_fetched_at=min_fetched_at)):
            return await collect.collect_report(
                self._bot,
                topics.parse_topic(delivery.topic),
                delivery.first_day,
                delivery.last_day,
                is_first=delivery.is_first,
                request_slots=self._request_slots,
            )

    async def _retry_later(self, delivery: Delivery, reason: str) -> None:
        """Let a delivery be tried again after a while, or end it when it has expired."""
        now = self._bot.clock()
        if now >= delivery.expires_at:
            if delivery.is_file_wanted:
                return await self._deliveries.finish_file(delivery)
            return await self._publisher.fail(delivery, reason)
        delay = min(_RETRY_DELAY * 2 ** min(delivery.attempt, 10) / 2, _MAX_RETRY_DELAY)
        await self._deliveries.retry_at(delivery, min(now + delay, delivery.expires_at))

    async def _release_all(self, claims: list[Claim]) -> None:
        for claim in claims:
            await self._deliveries.release(claim.id, claim.attempt)

    async def _release_patiently(self, id: int, attempt: int) -> None:
        """Give a claim back when the database works again; after a few failures let its lease run out."""
        for delay in (1.0, 5.0, 15.0):
            await asyncio.sleep(delay)
            with suppress(*DATABASE_ERRORS):
                return await self._deliveries.release(id, attempt)


@asynccontextmanager
async def poll_in_background(
    worker: Worker,
    queue: JobQueue,
    deliveries: Deliveries,
    wake: asyncio.Event,
    interval: float = POLL_INTERVAL,
) -> AsyncIterator[None]:
    """Enqueue what is due while the block runs: every few seconds, and at once when `wake` is set."""
    async with background_task(_poll(worker, queue, deliveries, wake, interval)):
        yield


async def _poll(
    worker: Worker, queue: JobQueue, deliveries: Deliveries, wake: asyncio.Event, interval: float
) -> None:
    vacuumed_at = float("-inf")
    while True:
        enqueued = set[int]()
        try:
            wake.clear()
            enqueued = await worker.enqueue_due(queue)
            if time.monotonic() - vacuumed_at > _VACUUM_INTERVAL:
                vacuumed_at = time.monotonic()
                await asyncio.gather(queue.vacuum(), deliveries.vacuum())
        except Exception as error:
            log.warning("digest run failed, will retry", extra={"cause": type(error).__name__})
        # A claim takes only a part of what is due, so there may be more.
        is_busy = bool(enqueued) or worker.is_busy
        with suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), min(interval, BUSY_POLL_INTERVAL) if is_busy else interval)


@asynccontextmanager
async def background_task(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run a coroutine while the block runs, and cancel it when the block ends."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
