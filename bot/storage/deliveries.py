"""What is to be sent and what became of it: the rows that make every digest come once.

Each change is one transaction, and says which state it comes from: of two processes that try, one succeeds.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, exists, false, func, select, update
from sqlalchemy import delete as erase
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language.schedules import Schedule, day_of
from bot.storage.database import Database
from bot.storage.occurrences import create_due_deliveries, repair_after_clock_jump
from bot.storage.rows import Delivery, OutboxMessage
from bot.storage.tables import delivery, message, pace, subscription

log = logging.getLogger(__name__)

# How long a look at a delivery may take before another process looks too.
LEASE = 120.0
_BATCH = 500
_DAY = timedelta(days=1)
# So many wait to be looked at at a time. More would wait beyond their lease, be taken again and wait again,
# and none would ever be looked at.
_AT_A_TIME = {"new": 16, "ready": 40}
# A channel takes a message a second: one that is to have many must not keep the others waiting.
_IN_A_CHANNEL = 2
LEFT_OUT = "left out: nothing happened"
# Longer than a year, since a digest may come once in one.
_KEPT = 400 * 86_400.0
_OPEN = ("new", "ready")
_WHOLE = [each for each in delivery.c if each.name != "due_at"] + [
    each for each in subscription.c if each.name not in ("id", "state", "since", "why")
]

_EARLIER = delivery.alias()
# What was left out said all there was: nothing.
_CAME = _EARLIER.c.outcome.startswith("sent") | (_EARLIER.c.outcome == LEFT_OUT)
_IS_FIRST = ~exists().where(_EARLIER.c.subscription == subscription.c.id, _CAME, ~_EARLIER.c.is_test)


class Open(NamedTuple):
    """A delivery that is not ended."""

    id: int
    subscription: int
    state: str


class Deliveries:
    """Deliveries and their messages in the database."""

    def __init__(
        self, store: Database, lease: float = LEASE, clock: Callable[[], float] | None = None
    ) -> None:
        self._store, self.clock, self.lease = store, clock or store.clock, lease
        # Messages go by the clock that all processes have, even where digests are sent ahead of time.
        self.wall = store.clock

    async def expand(self, rate: float, now: float) -> int:
        """Make a delivery of every slot that is due, or has to be prepared by now; gives how many."""
        async with self._store.engine.begin() as connection:
            return await create_due_deliveries(connection, rate, now, day_of(self.wall()))

    async def take(self, now: float) -> list[tuple[int, int, str]]:
        """Give the deliveries to look at now, as id, number of the look and state: nobody else gets them."""
        due, held = delivery.c.due_at <= now, delivery.c.held_until > now
        # A look that takes longer says so when it begins.
        waits = held & (delivery.c.held_until <= now + self.lease)
        async with self._store.engine.begin() as connection:
            asked = select(delivery.c.state, func.count().filter(waits)).where(due).group_by(delivery.c.state)
            room = {state: _AT_A_TIME[state] - count for state, count in await connection.execute(asked)}
            states = dict[int, str]()
            for state, most in room.items():
                free = select(delivery.c.id).where(due, delivery.c.state == state, held.is_not(True))
                if state == "ready":
                    free = free.where(delivery.c.id.in_(_next_in_their_channels(due, held)))
                free = free.order_by(delivery.c.due_at).limit(max(most, 0)).with_for_update(skip_locked=True)
                states.update(dict.fromkeys(await connection.scalars(free), state))
            if not states:
                return []
            changed = (
                update(delivery)
                .where(delivery.c.id.in_(states))
                .values(held_until=now + self.lease, tries=delivery.c.tries + 1)
                .returning(delivery.c.id, delivery.c.tries)
            )
            tries = {row.id: row.tries for row in await connection.execute(changed)}
        return [(id, tries[id], state) for id, state in states.items()]

    async def let_go(self, id: int, number: int) -> None:
        """Let somebody else look."""
        mine = (delivery.c.id == id) & (delivery.c.tries == number) & (delivery.c.state != "ended")
        async with self._store.engine.begin() as connection:
            await connection.execute(update(delivery).where(mine).values(held_until=None))

    async def open_until(self, moment: float, newest: int) -> list[Open]:
        """Give the deliveries up to a number that are looked at, or to be looked at by a moment."""
        asked = select(delivery.c.id, delivery.c.subscription, delivery.c.state).order_by(delivery.c.due_at)
        asked = asked.where(delivery.c.due_at <= moment, delivery.c.id <= newest)
        async with self._store.engine.begin() as connection:
            return [Open(*row) for row in await connection.execute(asked)]

    async def newest(self) -> int:
        """Give the number of the newest delivery."""
        async with self._store.engine.begin() as connection:
            return int(await connection.scalar(select(func.max(delivery.c.id))) or 0)

    async def untold(self, ids: Collection[int], after: int) -> Counter[str]:
        """Count what came of deliveries after one that nobody tried, and how many of these are still open."""
        found: Counter[str] = Counter()
        async with self._store.engine.begin() as connection:
            for at in range(0, len(ids) + 1, _BATCH):
                some = sorted(ids)[at : at + _BATCH]
                still = delivery.c.id.in_(some) & (delivery.c.state != "ended")
                # Whoever ends one tells it: two that run at once would both count it.
                newer = (delivery.c.id > after) & (delivery.c.tries == 0) if at == 0 else false()
                asked = select(delivery.c.outcome, delivery.c.state).where(still | newer)
                for outcome, state in await connection.execute(asked):
                    found[outcome if state == "ended" else "to be tried again later"] += 1
        return found

    async def delivery(self, id: int) -> Delivery | None:
        """Give a delivery that is still open, and is wanted or begun."""
        wanted = (subscription.c.state == "active") | delivery.c.is_test
        asked = (
            select(*_WHOLE, _IS_FIRST.label("is_first"), wanted.label("is_wanted"))
            .join_from(delivery, subscription, subscription.c.id == delivery.c.subscription)
            .where(delivery.c.id == id, delivery.c.state.in_(_OPEN))
        )
        async with self._store.engine.begin() as connection:
            row = (await connection.execute(asked)).one_or_none()
        if row is None or not (row.is_wanted or (await self.message(id, "channel")).state != "new"):
            return None
        return delivery_of(row)

    async def hold(self, it: Delivery, until: float) -> None:
        """Say that a look takes longer."""
        await self._set(it, held_until=until)

    async def ready(self, it: Delivery, contents: bytes) -> None:
        """Keep what the digest says, to be sent at its slot."""
        await self._set(it, state="ready", contents=contents, due_at=it.slot, held_until=None)

    async def later(self, it: Delivery, moment: float) -> None:
        """Look again at a moment."""
        await self._set(it, due_at=moment, held_until=None)

    async def end(self, it: Delivery, outcome: str, counted: bool) -> bool:
        """Close a delivery; with `counted` the next digest begins after the days of this one."""
        same = _as_seen(it)
        closed = {"state": "ended", "outcome": outcome, "due_at": None, "contents": None}
        async with self._store.engine.begin() as connection:
            # The subscription first, as everywhere: in another order two could wait for each other.
            if counted:
                await self._count(connection, it)
            if (await connection.execute(update(delivery).where(same).values(**closed))).rowcount == 1:
                return True
            await connection.rollback()
        return False

    async def counted(self, it: Delivery) -> None:
        """Let the next digest begin after the days of this one: they are in the channel."""
        async with self._store.engine.begin() as connection:
            await self._count(connection, it)

    async def _count(self, connection: AsyncConnection, it: Delivery) -> None:
        # A day that is not over is counted again when it is.
        day = min(it.last_day + _DAY, day_of(self.wall())).isoformat()
        mine = (subscription.c.id == it.subscription) & (subscription.c.since < day)
        if not it.is_test:
            await connection.execute(update(subscription).where(mine).values(since=day))

    async def stop(self, it: Delivery, why: str) -> bool:
        """Stop a subscription whose channel takes no more; false when it was stopped already."""
        mine = (subscription.c.id == it.subscription) & (subscription.c.state == "active")
        stopped = update(subscription).where(mine).values(state="stopped", why=why, next_at=None)
        async with self._store.engine.begin() as connection:
            return (await connection.execute(stopped)).rowcount == 1

    async def message(self, id: int, part: str) -> OutboxMessage:
        """Give what is known of a message."""
        asked = select(message).where(message.c.delivery == id, message.c.part == part)
        async with self._store.engine.begin() as connection:
            row = (await connection.execute(asked)).one_or_none()
        if row is None:
            return OutboxMessage("new", 0, None, None, None, None)
        return OutboxMessage(row.state, row.attempt, row.first, row.tried, row.ts, row.file)

    async def left_since(self, moment: float) -> dict[str, int]:
        """Count by channel the messages that have left since a moment by the clock on the wall."""
        asked = select(subscription.c.channel, func.count()).select_from(message).join(delivery)
        asked = asked.join(subscription).where(message.c.tried >= moment, message.c.state != "new")
        async with self._store.engine.begin() as connection:
            found = await connection.execute(asked.group_by(subscription.c.channel))
            return dict(found.all())

    async def intend(self, id: int, part: str, seen: OutboxMessage, file: str | None = None) -> int | None:
        """Note that a message is about to be sent; gives the attempt, or nothing when somebody else has."""
        now, attempt = self.wall(), seen.attempt + 1
        values = {"state": "sending", "attempt": attempt, "tried": now, "file": file}
        values["first"] = seen.first if seen.state == "sending" else now
        try:
            async with self._store.engine.begin() as connection:
                if seen.attempt == 0:
                    noting = self._insert(message).values(delivery=id, part=part, **values)
                    noting = noting.on_conflict_do_nothing()
                else:
                    same = (*_same(id, part, seen.attempt), message.c.state == seen.state)
                    noting = update(message).where(*same).values(**values)
                # psycopg counts no inserted rows
                noted = (await connection.execute(noting.returning(message.c.attempt))).one_or_none()
        except IntegrityError:
            # Its subscription was ended meanwhile.
            return None
        return attempt if noted is not None else None

    async def sent(self, id: int, part: str, attempt: int, ts: str) -> None:
        """Note that a message is in the channel."""
        await self._message(id, part, attempt, state="sent", ts=ts)

    async def unsent(self, id: int, part: str, attempt: int) -> None:
        """Note that a message was certainly not sent."""
        await self._message(id, part, attempt, state="new", first=None)

    async def drop(self, id: int) -> None:
        """Close a delivery that nobody wants any more."""
        mine = (delivery.c.id == id) & (delivery.c.state != "ended")
        async with self._store.engine.begin() as connection:
            await connection.execute(update(delivery).where(mine).values(state="ended", due_at=None))

    async def clean(self) -> None:
        """Drop what ended and what was paced long ago, and mend what a wrong clock has put off."""
        now = self.wall()
        old = erase(delivery).where(delivery.c.slot < now - _KEPT, delivery.c.state == "ended")
        async with self._store.engine.begin() as connection:
            await connection.execute(old)
            await connection.execute(erase(pace).where(pace.c.tat < now - _DAY.total_seconds()))
        async with self._store.engine.begin() as connection:
            if count := await repair_after_clock_jump(connection, now):
                log.warning("a clock was ahead: digests come earlier again", extra={"subscriptions": count})

    async def _set(self, it: Delivery, **values: Any) -> None:
        async with self._store.engine.begin() as connection:
            await connection.execute(update(delivery).where(_as_seen(it)).values(**values))

    async def _message(self, id: int, part: str, attempt: int, **values: Any) -> None:
        async with self._store.engine.begin() as connection:
            await connection.execute(update(message).where(*_same(id, part, attempt)).values(**values))

    def _insert(self, table: Any) -> Any:
        return (sqlite if self._store.engine.dialect.name == "sqlite" else postgresql).insert(table)


def _next_in_their_channels(due: ColumnElement[bool], held: ColumnElement[bool]) -> Select[tuple[int]]:
    """Give the deliveries whose turn it is in their channel, those under way included."""
    order = (held.is_not(True), delivery.c.due_at, delivery.c.id)
    turn = func.row_number().over(partition_by=subscription.c.channel, order_by=order)
    turns = select(delivery.c.id, turn.label("turn")).join(subscription)
    ready = turns.where(due, delivery.c.state == "ready").subquery()
    return select(ready.c.id).where(ready.c.turn <= _IN_A_CHANNEL)


def is_out() -> ColumnElement[bool]:
    """Say that the message of a delivery is in its channel, or may be."""
    out = (message.c.delivery == delivery.c.id) & (message.c.part == "channel") & (message.c.state != "new")
    return exists().where(out).correlate(delivery)


def _same(id: int, part: str, attempt: int) -> tuple[Any, ...]:
    return message.c.delivery == id, message.c.part == part, message.c.attempt == attempt


def _as_seen(it: Delivery) -> ColumnElement[bool]:
    """Say that nobody else has looked, or closed it, meanwhile."""
    return (delivery.c.id == it.id) & (delivery.c.tries == it.tries) & (delivery.c.state == it.state)


def delivery_of(row: Any) -> Delivery:
    """Read a row of the ledger."""
    return Delivery(
        row.id,
        row.subscription,
        row.channel,
        row.owner,
        row.owner_name,
        row.what,
        row.title,
        Schedule(row.cron, row.zone, row.skip_empty),
        row.weight,
        row.next_at,
        row.slot,
        row.is_test,
        date.fromisoformat(row.first_day),
        date.fromisoformat(row.last_day),
        row.state,
        row.contents,
        row.tries,
        row.until,
        row.is_first,
        row.is_wanted,
    )
