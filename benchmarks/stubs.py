"""A Figshare that answers at once, a Slack that accepts everything, and a bot between them for digests."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import delete, insert

from bot.bot import Bot, open_bot
from bot.commands import CommandRegistry
from bot.digests.delivery.worker import Worker
from bot.emulators.server import serve
from bot.language.schedules import Schedule
from bot.metrics import Metrics
from bot.reply import Reply
from bot.settings import Settings
from bot.storage.database import Database, open_database
from bot.storage.deliveries import Deliveries
from bot.storage.outbox import Outbox
from bot.storage.tables import subscription_table
from handlers import MODULES

WEEKLY = Schedule("0 9 * * 1")
TITLE = "Counts of frogs, by ear, at forty ponds in three winters"
DAYS = {f"2026-11-{day:02}": 20 for day in range(1, 30)}
TOTALS = {"views": 48_210, "downloads": 5_110, "shares": 12, "cites": 3}
HEADERS = [(b"content-type", b"application/json")]


class Figshare:
    """Answers every request at once, and counts the requests by path and query."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()

    async def __call__(
        self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[..., Any]
    ) -> None:
        path = scope["path"]
        self.requests[f"{path}?{scope['query_string'].decode()}"] += 1
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": orjson.dumps(self._answer(path))})

    def _answer(self, path: str) -> dict[str, Any]:
        if "/timeline/" in path:
            return {"timeline": DAYS}
        if "/total/" in path:
            return TOTALS
        id = int(path.rsplit("/", 1)[1])
        return {
            "id": id,
            "title": f"{TITLE}: {id}",
            "doi": f"10.6084/m9.figshare.{id}",
            "url_public_html": f"https://figshare.com/articles/dataset/_/{id}",
            "defined_type_name": "dataset",
            "published_date": "2020-01-01T00:00:00Z",
            "version": 1,
            "timeline": {"firstOnline": "2020-01-01T00:00:00"},
            "authors": [],
            "description": TITLE * 20,
        }


class Slack:
    """A messenger that counts messages by key, without the waits that Slack asks for."""

    def __init__(self) -> None:
        self.messages: Counter[str] = Counter()

    async def wait_for_turn(self, channel: str) -> None:
        pass

    def seconds_for(self, messages: int, in_channel: int) -> float:
        return 0.0

    async def post(self, reply: Reply, channel: str, key: str, thread_ts: str | None = None) -> str:
        self.messages[key] += 1
        return f"{len(self.messages)}.0"

    async def find(self, channel: str, key: str, since: float, thread_ts: str | None = None) -> str | None:
        return None

    async def upload(self, name: str, content: bytes) -> str:
        return "F1"

    async def share(self, files: Sequence[tuple[str, str]], channel: str, thread_ts: str) -> None:
        pass

    async def find_file(self, file: str, channel: str, thread_ts: str) -> str | None:
        return None

    async def direct(self, user: str) -> str:
        return "D1"

    async def has_left(self, user: str) -> bool:
        return False


@dataclass
class Clock:
    """A clock that runs on from the moment that it is set to."""

    moment: float
    set_at: float

    def set(self, moment: float) -> None:
        self.moment, self.set_at = moment, time.monotonic()

    def __call__(self) -> float:
        return self.moment + time.monotonic() - self.set_at


@dataclass
class Environment:
    """A bot between the two, and its database."""

    bot: Bot
    store: Database
    figshare: Figshare
    slack: Slack
    clock: Clock
    digests: Worker
    ledger: Deliveries

    async def fill(self, count: int, items: int, next_at: Callable[[int], float]) -> None:
        """Subscribe `count` channels, each to one of the items."""
        rows = [
            {
                "channel": f"C{number}",
                "owner": "U1",
                "owner_name": "Maya",
                "what": str(1_000 + number % items),
                "title": f"{TITLE}: {number % items}",
                "cron": WEEKLY.cron,
                "zone": WEEKLY.zone,
                "skip_empty": False,
                "since": "2026-11-23",
                "weight": 4,
                "state": "active",
                "next_at": next_at(number),
            }
            for number in range(count)
        ]
        async with self.store.engine.begin() as connection:
            await connection.execute(delete(subscription_table))
            await connection.execute(insert(subscription_table), rows)


@asynccontextmanager
async def open_environment(url: str, moment: float) -> AsyncIterator[Environment]:
    """Open a bot whose requests to Figshare are not limited."""
    figshare, slack, clock = Figshare(), Slack(), Clock(moment, time.monotonic())
    async with serve(figshare) as base, open_database(url, clock) as store:
        settings = replace(
            Settings(),
            figshare_api_url=f"{base}/v2",
            figshare_stats_url=f"{base}/stats",
            figshare_requests_per_second=100_000.0,
            figshare_burst=1_000,
        )
        async with open_bot(settings, CommandRegistry(MODULES), Metrics(), clock) as bot:
            ledger = Deliveries(store)
            digests = Worker(bot, ledger, Outbox(store), slack, rate=settings.figshare_requests_per_second)
            yield Environment(bot, store, figshare, slack, clock, digests, ledger)
