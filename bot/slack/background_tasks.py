"""Answers under way: bounded in number, and finished before the process ends."""

import asyncio
import logging
import secrets
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)


class BackgroundTasks:
    """Keeps the tasks that answer questions."""

    def __init__(self, most: int = 200) -> None:
        self._most, self._tasks = most, set[asyncio.Task[Any]]()

    @property
    def length(self) -> int:
        """Tell how many tasks are under way."""
        return len(self._tasks)

    @property
    def is_full(self) -> bool:
        """Tell whether another question would be one too many."""
        return len(self._tasks) >= self._most

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin a piece of work and keep it until it is done."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an answer was lost", exc_info=error, extra={"reference": secrets.token_hex(4)})

    async def drain(self, patience: float) -> None:
        """Wait for what is under way, at most so many seconds, then end it."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
