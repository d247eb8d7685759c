"""How much memory 10,000 stored items take, and how long a full garbage collection pauses the bot then."""

import asyncio
import gc
import os
import time
from pathlib import Path

import orjson

from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.figshare.client import CachePolicy
from bot.figshare.models import ArticleComplete, decode_json
from bot.upstream.cache import Cache

COUNT = 10_000


def resident() -> int:
    """Return the resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def samples() -> list[bytes]:
    """Return the sample catalogue's items as Figshare sends them."""
    import aiohttp

    app = figshare_emulator()
    async with serve(app) as base, aiohttp.ClientSession() as session:
        bodies = []
        for id in app.state.library.articles:
            async with session.get(f"{base}/v2/articles/{id}") as response:
                if response.status == 200:
                    bodies.append(await response.read())
        return bodies


async def main() -> None:
    bodies = [orjson.loads(body) for body in await samples()]
    cache = Cache(time.time, max_bytes=10**10)
    policy, length = CachePolicy(3_600, 3_600, 3_600), 0
    gc.collect()
    before = resident()
    for number in range(COUNT):
        # Every item has its own text, so that no memory is shared.
        item = bodies[number % len(bodies)]
        body = orjson.dumps({**item, "id": number + 1, "description": f"{number} {item['description']}"})
        length += len(body)

        async def fetch(body: bytes = body) -> bytes:
            return body

        await cache.get_or_fetch(
            f"GET {number}", fetch, lambda body: decode_json(body, ArticleComplete), policy
        )
    gc.collect()
    size = resident() - before
    started_at = time.perf_counter()
    gc.collect()
    pause = time.perf_counter() - started_at
    counted = sum(entry.size for entry in cache._entries.values())
    print(f"{COUNT:,} items of {length / COUNT:,.0f} bytes take {size / 1e6:.0f} MB")
    print(f"{size / COUNT:,.0f} bytes each; the cache counts {counted / COUNT:,.0f}")
    print(f"a full collection takes {pause * 1e3:.0f} ms")


if __name__ == "__main__":
    asyncio.run(main())
