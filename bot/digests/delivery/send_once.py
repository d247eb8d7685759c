"""Sends a message once, whatever becomes of Slack's answer and of the process that waits for it.

Slack has no idempotency key: https://docs.slack.dev/reference/methods/chat.postMessage. So the intent to send
is recorded first, in the outbox, and the outcome after it. A message whose outcome is not known is searched
for in its channel, by a key in its metadata, before it is sent again. That is safe because an attempt that
is SEND_SETTLE_TIME old can't reach the channel any more: it was written to the network within SEND_WINDOW of
its intent or not at all, and given up SEND_TIMEOUT after that.

    intent recorded    last moment to write    given up        settled: search, then send again
    ├── SEND_WINDOW ───┤
                       ├── SEND_TIMEOUT ───────┤
    ├── SEND_SETTLE_TIME ──────────────────────────────────────┤
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.reply import Reply
from bot.storage.rows import OutboxMessage

if TYPE_CHECKING:
    # The HTTP connection to Slack imports this module, and needs no SQL.
    from bot.storage.outbox import Outbox

log = logging.getLogger(__name__)

# Longer than SEND_WINDOW, SEND_TIMEOUT and the time that Slack takes to show a message, all together.
SEND_SETTLE_TIME = 30.0
SEND_WINDOW = 5.0
SEND_TIMEOUT = 15.0
# While one attempt after another has no known outcome, the time between them is doubled up to this.
_MAX_RETRY_DELAY = 1_800.0
# How long to wait after a message was refused as it is, in seconds.
_REJECTED_RETRY_DELAY = 1_800.0
# Whether it is too late to write a message. The HTTP connection to Slack calls this just before it writes,
# since a process can be suspended between any two lines.
deadline_passed: ContextVar[Callable[[], bool]] = ContextVar("deadline_passed", default=lambda: False)


class RetryAt(Exception):
    """Raised when a message can be sent, or searched for, only from a moment on (seconds since 1970)."""

    def __init__(self, moment: float) -> None:
        super().__init__(f"at {moment:.0f}")
        self.moment = moment


class NotSent(Exception):
    """Raised when Slack certainly did not take a message, with its error; `retry_after` is in seconds."""

    def __init__(self, reason: str, retry_after: float = 60.0) -> None:
        super().__init__(reason)
        self.reason, self.retry_after = reason, retry_after


class Rejected(NotSent):
    """Raised when Slack refuses a message for what it is, so that sending it again soon changes nothing."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, _REJECTED_RETRY_DELAY)


class ChannelUnavailable(NotSent):
    """Raised when a channel takes no messages until somebody changes that."""


class DeliveryUnknown(Exception):
    """Raised when a message may have been sent, or not."""


class GaveUp(Exception):
    """Raised when a message is not in its channel, and too old to be sent again."""


class CannotVerify(Exception):
    """Raised when it can't be found out whether a message is in its channel."""


class Messenger(Protocol):
    """Sends messages to channels and finds them there."""

    async def wait_for_turn(self, channel: str) -> None:
        """Wait until a channel may get a message; raises NotSent while Slack asks for a pause."""

    def seconds_for(self, messages: int, in_channel: int) -> float:
        """Return how many seconds Slack takes for so many messages, `in_channel` of them in one channel."""

    async def post(self, reply: Reply, channel: str, key: str, thread_ts: str | None = None) -> str:
        """Post a message named by a key, never twice, and return its `ts`.

        Raises NotSent, Rejected, ChannelUnavailable or DeliveryUnknown.
        """

    async def find(self, channel: str, key: str, since: float, thread_ts: str | None = None) -> str | None:
        """Return the `ts` of the message named by a key since a moment, or nothing.

        Raises NotSent when that can be asked again later, CannotVerify when it can't be found out.
        """

    async def upload(self, name: str, content: bytes) -> str:
        """Upload a file to Slack, where nobody sees it yet, and return its id; raises NotSent."""

    async def share(self, files: Sequence[tuple[str, str]], channel: str, thread_ts: str) -> None:
        """Show uploaded files, by id and title, in one message of a thread; raises what `post` raises."""

    async def find_file(self, file: str, channel: str, thread_ts: str) -> str | None:
        """Return the id of a file if it is in a thread, or nothing; raises what `find` raises."""

    async def direct(self, user: str) -> str:
        """Return the direct message with a person; raises NotSent."""

    async def has_left(self, user: str) -> bool:
        """Return whether a person is certainly no longer in the workspace; never raises."""


