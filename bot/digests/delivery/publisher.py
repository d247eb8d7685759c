"""Brings a digest into its channel, and notes what became of it."""

import logging
from collections.abc import Awaitable, Callable

import msgspec
from cachetools import TTLCache
from msgspec.structs import replace

from bot.digests.confirmation import GONE, can_not_come, could_not_be_sent
from bot.digests.delivery.send_once import (
    CannotVerify,
    ChannelUnavailable,
    GaveUp,
    Messenger,
    NotSent,
    Rejected,
    RetryAt,
    send_once,
)
from bot.digests.report import csv_file, message, thread
from bot.digests.report.facts import Report
from bot.reply import Line, Moment, Reply
from bot.storage.deliveries import LEFT_OUT, Deliveries
from bot.storage.rows import Delivery

log = logging.getLogger(__name__)

# Later than that is late, and said; what Slack takes for the messages before it does not count.
PUNCTUAL = 900.0
# How long it is taken for known how many those are, and how many moments since when.
_COUNTED, _MOMENTS = 5.0, 100
PERHAPS = "perhaps sent: Slack did not answer, and I can't look"
_DAY = 86_400.0
_OWNERS = 10_000


class Unwanted(Exception):
    """Raise when a digest that was paused meanwhile is not in its channel."""


class Publisher:
    """The messages of digests, on their way to Slack."""

    def __init__(
        self,
        ledger: Deliveries,
        post: Messenger,
        clock: Callable[[], float],
        settle: float,
        observe: Callable[[str], None],
    ) -> None:
        self._ledger, self._post, self._clock = ledger, post, clock
        self._settle, self._observe = settle, observe
        self._left: TTLCache[str, bool] = TTLCache(_OWNERS, _DAY)
        self._before: TTLCache[float, dict[str, int]] = TTLCache(_MOMENTS, _COUNTED, clock)

    async def send(self, it: Delivery) -> None:
        """Post a digest, its table and its file."""
        said = msgspec.json.decode(it.contents or b"", type=Report)
        if it.schedule.skip_empty and said.is_empty and not it.is_test:
            await self._end(it, LEFT_OUT, counted=True)
            return
        seen = await self._ledger.message(it.id, "channel")
        if self._clock() > it.until and seen.state == "new":
            why = "could not be sent: Slack did not take it" if seen.attempt else "missed: I was not running"
            await self._end(it, why, counted=False)
            return
        late: Line = ()
        is_late = False
        if self._clock() > it.slot + PUNCTUAL and seen.state != "sent":
            late, is_late = await self._why(it, said.ready_at)
        reply = message.message(said, it.title, it.schedule.often, is_test=it.is_test, late=late)
        reply = message.footed(
            reply,
            said,
            it.subscription,
            owner=it.owner_name,
            next_at=it.next_at,
            gone=await self._has_left(it.owner),
        )

        async def send() -> None:
            ts = await self._message(it, "channel", reply)
            # Whatever becomes of the rest.
            await self._ledger.counted(it)
            if (table := thread.table(said, it.title)) is not None:
                await self._beside(it, said, table, ts)

        await self._guarded(it, send, "sent late" if is_late else "sent")

    async def _why(self, it: Delivery, ready_at: float) -> tuple[Line, bool]:
        """Say why it comes after its time, and tell whether that is more than its turn at Slack."""
        # Rounded, so that many are counted at once.
        since = max(it.slot, ready_at // 60 * 60 + 60)
        if (before := self._before.get(since)) is None:
            ahead = self._clock() - self._ledger.wall()
            before = self._before[since] = await self._ledger.left_since(since - ahead)
        queued = self._post.takes(sum(before.values()), before.get(it.channel, 0))
        if self._clock() - queued > it.slot + PUNCTUAL:
            return ("\nLate: it was due ", Moment(it.slot), "."), True
        why = ": many digests had that time, and Slack takes a few messages a second."
        return ("\nIt was due ", Moment(it.slot), why), False

    async def fail(self, it: Delivery, why: str) -> None:
        """Say in one line that it could not be sent."""
        outcome = f"could not be sent: {why.rstrip('.')}"
        if it.state == "ready":
            return await self._over(it, outcome)
        reply = could_not_be_sent(it.subscription, it.title, it.slot, why, it.is_test)
        await self._guarded(it, lambda: self._message(it, "channel", reply), outcome)

    async def _beside(self, it: Delivery, said: Report, table: Reply, ts: str) -> None:
        """Post the table and the file into the thread of a digest; without them it is a digest too."""
        try:
            await self._message(it, "table", table, ts)
            await self._file(it, said, ts)
        except (ChannelUnavailable, Rejected, CannotVerify, GaveUp) as error:
            log.warning("a digest has no table or file", extra={"delivery": it.id, "cause": str(error)})
        except NotSent as error:
            if self._clock() < it.until:
                raise
            log.warning("a digest has no table or file", extra={"delivery": it.id, "cause": error.why})

    async def _message(self, it: Delivery, part: str, reply: Reply, thread_ts: str | None = None) -> str:
        key = f"{it.id}.{part}"

        async def prepare(file: str) -> str:
            if part == "channel" and not it.is_wanted:
                raise Unwanted
            await self._post.turn(it.channel)
            return ""

        return await send_once(
            self._ledger,
            it.id,
            part,
            prepare,
            lambda file: self._post.post(reply, it.channel, key, thread_ts),
            lambda file, since: self._post.find(it.channel, key, since, thread_ts),
            self._settle,
            self._clock() <= it.until,
        )

    async def _file(self, it: Delivery, said: Report, thread_ts: str) -> None:
        name = f"digest-{it.subscription}-{said.last_day.isoformat()}.csv"

        async def prepare(file: str) -> str:
            await self._post.turn(it.channel)
            # A byte order mark, since Excel takes UTF-8 for something else without it.
            return file or await self._post.upload(name, b"\xef\xbb\xbf" + csv_file.sheet(said).encode())

        await send_once(
            self._ledger,
            it.id,
            "file",
            prepare,
            lambda file: self._post.share(file, name, it.channel, thread_ts),
            lambda file, since: self._post.shared(file, it.channel, thread_ts),
            self._settle,
            self._clock() <= it.until,
        )

    async def _guarded(self, it: Delivery, send: Callable[[], Awaitable[object]], outcome: str) -> None:
        """Send, and keep what became of it."""
        counted = outcome.startswith("sent")
        try:
            await send()
        except RetryAt as later:
            return await self._ledger.later(it, later.at)
        except Unwanted:
            return await self._ledger.drop(it.id)
        except ChannelUnavailable as gone:
            return await self._stopped(it, gone.why)
        except NotSent as error:
            if self._clock() > it.until:
                log.warning("a digest was not sent", extra={"delivery": it.id, "cause": error.why})
                return await self._over(it, f"could not be sent: Slack said {error.why}")
            return await self._ledger.later(it, self._clock() + error.after)
        except GaveUp:
            outcome, counted = "could not be sent: Slack gave no clear answer", False
        except CannotVerify as error:
            log.warning("a digest was perhaps sent", extra={"delivery": it.id, "cause": str(error)})
            outcome, counted = PERHAPS, False
        await self._end(it, outcome, counted=counted)

    async def _over(self, it: Delivery, outcome: str) -> None:
        """End what can't be finished; what is in the channel, or may be, was sent or perhaps sent."""
        seen = await self._ledger.message(it.id, "channel")
        known = {"sent": "sent", "sending": PERHAPS}
        await self._end(it, known.get(seen.state, outcome), counted=seen.state == "sent")

    async def _stopped(self, it: Delivery, why: str) -> None:
        """Stop a subscription whose channel takes nothing more, and tell its owner once."""
        if it.is_test:
            return await self._end(it, f"could not be sent: {GONE.get(why, why)}", counted=False)
        note = can_not_come(it.subscription, it.title, it.schedule, it.channel, why)
        try:
            await self._message(replace(it, channel=await self._post.direct(it.owner)), "owner", note)
        except RetryAt as later:
            return await self._ledger.later(it, later.at)
        except (ChannelUnavailable, Rejected, CannotVerify, GaveUp) as error:
            log.info("an owner can't be told", extra={"delivery": it.id, "cause": str(error)})
        except NotSent as error:
            if self._clock() < it.until:
                return await self._ledger.later(it, self._clock() + error.after)
            log.info("an owner could not be told", extra={"delivery": it.id, "cause": error.why})
        await self._ledger.stop(it, why)
        await self._end(it, f"could not be sent: {GONE.get(why, why)}", counted=False)

    async def _end(self, it: Delivery, outcome: str, counted: bool) -> None:
        if await self._ledger.end(it, outcome, counted):
            self._observe(outcome)

    async def _has_left(self, owner: str) -> bool:
        if owner not in self._left:
            self._left[owner] = await self._post.has_left(owner)
        return self._left[owner]
