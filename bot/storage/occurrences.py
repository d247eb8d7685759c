"""The occurrences of all schedules, turned into deliveries as they come due."""

from contextlib import suppress
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from sqlalchemy import bindparam, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language.schedules import Schedule, day_of, digest_window
from bot.storage.outcomes import DeliveryOutcome, OutcomeKind
from bot.storage.rows import MISFIRE_GRACE
from bot.storage.tables import delivery_table, insert_if_absent, message_table, subscription_table

# The most seconds before an occurrence at which collecting begins, however many requests there are to make.
MAX_LEAD = 6 * 3_600.0
# Collecting begins at least so many seconds before an occurrence, and at most MAX_LEAD.
_MIN_LEAD = 30.0
_BATCH = 500
# Figshare's counters of a day are complete so many seconds after its end.
_COUNTERS_DELAY = 300.0
_SET_NEXT = (
    update(subscription_table)
    .where(subscription_table.c.id == bindparam("subscription_id"))
    .values(next_at=bindparam("following", type_=subscription_table.c.next_at.type))
)


async def create_due_deliveries(connection: AsyncConnection, rate: float, now: float, today: date) -> int:
    """Create a delivery for each occurrence that is due or has to be collected by now; return how many.

    Of several occurrences that were missed the latest counts (coalesce = latest), and one older than
    MISFIRE_GRACE is recorded as missed. Collecting begins as early before an occurrence as all digests up to
    MAX_LEAD need at `rate` requests a second to Figshare.

    `today` is the present day in UTC: even a digest that is sent ahead of time counts no day after it.
    """
    soon = select(func.sum(subscription_table.c.weight)).where(subscription_table.c.next_at <= now + MAX_LEAD)
    requests = await connection.scalar(soon) or 0
    lead = min(_MIN_LEAD + 1.5 * requests / rate, MAX_LEAD) if requests else 0.0
    due = select(subscription_table).where(subscription_table.c.next_at <= now + lead)
    due = due.order_by(subscription_table.c.next_at).limit(_BATCH).with_for_update(skip_locked=True)
    rows = (await connection.execute(due)).all()
    # Most subscriptions have the same few schedules, and evaluating a cron expression takes long.
    occurrence_and_next = cache(_occurrence_and_next)
    deliveries, next_occurrences = list[dict[str, Any]](), list[dict[str, Any]]()
    for row in rows:
        try:
            occurrence, following = occurrence_and_next(row.cron, row.zone, row.next_at, now)
        except (ZoneInfoNotFoundError, ValueError):
            # A schedule that can't be evaluated on this machine must not keep the others waiting.
            stop = update(subscription_table).where(subscription_table.c.id == row.id)
            await connection.execute(stop.values(state="stopped", why="no_such_zone", next_at=None))
            continue
        deliveries.append(_new_delivery(row, occurrence, now, today))
        next_occurrences.append({"subscription_id": row.id, "following": following})
    if deliveries:
        await connection.execute(insert_if_absent(delivery_table, connection.dialect.name), deliveries)
        await connection.execute(_SET_NEXT, next_occurrences)
    return len(rows)


async def repair_after_clock_jump(connection: AsyncConnection, now: float) -> int:
    """Bring forward what a clock that ran ahead has put off; return how many subscriptions that were.

    A digest that was sent by the wrong clock counted the days until now at most, so the next one begins with
    today.
    """
    # No lease is longer than an hour or two, so one that is was given by the wrong clock.
    await connection.execute(
        update(delivery_table).where(delivery_table.c.held_until > now + MAX_LEAD).values(held_until=None)
    )
    is_early = (
        (delivery_table.c.slot > now + MAX_LEAD)
        & (delivery_table.c.state != "ended")
        & ~delivery_table.c.is_test
    )
    has_messages = exists().where(message_table.c.delivery == delivery_table.c.id)
    await connection.execute(delete(delivery_table).where(is_early, ~has_messages))
    # The delivery of an occurrence up to MAX_LEAD ahead may exist already, so the one after it is right.
    latest_right = cache(lambda cron, zone, since: Schedule(cron, zone).next_after_day(since, now + MAX_LEAD))
    put_off = select(subscription_table).where(subscription_table.c.next_at > now + MAX_LEAD)
    today, repaired = day_of(now), list[dict[str, Any]]()
    for row in await connection.execute(put_off):
        since = min(date.fromisoformat(row.since), today)
        # A schedule that can't be evaluated on this machine is stopped when it is due.
        with suppress(ZoneInfoNotFoundError, ValueError):
            if row.next_at > latest_right(row.cron, row.zone, since):
                repaired.append(
                    {
                        "subscription_id": row.id,
                        "wrong": row.next_at,
                        "following": Schedule(row.cron, row.zone).next_after_day(since, now),
                        "day": since.isoformat(),
                    }
                )
    if repaired:
        is_unchanged = subscription_table.c.next_at == bindparam("wrong")
        await connection.execute(_SET_NEXT.where(is_unchanged).values(since=bindparam("day")), repaired)
    return len(repaired)


def _occurrence_and_next(cron: str, zone: str, next_at: float, now: float) -> tuple[float, float]:
    """Return the occurrence to deliver, the latest of those that were missed, and the one after it."""
    schedule = Schedule(cron, zone)
    occurrence = next_at if next_at > now else max(next_at, schedule.latest_before(now))
    return occurrence, schedule.next_after(occurrence)


def _new_delivery(row: Any, occurrence: float, now: float, today: date) -> dict[str, Any]:
    since = date.fromisoformat(row.since)
    first, last = digest_window(since, occurrence)
    last = min(last, today)
    first = min(first, last)
    kind: OutcomeKind | None = None
    if now > occurrence + MISFIRE_GRACE:
        kind = OutcomeKind.MISSED
    elif since > last:
        # A clock that is put forward near midnight UTC brings two occurrences into one day.
        kind = OutcomeKind.SKIPPED_NO_NEW_DAY
    # The last day that it counts has to be over, and Figshare's counters complete.
    counters_complete_at = occurrence // 86_400 * 86_400 + _COUNTERS_DELAY
    return {
        "subscription": row.id,
        "slot": occurrence,
        "is_test": False,
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "state": "ended" if kind else "new",
        "outcome": DeliveryOutcome(kind).stored if kind else "",
        "tries": 0,
        "until": occurrence + MISFIRE_GRACE,
        "due_at": None if kind else min(occurrence, max(now, counters_complete_at)),
    }
