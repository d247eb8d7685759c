"""Publishes a digest: its message in the channel, the table and the files in the thread, and the outcome."""

import logging
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from cachetools import TTLCache

from bot.digests.confirmation import (
    CHANNEL_ERRORS,
    failure_notice,
    missing_file_notice,
    stopped_notice,
)
from bot.digests.delivery.messages import Cancelled, FileMessage, ReplyMessage
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
from bot.digests.report.csv_file import Records
from bot.digests.report.facts import Report
from bot.render.csv import CsvFile
from bot.reply import Line, Moment, Reply
from bot.storage.deliveries import Deliveries
from bot.storage.outbox import CHANNEL_PART, FILE_PART, TABLE_PART, Outbox
from bot.storage.outcomes import DeliveryOutcome, OutcomeKind
from bot.storage.rows import Delivery

log = logging.getLogger(__name__)

# A digest that is more seconds late than this says so. Time spent in the queue to Slack isn't counted.
PUNCTUAL_WITHIN = 900.0
# How long, in seconds, and for how many moments the numbers of messages since a moment are cached.
_COUNT_TTL, _MAX_COUNTS = 5.0, 100
# The same for whether an owner has left the workspace.
_OWNER_TTL, _MAX_OWNERS = 86_400.0, 10_000
# What keeps a message from arriving for good, or for so long that it isn't worth waiting for.
_PERMANENT = (ChannelUnavailable, Rejected, CannotVerify, GaveUp)


