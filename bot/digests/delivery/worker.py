"""Sees to what is due: finds it, has it carried, fetches what it says, and has it delivered."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import msgspec
from msgspec.structs import replace

from bot.bot import Bot
from bot.digests.delivery.publisher import Publisher
from bot.digests.delivery.send_once import SETTLE, Messenger
from bot.digests.report import collect
from bot.digests.report.facts import Report
from bot.digests.report.fetcher import told
from bot.figshare.errors import FigshareError
from bot.language import topics
from bot.language.schedules import end_of
from bot.language.tokens import InvalidArgument
from bot.storage.database import DOWN, describe_db_error
from bot.storage.deliveries import Deliveries
from bot.storage.rows import Delivery
from bot.upstream.request_context import RequestContext, request_context

log = logging.getLogger(__name__)

# Fetched for one digest, an answer serves all others for so long.
SERVES = 6 * 3_600.0
# Long before its slot a look ends after this time: if its process is killed, another begins then.
AHEAD = 3_600.0
# After its slot a digest waits so long for what Figshare has not answered yet.
PATIENCE = 60.0
AGAIN, LONGEST_AGAIN = 60.0, 1_800.0
# How many requests to Figshare may wait on behalf of digests.
ROOM = 8
# Figshare is slow and Slack is fast: what waits for the one must not keep from the other.
WORKERS = {"gather": 4, "post": 8}


class JobQueue(Protocol):
    """What carries looks at deliveries."""

    async def enqueue(self, queue: str, id: int, number: int) -> None:
        """Have somebody look at a delivery, once for each number."""

    async def clean(self) -> None:
        """Drop what was carried long ago."""


class Worker:
    """The digests of one process; several processes may have the same on one database."""

    def __init__(
        self,
        bot: Bot,
        ledger: Deliveries,
        post: Messenger,
        *,
        rate: float,
        settle: float = SETTLE,
        observe: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        self._bot, self._ledger, self._rate = bot, ledger, rate
        self._delivering = Publisher(ledger, post, bot.clock, settle, observe)
        self._room = asyncio.Semaphore(ROOM)
        self._looked_at = set[int]()

    @property
    def busy(self) -> bool:
        """Tell whether a delivery is looked at, after which there may be more to do at once."""
        return bool(self._looked_at)

    async def tick(self, engine: JobQueue) -> set[int]:
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
            log.warning(
                "the database did not take what became of a digest", extra={"cause": describe_db_error(error)}
            )
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
        if it.state == "ready":
            await self._delivering.send(it)
        elif (contents := await self._gathered(it)) is not None:
            await self._ledger.ready(it, msgspec.json.encode(contents))

    async def _gathered(self, it: Delivery) -> Report | None:
        """Fetch what a digest says; nothing when that has to be tried again later."""
        loop, now = asyncio.get_running_loop(), self._bot.clock()
        # As long as it takes at the pace that Figshare asks for, several times over, when the slot is near.
        needed = 3 * it.weight / self._rate
        left = max(min(it.slot - now, AHEAD), needed) + PATIENCE
        await self._ledger.hold(it, now + left + self._ledger.lease)
        # What was asked before its last day was over may lack some of that day.
        not_before = max(now - SERVES, end_of(it.last_day))
        token = request_context.set(RequestContext("", loop.time() + left, min_fetched_at=not_before))
        try:
            contents = await collect.gather(
                self._bot,
                topics.parse_topic(it.what),
                it.first_day,
                it.last_day,
                is_first=it.is_first,
                room=self._room,
            )
        except (FigshareError, InvalidArgument) as error:
            said = told(error) if isinstance(error, FigshareError) else str(error)
            # A wrong word is somebody's word.
            known = repr(error) if isinstance(error, FigshareError) else type(error).__name__
            log.info("a digest has to wait", extra={"delivery": it.id, "cause": known})
            await self._again(it, said)
            return None
        finally:
            request_context.reset(token)
        # Sent ahead of time its figures are from now all the same.
        ahead = self._bot.clock() - self._ledger.wall()
        contents = replace(contents, as_of=contents.as_of - ahead, ready_at=self._bot.clock())
        left = it.slot - self._bot.clock()
        if contents.troubles and left > AGAIN:
            # There is time to have the rest.
            await self._ledger.later(it, it.slot - max(left / 2, AGAIN))
            return None
        return contents

    async def _again(self, it: Delivery, why: str) -> None:
        """Try again later, until its time is over."""
        now = self._bot.clock()
        if now >= it.until:
            return await self._delivering.fail(it, why)
        wait = min(AGAIN * 2 ** min(it.tries, 10) / 2, LONGEST_AGAIN)
        await self._ledger.later(it, min(now + wait, it.until))
