"""A digest that is to be sent, and its messages, as the ledger knows them."""

from datetime import date
from typing import Any, Literal

from msgspec import Struct

from bot.language.schedules import Schedule


class Delivery(Struct, frozen=True):
    """A digest that is to be sent, and whose it is."""

    id: int
    subscription: int
    channel: str
    owner: str
    owner_name: str
    what: str
    title: str
    schedule: Schedule
    weight: int
    next_at: float | None
    slot: float
    is_test: bool
    first_day: date
    last_day: date
    state: Literal["new", "ready", "ended"]
    contents: bytes | None
    tries: int
    until: float
    # no digest of the subscription has come yet
    is_first: bool
    # its subscription is not paused
    is_wanted: bool


class Sent(Struct, frozen=True):
    """A message of a digest: `sending` until its outcome is known."""

    state: Literal["new", "sending", "sent"]
    attempt: int
    first: float | None
    tried: float | None
    ts: str | None
    file: str | None


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
