"""Tasks that outlive the request that began them: bounded in number, and finished before the process ends."""

import asyncio
import logging
import secrets
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)


class BackgroundTasks:
    """Holds the running tasks, since asyncio itself keeps only weak references to them."""

    def __init__(self, capacity: int = 200) -> None:
        self._capacity, self._tasks = capacity, set[asyncio.Task[Any]]()

    @property
    def length(self) -> int:
        """Return how many tasks are running."""
        return len(self._tasks)

    @property
    def is_full(self) -> bool:
        """Return whether no more questions should be taken; `spawn` starts a task all the same."""
        return len(self._tasks) >= self._capacity

    def spawn(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task and keep it until it is done; an error that nobody awaits is logged."""
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        return task

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an answer was lost", exc_info=error, extra={"reference": secrets.token_hex(4)})

    async def drain(self, seconds: float) -> None:
        """Wait for the running tasks, at most so many seconds, then cancel those that are left."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
