"""The slots of all schedules, turned into deliveries as they come due."""

from contextlib import suppress
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from sqlalchemy import bindparam, delete, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language.schedules import Schedule, day_of, window
from bot.storage.rows import GRACE
from bot.storage.tables import delivery, message, subscription

# Slots so far ahead may be prepared, when Figshare's rate asks for it.
FURTHEST = 6 * 3_600.0
_BATCH = 500
# Figshare's counters are a little time behind its days.
_MIDNIGHT = 300.0
_MOVE = (
    update(subscription)
    .where(subscription.c.id == bindparam("mine"))
    .values(next_at=bindparam("following", type_=subscription.c.next_at.type))
)


async def create_due_deliveries(connection: AsyncConnection, rate: float, now: float, today: date) -> int:
    """Make a delivery of every slot that is due, or has to be prepared by now; gives how many.

    `today` is Figshare's day: sent ahead of time, a digest counts until then.

    Of several slots that were missed the newest counts, and none that is older than the grace. A slot is
    prepared as early as Figshare's rate makes it take to ask for all that comes until then.
    """
    soon = select(func.sum(subscription.c.weight)).where(subscription.c.next_at <= now + FURTHEST)
    requests = await connection.scalar(soon) or 0
    lead = min(30.0 + 1.5 * requests / rate, FURTHEST) if requests else 0.0
    due = select(subscription).where(subscription.c.next_at <= now + lead)
    due = due.order_by(subscription.c.next_at).limit(_BATCH).with_for_update(skip_locked=True)
    rows = (await connection.execute(due)).all()
    # Most have the same schedule, and reading one takes long.
    times = cache(_times)
    made, moved = list[dict[str, Any]](), list[dict[str, Any]]()
    for row in rows:
        try:
            slot, following = times(row.cron, row.zone, row.next_at, now)
        except (ZoneInfoNotFoundError, ValueError):
            # One that can't be read here must not keep the others.
            lost = update(subscription).where(subscription.c.id == row.id)
            await connection.execute(lost.values(state="stopped", why="no_such_zone", next_at=None))
            continue
        made.append(_delivery(row, slot, now, today))
        moved.append({"mine": row.id, "following": following})
    if made:
        await connection.execute(_once(connection), made)
        await connection.execute(_MOVE, moved)
    return len(rows)


async def repair_after_clock_jump(connection: AsyncConnection, now: float) -> int:
    """Let come again what a clock that was ahead has put off, and gives how many subscriptions that were.

    A digest that came meanwhile had the days until now at most: the next one begins with today.
    """
    # A look holds a delivery for an hour or two at most.
    held = update(delivery).where(delivery.c.held_until > now + FURTHEST).values(held_until=None)
    await connection.execute(held)
    early = (delivery.c.slot > now + FURTHEST) & (delivery.c.state != "ended") & ~delivery.c.is_test
    begun = exists().where(message.c.delivery == delivery.c.id)
    await connection.execute(delete(delivery).where(early, ~begun))
    far = select(subscription).where(subscription.c.next_at > now + FURTHEST)
    # What is prepared already has had its slot.
    latest = cache(lambda cron, zone, since: Schedule(cron, zone).following(since, now + FURTHEST))
    today, moved = day_of(now), list[dict[str, Any]]()
    for row in await connection.execute(far):
        since = min(date.fromisoformat(row.since), today)
        # One that can't be read here is stopped when it is due.
        with suppress(ZoneInfoNotFoundError, ValueError):
            if row.next_at > latest(row.cron, row.zone, since):
                following = Schedule(row.cron, row.zone).following(since, now)
                mended = {"following": following, "day": since.isoformat()}
                moved.append({"mine": row.id, "far": row.next_at, **mended})
    if moved:
        unchanged = subscription.c.next_at == bindparam("far")
        await connection.execute(_MOVE.where(unchanged).values(since=bindparam("day")), moved)
    return len(moved)


def _once(connection: AsyncConnection) -> Any:
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert
    return insert(delivery).on_conflict_do_nothing()


def _times(cron: str, zone: str, next_at: float, now: float) -> tuple[float, float]:
    """Give the slot that is meant, the newest of those that were missed, and the one after it."""
    schedule = Schedule(cron, zone)
    slot = next_at if next_at > now else max(next_at, schedule.until(now))
    return slot, schedule.after(slot)


def _delivery(row: Any, slot: float, now: float, today: date) -> dict[str, Any]:
    since = date.fromisoformat(row.since)
    first, last = window(since, slot)
    last = min(last, today)
    first = min(first, last)
    outcome = "missed: I was not running" if now > slot + GRACE else ""
    if since > last and not outcome:
        # Clocks put forward near UTC's midnight bring two slots into one day: none is counted twice.
        outcome = "left out: no day has ended since the one before"
    # The last day it counts has to be over, and Figshare's counters a little time behind it.
    midnight = slot // 86_400 * 86_400 + _MIDNIGHT
    return {
        "subscription": row.id,
        "slot": slot,
        "is_test": False,
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "state": "ended" if outcome else "new",
        "outcome": outcome,
        "tries": 0,
        "until": slot + GRACE,
        "due_at": None if outcome else min(slot, max(now, midnight)),
    }
