"""Posts a message once, whatever becomes of the answer: intent, post with a name, record.

Slack knows no key that makes a post come once: https://docs.slack.dev/reference/methods/chat.postMessage.
So what has no clear outcome is looked for in the channel by its name, once it can't be on its way any more.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Protocol

from bot.reply import Reply
from bot.storage.deliveries import Deliveries
from bot.storage.rows import OutboxMessage

log = logging.getLogger(__name__)

# Longer than a post can be under way, which is PROMPT and then LONGEST, and Slack's time to show it.
SETTLE = 30.0
# What has not left so soon after it was noted does not leave: somebody else may be looking.
PROMPT = 5.0
LONGEST = 15.0
# When the outcome of one attempt after another is not known, they become seldom.
SELDOM = 1_800.0
# Asked by whoever writes a message to the network, in the last moment: a process may be stopped in any.
is_late: ContextVar[Callable[[], bool]] = ContextVar("is_late", default=lambda: False)


class RetryAt(Exception):
    """Raise when a message can be sent, or looked for, at a moment (seconds since 1970)."""

    def __init__(self, at: float) -> None:
        super().__init__(f"at {at:.0f}")
        self.at = at


class NotSent(Exception):
    """Raise when Slack certainly did not take a message, with its word for why; `after` is in seconds."""

    def __init__(self, why: str, after: float = 60.0) -> None:
        super().__init__(why)
        self.why, self.after = why, after


class Rejected(NotSent):
    """Raise when Slack does not take a message for what it is: asking again soon changes nothing."""

    def __init__(self, why: str) -> None:
        super().__init__(why, 1_800.0)


class ChannelUnavailable(NotSent):
    """Raise when a channel will take nothing more until somebody changes that."""


class DeliveryUnknown(Exception):
    """Raise when a message may have been sent, or not."""


class GaveUp(Exception):
    """Raise when a message is not there, and it is too late to send it again."""


class CannotVerify(Exception):
    """Raise when it can't be told whether a message is in a channel."""


class Messenger(Protocol):
    """Brings messages into channels and finds them there."""

    async def turn(self, channel: str) -> None:
        """Wait until a message may go to a channel; raises NotSent while Slack asks for a pause."""

    def takes(self, messages: int, in_channel: int) -> float:
        """Give how many seconds Slack takes for so many messages, some of them in one channel."""

    async def post(self, reply: Reply, channel: str, key: str, thread_ts: str | None = None) -> str:
        """Post and give the `ts`; raises NotSent, or Unsure. Nothing is ever posted twice."""

    async def find(self, channel: str, key: str, since: float, thread_ts: str | None = None) -> str | None:
        """Give the `ts` of what was posted under a key since a moment, or nothing; raises CantLook."""

    async def upload(self, name: str, content: bytes) -> str:
        """Bring a file to Slack, where nobody sees it yet, and give its id; raises NotSent."""

    async def share(self, file: str, title: str, channel: str, thread_ts: str) -> str:
        """Show a file in a thread and give its id; raises NotSent, Gone or Unsure."""

    async def shared(self, file: str, channel: str, thread_ts: str) -> str | None:
        """Give the id of a file if it is in a thread, or nothing; raises CantLook."""

    async def direct(self, user: str) -> str:
        """Give the direct message with somebody; raises NotSent."""

    async def has_left(self, user: str) -> bool:
        """Tell whether somebody is certainly no longer in the workspace; never raises."""


async def send_once(
    ledger: Deliveries,
    id: int,
    part: str,
    prepare: Callable[[str], Awaitable[str]],
    send: Callable[[str], Awaitable[str]],
    find: Callable[[str, float], Awaitable[str | None]],
    settle: float = SETTLE,
    again: bool = True,
) -> str:
    """Send a message of a delivery unless it is there already, and give its `ts`.

    `prepare` does what may take time, and gives the file that `send` and `find` are told of. Raises Later
    while the outcome of an earlier attempt can't be known, NotSent, Gone, and CantLook when it never will be.
    Without `again` what was tried and is not there is not tried again, which raises GaveUp.
    """
    seen = await ledger.message(id, part)
    if seen.state == "sent":
        return seen.ts or ""
    if seen.state == "sending":
        if (left := _unsettled(seen, ledger.wall(), settle)) > 0:
            raise RetryAt(ledger.clock() + left)
        if (ts := await find(seen.file or "", seen.first or 0.0)) is not None:
            await ledger.sent(id, part, seen.attempt, ts)
            return ts
        if not again:
            raise GaveUp
    file = await prepare(seen.file or "")
    began, noted = time.monotonic(), ledger.wall()
    attempt = await ledger.intend(id, part, seen, file or None)
    if attempt is None:
        raise RetryAt(ledger.clock() + settle)

    def late() -> bool:
        # Only the clock on the wall goes on while the machine sleeps.
        return max(time.monotonic() - began, ledger.wall() - noted) > PROMPT

    token = is_late.set(late)
    try:
        if late():
            raise NotSent("too late", 1.0)
        async with asyncio.timeout(LONGEST):
            ts = await send(file)
    except NotSent:
        await ledger.unsent(id, part, attempt)
        raise
    except (DeliveryUnknown, TimeoutError) as error:
        cause = f"{type(error).__name__}: {error}"
        log.info("slack gave no clear answer", extra={"delivery": id, "part": part, "cause": cause})
        raise RetryAt(ledger.clock() + max(settle, min(settle * 2 ** min(seen.attempt, 9), SELDOM))) from None
    finally:
        is_late.reset(token)
    await ledger.sent(id, part, attempt, ts)
    return ts


def _unsettled(seen: OutboxMessage, now: float, settle: float) -> float:
    """Give how long a message may still be on its way."""
    tried = seen.tried or 0.0
    # A clock that was set back makes nobody wait longer than once.
    return tried + settle - now if tried <= now else settle if tried - now < settle else 0.0
