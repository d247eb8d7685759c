"""What digests cost: a look at what is due, making what is due, and the requests that 10,000 of them need."""

import argparse
import asyncio
import gc
import os
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from sqlalchemy import delete, select, update

from benchmarks.stubs import Place, place
from bot.digests.delivery.job_queue import open_job_queue
from bot.digests.delivery.ticking import running
from bot.storage.tables import delivery, subscription

SLOT = datetime(2026, 11, 30, 9, tzinfo=UTC).timestamp()
HOUR, DAY, ROUNDS = 3_600.0, 86_400.0, 100


class Nobody:
    """An engine that carries nothing."""

    async def enqueue(self, queue: str, id: int, number: int) -> None:
        pass

    async def clean(self) -> None:
        pass


class Pulse:
    """Notes for how long at most the loop let nobody else have a turn."""

    async def __aenter__(self) -> "Pulse":
        self.longest, self._task = 0.0, asyncio.create_task(self._beat())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _beat(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            self.longest = max(self.longest, time.perf_counter() - began - 0.005)


async def nothing(it: Place) -> None:
    pass


async def ten_due(it: Place) -> None:
    some = select(subscription.c.id).order_by(subscription.c.id).limit(10)
    due = update(subscription).where(subscription.c.id.in_(some)).values(next_at=it.clock() - 1)
    async with it.store.engine.begin() as connection:
        await connection.execute(delete(delivery))
        await connection.execute(due)


async def tick(it: Place, before: Callable[[Place], Awaitable[None]]) -> tuple[float, int]:
    """Give the seconds of a tick, the best of many, and the bytes that one needs at most."""
    times = []
    for _ in range(ROUNDS):
        await before(it)
        began = time.perf_counter()
        await it.digests.tick(Nobody())
        times.append(time.perf_counter() - began)
    await before(it)
    gc.collect()
    tracemalloc.start()
    await it.digests.tick(Nobody())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return min(times), peak


async def ticks(url: str, sizes: list[int], given: argparse.Namespace) -> None:
    """Show what a tick costs when nothing, or ten, of many subscriptions are due."""
    cases = (
        ("none due", 7 * DAY, nothing),
        ("10 due", 7 * DAY, ten_due),
        ("none due, all of them in an hour", HOUR, nothing),
    )
    print(f"{'a tick: ms, peak KB':32}", *(f"{size:>14,}" for size in sizes), " ratio")
    async with place(url, SLOT) as it:
        for name, ahead, before in cases:
            shown = []
            for size in sizes:
                await it.fill(size, given.items, lambda number, ahead=ahead: SLOT + ahead + number % 600)
                it.clock.set(SLOT)
                shown.append(await tick(it, before))
            cells = (f"{1e3 * seconds:8.2f} {peak / 1e3:5.0f}" for seconds, peak in shown)
            print(f"{name:32}", *cells, f"{shown[-1][0] / shown[0][0]:6.2f}")


async def expansion(url: str, sizes: list[int], given: argparse.Namespace) -> None:
    """Show how long it takes to make the deliveries of all subscriptions at once."""
    async with place(url, SLOT) as it:
        for size in sizes:
            await it.fill(size, given.items, lambda number: SLOT)
            async with Pulse() as pulse:
                began = time.perf_counter()
                await it.digests.expand()
                took = time.perf_counter() - began
            held = f"the loop held for {1e3 * pulse.longest:.0f} ms at most"
            print(f"{size:,} due at once: their deliveries made in {took:.2f} s, {held}")


async def whole(url: str, sizes: list[int], given: argparse.Namespace) -> None:
    """Send a digest to each of the channels, all due at once, through the engine."""
    count, items = sizes[-1], min(given.items, sizes[-1])
    async with place(url, SLOT) as it:
        await it.fill(count, items, lambda number: SLOT)
        it.clock.set(SLOT)
        gc.collect()
        before, began = resident(), time.perf_counter()
        async with (
            open_job_queue(url, it.digests.look, given.interval) as engine,
            running(it.digests, engine, it.ledger, asyncio.Event()),
            Pulse() as pulse,
        ):
            while await it.ledger.open_until(SLOT + DAY) or len(it.slack.posted) < count:
                await asyncio.sleep(1)
                if sys.stderr.isatty():
                    print(f"\r{len(it.slack.posted):,}", end="", file=sys.stderr)
            took = time.perf_counter() - began
        asked, posted = it.figshare.asked, it.slack.posted
        print(f"{count:,} subscriptions on {items:,} items, the queue looked at every {given.interval:g} s:")
        print(f"  requests to Figshare: {sum(asked.values()):,}, distinct: {len(asked):,}")
        print(f"  messages to Slack: {sum(posted.values()):,}, distinct: {len(posted):,}")
        print(f"  all sent after {took:.0f} s, {count / took:.1f} a second")
        print(f"  {(resident() - before) / 1e6:.0f} MB more, the loop held for {1e3 * pulse.longest:.0f} ms")


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


PARTS = {"ticks": ticks, "expansion": expansion, "whole": whole}


async def main(given: argparse.Namespace) -> None:
    sizes = [size for size in (100, 1_000) if size < given.subscriptions] + [given.subscriptions]
    with tempfile.TemporaryDirectory() as folder:
        for name in given.parts or PARTS:
            await PARTS[name](given.database or f"sqlite:///{folder}/{name}.db", sizes, given)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=PARTS, help="all of them unless some are named")
    parser.add_argument("--subscriptions", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=1_000)
    parser.add_argument("--interval", type=float, default=0.1, help="of the queue, in seconds; serve has 1")
    parser.add_argument("--database", default="", help="an empty PostgreSQL database instead of SQLite files")
    uvloop.run(main(parser.parse_args()))
