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


# What Slack's words for a channel that takes nothing more mean.
GONE = {
    "channel_not_found": "I am not in the channel any more, or it is gone",
    "not_in_channel": "I am not in the channel any more",
    "is_archived": "the channel is archived",
    "is_inactive": "the channel is archived",
    "user_not_found": "the person has left",
    "user_disabled": "the person has left",
    "cannot_dm_bot": "that is a bot's direct message",
    "messages_tab_disabled": "my direct messages are switched off",
    "restricted_action": "an admin lets me post there no more",
    "restricted_action_read_only_channel": "only some people may post there",
    "restricted_action_thread_only_channel": "only answers in threads are allowed there",
    "restricted_action_non_threadable_channel": "no threads are allowed there",
    "no_such_zone": "its time zone is not known where I run",
}


class Exists(Exception):
    """Raise when a channel has such a digest already."""
