"""Carries the looks at deliveries: DBOS, a durable queue on the same database. Nothing else here knows it.

It waits for its database wherever it is called, at most half a minute: so only threads of its own call it.
https://docs.dbos.dev/python/tutorials/queue-tutorial
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
from sqlalchemy import make_url

from bot.digests.delivery.worker import WORKERS
from bot.storage.database import POSTGRESQL

_T = TypeVar("_T")

_DAY = 86_400.0
# When the bot is told to stop.
_DRAIN = 5.0


class Engine:
    """A queue in the database that several processes share."""

    def __init__(self, queues: dict[str, DurableQueue]) -> None:
        self._queues = queues

    async def enqueue(self, queue: str, id: int, number: int) -> None:
        """Have a process look at a delivery."""
        await _apart(self._queues[queue].enqueue, _look, id, number)

    async def clean(self) -> None:
        """Drop what was carried long ago."""
        await _apart(_clean)


def _clean() -> None:
    before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 7 * _DAY))
    while old := DBOS.list_workflows(end_time=before, limit=500, load_input=False, load_output=False):
        DBOS.delete_workflows([each.workflow_id for each in old])


# DBOS is one for a process, and finds by its name what it is to run.
_looking: Callable[[int, int], Future[None]] | None = None
_one_at_a_time = Lock()


@DBOS.workflow(name="look")
async def _look(id: int, number: int) -> None:
    if _looking is not None:
        await asyncio.wrap_future(_looking(id, number))


@asynccontextmanager
async def open_job_queue(
    url: str, look: Callable[[int, int], Awaitable[None]], interval: float = 1.0, schema: str = "dbos"
) -> AsyncIterator[Engine]:
    """Start carrying; `look` is called in this loop, here or in another process, for whatever is enqueued."""
    global _looking
    loop, under_way = asyncio.get_running_loop(), set[asyncio.Task[None] | None]()

    async def looked(id: int, number: int) -> None:
        task = asyncio.current_task()
        under_way.add(task)
        try:
            await look(id, number)
        finally:
            under_way.discard(task)

    def looking(id: int, number: int) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(looked(id, number), loop)

    _looking = looking
    launching = asyncio.ensure_future(_apart(_launched, _config(url, schema), interval))
    try:
        yield Engine(await asyncio.shield(launching))
    finally:
        _looking = None
        await asyncio.wait((launching, *filter(None, under_way)), timeout=_DRAIN)
        await asyncio.wait((asyncio.ensure_future(_apart(_destroy)),), timeout=_DRAIN)


async def _apart(function: Callable[..., _T], *given: Any) -> _T:
    """Call in a thread that nobody waits for: asyncio's own would keep a process that is told to stop."""
    answer = Future[_T]()

    def call() -> None:
        answer.set_running_or_notify_cancel()
        try:
            answer.set_result(function(*given))
        except Exception as error:
            answer.set_exception(error)

    Thread(target=call, daemon=True).start()
    return await asyncio.wrap_future(answer)


def _launched(config: DBOSConfig, interval: float) -> dict[str, DurableQueue]:
    # DBOS says at length what it does; what goes wrong in a look is ours to say.
    logging.getLogger("dbos").setLevel(logging.CRITICAL)
    with _one_at_a_time:
        DBOS(config=config)
        DBOS.launch()
        return {
            name: DBOS.register_queue(name, worker_concurrency=most, polling_interval_sec=interval)
            for name, most in WORKERS.items()
        }


def _destroy() -> None:
    with _one_at_a_time:
        DBOS.destroy()


def _config(url: str, schema: str) -> DBOSConfig:
    address = _address(url)
    config: DBOSConfig = {
        "name": "figshare-bot",
        "system_database_url": address,
        "dbos_system_schema": schema,
        # What was enqueued by one version is carried by the next.
        "application_version": "1",
        # A look whose process is gone is taken again by the ledger, under another number.
        "executor_id": uuid.uuid4().hex,
        "use_listen_notify": False,
        # Small databases allow twenty connections, and every process has its own.
        "sys_db_pool_size": 4,
        "log_level": "CRITICAL",
        "console_log_level": "CRITICAL",
    }
    if not address.startswith("sqlite"):
        config["db_engine_kwargs"] = {"connect_args": POSTGRESQL}
    return config


def _address(url: str) -> str:
    """Write the address for DBOS, which speaks to SQLite without asyncio."""
    address = make_url(url.replace("postgres://", "postgresql://", 1))
    driver = "sqlite" if address.get_backend_name() == "sqlite" else "postgresql+psycopg"
    return address.set(drivername=driver).render_as_string(hide_password=False)
