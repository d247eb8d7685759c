"""What 10,000 stored items weigh, and how long a full garbage collection stops everything then."""

import asyncio
import gc
import os
import time
from pathlib import Path

import orjson

from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.figshare.client import CachePolicy
from bot.figshare.models import ArticleComplete, decoded
from bot.upstream.cache import Cache

COUNT = 10_000


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def samples() -> list[bytes]:
    """Give the sample catalogue's items as Figshare sends them."""
    import aiohttp

    app = figshare_emulator()
    async with serve(app) as base, aiohttp.ClientSession() as session:
        found = []
        for id in app.state.library.articles:
            async with session.get(f"{base}/v2/articles/{id}") as response:
                if response.status == 200:
                    found.append(await response.read())
        return found


async def main() -> None:
    bodies = [orjson.loads(body) for body in await samples()]
    cache = Cache(time.time, limit=10**10)
    life, length = CachePolicy(3_600, 3_600, 3_600), 0
    gc.collect()
    before = resident()
    for number in range(COUNT):
        # every item has its own text, so that nothing is shared by chance
        item = bodies[number % len(bodies)]
        body = orjson.dumps({**item, "id": number + 1, "description": f"{number} {item['description']}"})
        length += len(body)

        async def fetch(body: bytes = body) -> bytes:
            return body

        await cache.answer(f"GET {number}", fetch, lambda found: decoded(found, ArticleComplete), life)
    gc.collect()
    weight = resident() - before
    began = time.perf_counter()
    gc.collect()
    paused = time.perf_counter() - began
    counted = sum(entry.size for entry in cache._entries.values())
    print(f"{COUNT:,} items of {length / COUNT:,.0f} bytes weigh {weight / 1e6:.0f} MB")
    print(f"{weight / COUNT:,.0f} bytes each; the cache counts {counted / COUNT:,.0f}")
    print(f"a full collection takes {paused * 1e3:.0f} ms")


if __name__ == "__main__":
    asyncio.run(main())