class DeliveryMessage(Protocol):
    """One message of a delivery: how it gets to Slack, and how it is found there."""

    @property
    def part(self) -> str:
        """Return the name of the message within its delivery."""

    async def prepare(self, file: str) -> str:
        """Do what may take time, and return the ids of the uploaded files; "" for a message without any.

        `file` is what an earlier attempt returned, or "".
        """

    async def send(self, file: str) -> str:
        """Send the message and return its `ts`; raises as `Messenger.post` does."""

    async def find(self, file: str, since: float) -> str | None:
        """Return the `ts` of the message if it was sent since a moment; raises as `Messenger.find` does."""


async def send_once(
    outbox: "Outbox",
    delivery_id: int,
    message: DeliveryMessage,
    settle_time: float = SEND_SETTLE_TIME,
    *,
    can_resend: bool = True,
) -> str:
    """Send a message of a delivery unless it is in its channel already, and return its `ts`.

    Raises RetryAt while the outcome of an earlier attempt can't be known, and GaveUp when there was one that
    did not arrive and `can_resend` is false. Of what the message's methods raise, DeliveryUnknown becomes
    RetryAt.
    """
    return await _Sending(outbox, delivery_id, message, settle_time, can_resend).run()


@dataclass(frozen=True, slots=True)
class _Sending:
    """One call of `send_once`, in its steps."""

    outbox: "Outbox"
    delivery_id: int
    message: DeliveryMessage
    settle_time: float
    can_resend: bool

    async def run(self) -> str:
        known = await self.outbox.message(self.delivery_id, self.message.part)
        ts = await self._reconcile(known)
        if ts is not None:
            return ts
        file = await self.message.prepare(known.file or "")
        # The deadline is counted from before the intent is recorded, as other processes go by that time.
        is_too_late = _deadline(self.outbox.wall_clock)
        attempt = await self._record_intent(known, file)
        return await self._record_outcome(known, attempt, self._send_before_deadline(file, is_too_late))

    async def _reconcile(self, known: OutboxMessage) -> str | None:
        """Return the `ts` when an earlier attempt has arrived, and nothing when the message may be sent."""
        if known.state == "sent":
            return known.ts or ""
        if known.state == "new":
            return None
        remaining = _settling_time(known, self.outbox.wall_clock(), self.settle_time)
        if remaining > 0:
            raise RetryAt(self.outbox.clock() + remaining)
        ts = await self.message.find(known.file or "", known.first_attempt_at or 0.0)
        if ts is not None:
            await self.outbox.mark_sent(self.delivery_id, self.message.part, known.attempt, ts)
        elif not self.can_resend:
            raise GaveUp
        return ts

    async def _record_intent(self, known: OutboxMessage, file: str) -> int:
        attempt = await self.outbox.record_intent(self.delivery_id, self.message.part, known, file or None)
        if attempt is None:
            # None: another process is sending the message.
            raise RetryAt(self.outbox.clock() + self.settle_time)
        return attempt

    async def _send_before_deadline(self, file: str, is_too_late: Callable[[], bool]) -> str:
        token = deadline_passed.set(is_too_late)
        try:
            if is_too_late():
                raise NotSent("too late", 1.0)
            async with asyncio.timeout(SEND_TIMEOUT):
                return await self.message.send(file)
        finally:
            deadline_passed.reset(token)

    async def _record_outcome(self, known: OutboxMessage, attempt: int, sending: Awaitable[str]) -> str:
        part = self.message.part
        try:
            ts = await sending
        except NotSent:
            await self.outbox.mark_unsent(self.delivery_id, part, attempt)
            raise
        except (DeliveryUnknown, TimeoutError) as error:
            cause = f"{type(error).__name__}: {error}"
            log.info(
                "slack gave no clear answer",
                extra={"delivery": self.delivery_id, "part": part, "cause": cause},
            )
            backoff = min(self.settle_time * 2 ** min(known.attempt, 9), _MAX_RETRY_DELAY)
            raise RetryAt(self.outbox.clock() + max(self.settle_time, backoff)) from None
        await self.outbox.mark_sent(self.delivery_id, part, attempt, ts)
        return ts


def _deadline(wall_clock: Callable[[], float]) -> Callable[[], bool]:
    """Return a function that says whether SEND_WINDOW is over, counted from now."""
    began, wall_began = time.monotonic(), wall_clock()
    # The monotonic clock may stand still while the machine sleeps, and the wall clock may be set back.
    return lambda: max(time.monotonic() - began, wall_clock() - wall_began) > SEND_WINDOW


def _settling_time(known: OutboxMessage, now: float, settle_time: float) -> float:
    """Return for how many more seconds an attempt may still reach its channel."""
    last_attempt_at = known.last_attempt_at or 0.0
    if last_attempt_at <= now:
        return last_attempt_at + settle_time - now
    # The clock was set back since then: wait for one settle time, not until the clock has caught up.
    return settle_time if last_attempt_at - now < settle_time else 0.0
