"""A job queue that several processes share: DBOS, on the database of the bot. Only this module knows DBOS.

Every call of DBOS blocks its thread while it waits for the database, for up to half a minute. So each call
is made in a thread of its own. https://docs.dbos.dev/python/tutorials/queue-tutorial
"""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from threading import Lock, Thread
from typing import Any, TypeVar

from dbos import DBOS, DBOSConfig
from dbos import Queue as DurableQueue

from bot.digests.delivery.worker import CONCURRENCY
from bot.storage.database import POSTGRESQL_ARGUMENTS
from bot.storage.database_url import sync_url

_T = TypeVar("_T")

_DAY = 86_400.0
# How long the bot waits for jobs, and for DBOS, when it is told to stop.
_SHUTDOWN_TIMEOUT = 5.0


class DbosJobQueue:
    """The queues in the database, by their names."""

    def __init__(self, queues: dict[str, DurableQueue]) -> None:
        self._queues = queues

    async def enqueue(self, queue: str, id: int, attempt: int) -> None:
        """Have one of the processes run the handler once for an attempt at a delivery."""
        await _in_daemon_thread(self._queues[queue].enqueue, _process_job, id, attempt)

    async def vacuum(self) -> None:
        """Delete the jobs that are older than a week."""
        await _in_daemon_thread(_delete_old_jobs)


def _delete_old_jobs() -> None:
    before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 7 * _DAY))
    while jobs := DBOS.list_workflows(end_time=before, limit=500, load_input=False, load_output=False):
        DBOS.delete_workflows([job.workflow_id for job in jobs])


# There is one DBOS in a process, and so one handler of its jobs. DBOS finds the function of a job by the name
# in the database, so this version runs the jobs that an earlier version has enqueued.
_handler: Callable[[int, int], Future[None]] | None = None
_launch_lock = Lock()


@DBOS.workflow(name="look")
async def _process_job(id: int, attempt: int) -> None:
    if _handler is not None:
        await asyncio.wrap_future(_handler(id, attempt))


@asynccontextmanager
async def open_job_queue(
    url: str, process: Callable[[int, int], Awaitable[None]], interval: float = 1.0, schema: str = "dbos"
) -> AsyncIterator[DbosJobQueue]:
    """Open the queue, and run `process` in this event loop for the jobs that this process gets.

    `interval` is how often, in seconds, DBOS looks for jobs in its database.
    """
    global _handler
    loop, in_progress = asyncio.get_running_loop(), set[asyncio.Task[None] | None]()

    async def process_tracked(id: int, attempt: int) -> None:
        task = asyncio.current_task()
        in_progress.add(task)
        try:
            await process(id, attempt)
        finally:
            in_progress.discard(task)

    def submit(id: int, attempt: int) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(process_tracked(id, attempt), loop)

    _handler = submit
    launching = asyncio.ensure_future(_in_daemon_thread(_launch, _config(url, schema), interval))
    try:
        yield DbosJobQueue(await asyncio.shield(launching))
    finally:
        _handler = None
        await asyncio.wait((launching, *filter(None, in_progress)), timeout=_SHUTDOWN_TIMEOUT)
        await asyncio.wait((asyncio.ensure_future(_in_daemon_thread(_destroy)),), timeout=_SHUTDOWN_TIMEOUT)


async def _in_daemon_thread(function: Callable[..., _T], *arguments: Any) -> _T:
    """Call a function in a thread that, unlike one of asyncio's executor, never keeps the process alive."""
    future = Future[_T]()

    def call() -> None:
        future.set_running_or_notify_cancel()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)

    Thread(target=call, daemon=True).start()
    return await asyncio.wrap_future(future)


def _launch(config: DBOSConfig, interval: float) -> dict[str, DurableQueue]:
    # DBOS logs every step; the worker logs the failures of a job itself.
    logging.getLogger("dbos").setLevel(logging.CRITICAL)
    with _launch_lock:
        DBOS(config=config)
        DBOS.launch()
        return {
            name: DBOS.register_queue(name, worker_concurrency=limit, polling_interval_sec=interval)
            for name, limit in CONCURRENCY.items()
        }


def _destroy() -> None:
    with _launch_lock:
        DBOS.destroy()


def _config(url: str, schema: str) -> DBOSConfig:
    address = sync_url(url)
    config: DBOSConfig = {
        "name": "figshare-bot",
        "system_database_url": address,
        "dbos_system_schema": schema,
        # The same for every version of the bot, so that each runs the jobs that another has enqueued.
        "application_version": "1",
        # Always another, so that DBOS never resumes the jobs of a killed process: the leases of their
        # deliveries end, and new attempts are enqueued.
        "executor_id": uuid.uuid4().hex,
        "use_listen_notify": False,
        # Small databases allow twenty connections, and every process has its own.
        "sys_db_pool_size": 4,
        "log_level": "CRITICAL",
        "console_log_level": "CRITICAL",
    }
    if not address.startswith("sqlite"):
        config["db_engine_kwargs"] = {"connect_args": POSTGRESQL_ARGUMENTS}
    return config
