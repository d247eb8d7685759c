"""Subscriptions whose digests are sent in no time, without Figshare and Slack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from bot.language.schedules import Schedule
from bot.storage.database import Database, open_database
from bot.storage.deliveries import LEASE, Deliveries
from bot.storage.outbox import Outbox
from bot.storage.outcomes import DeliveryOutcome, OutcomeKind
from bot.storage.rows import Claim, SubscriptionStatus
from bot.storage.subscriptions import Subscriptions
from bot.storage.tables import delivery_table
from tests.support.clock import Clock

SENT = DeliveryOutcome(OutcomeKind.SENT)


@dataclass(frozen=True)
class SentDigest:
    """A digest that was sent: its subscription, its occurrence, when it was sent, and the days it counts."""

    subscription: int
    occurrence: float
    sent_at: float
    first_day: date
    last_day: date


@dataclass
class InstantDelivery:
    """A database whose digests are collected and sent in no time."""

    store: Database
    clock: Clock
    rate: float = 1_000.0
    lease: float = LEASE
    sent: list[SentDigest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.deliveries, self.subscriptions = Deliveries(self.store, self.lease), Subscriptions(self.store)
        self.outbox = Outbox(self.store)

    async def subscribe(
        self, cron: str, zone: str = "UTC", topic: str = "5616445", weight: int = 4, channel: str = "C1"
    ) -> int:
        title, schedule = f"item {topic}", Schedule(cron, zone)
        subscription, _ = await self.subscriptions.add(
            channel, f"U{topic}", "Maya", topic, title, weight, schedule
        )
        return subscription.id

    async def advance_to(self, moment: float) -> list[SentDigest]:
        """Let a moment come, and return what was sent then."""
        self.clock.now, before = moment, len(self.sent)
        while claims := await self.claim():
            for claim in claims:
                await self.process(*claim)
        return self.sent[before:]

    async def claim(self) -> list[Claim]:
        """Claim what is due now, or some of it."""
        while await self.deliveries.create_due(self.rate, self.clock.now):
            pass
        return await self.deliveries.claim(self.clock.now)

    async def process(self, id: int, attempt: int, state: str) -> None:
        """Do what a delivery needs next, as `Worker` does."""
        delivery = await self.deliveries.get(id)
        if delivery is None or delivery.attempt != attempt:
            return
        if state == "new":
            await self.deliveries.store_report(delivery, b"{}")
        elif await self.deliveries.finish(delivery, SENT, advances_window=True):
            self.sent.append(
                SentDigest(
                    delivery.subscription,
                    delivery.occurrence,
                    self.clock.now,
                    delivery.first_day,
                    delivery.last_day,
                )
            )

    async def outcome(self, id: int, occurrence: float) -> str | None:
        """Return the stored outcome of an occurrence; nothing when it has no delivery."""
        query = select(delivery_table.c.outcome).where(
            delivery_table.c.subscription == id, delivery_table.c.slot == occurrence
        )
        async with self.store.engine.begin() as connection:
            return await connection.scalar(query)

    async def listed(self) -> list[SubscriptionStatus]:
        return await self.subscriptions.of_channel("C1")


@asynccontextmanager
async def open_instant_delivery(
    now: float, rate: float = 1_000.0, url: str = "sqlite://", lease: float = LEASE
) -> AsyncIterator[InstantDelivery]:
    clock = Clock(now)
    async with open_database(url, clock) as store:
        yield InstantDelivery(store, clock, rate, lease)
