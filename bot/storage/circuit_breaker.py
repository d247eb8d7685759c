"""A circuit breaker around a service that the bot can do without for a while: the database or Redis.

    closed ──── an error, or no answer in time ────> open       calls return their default at once
      ^                                              │  ^
      │                                 pause over,  │  │  an error, or no answer in time
      │                                 or a probe   v  │
      └──────────────── an answer ─────────────── half-open     the service is called again

Each call says how long it can wait. After an error the circuit is open to all calls for `pause` seconds. When
the service is only late, it is open to the impatient: a call that can wait longer than all those that have
timed out since the last answer is still made. Half-open is the next call after the pause, or before that a
`probe` (a ping every quarter of a second). The loss of the service and its return are logged once each.
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

# Seconds for which the circuit stays open, and between two probes meanwhile.
PAUSE = 5.0
PROBE_INTERVAL = 0.25
_CLOSING_TIMEOUT = 1.0


class CircuitBreaker:
    """Calls to one service: each waits `patience` seconds for it at most, and is skipped while it fails."""

    def __init__(
        self,
        name: str,
        patience: float,
        pause: float = PAUSE,
        clock: Callable[[], float] = time.monotonic,
        probe: Callable[[], Awaitable[Any]] | None = None,
    ) -> None:
        self._name, self.patience, self._pause, self._clock = name, patience, pause, clock
        self._retry_at, self._late_calls, self._is_reported = float("-inf"), 0, False
        # The most seconds that a call has waited in vain since the last answer; infinite after an error.
        self._longest_wait = 0.0
        self._calls: set[asyncio.Future[Any]] = set()
        self._probe = probe
        self._probing: asyncio.Future[None] | None = None

    def is_open(self, patience: float) -> bool:
        """Return whether a call that can wait `patience` seconds is skipped."""
        return patience <= self._longest_wait and self._clock() < self._retry_at

    async def call(
        self, operation: Callable[[], Awaitable[T]], default: D, patience: float | None = None
    ) -> T | D:
        """Return the operation's result, or `default` when it fails or takes too long; never raises."""
        patience = patience or self.patience
        if self.is_open(patience):
            return default
        try:
            return await self.call_within(patience, operation)
        except Exception:
            return default

    async def call_within(self, seconds: float, operation: Callable[[], Awaitable[T]]) -> T:
        """Return the operation's result; raises what it raises, and TimeoutError when it takes longer.

        A late call is not cancelled, but left to end by itself: a cancelled one makes redis drop its
        connection, and makes psycopg wait until the server confirms.
        """
        task = asyncio.ensure_future(operation())
        self._calls.add(task)
        task.add_done_callback(self._on_done)
        done, _ = await asyncio.wait((task,), timeout=seconds)
        if not done:
            self._on_late(seconds)
        if not done or task.cancelled():
            raise TimeoutError(f"no answer within {seconds:g} s")
        return task.result()

    async def close(self) -> None:
        """Wait a second for the calls under way to end by themselves, then cancel them."""
        self._probe = None
        if self._probing is not None:
            self._probing.cancel()
        # If aiosqlite were cancelled while it connects, its thread would end with a traceback.
        if self._calls:
            await asyncio.wait(self._calls, timeout=_CLOSING_TIMEOUT)
        for task in self._calls:
            task.cancel()
        if self._calls:
            await asyncio.wait(self._calls, timeout=_CLOSING_TIMEOUT)

    def _on_done(self, task: asyncio.Future[Any]) -> None:
        self._calls.discard(task)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            self._retry_at, self._longest_wait = self._clock() + self._pause, float("inf")
            self._report(describe_error(error))
            if self._probe and (self._probing is None or self._probing.done()):
                self._probing = asyncio.ensure_future(self._probe_until_back(self._probe))
                self._probing.add_done_callback(self._on_done)
            return
        self._retry_at, self._longest_wait, self._late_calls = float("-inf"), 0.0, 0
        if self._is_reported:
            self._is_reported = False
            log.info("back again", extra={"service": self._name})

    async def _probe_until_back(self, probe: Callable[[], Awaitable[Any]]) -> None:
        while self._longest_wait:
            await asyncio.sleep(PROBE_INTERVAL)
            with suppress(Exception):
                await probe()
                return

    def _on_late(self, seconds: float) -> None:
        # One late answer is not reported yet; late answers within one pause count as one.
        if self._clock() >= self._retry_at:
            self._late_calls += 1
        self._retry_at = self._clock() + self._pause
        self._longest_wait = max(self._longest_wait, seconds)
        if self._late_calls > 1:
            self._report("no answer in time")

    def _report(self, cause: str) -> None:
        if not self._is_reported:
            self._is_reported = True
            log.warning(
                "service unavailable, continuing without it", extra={"service": self._name, "cause": cause}
            )


def describe_error(error: BaseException) -> str:
    """Return an error's type and the first line of its text."""
    text = str(error).strip().partition("\n")[0]
    return cut(f"{type(error).__name__}: {text}" if text else type(error).__name__, 200)
