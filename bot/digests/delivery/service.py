"""Sends digests in the background of `serve` and the playground: the worker, its queue, their health."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.bot import Bot
from bot.digests.delivery.send_once import Messenger
from bot.digests.delivery.worker import POLL_INTERVAL, Worker, background_task, poll_in_background
from bot.storage.database import DATABASE_ERRORS, Database, describe_db_error
from bot.storage.deliveries import Deliveries
from bot.storage.outbox import Outbox

log = logging.getLogger(__name__)

_RESTART_DELAY = 30.0


class DeliveryHealth:
    """Whether digests can be sent at the moment; `problem` says why not, and is empty when they can."""

    problem = ""

    async def current_problem(self) -> str:
        """Return `problem`, in the form of the other checks of `serve`."""
        return self.problem


@asynccontextmanager
async def send_in_background(
    bot: Bot,
    database: Database,
    messenger: Messenger,
    url: str,
    *,
    health: DeliveryHealth | None = None,
    queue_interval: float = 1.0,
    poll_interval: float = POLL_INTERVAL,
    observe: Callable[[str], None] = lambda outcome: None,
) -> AsyncIterator[None]:
    """Send digests while the block runs; the block begins at once, the sending about a second later.

    `url` is the address of the database, `observe` is called with the stored text of each outcome. The
    intervals are in seconds: the queue looks for what is enqueued, the worker for what is due.
    """
    service = _Service(
        bot, database, messenger, url, health or DeliveryHealth(), queue_interval, poll_interval, observe
    )
    async with background_task(service.run()):
        yield


class _Service:
    def __init__(
        self,
        bot: Bot,
        database: Database,
        messenger: Messenger,
        url: str,
        health: DeliveryHealth,
        queue_interval: float,
        poll_interval: float,
        observe: Callable[[str], None],
    ) -> None:
        self._bot, self._database, self._url, self._health = bot, database, url, health
        self._queue_interval, self._poll_interval = queue_interval, poll_interval
        self._deliveries = Deliveries(database)
        self._worker = Worker(
            bot,
            self._deliveries,
            Outbox(database),
            messenger,
            rate=bot.settings.figshare_requests_per_second,
            observe=lambda outcome: observe(outcome.stored),
        )

    async def run(self) -> None:
        """Send digests until cancelled; after an error start again, when _RESTART_DELAY has passed."""
        while True:
            try:
                await self._run_until_error()
            except Exception as error:
                cause = describe_db_error(error)
                self._health.problem = f"Digests can't be sent ({cause})"
                log.error(
                    "digests can't be sent, will retry",
                    extra={"cause": cause, "again_in": _RESTART_DELAY},
                    exc_info=None if isinstance(error, DATABASE_ERRORS) else error,
                )
            await asyncio.sleep(_RESTART_DELAY)

    async def _run_until_error(self) -> None:
        assert self._bot.subscriptions is not None
        # Importing DBOS takes longer than all the rest of a start.
        await asyncio.to_thread(__import__, "bot.digests.delivery.job_queue")
        from bot.digests.delivery.job_queue import open_job_queue

        # A schema beside the bot's own, so that two bots on one database never share a queue.
        schema = await self._database.schema()
        queue_schema = f"{schema}_dbos" if schema else "dbos"
        async with (
            open_job_queue(
                self._url, self._worker.process_delivery, self._queue_interval, queue_schema
            ) as queue,
            poll_in_background(
                self._worker, queue, self._deliveries, self._bot.subscriptions.changed, self._poll_interval
            ),
        ):
            self._health.problem = ""
            await asyncio.Event().wait()
