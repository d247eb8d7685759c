"""A digest that a channel has, as everybody but the database knows it."""

from datetime import date
from typing import Literal

from msgspec import Struct

from bot.digests.schedule import Schedule

State = Literal["active", "paused", "stopped"]
# After this time a digest is too old to be sent.
GRACE = 12 * 3_600.0


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
    """A subscription and what came of its last digest: nothing yet, or the slot and the outcome."""

    subscription: Subscription
    slot: float | None = None
    outcome: str = ""


class Exists(Exception):
    """Raise when a channel has such a digest already."""
