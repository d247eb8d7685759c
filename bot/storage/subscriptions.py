"""The subscriptions of all channels: who gets a digest of what, when, and every change to that."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, Literal

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language.schedules import Schedule, day_of, last_whole_window
from bot.reply import DoesNotExist
from bot.storage.database import Database
from bot.storage.outbox import is_posted
from bot.storage.outcomes import DeliveryOutcome
from bot.storage.requested import add_test, reopen_for_file
from bot.storage.rows import (
    MAX_PER_CHANNEL,
    MAX_PER_OWNER,
    AlreadySubscribed,
    FileRequest,
    Subscription,
    SubscriptionStatus,
)
from bot.storage.tables import delivery_table, subscription_table

# Created for an occurrence and not ended yet.
_IS_SCHEDULED = (
    delivery_table.c.state != "ended",
    delivery_table.c.is_test.is_(False),
    delivery_table.c.outcome == "",
)
# The number of an advisory lock, which may be any:
# https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
_COUNT_LOCK = 5_616_446
_CHANNEL_FULL = (
    "This channel has {} digests, which is the limit.",
    "`subscriptions` lists them; `stop N` makes room.",
)
_OWNER_FULL = (
    "You have {} digests, which is the limit.",
    "`subscriptions` lists those of a channel; `stop N` makes room.",
)


class Subscriptions:
    """The subscriptions in the database; every call raises SQLAlchemyError when that can't be used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # The worker waits for this, so that a change takes effect at once.
        self.changed = asyncio.Event()

    async def add(
        self,
        channel: str,
        owner: str,
        owner_name: str,
        topic: str,
        title: str,
        weight: int,
        schedule: Schedule,
    ) -> tuple[Subscription, bool]:
        """Subscribe a channel; return the subscription, and whether it is new or was there already.

        Raises DoesNotExist when the channel, or the owner, has as many as allowed.
        """
        row = {
            "channel": channel,
            "owner": owner,
            "owner_name": owner_name,
            "what": topic,
            "title": title,
            "weight": weight,
            "state": "active",
            **_schedule_columns(schedule),
            **self._first_window(schedule),
        }
        try:
            async with self._locked_counts() as connection:
                existing = await _same_subscription(connection, row)
                if existing is None:
                    await _check_limit(connection, "channel", channel, MAX_PER_CHANNEL, _CHANNEL_FULL)
                    await _check_limit(connection, "owner", owner, MAX_PER_OWNER, _OWNER_FULL)
                    insertion = insert(subscription_table).values(**row).returning(subscription_table)
                    inserted = (await connection.execute(insertion)).one()
        except IntegrityError:
            # Another subscription was changed into the same one meanwhile.
            return await self.add(channel, owner, owner_name, topic, title, weight, schedule)
        self.changed.set()
        return _subscription(inserted if existing is None else existing), existing is None

    async def of_channel(self, channel: str) -> list[SubscriptionStatus]:
        """Return the subscriptions of a channel in the order of their numbers."""
        in_channel = (
            select(subscription_table)
            .where(subscription_table.c.channel == channel)
            .order_by(subscription_table.c.id)
        )
        async with self._database.engine.begin() as connection:
            subscriptions = [_subscription(row) for row in await connection.execute(in_channel)]
            ended = (
                select(delivery_table.c.subscription, delivery_table.c.slot, delivery_table.c.outcome)
                .where(delivery_table.c.subscription.in_([each.id for each in subscriptions]))
                .where(delivery_table.c.outcome != "", delivery_table.c.is_test.is_(False))
                .order_by(delivery_table.c.slot)
            )
            # Of several rows for one subscription the latest stays.
            last = {
                row.subscription: (row.slot, DeliveryOutcome.from_stored(row.outcome))
                for row in await connection.execute(ended)
            }
            scheduled = select(delivery_table.c.subscription, delivery_table.c.slot).where(*_IS_SCHEDULED)
            next_at = {row.subscription: row.slot for row in await connection.execute(scheduled)}
        return [
            SubscriptionStatus(each, next_at.get(each.id, each.next_at), *last.get(each.id, ()))
            for each in subscriptions
        ]

    async def next_occurrence(self) -> float | None:
        """Return when the next digest of any channel is due, in seconds since 1970; None without one."""
        scheduled = select(func.min(delivery_table.c.slot)).where(*_IS_SCHEDULED)
        async with self._database.engine.begin() as connection:
            moments = (
                await connection.scalar(select(func.min(subscription_table.c.next_at))),
                await connection.scalar(scheduled),
            )
        return min((moment for moment in moments if moment is not None), default=None)

    async def get(self, id: int) -> Subscription | None:
        """Return the subscription with a number, or None."""
        async with self._database.engine.begin() as connection:
            row = (
                await connection.execute(select(subscription_table).where(subscription_table.c.id == id))
            ).one_or_none()
        return _subscription(row) if row is not None else None

    async def change(
        self, subscription: Subscription, topic: str, title: str, weight: int, schedule: Schedule
    ) -> Subscription | None:
        """Change the topic and the schedule; return None when the subscription is deleted.

        The next digest counts from where the last one ended; with another topic it begins anew. Raises
        AlreadySubscribed when the channel has such a subscription already.
        """
        values = {"what": topic, "title": title, "weight": weight, **_schedule_columns(schedule)}
        is_same_topic = topic == subscription.topic
        if is_same_topic:
            values["next_at"] = self._next_at(schedule, subscription.since)
        else:
            values |= self._first_window(schedule)
        if subscription.state != "active":
            del values["next_at"]
        try:
            return await self._update(subscription.id, values, discard="unsent" if is_same_topic else "all")
        except IntegrityError:
            raise AlreadySubscribed from None

    async def pause(self, id: int) -> Subscription | None:
        """Pause a subscription until it is resumed; return None when it is deleted."""
        return await self._update(id, {"state": "paused", "next_at": None}, discard="unsent")

    async def resume(self, subscription: Subscription) -> Subscription | None:
        """Resume a subscription from its next occurrence on; return None when it is deleted."""
        next_at = self._next_at(subscription.schedule, subscription.since)
        return await self._update(subscription.id, {"state": "active", "why": None, "next_at": next_at})

    async def adopt(self, subscription: Subscription, owner: str, owner_name: str) -> Subscription | None:
        """Give a subscription to another owner; return None when its owner has changed meanwhile.

        Raises DoesNotExist when the new owner has as many as allowed.
        """
        is_unchanged = (subscription_table.c.id == subscription.id) & (
            subscription_table.c.owner == subscription.owner
        )
        change = update(subscription_table).where(is_unchanged).values(owner=owner, owner_name=owner_name)
        async with self._locked_counts() as connection:
            await _check_limit(connection, "owner", owner, MAX_PER_OWNER, _OWNER_FULL)
            row = (await connection.execute(change.returning(subscription_table))).one_or_none()
        self.changed.set()
        return _subscription(row) if row is not None else None

    async def remove(self, id: int) -> bool:
        """Delete a subscription with its deliveries; return false when it was deleted already."""
        async with self._database.engine.begin() as connection:
            deletion = await connection.execute(
                delete(subscription_table).where(subscription_table.c.id == id)
            )
        return deletion.rowcount == 1

    async def send_now(self, subscription: Subscription) -> bool:
        """Create a test delivery that is due now; return false when there is one of this minute already."""
        now = self._database.clock()
        first, last = last_whole_window(subscription.schedule, now)
        try:
            async with self._database.engine.begin() as connection:
                await add_test(connection, subscription.id, first, last, now)
        except IntegrityError:
            return False
        self.changed.set()
        return True

    async def request_file(self, delivery_id: int, channel: str) -> FileRequest:
        """Have the file of a digest of a channel sent into its thread; return what came of it."""
        async with self._database.engine.begin() as connection:
            request = await reopen_for_file(connection, delivery_id, channel, self._database.clock())
        self.changed.set()
        return request

    @asynccontextmanager
    async def _locked_counts(self) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction in which no other process adds a subscription."""
        async with self._database.engine.begin() as connection:
            # A transaction on a SQLite file locks all of it.
            if connection.dialect.name != "sqlite":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _COUNT_LOCK})
            yield connection

    def _first_window(self, schedule: Schedule) -> dict[str, Any]:
        """Return the columns of a schedule that begins now; its first digest is as long as any other."""
        since = day_of(schedule.latest_before(self._database.clock()))
        return {"next_at": self._next_at(schedule, since), "since": since.isoformat()}

    def _next_at(self, schedule: Schedule, since: date) -> float:
        return schedule.next_after_day(since, self._database.clock())

    async def _update(
        self, id: int, values: Mapping[str, Any], discard: Literal["", "unsent", "all"] = ""
    ) -> Subscription | None:
        """Change a row, and discard its deliveries: none, those that were not sent yet, or all of them."""
        change = update(subscription_table).where(subscription_table.c.id == id).values(**values)
        deletion = delete(delivery_table).where(delivery_table.c.subscription == id)
        if discard == "unsent":
            # What may be in the channel already is processed to its end.
            deletion = deletion.where(*_IS_SCHEDULED, ~is_posted())
        async with self._database.engine.begin() as connection:
            row = (await connection.execute(change.returning(subscription_table))).one_or_none()
            if discard:
                await connection.execute(deletion)
        self.changed.set()
        return _subscription(row) if row is not None else None


async def _same_subscription(connection: AsyncConnection, row: Mapping[str, Any]) -> Any:
    """Return the row that a channel has for the same topic and schedule, or None."""
    names = ("channel", "what", "cron", "zone", "skip_empty")
    query = select(subscription_table).where(*(subscription_table.c[name] == row[name] for name in names))
    return (await connection.execute(query)).one_or_none()


async def _check_limit(
    connection: AsyncConnection, column: str, value: str, limit: int, error: tuple[str, str]
) -> None:
    """Raise DoesNotExist when so many subscriptions have a value in a column."""
    is_counted = subscription_table.c[column] == value
    count = await connection.scalar(select(func.count()).select_from(subscription_table).where(is_counted))
    if (count or 0) >= limit:
        raise DoesNotExist(error[0].format(limit), error[1])


def _schedule_columns(schedule: Schedule) -> dict[str, Any]:
    return {"cron": schedule.cron, "zone": schedule.zone, "skip_empty": schedule.skip_empty}


def _subscription(row: Any) -> Subscription:
    return Subscription(
        id=row.id,
        channel=row.channel,
        owner=row.owner,
        owner_name=row.owner_name,
        topic=row.what,
        title=row.title,
        schedule=Schedule(row.cron, row.zone, row.skip_empty),
        since=date.fromisoformat(row.since),
        weight=row.weight,
        state=row.state,
        stop_reason=row.why,
        next_at=row.next_at,
    )
