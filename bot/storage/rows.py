"""A digest that a channel has, as everybody but the database knows it."""

from datetime import date
from typing import Literal

from msgspec import Struct

from bot.language.schedules import Schedule

State = Literal["active", "paused", "stopped"]
# After this time a digest is too old to be sent.
GRACE = 12 * 3_600.0
# So many are kept, paused and stopped ones too: nobody is to fill a channel, or the queue at Slack, alone.
IN_A_CHANNEL, OF_A_PERSON = 100, 50
# Whoever asks for a test waits for it.
TEST_GRACE = 900.0


class Subscription(Struct, frozen=True):
    """A digest of a channel; `why` is what Slack said when it was stopped."""

    id: int
    channel: str
    owner: str
    owner_name: str
    what: str
    title: str
    schedule: Schedule
    since: date
    weight: int
    state: State
    why: str | None
    next_at: float | None


class Listed(Struct, frozen=True):
    """A subscription, when it comes next, and what came of its last digest: the slot and the outcome."""

    subscription: Subscription
    next_at: float | None
    slot: float | None = None
    outcome: str = ""


class Exists(Exception):
    """Raise when a channel has such a digest already."""


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


class OutboxMessage(Struct, frozen=True):
    """A message of a digest: `sending` until its outcome is known."""

    state: Literal["new", "sending", "sent"]
    attempt: int
    first: float | None
    tried: float | None
    ts: str | None
    file: str | None
