"""The deliveries of digests: a job queue in the database, from which each digest is sent once.

A delivery is one digest of a subscription, made for one occurrence of its schedule. Its life:

                  store_report              finish
    (created) new ────────────> ready ─────────────────> ended
              │                   ^    reopen_for_file     │
              │                   └────────────────────────┤
              │                   finish, discard          ^
              └────────────────────────────────────────────┘

    in `new` and in `ready`:   claim ──> [leased] ──> release, store_report, retry_at, finish, discard
                                           │  ^
                                           └──┘ extend_lease

    created   an occurrence is due, or so near that collecting its figures has to begin
    new       its report has to be collected from Figshare
    ready     its report is stored, to be sent to Slack at its occurrence
    ended     nothing is left to do; `outcome` says what became of it. It is opened again, with its outcome,
              when somebody asks for its file, and `finish_file` ends it again

A process that works on a delivery has a lease on it until `leased_until` (the column `held_until`). When the
process is killed the lease runs out, and another process claims the delivery. Each claim raises `attempt`
(the column `tries`), a fencing token: https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html.
A change names the attempt and the state under which its delivery was read, so that a process which was
overtaken while it slept changes nothing. Every change is one transaction.

The days of a digest are counted once, because `finish` and `advance_window` move the first day of the next
digest forward, `finish` in the same transaction as it stores the outcome.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, false, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language.schedules import Schedule, day_of
from bot.storage.claimable import claimable_deliveries
from bot.storage.database import Database
from bot.storage.occurrences import create_due_deliveries, repair_after_clock_jump
from bot.storage.outbox import is_posted
from bot.storage.outcomes import SENT_KINDS, DeliveryOutcome, OutcomeKind
from bot.storage.rows import Claim, Delivery, OpenDelivery
from bot.storage.tables import delivery_table, pace_table, subscription_table

log = logging.getLogger(__name__)

# How long a claim holds without being extended, in seconds.
LEASE = 120.0
_BATCH = 500
_DAY = timedelta(days=1)
# Longer than a year, since a digest may come once a year.
_KEEP_ENDED = 400 * 86_400.0
# For how long a sent digest's figures are stored, from which its file is made.
KEEP_REPORTS = 100 * 86_400.0
_COLUMNS = [column for column in delivery_table.c if column.name != "due_at"] + [
    column for column in subscription_table.c if column.name not in ("id", "state", "since", "why")
]
_SIBLING = delivery_table.alias()
# A digest that was skipped because it was empty counts as sent: there was nothing to say.
_SIBLING_WAS_SENT = _SIBLING.c.outcome.in_([kind.value for kind in (*SENT_KINDS, OutcomeKind.SKIPPED_EMPTY)])
_IS_FIRST = ~exists().where(
    _SIBLING.c.subscription == subscription_table.c.id, _SIBLING_WAS_SENT, ~_SIBLING.c.is_test
)


class Deliveries:
    """The deliveries in the database; every call raises SQLAlchemyError when that can't be used."""

    def __init__(
        self, database: Database, lease: float = LEASE, clock: Callable[[], float] | None = None
    ) -> None:
        self._database, self.clock, self.lease = database, clock or database.clock, lease
        # The clock that all processes share, even where digests are sent ahead of time.
        self.wall_clock = database.clock

    async def create_due(self, rate: float, now: float) -> int:
        """Create the deliveries whose collecting has to begin by now, and return how many there were.

        `rate` is how many requests a second Figshare may be asked.
        """
        async with self._database.engine.begin() as connection:
            return await create_due_deliveries(connection, rate, now, day_of(self.wall_clock()))

    async def claim(self, now: float) -> list[Claim]:
        """Claim deliveries that are due and that no process holds; the lease begins now."""
        async with self._database.engine.begin() as connection:
            states = await claimable_deliveries(connection, now, self.lease)
            if not states:
                return []
            lease = (
                update(delivery_table)
                .where(delivery_table.c.id.in_(states))
                .values(held_until=now + self.lease, tries=delivery_table.c.tries + 1)
                .returning(delivery_table.c.id, delivery_table.c.tries)
            )
            attempts = {row.id: row.tries for row in await connection.execute(lease)}
        return [Claim(id, attempts[id], state) for id, state in states.items()]

    async def release(self, id: int, attempt: int) -> None:
        """Give a claim back, so that any process can claim the delivery at once."""
        claimed = (
            (delivery_table.c.id == id)
            & (delivery_table.c.tries == attempt)
            & (delivery_table.c.state != "ended")
        )
        await self._execute(update(delivery_table).where(claimed).values(held_until=None))

    async def get(self, id: int) -> Delivery | None:
        """Return a delivery that is open, and still wanted or already posted in part; otherwise None."""
        is_wanted = (subscription_table.c.state == "active") | delivery_table.c.is_test
        query = (
            select(*_COLUMNS, _IS_FIRST.label("is_first"), is_wanted.label("is_wanted"))
            .join_from(
                delivery_table, subscription_table, subscription_table.c.id == delivery_table.c.subscription
            )
            .where(delivery_table.c.id == id, delivery_table.c.state.in_(("new", "ready")))
        )
        posted = select(is_posted()).where(delivery_table.c.id == id)
        async with self._database.engine.begin() as connection:
            row = (await connection.execute(query)).one_or_none()
            if row is None or not (row.is_wanted or await connection.scalar(posted)):
                return None
        return _delivery(row)

    async def open_until(self, moment: float, last_id: int) -> list[OpenDelivery]:
        """Return the deliveries up to an id that are due by a moment and not ended."""
        query = (
            select(delivery_table.c.id, delivery_table.c.subscription, delivery_table.c.state)
            .where(delivery_table.c.due_at <= moment, delivery_table.c.id <= last_id)
            .order_by(delivery_table.c.due_at)
        )
        async with self._database.engine.begin() as connection:
            return [OpenDelivery(*row) for row in await connection.execute(query)]

    async def newest_id(self) -> int:
        """Return the id of the newest delivery, or 0 when there is none."""
        async with self._database.engine.begin() as connection:
            return int(await connection.scalar(select(func.max(delivery_table.c.id))) or 0)

    async def outcomes(self, claimed: Collection[int], after_id: int) -> Counter[DeliveryOutcome | None]:
        """Return how many deliveries came to which outcome without being processed, such as missed ones.

        These are the deliveries after `after_id` that no process has claimed. The key None counts those that
        are still open, among these and among the `claimed`; what became of the other claimed ones is counted
        by the process that ended them.
        """
        outcomes: Counter[DeliveryOutcome | None] = Counter()
        async with self._database.engine.begin() as connection:
            for index in range(0, len(claimed) + 1, _BATCH):
                batch = sorted(claimed)[index : index + _BATCH]
                still_open = delivery_table.c.id.in_(batch) & (delivery_table.c.state != "ended")
                unclaimed = (delivery_table.c.id > after_id) & (delivery_table.c.tries == 0)
                query = select(delivery_table.c.outcome, delivery_table.c.state).where(
                    still_open | (unclaimed if index == 0 else false())
                )
                for text, state in await connection.execute(query):
                    outcomes[DeliveryOutcome.from_stored(text) if state == "ended" else None] += 1
        return outcomes

    async def extend_lease(self, delivery: Delivery, leased_until: float) -> None:
        """Extend the lease on a delivery to a moment."""
        await self._update(delivery, held_until=leased_until)

    async def store_report(self, delivery: Delivery, report: bytes) -> None:
        """Store what a digest says, to be sent at its occurrence, and give the claim back."""
        await self._update(
            delivery, state="ready", contents=report, due_at=delivery.occurrence, held_until=None
        )

    async def retry_at(self, delivery: Delivery, moment: float) -> None:
        """Let a delivery be claimed again from a moment on, and give the claim back."""
        await self._update(delivery, due_at=moment, held_until=None)

    async def finish(self, delivery: Delivery, outcome: DeliveryOutcome, *, advances_window: bool) -> bool:
        """End a delivery; return false, having changed nothing, when the claim was lost.

        With `advances_window` the next digest begins after the days of this one.
        """
        end: dict[str, Any] = {"state": "ended", "outcome": outcome.stored, "due_at": None}
        if not (outcome.is_sent or outcome.kind is OutcomeKind.POSSIBLY_SENT):
            end["contents"] = None
        async with self._database.engine.begin() as connection:
            # The subscription is changed first, as in every transaction: so two processes never deadlock.
            if advances_window:
                await self._advance_window(connection, delivery)
            ended = await connection.execute(update(delivery_table).where(_is_held(delivery)).values(**end))
            if ended.rowcount == 1:
                return True
            await connection.rollback()
        return False

    async def finish_file(self, delivery: Delivery) -> None:
        """End a delivery again whose file was asked for."""
        await self._update(delivery, state="ended", due_at=None, held_until=None)

    async def advance_window(self, delivery: Delivery) -> None:
        """Let the next digest begin after the days of this one, which is in the channel."""
        async with self._database.engine.begin() as connection:
            await self._advance_window(connection, delivery)

    async def stop_subscription(self, delivery: Delivery, reason: str) -> bool:
        """Stop the subscription of a delivery; return false when it was not active any more.

        `reason` is Slack's word for why the channel takes nothing, such as `is_archived`.
        """
        active = (subscription_table.c.id == delivery.subscription) & (subscription_table.c.state == "active")
        stop = update(subscription_table).where(active).values(state="stopped", why=reason, next_at=None)
        return await self._execute(stop) == 1

    async def discard(self, id: int) -> None:
        """End a delivery that is not wanted any more, without an outcome."""
        is_open = (delivery_table.c.id == id) & (delivery_table.c.state != "ended")
        await self._execute(update(delivery_table).where(is_open).values(state="ended", due_at=None))

    async def vacuum(self) -> None:
        """Delete old deliveries and rate limits, and repair what a clock that ran ahead has put off."""
        now = self.wall_clock()
        is_ended = delivery_table.c.state == "ended"
        is_old = is_ended & (delivery_table.c.slot < now - _KEEP_ENDED)
        has_old_report = is_ended & (delivery_table.c.slot < now - KEEP_REPORTS)
        has_old_report &= delivery_table.c.contents.is_not(None)
        async with self._database.engine.begin() as connection:
            await connection.execute(delete(delivery_table).where(is_old))
            await connection.execute(update(delivery_table).where(has_old_report).values(contents=None))
            await connection.execute(delete(pace_table).where(pace_table.c.tat < now - _DAY.total_seconds()))
        async with self._database.engine.begin() as connection:
            if count := await repair_after_clock_jump(connection, now):
                log.warning("a clock was ahead: digests come earlier again", extra={"subscriptions": count})

    async def _advance_window(self, connection: AsyncConnection, delivery: Delivery) -> None:
        if delivery.is_test:
            return
        # Today is counted again when it is over.
        day = min(delivery.last_day + _DAY, day_of(self.wall_clock())).isoformat()
        behind = (subscription_table.c.id == delivery.subscription) & (subscription_table.c.since < day)
        await connection.execute(update(subscription_table).where(behind).values(since=day))

    async def _update(self, delivery: Delivery, **values: Any) -> None:
        await self._execute(update(delivery_table).where(_is_held(delivery)).values(**values))

    async def _execute(self, change: Any) -> int:
        async with self._database.engine.begin() as connection:
            return (await connection.execute(change)).rowcount


def _is_held(delivery: Delivery) -> ColumnElement[bool]:
    """Return the condition that nobody has claimed or changed a delivery since it was read."""
    return (
        (delivery_table.c.id == delivery.id)
        & (delivery_table.c.tries == delivery.attempt)
        & (delivery_table.c.state == delivery.state)
    )


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        subscription=row.subscription,
        channel=row.channel,
        owner=row.owner,
        owner_name=row.owner_name,
        topic=row.what,
        title=row.title,
        schedule=Schedule(row.cron, row.zone, row.skip_empty),
        weight=row.weight,
        next_at=row.next_at,
        occurrence=row.slot,
        is_test=row.is_test,
        first_day=date.fromisoformat(row.first_day),
        last_day=date.fromisoformat(row.last_day),
        state=row.state,
        report=row.contents,
        attempt=row.tries,
        expires_at=row.until,
        is_first=row.is_first,
        is_wanted=row.is_wanted,
        is_file_wanted=bool(row.outcome),
    )
