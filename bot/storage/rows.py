"""What the rows about digests say, as values: nothing here speaks SQL, so that handlers can use it."""

from datetime import date
from typing import Literal, NamedTuple

from msgspec import Struct

from bot.language.schedules import Schedule
from bot.storage.outcomes import DeliveryOutcome

SubscriptionState = Literal["active", "paused", "stopped"]
DeliveryState = Literal["new", "ready", "ended"]
# How long after its occurrence a digest is still worth sending, in seconds: the `misfire_grace_time` of
# https://apscheduler.readthedocs.io/en/3.x/userguide.html#missed-job-executions-and-coalescing.
MISFIRE_GRACE = 12 * 3_600.0
# The same for a test: whoever asked for it is waiting for it.
TEST_MISFIRE_GRACE = 900.0
# Paused and stopped subscriptions count too: one person can fill neither a channel nor the queue to Slack.
MAX_PER_CHANNEL, MAX_PER_OWNER = 100, 50


class Subscription(Struct, frozen=True):
    """A digest that a channel is subscribed to.

    `topic` is in the words of `subscribe`, such as `search frog`. `since` is the first day that no digest has
    counted yet. `next_at` is the next occurrence, in seconds since 1970, and None while it is paused or
    stopped; `stop_reason` is the error with which Slack refused its channel.
    """

    id: int
    channel: str
    owner: str
    owner_name: str
    topic: str
    title: str
    schedule: Schedule
    since: date
    weight: int
    state: SubscriptionState
    stop_reason: str | None
    next_at: float | None


class SubscriptionStatus(Struct, frozen=True):
    """A subscription with its next occurrence, and the last one with its outcome, if there was one."""

    subscription: Subscription
    next_at: float | None
    last_occurrence: float | None = None
    last_outcome: DeliveryOutcome | None = None


class AlreadySubscribed(Exception):
    """Raised when a change would make a subscription the same as another one of its channel."""


class Delivery(Struct, frozen=True):
    """One digest of a subscription, with what is needed of the subscription to send it.

    `occurrence` is the moment that its schedule names, `expires_at` when it is too old to be sent, both in
    seconds since 1970. `report` is an encoded `Report` once it is collected. `attempt` is the number of the
    claim under which this was read: only its holder can still change the row.
    """

    id: int
    subscription: int
    channel: str
    owner: str
    owner_name: str
    topic: str
    title: str
    schedule: Schedule
    weight: int
    next_at: float | None
    occurrence: float
    is_test: bool
    first_day: date
    last_day: date
    state: DeliveryState
    report: bytes | None
    attempt: int
    expires_at: float
    # Whether no digest of the subscription has been sent yet.
    is_first: bool
    # False when its subscription was paused after the message may have been sent.
    is_wanted: bool
    # Whether it was sent already, and is open again because somebody asked for its file.
    is_file_wanted: bool = False


# What a request for the file of a digest came to. `gone`: there is no such digest in that channel, or its
# figures are no longer stored.
FileRequest = Literal["accepted", "under way", "sent", "gone"]


class Claim(NamedTuple):
    """The right to process a delivery until its lease ends; `attempt` is the fencing token."""

    id: int
    attempt: int
    state: str


class OpenDelivery(NamedTuple):
    """A delivery that is not ended."""

    id: int
    subscription: int
    state: str


class OutboxMessage(Struct, frozen=True):
    """A message of a delivery: `sending` from the recorded intent until its outcome is known.

    Of the attempts without a known outcome `first_attempt_at` is when the oldest was made, `last_attempt_at`
    when the newest. `ts` is Slack's id of the message once it is sent, `file` Slack's id of an uploaded file.
    """

    state: Literal["new", "sending", "sent"]
    attempt: int
    first_attempt_at: float | None
    last_attempt_at: float | None
    ts: str | None
    file: str | None