class Publisher:
    """Sends digests through a messenger and ends their deliveries; `observe` is called with each outcome."""

    def __init__(
        self,
        deliveries: Deliveries,
        outbox: Outbox,
        messenger: Messenger,
        clock: Callable[[], float],
        settle_time: float,
        observe: Callable[[DeliveryOutcome], None],
    ) -> None:
        self._deliveries, self._outbox, self._messenger = deliveries, outbox, messenger
        self._clock, self._settle_time, self._observe = clock, settle_time, observe
        self._owner_has_left: TTLCache[str, bool] = TTLCache(_MAX_OWNERS, _OWNER_TTL)
        self._counts: TTLCache[float, dict[str, int]] = TTLCache(_MAX_COUNTS, _COUNT_TTL, clock)

    async def publish(self, delivery: Delivery) -> None:
        """Send a digest whose report is stored, with its table where it has one."""
        report = msgspec.json.decode(delivery.report or b"", type=Report)
        if delivery.schedule.skip_empty and report.is_empty and not delivery.is_test:
            await self._finish(delivery, DeliveryOutcome(OutcomeKind.SKIPPED_EMPTY), advances_window=True)
            return
        known = await self._outbox.message(delivery.id, CHANNEL_PART)
        if self._clock() > delivery.expires_at and known.state == "new":
            kind = OutcomeKind.REJECTED if known.attempt else OutcomeKind.MISSED
            await self._finish(delivery, DeliveryOutcome(kind))
            return
        delay_line: Line = ()
        is_late = False
        if self._clock() > delivery.occurrence + PUNCTUAL_WITHIN and known.state != "sent":
            delay_line, is_late = await self._explain_delay(delivery, report.ready_at)
        reply = message.channel_message(
            report, delivery.title, delivery.schedule.frequency, is_test=delivery.is_test, late=delay_line
        )
        reply = message.with_footer(
            reply,
            report,
            delivery.subscription,
            owner=delivery.owner_name,
            next_at=delivery.next_at,
            owner_has_left=await self._has_owner_left(delivery.owner),
            delivery_id=delivery.id,
        )
        outcome = DeliveryOutcome(OutcomeKind.SENT_LATE if is_late else OutcomeKind.SENT)
        await self._complete(delivery, self._send_with_thread(delivery, report, reply), outcome)

    async def fail(self, delivery: Delivery, reason: str) -> None:
        """Say in the channel that a digest could not be sent, and end it."""
        outcome = DeliveryOutcome(OutcomeKind.FAILED, reason.rstrip("."))
        if delivery.state == "ready":
            return await self._give_up(delivery, outcome)
        reply = failure_notice(
            delivery.subscription, delivery.title, delivery.occurrence, reason, delivery.is_test
        )
        await self._complete(delivery, self._send_reply(delivery, CHANNEL_PART, reply), outcome)

    async def _explain_delay(self, delivery: Delivery, ready_at: float) -> tuple[Line, bool]:
        """Return a line about why a digest is late, and whether more than the queue to Slack is to blame."""
        # Rounded to minutes, so that one count serves many digests.
        since = max(delivery.occurrence, ready_at // 60 * 60 + 60)
        counts = self._counts.get(since)
        if counts is None:
            ahead = self._clock() - self._outbox.wall_clock()
            counts = self._counts[since] = await self._outbox.count_by_channel(since - ahead)
        queued = self._messenger.seconds_for(sum(counts.values()), counts.get(delivery.channel, 0))
        if self._clock() - queued > delivery.occurrence + PUNCTUAL_WITHIN:
            return ("\nLate: it was due ", Moment(delivery.occurrence), "."), True
        reason = ": many digests were due then, and Slack takes only a few messages a second."
        return ("\nIt was due ", Moment(delivery.occurrence), reason), False

    async def publish_file(self, delivery: Delivery, report: Report, records: Records) -> None:
        """Send the figures of a digest that is in its channel into its thread as CSV, once."""
        parent = await self._outbox.message(delivery.id, CHANNEL_PART)
        files = csv_file.csv_files(report, delivery.title, delivery.subscription, records)
        try:
            if files:
                await self._send_file(delivery, files, parent.ts or "")
        except RetryAt as later:
            return await self._deliveries.retry_at(delivery, later.moment)
        except _PERMANENT as error:
            await self._explain_missing_file(delivery, files, parent.ts or "", error)
        except NotSent as error:
            if self._clock() < delivery.expires_at:
                return await self._deliveries.retry_at(delivery, self._clock() + error.retry_after)
            await self._explain_missing_file(delivery, files, parent.ts or "", error)
        await self._deliveries.finish_file(delivery)

    async def _explain_missing_file(
        self, delivery: Delivery, files: Sequence[CsvFile], thread_ts: str, error: Exception
    ) -> None:
        """Say in the thread why there is no file, with its rows as text where they fit."""
        log.warning("a digest has no file", extra={"delivery": delivery.id, "cause": str(error)})
        if isinstance(error, CannotVerify | ChannelUnavailable):
            return
        try:
            reply = missing_file_notice(files, str(error))
            await self._send_reply(delivery, f"{FILE_PART} notice", reply, thread_ts)
        except (NotSent, RetryAt, CannotVerify, GaveUp) as again:
            log.info(
                "nobody can be told of a missing file", extra={"delivery": delivery.id, "cause": str(again)}
            )

    async def _send_with_thread(self, delivery: Delivery, report: Report, reply: Reply) -> None:
        ts = await self._send_reply(delivery, CHANNEL_PART, reply)
        # The figures of these days are in the channel now, whatever becomes of the thread.
        await self._deliveries.advance_window(delivery)
        table = thread.thread_message(report, delivery.title)
        # Earlier versions had a table for every digest, which may be on its way.
        is_begun = (await self._outbox.message(delivery.id, TABLE_PART)).state == "sending"
        if table is not None and (is_begun or thread.has_more_than_channel(report)):
            await self._post_table(delivery, table, ts)

    async def _post_table(self, delivery: Delivery, table: Reply, ts: str) -> None:
        """Send the table into the thread of a digest, which is complete without it too."""
        try:
            await self._send_reply(delivery, TABLE_PART, table, ts)
        except _PERMANENT as error:
            log.warning("a digest has no table", extra={"delivery": delivery.id, "cause": str(error)})
        except NotSent as error:
            if self._clock() < delivery.expires_at:
                raise
            log.warning("a digest has no table", extra={"delivery": delivery.id, "cause": error.reason})

    async def _send_file(self, delivery: Delivery, files: Sequence[CsvFile], thread_ts: str) -> str:
        return await self._send_once(delivery, FileMessage(self._messenger, delivery, files, thread_ts))

    async def _send_reply(
        self, delivery: Delivery, part: str, reply: Reply, thread_ts: str | None = None, channel: str = ""
    ) -> str:
        return await self._send_once(
            delivery,
            ReplyMessage(self._messenger, delivery, part, reply, channel or delivery.channel, thread_ts),
        )

    async def _send_once(self, delivery: Delivery, outgoing: ReplyMessage | FileMessage) -> str:
        return await send_once(
            self._outbox,
            delivery.id,
            outgoing,
            self._settle_time,
            can_resend=self._clock() <= delivery.expires_at,
        )

    async def _complete(
        self, delivery: Delivery, sending: Awaitable[object], outcome: DeliveryOutcome
    ) -> None:
        """Await what sends the messages of a delivery, and end it, or let it be tried again later.

        `outcome` is the one for when all of it is sent.
        """
        try:
            await sending
        except RetryAt as later:
            return await self._deliveries.retry_at(delivery, later.moment)
        except Cancelled:
            return await self._deliveries.discard(delivery.id)
        except ChannelUnavailable as error:
            return await self._stop_subscription(delivery, error.reason)
        except NotSent as error:
            if self._clock() > delivery.expires_at:
                log.warning("a digest was not sent", extra={"delivery": delivery.id, "cause": error.reason})
                return await self._give_up(
                    delivery, DeliveryOutcome(OutcomeKind.FAILED, f"Slack said {error.reason}")
                )
            return await self._deliveries.retry_at(delivery, self._clock() + error.retry_after)
        except GaveUp:
            outcome = DeliveryOutcome(OutcomeKind.UNCONFIRMED)
        except CannotVerify as error:
            log.warning("a digest was possibly sent", extra={"delivery": delivery.id, "cause": str(error)})
            outcome = DeliveryOutcome(OutcomeKind.POSSIBLY_SENT)
        await self._finish(delivery, outcome, advances_window=outcome.is_sent)

    async def _give_up(self, delivery: Delivery, outcome: DeliveryOutcome) -> None:
        """End a delivery that can't be completed, as sent or possibly sent if its message has left."""
        known = await self._outbox.message(delivery.id, CHANNEL_PART)
        if known.state == "sent":
            outcome = DeliveryOutcome(OutcomeKind.SENT)
        elif known.state == "sending":
            outcome = DeliveryOutcome(OutcomeKind.POSSIBLY_SENT)
        await self._finish(delivery, outcome, advances_window=known.state == "sent")

    async def _stop_subscription(self, delivery: Delivery, reason: str) -> None:
        """Stop a subscription whose channel takes no messages any more, and tell its owner once."""
        outcome = DeliveryOutcome(OutcomeKind.FAILED, CHANNEL_ERRORS.get(reason, reason))
        if delivery.is_test:
            return await self._finish(delivery, outcome)
        note = stopped_notice(
            delivery.subscription, delivery.title, delivery.schedule, delivery.channel, reason
        )
        try:
            direct_message = await self._messenger.direct(delivery.owner)
            await self._send_reply(delivery, "owner", note, channel=direct_message)
        except RetryAt as later:
            return await self._deliveries.retry_at(delivery, later.moment)
        except _PERMANENT as error:
            log.info("an owner can't be told", extra={"delivery": delivery.id, "cause": str(error)})
        except NotSent as error:
            if self._clock() < delivery.expires_at:
                return await self._deliveries.retry_at(delivery, self._clock() + error.retry_after)
            log.info("an owner could not be told", extra={"delivery": delivery.id, "cause": error.reason})
        await self._deliveries.stop_subscription(delivery, reason)
        await self._finish(delivery, outcome)

    async def _finish(
        self, delivery: Delivery, outcome: DeliveryOutcome, *, advances_window: bool = False
    ) -> None:
        if await self._deliveries.finish(delivery, outcome, advances_window=advances_window):
            self._observe(outcome)

    async def _has_owner_left(self, owner: str) -> bool:
        if owner not in self._owner_has_left:
            self._owner_has_left[owner] = await self._messenger.has_left(owner)
        return self._owner_has_left[owner]
