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


# What Slack's words for a channel that takes nothing more mean.
GONE = {
    "channel_not_found": "I am not in the channel any more, or it is gone",
    "not_in_channel": "I am not in the channel any more",
    "is_archived": "the channel is archived",
    "is_inactive": "the channel is archived",
    "restricted_action": "an admin lets me post there no more",
    "restricted_action_read_only_channel": "only some people may post there",
}


class Exists(Exception):
    """Raise when a channel has such a digest already."""
