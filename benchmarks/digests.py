"""What digests cost: finding what is due, creating its deliveries, and the requests of 10,000 digests."""

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
from bot.digests.delivery.worker import poll_in_background
from bot.language.tokens import LARGEST_ROW_ID
from bot.storage.tables import delivery_table, subscription_table

SLOT = datetime(2026, 11, 30, 9, tzinfo=UTC).timestamp()
HOUR, DAY, ROUNDS = 3_600.0, 86_400.0, 100


class IdleQueue:
    """A job queue that runs nothing."""

    async def enqueue(self, queue: str, id: int, attempt: int) -> None:
        pass

    async def vacuum(self) -> None:
        pass


class LoopMonitor:
    """Measures the longest time for which the event loop was blocked, in seconds."""

    async def __aenter__(self) -> "LoopMonitor":
        self.longest, self._task = 0.0, asyncio.create_task(self._beat())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _beat(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            self.longest = max(self.longest, time.perf_counter() - began - 0.005)


async def make_none_due(bench: Place) -> None:
    pass


async def make_ten_due(bench: Place) -> None:
    first_ten = select(subscription_table.c.id).order_by(subscription_table.c.id).limit(10)
    due = (
        update(subscription_table)
        .where(subscription_table.c.id.in_(first_ten))
        .values(next_at=bench.clock() - 1)
    )
    async with bench.store.engine.begin() as connection:
        await connection.execute(delete(delivery_table))
        await connection.execute(due)


async def measure_tick(bench: Place, prepare: Callable[[Place], Awaitable[None]]) -> tuple[float, int]:
    """Return the seconds of a tick, the best of many, and the most bytes that one needs."""
    times = []
    for _ in range(ROUNDS):
        await prepare(bench)
        began = time.perf_counter()
        await bench.digests.tick(IdleQueue())
        times.append(time.perf_counter() - began)
    await prepare(bench)
    gc.collect()
    tracemalloc.start()
    await bench.digests.tick(IdleQueue())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return min(times), peak


async def ticks(url: str, sizes: list[int], options: argparse.Namespace) -> None:
    """Print what a tick costs when none or ten of many subscriptions are due."""
    cases = (
        ("none due", 7 * DAY, make_none_due),
        ("10 due", 7 * DAY, make_ten_due),
        ("none due, all of them in an hour", HOUR, make_none_due),
    )
    print(f"{'a tick: ms, peak KB':32}", *(f"{size:>14,}" for size in sizes), " ratio")
    async with place(url, SLOT) as bench:
        for name, ahead, prepare in cases:
            results = []
            for size in sizes:
                await bench.fill(size, options.items, lambda number, ahead=ahead: SLOT + ahead + number % 600)
                bench.clock.set(SLOT)
                results.append(await measure_tick(bench, prepare))
            cells = (f"{1e3 * seconds:8.2f} {peak / 1e3:5.0f}" for seconds, peak in results)
            print(f"{name:32}", *cells, f"{results[-1][0] / results[0][0]:6.2f}")


async def expansion(url: str, sizes: list[int], options: argparse.Namespace) -> None:
    """Print how long it takes to create the deliveries of all subscriptions at once."""
    async with place(url, SLOT) as bench:
        for size in sizes:
            await bench.fill(size, options.items, lambda number: SLOT)
            async with LoopMonitor() as monitor:
                began = time.perf_counter()
                await bench.digests.expand()
                seconds = time.perf_counter() - began
            blocked = f"the loop blocked for {1e3 * monitor.longest:.0f} ms at most"
            print(f"{size:,} due at once: their deliveries created in {seconds:.2f} s, {blocked}")


async def whole(url: str, sizes: list[int], options: argparse.Namespace) -> None:
    """Send a digest to each of the channels, all due at once, through the job queue."""
    count, items = sizes[-1], min(options.items, sizes[-1])
    async with place(url, SLOT) as bench:
        await bench.fill(count, items, lambda number: SLOT)
        bench.clock.set(SLOT)
        gc.collect()
        memory, began = resident(), time.perf_counter()
        async with (
            open_job_queue(url, bench.digests.process_delivery, options.interval) as queue,
            poll_in_background(bench.digests, queue, bench.ledger, asyncio.Event()),
            LoopMonitor() as monitor,
        ):
            while (
                await bench.ledger.open_until(SLOT + DAY, LARGEST_ROW_ID) or len(bench.slack.posted) < count
            ):
                await asyncio.sleep(1)
                if sys.stderr.isatty():
                    print(f"\r{len(bench.slack.posted):,}", end="", file=sys.stderr)
            seconds = time.perf_counter() - began
        requests, posted = bench.figshare.asked, bench.slack.posted
        print(f"{count:,} subscriptions on {items:,} items, the queue polled every {options.interval:g} s:")
        print(f"  requests to Figshare: {sum(requests.values()):,}, distinct: {len(requests):,}")
        print(f"  messages to Slack: {sum(posted.values()):,}, distinct: {len(posted):,}")
        print(f"  all sent after {seconds:.0f} s, {count / seconds:.1f} a second")
        megabytes, blocked = (resident() - memory) / 1e6, 1e3 * monitor.longest
        print(f"  {megabytes:.0f} MB more, the loop blocked for {blocked:.0f} ms at most")


def resident() -> int:
    """Return the memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


PARTS = {"ticks": ticks, "expansion": expansion, "whole": whole}


async def main(options: argparse.Namespace) -> None:
    sizes = [size for size in (100, 1_000) if size < options.subscriptions] + [options.subscriptions]
    with tempfile.TemporaryDirectory() as folder:
        for name in options.parts or PARTS:
            await PARTS[name](options.database or f"sqlite:///{folder}/{name}.db", sizes, options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=PARTS, help="all of them unless some are named")
    parser.add_argument("--subscriptions", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=1_000)
    parser.add_argument("--interval", type=float, default=0.1, help="of the queue, in seconds; serve has 1")
    parser.add_argument("--database", default="", help="an empty PostgreSQL database instead of SQLite files")
    uvloop.run(main(parser.parse_args()))
