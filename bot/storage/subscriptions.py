"""The digests that people want: who gets what, when, and how to change that."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language.schedules import Schedule, day_of, window
from bot.reply import DoesNotExist
from bot.storage.database import Database
from bot.storage.deliveries import is_out
from bot.storage.rows import IN_A_CHANNEL, OF_A_PERSON, TEST_GRACE, Exists, Listed, Subscription
from bot.storage.tables import delivery, subscription

# Prepared for its slot and not sent yet.
_OPEN = (delivery.c.state != "ended", delivery.c.is_test.is_(False))

# Any number, as long as it is always this one and nobody else's.
_ADDING = 5_616_446
_FULL = (
    "This channel has {} digests, the most I keep for one.",
    "`subscriptions` lists them; `unsubscribe N` makes room.",
)
_ENOUGH = (
    "You have {} digests, the most I keep for a person.",
    "`subscriptions` lists those of a channel; `unsubscribe N` makes room.",
)


class Subscriptions:
    """Rows in the database; every call raises SQLAlchemyError when that can't be used."""

    def __init__(self, store: Database) -> None:
        self._store = store
        # Whoever sends digests looks at once when something has changed.
        self.changed = asyncio.Event()

    async def add(
        self, channel: str, owner: str, name: str, what: str, title: str, weight: int, schedule: Schedule
    ) -> tuple[Subscription, bool]:
        """Subscribe a channel; gives the subscription and whether it is new.

        Raises DoesNotExist where there are as many as may be, for the channel or for the person.
        """
        row = {
            "channel": channel,
            "owner": owner,
            "owner_name": name,
            "what": what,
            "title": title,
            "weight": weight,
            "state": "active",
            **_schedule(schedule),
            **self.begun(schedule),
        }
        same = (subscription.c[name] == row[name] for name in ("channel", "what", *_schedule(schedule)))
        try:
            async with self._counting() as connection:
                existing = (await connection.execute(select(subscription).where(*same))).one_or_none()
                if existing is None:
                    await _room(connection, subscription.c.channel == channel, IN_A_CHANNEL, _FULL)
                    await _room(connection, subscription.c.owner == owner, OF_A_PERSON, _ENOUGH)
                    made = await connection.execute(
                        insert(subscription).values(**row).returning(subscription)
                    )
                found, is_new = _read(existing or made.one()), existing is None
        except IntegrityError:
            # Somebody has changed another one into just that.
            return await self.add(channel, owner, name, what, title, weight, schedule)
        self.changed.set()
        return found, is_new

    async def of_channel(self, channel: str) -> list[Listed]:
        """Give the subscriptions of a channel in the order of their numbers."""
        async with self._store.engine.begin() as connection:
            there = select(subscription).where(subscription.c.channel == channel).order_by(subscription.c.id)
            found = [_read(row) for row in await connection.execute(there)]
            ended = (
                select(delivery.c.subscription, delivery.c.slot, delivery.c.outcome)
                .where(delivery.c.subscription.in_([each.id for each in found]))
                .where(delivery.c.outcome != "", delivery.c.is_test.is_(False))
                .order_by(delivery.c.slot)
            )
            outcomes = {row.subscription: (row.slot, row.outcome) for row in await connection.execute(ended)}
            prepared = select(delivery.c.subscription, delivery.c.slot).where(*_OPEN)
            slots = {row.subscription: row.slot for row in await connection.execute(prepared)}
        return [Listed(each, slots.get(each.id, each.next_at), *outcomes.get(each.id, ())) for each in found]

    async def upcoming(self) -> float | None:
        """Tell when the next digest comes, in any channel."""
        open_slot = select(func.min(delivery.c.slot)).where(*_OPEN)
        async with self._store.engine.begin() as connection:
            known = (
                (await connection.scalar(select(func.min(subscription.c.next_at)))),
                await connection.scalar(open_slot),
            )
        return min((each for each in known if each is not None), default=None)

    async def one(self, id: int) -> Subscription | None:
        """Give a subscription by its number."""
        return await self._one(select(subscription).where(subscription.c.id == id))

    async def change(
        self, it: Subscription, what: str, title: str, weight: int, schedule: Schedule
    ) -> Subscription | None:
        """Change what comes and when; nothing when it is gone. Raises Exists when the channel has that.

        The next digest counts from where the last one ended; of something else it begins anew.
        """
        values = {"what": what, "title": title, "weight": weight, **_schedule(schedule)}
        values |= self.begun(schedule)
        if what == it.what:
            del values["since"]
            values["next_at"] = self._following(schedule, it.since)
        if it.state != "active":
            del values["next_at"]
        try:
            return await self._update(it.id, values, drop="prepared" if what == it.what else "all")
        except IntegrityError:
            raise Exists from None

    async def pause(self, id: int) -> Subscription | None:
        """Let nothing come until it is resumed."""
        return await self._update(id, {"state": "paused", "next_at": None}, drop="prepared")

    async def resume(self, it: Subscription) -> Subscription | None:
        """Let it come again, from the next time on."""
        following = self._following(it.schedule, it.since)
        return await self._update(it.id, {"state": "active", "why": None, "next_at": following})

    async def adopt(self, it: Subscription, owner: str, name: str) -> Subscription | None:
        """Give it to somebody else; nothing when somebody was faster. Raises DoesNotExist as `add` does."""
        mine = (subscription.c.id == it.id) & (subscription.c.owner == it.owner)
        changed = update(subscription).where(mine).values(owner=owner, owner_name=name)
        async with self._counting() as connection:
            await _room(connection, subscription.c.owner == owner, OF_A_PERSON, _ENOUGH)
            row = (await connection.execute(changed.returning(subscription))).one_or_none()
        self.changed.set()
        return _read(row) if row is not None else None

    async def remove(self, id: int) -> bool:
        """Forget it and its digests; false when it was gone already."""
        async with self._store.engine.begin() as connection:
            gone = await connection.execute(delete(subscription).where(subscription.c.id == id))
        return gone.rowcount == 1

    async def send_now(self, it: Subscription) -> bool:
        """Ask for a digest of now, as a test; false when one was asked for in this minute already."""
        now = self._store.clock()
        # Never a slot of the schedule, which has whole minutes.
        slot = now // 60 * 60 - 0.5
        first, last = window(it.since, now)
        if it.since > last:
            # Nothing has been added since the last one: so that one again.
            first = day_of(it.schedule.until(it.schedule.until(now) - 1))
        values = {
            "subscription": it.id,
            "slot": slot,
            "is_test": True,
            "first_day": first.isoformat(),
            "last_day": last.isoformat(),
            "state": "new",
            "outcome": "",
            "tries": 0,
            "until": slot + TEST_GRACE,
            "due_at": now,
        }
        try:
            async with self._store.engine.begin() as connection:
                await connection.execute(insert(delivery).values(**values))
        except IntegrityError:
            return False
        self.changed.set()
        return True

    @asynccontextmanager
    async def _counting(self) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction in which nobody else adds one; a SQLite file has one that writes anyway."""
        async with self._store.engine.begin() as connection:
            if connection.dialect.name != "sqlite":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADDING})
            yield connection

    def begun(self, schedule: Schedule) -> dict[str, Any]:
        """Give when it comes next, and from which day on it counts: the time of the one before."""
        since = day_of(schedule.until(self._store.clock()))
        return {"next_at": self._following(schedule, since), "since": since.isoformat()}

    def _following(self, schedule: Schedule, since: date) -> float:
        return schedule.following(since, self._store.clock())

    async def _update(
        self,
        id: int,
        values: Mapping[str, Any],
        *where: ColumnElement[bool],
        drop: Literal["", "prepared", "all"] = "",
    ) -> Subscription | None:
        """Change a row; what was prepared for it, or all that came of it, can go with that."""
        changed = update(subscription).where(subscription.c.id == id, *where).values(**values)
        # What is in the channel already is brought to its end.
        dropped = (delivery.c.subscription == id, *((*_OPEN, ~is_out()) if drop == "prepared" else ()))
        async with self._store.engine.begin() as connection:
            row = (await connection.execute(changed.returning(subscription))).one_or_none()
            if drop:
                await connection.execute(delete(delivery).where(*dropped))
        self.changed.set()
        return _read(row) if row is not None else None

    async def _one(self, asked: Select[Any]) -> Subscription | None:
        async with self._store.engine.begin() as connection:
            row = (await connection.execute(asked)).one_or_none()
        return _read(row) if row is not None else None


async def _room(
    connection: AsyncConnection, whose: ColumnElement[bool], most: int, full: tuple[str, str]
) -> None:
    """Raise DoesNotExist when there are as many as may be."""
    there = select(func.count()).select_from(subscription).where(whose)
    if (await connection.scalar(there) or 0) >= most:
        raise DoesNotExist(full[0].format(most), full[1])


def _schedule(schedule: Schedule) -> dict[str, Any]:
    return {"cron": schedule.cron, "zone": schedule.zone, "skip_empty": schedule.skip_empty}


def _read(row: Any) -> Subscription:
    return Subscription(
        row.id,
        row.channel,
        row.owner,
        row.owner_name,
        row.what,
        row.title,
        Schedule(row.cron, row.zone, row.skip_empty),
        date.fromisoformat(row.since),
        row.weight,
        row.state,
        row.why,
        row.next_at,
    )
