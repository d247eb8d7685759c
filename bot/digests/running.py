"""Sends what is due: finds it, has it carried, fetches what it says, posts it once."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

import msgspec
from cachetools import TTLCache
from msgspec.structs import replace

from bot.bot import Bot
from bot.digests import figures, message, sheet, thread, what
from bot.digests.asking import told
from bot.digests.card import can_not_come, could_not_be_sent
from bot.digests.contents import Contents
from bot.digests.ledger import LEFT_OUT, Delivery, Ledger
from bot.digests.posting import SETTLE, CantLook, Declined, GaveUp, Gone, Later, NotSent, Post, once
from bot.digests.schedule import end_of
from bot.digests.subscription import GONE
from bot.figshare.errors import FigshareError
from bot.limits import Question, question
from bot.reply import Line, Moment, Reply
from bot.store import DOWN, why
from bot.words import WrongWord

log = logging.getLogger(__name__)

# Fetched for one digest, an answer serves all others for so long.
SERVES = 6 * 3_600.0
# Long before its slot a look ends after this time: if its process is killed, another begins then.
AHEAD = 3_600.0
# After its slot a digest waits so long for what Figshare has not answered yet.
PATIENCE = 60.0
# Later than that is late, and said.
PUNCTUAL = 900.0
AGAIN, LONGEST_AGAIN = 60.0, 1_800.0
# How many requests to Figshare may wait on behalf of digests.
ROOM = 8
PERHAPS = "perhaps sent: Slack did not answer, and I can't look"
_DAY = 86_400.0
_OWNERS = 10_000


class Unwanted(Exception):
    """Raise when a digest that was paused meanwhile is not in its channel."""


class Engine(Protocol):
    """What carries looks at deliveries."""

    async def enqueue(self, queue: str, id: int, number: int) -> None:
        """Have somebody look at a delivery, once for each number."""

    async def clean(self) -> None:
        """Drop what was carried long ago."""


class Digests:
    """The digests of one process; several processes may have the same on one database."""

    def __init__(
        self,
        bot: Bot,
        ledger: Ledger,
        post: Post,
        *,
        rate: float,
        settle: float = SETTLE,
        observe: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        self._bot, self._ledger, self._post, self._rate, self._settle = bot, ledger, post, rate, settle
        self._observe = observe
        self._room = asyncio.Semaphore(ROOM)
        self._looked_at = set[int]()
        self._left: TTLCache[str, bool] = TTLCache(_OWNERS, _DAY)

    async def tick(self, engine: Engine) -> set[int]:
        """Have everything carried that is due now; gives the deliveries."""
        taken = set[int]()
        await self.expand()
        while due := await self._ledger.take(self._bot.clock()):
            for at, (id, number, state) in enumerate(due):
                try:
                    await engine.enqueue("gather" if state == "new" else "post", id, number)
                except Exception:
                    for left, look, _ in due[at:]:
                        await self._ledger.let_go(left, look)
                    raise
                taken.add(id)
        return taken

    async def expand(self) -> None:
        """Make deliveries of the slots that are due."""
        while await self._ledger.expand(self._rate, self._bot.clock()):
            pass

    async def look(self, id: int, number: int) -> None:
        """Do what a delivery needs next; never raises."""
        if id in self._looked_at:
            # The clock was put forward: whoever holds it is not gone.
            return
        self._looked_at.add(id)
        try:
            await self._looked(id, number)
        finally:
            self._looked_at.discard(id)

    async def _looked(self, id: int, number: int) -> None:
        it: Delivery | None = None
        try:
            it = await self._ledger.delivery(id)
            if it is None:
                await self._ledger.drop(id)
            elif it.tries == number:
                await self._look(it)
        except DOWN as error:
            log.warning("the database did not take what became of a digest", extra={"cause": why(error)})
            await self._let_go(id, number)
        except Exception:
            log.exception("a digest failed", extra={"reference": secrets.token_hex(4), "delivery": id})
            if it is not None:
                await self._again(it, "something went wrong on my side")

    async def _let_go(self, id: int, number: int) -> None:
        """Let somebody look again as soon as the database takes that; at the latest when the lease ends."""
        for wait in (1.0, 5.0, 15.0):
            await asyncio.sleep(wait)
            with suppress(*DOWN):
                return await self._ledger.let_go(id, number)

    async def _look(self, it: Delivery) -> None:
        if it.state == "new" and (contents := await self._gathered(it)) is not None:
            if await self._ledger.ready(it, msgspec.json.encode(contents)) and it.slot <= self._bot.clock():
                ready = await self._ledger.delivery(it.id)
                if ready is not None and ready.tries == it.tries:
                    await self._send(ready)
        elif it.state == "ready":
            await self._send(it)

    async def _gathered(self, it: Delivery) -> Contents | None:
        """Fetch what a digest says; nothing when that has to be tried again later."""
        loop, now = asyncio.get_running_loop(), self._bot.clock()
        # As long as it takes at the pace that Figshare asks for, several times over, when the slot is near.
        needed = 3 * it.weight / self._rate
        left = max(min(it.slot - now, AHEAD), needed) + PATIENCE
        await self._ledger.hold(it, now + left + self._ledger.lease)
        # What was asked before its last day was over may lack some of that day.
        not_before = max(now - SERVES, end_of(it.last_day))
        token = question.set(Question("", loop.time() + left, not_before=not_before))
        try:
            contents = await figures.gather(
                self._bot,
                what.of(it.what),
                it.first_day,
                it.last_day,
                is_first=it.is_first,
                room=self._room,
            )
        except (FigshareError, WrongWord) as error:
            said = told(error) if isinstance(error, FigshareError) else str(error)
            # A wrong word is somebody's word.
            known = repr(error) if isinstance(error, FigshareError) else type(error).__name__
            log.info("a digest has to wait", extra={"delivery": it.id, "cause": known})
            await self._again(it, said)
            return None
        finally:
            question.reset(token)
        # Sent ahead of time its figures are from now all the same.
        ahead = self._bot.clock() - self._ledger.wall()
        contents = replace(contents, as_of=contents.as_of - ahead)
        left = it.slot - self._bot.clock()
        if contents.troubles and left > AGAIN:
            # There is time to have the rest.
            await self._ledger.later(it, it.slot - max(left / 2, AGAIN))
            return None
        return contents

    async def _again(self, it: Delivery, why: str) -> None:
        """Try again later; when its time is over, say in one line that it could not be sent."""
        now = self._bot.clock()
        if now < it.until:
            wait = min(AGAIN * 2 ** min(it.tries, 10) / 2, LONGEST_AGAIN)
            return await self._ledger.later(it, min(now + wait, it.until))
        if it.state == "ready":
            return await self._over(it, f"could not be sent: {why.rstrip('.')}")
        reply = could_not_be_sent(it.subscription, it.title, it.slot, why, it.is_test)
        outcome = f"could not be sent: {why.rstrip('.')}"
        await self._guarded(it, lambda: self._message(it, "channel", reply), outcome)

    async def _send(self, it: Delivery) -> None:
        """Post a digest, its table and its file."""
        said = msgspec.json.decode(it.contents or b"", type=Contents)
        if it.schedule.skip_empty and said.is_empty and not it.is_test:
            await self._end(it, LEFT_OUT, counted=True)
            return
        seen = await self._ledger.message(it.id, "channel")
        if self._bot.clock() > it.until and seen.state == "new":
            why = "could not be sent: Slack did not take it" if seen.attempt else "missed: I was not running"
            await self._end(it, why, counted=False)
            return
        is_late = self._bot.clock() > it.slot + PUNCTUAL and seen.state != "sent"
        late: Line = ("\nLate: it was due ", Moment(it.slot), ".") if is_late else ()
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

    async def _beside(self, it: Delivery, said: Contents, table: Reply, ts: str) -> None:
        """Post the table and the file into the thread of a digest; without them it is a digest too."""
        try:
            await self._message(it, "table", table, ts)
            await self._file(it, said, ts)
        except (Gone, Declined, CantLook, GaveUp) as error:
            log.warning("a digest has no table or file", extra={"delivery": it.id, "cause": str(error)})
        except NotSent as error:
            if self._bot.clock() < it.until:
                raise
            log.warning("a digest has no table or file", extra={"delivery": it.id, "cause": error.why})

    async def _message(self, it: Delivery, part: str, reply: Reply, thread_ts: str | None = None) -> str:
        key = f"{it.id}.{part}"

        async def prepare(file: str) -> str:
            if part == "channel" and not it.is_wanted:
                raise Unwanted
            await self._post.turn(it.channel)
            return ""

        return await once(
            self._ledger,
            it.id,
            part,
            prepare,
            lambda file: self._post.post(reply, it.channel, key, thread_ts),
            lambda file, since: self._post.find(it.channel, key, since, thread_ts),
            self._settle,
            self._bot.clock() <= it.until,
        )

    async def _file(self, it: Delivery, said: Contents, thread_ts: str) -> None:
        name = f"digest-{it.subscription}-{said.last_day.isoformat()}.csv"

        async def prepare(file: str) -> str:
            await self._post.turn(it.channel)
            # A byte order mark, since Excel takes UTF-8 for something else without it.
            return file or await self._post.upload(name, b"\xef\xbb\xbf" + sheet.sheet(said).encode())

        await once(
            self._ledger,
            it.id,
            "file",
            prepare,
            lambda file: self._post.share(file, name, it.channel, thread_ts),
            lambda file, since: self._post.shared(file, it.channel, thread_ts),
            self._settle,
            self._bot.clock() <= it.until,
        )

    async def _guarded(self, it: Delivery, send: Callable[[], Awaitable[object]], outcome: str) -> None:
        """Send, and keep what became of it."""
        counted = outcome.startswith("sent")
        try:
            await send()
        except Later as later:
            return await self._ledger.later(it, later.at)
        except Unwanted:
            return await self._ledger.drop(it.id)
        except Gone as gone:
            return await self._stopped(it, gone.why)
        except NotSent as error:
            if self._bot.clock() > it.until:
                log.warning("a digest was not sent", extra={"delivery": it.id, "cause": error.why})
                return await self._over(it, f"could not be sent: Slack said {error.why}")
            return await self._ledger.later(it, self._bot.clock() + error.after)
        except GaveUp:
            outcome, counted = "could not be sent: Slack gave no clear answer", False
        except CantLook as error:
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
        except Later as later:
            return await self._ledger.later(it, later.at)
        except (Gone, Declined, CantLook, GaveUp) as error:
            log.info("an owner can't be told", extra={"delivery": it.id, "cause": str(error)})
        except NotSent as error:
            if self._bot.clock() < it.until:
                return await self._ledger.later(it, self._bot.clock() + error.after)
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
