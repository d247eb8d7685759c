"""Which deliveries a process may claim: what is due, for the workers and channels that are free."""

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import delivery_table, subscription_table

# So many claimed deliveries of each state may wait for a worker at a time. With more of them, leases would
# end before a worker is free: deliveries would be claimed and wait again, and none would ever be processed.
_MAX_WAITING = {"new": 16, "ready": 40}
# A channel takes a message a second: one with many digests must not keep the others waiting.
_MAX_SENDING_PER_CHANNEL = 2


async def claimable_deliveries(connection: AsyncConnection, now: float, lease: float) -> dict[int, str]:
    """Return the states of the deliveries to be claimed now, by their ids, and lock their rows.

    They are due, no process holds them, and a worker and their channel are free for them. `lease` is how many
    seconds a claim holds.
    """
    due, leased = delivery_table.c.due_at <= now, delivery_table.c.held_until > now
    # To collect a report a worker first extends the lease: with a short one a delivery still waits for a
    # worker, or is being sent.
    waits = leased & (delivery_table.c.held_until <= now + lease)
    waiting = (
        select(delivery_table.c.state, func.count().filter(waits)).where(due).group_by(delivery_table.c.state)
    )
    states = dict[int, str]()
    for state, count in (await connection.execute(waiting)).all():
        free = select(delivery_table.c.id).where(due, delivery_table.c.state == state, leased.is_not(True))
        if state == "ready":
            free = free.where(delivery_table.c.id.in_(_next_in_channel(due, leased)))
        free = free.order_by(delivery_table.c.due_at).limit(max(_MAX_WAITING[state] - count, 0))
        ids = await connection.scalars(free.with_for_update(skip_locked=True))
        states.update(dict.fromkeys(ids, state))
    return states


def _next_in_channel(due: ColumnElement[bool], leased: ColumnElement[bool]) -> Select[tuple[int]]:
    """Return the ids of the deliveries whose turn it is in their channels, those being sent included."""
    order = (leased.is_not(True), delivery_table.c.due_at, delivery_table.c.id)
    turn = func.row_number().over(partition_by=subscription_table.c.channel, order_by=order)
    turns = select(delivery_table.c.id, turn.label("turn")).join(subscription_table)
    ready = turns.where(due, delivery_table.c.state == "ready").subquery()
    return select(ready.c.id).where(ready.c.turn <= _MAX_SENDING_PER_CHANNEL)
