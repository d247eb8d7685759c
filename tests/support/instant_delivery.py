"""Subscriptions whose digests are closed when they come, without Figshare and Slack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from bot.language.schedules import Schedule
from bot.storage.database import Database, open_database
from bot.storage.deliveries import LEASE, Deliveries
from bot.storage.rows import Listed
from bot.storage.subscriptions import Subscriptions
from bot.storage.tables import delivery
from tests.support.clock import Clock


@dataclass(frozen=True)
class SentDigest:
    """A digest that was sent: of what, for when, when it really came, and the days it counts."""

    subscription: int
    slot: float
    at: float
    first_day: date
    last_day: date


@dataclass
class InstantDelivery:
    """A ledger whose digests are fetched and sent in no time."""

    store: Database
    clock: Clock
    rate: float = 1_000.0
    lease: float = LEASE
    sent: list[SentDigest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger, self.subscriptions = Deliveries(self.store, self.lease), Subscriptions(self.store)

    async def subscribe(
        self, cron: str, zone: str = "UTC", what: str = "5616445", weight: int = 4, channel: str = "C1"
    ) -> int:
        title, schedule = f"item {what}", Schedule(cron, zone)
        found, _ = await self.subscriptions.add(channel, f"U{what}", "Maya", what, title, weight, schedule)
        return found.id

    async def advance_to(self, moment: float) -> list[SentDigest]:
        """Let a moment come, and return what was sent then."""
        self.clock.now, seen = moment, len(self.sent)
        while due := await self.take():
            for id, number, state in due:
                await self.look(id, number, state)
        return self.sent[seen:]

    async def take(self) -> list[tuple[int, int, str]]:
        """Return the looks that are due now, or some of them."""
        while await self.ledger.expand(self.rate, self.clock.now):
            pass
        return await self.ledger.take(self.clock.now)

    async def look(self, id: int, number: int, state: str) -> None:
        """Do what a delivery needs next, as `Digests` does."""
        it = await self.ledger.delivery(id)
        if it is None or it.tries != number:
            return
        if state == "new":
            await self.ledger.ready(it, b"{}")
        elif await self.ledger.end(it, "sent", counted=True):
            self.sent.append(SentDigest(it.subscription, it.slot, self.clock.now, it.first_day, it.last_day))

    async def outcome(self, id: int, slot: float) -> str | None:
        """Return what became of a slot; nothing when there was none."""
        query = select(delivery.c.outcome).where(delivery.c.subscription == id, delivery.c.slot == slot)
        async with self.store.engine.begin() as connection:
            return await connection.scalar(query)

    async def listed(self) -> list[Listed]:
        return await self.subscriptions.of_channel("C1")


@asynccontextmanager
async def open_instant_delivery(
    now: float, rate: float = 1_000.0, url: str = "sqlite://", lease: float = LEASE
) -> AsyncIterator[InstantDelivery]:
    clock = Clock(now)
    async with open_database(url, clock) as store:
        yield InstantDelivery(store, clock, rate, lease)
