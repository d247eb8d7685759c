"""What the bot can do without for a while: asked with little patience, left alone after it failed.

Being late is not being away: whoever can wait longer than others have in vain still asks.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from bot.text import cut

T = TypeVar("T")
D = TypeVar("D")
log = logging.getLogger(__name__)

PAUSE = 5.0
# After it failed it is asked so often whether it is back.
PROBE = 0.25
_CLOSING = 1.0


class CircuitBreaker:
    """Something outside that helps while it answers; says once that it is away and once that it is back."""

    def __init__(
        self,
        name: str,
        patience: float,
        pause: float = PAUSE,
        clock: Callable[[], float] = time.monotonic,
        probe: Callable[[], Awaitable[Any]] | None = None,
    ) -> None:
        self._name, self.patience, self._pause, self._clock = name, patience, pause, clock
        self._again_at, self._late, self._is_away = float("-inf"), 0, False
        # The longest that somebody has waited in vain since it answered last.
        self._vain = 0.0
        self._asking: set[asyncio.Future[Any]] = set()
        self._probe = probe
        self._looking: asyncio.Future[None] | None = None

    async def call(
        self, call: Callable[[], Awaitable[T]], otherwise: D, patience: float | None = None
    ) -> T | D:
        """Give what the call gives, or `otherwise` when it fails or takes too long; never raises."""
        patience = patience or self.patience
        if patience <= self._vain and self._clock() < self._again_at:
            return otherwise
        try:
            return await self.call_within(patience, call)
        except Exception:
            return otherwise

    async def call_within(self, seconds: float, call: Callable[[], Awaitable[T]]) -> T:
        """Give what the call gives; raises what it raises, and TimeoutError when it takes longer.

        A late call is left to end by itself: cancelled, redis would drop its connection at each slow answer,
        and psycopg would first wait for the server to confirm.
        """
        task = asyncio.ensure_future(call())
        self._asking.add(task)
        task.add_done_callback(self._ended)
        done, _ = await asyncio.wait((task,), timeout=seconds)
        if not done:
            self._is_late(seconds)
        if not done or task.cancelled():
            raise TimeoutError(f"no answer within {seconds:g} s")
        return task.result()

    async def close(self) -> None:
        """Let what is still being asked end by itself, for a second; then end it."""
        self._probe = None
        if self._looking is not None:
            self._looking.cancel()
        # Cancelled while it connects, aiosqlite's thread outlives us and ends with a traceback.
        if self._asking:
            await asyncio.wait(self._asking, timeout=_CLOSING)
        for task in self._asking:
            task.cancel()
        if self._asking:
            await asyncio.wait(self._asking, timeout=_CLOSING)

    def _ended(self, task: asyncio.Future[Any]) -> None:
        self._asking.discard(task)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            self._again_at, self._vain = self._clock() + self._pause, float("inf")
            self._say_away(describe_error(error))
            if self._probe and (self._looking is None or self._looking.done()):
                self._looking = asyncio.ensure_future(self._look_for_it(self._probe))
                self._looking.add_done_callback(self._ended)
            return
        self._again_at, self._vain, self._late = float("-inf"), 0.0, 0
        if self._is_away:
            self._is_away = False
            log.info("back again", extra={"service": self._name})

    async def _look_for_it(self, probe: Callable[[], Awaitable[Any]]) -> None:
        """Ask it until it answers, so that it is used again at once."""
        while self._vain:
            await asyncio.sleep(PROBE)
            with suppress(Exception):
                await probe()
                return

    def _is_late(self, seconds: float) -> None:
        # One late answer is a hiccup; nobody as impatient waits for it, and with it the pause ends.
        if self._clock() >= self._again_at:
            self._late += 1
        self._again_at, self._vain = self._clock() + self._pause, max(self._vain, seconds)
        if self._late > 1:
            self._say_away("no answer in time")

    def _say_away(self, why: str) -> None:
        if not self._is_away:
            self._is_away = True
            log.warning("going on without it", extra={"service": self._name, "cause": why})


def describe_error(error: BaseException) -> str:
    """Name an error in one line."""
    said = str(error).strip().partition("\n")[0]
    return cut(f"{type(error).__name__}: {said}" if said else type(error).__name__, 200)
