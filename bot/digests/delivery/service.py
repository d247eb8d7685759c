"""Puts the sending of digests together: for `serve` and the playground beside everything else, or once."""

import asyncio
import logging
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager

from bot.bot import Bot
from bot.digests.delivery.send_once import Messenger
from bot.digests.delivery.ticking import TICK, running
from bot.digests.delivery.worker import WORKERS, Worker
from bot.storage.database import DOWN, Database, describe_db_error
from bot.storage.deliveries import Deliveries, Open

log = logging.getLogger(__name__)

_AGAIN = 30.0
# `digests run` waits for what is to be looked at again so soon: an answer of Slack's may have been lost.
NEAR = 45.0
# Without any progress it waits so long, and says after a while for what.
STILL, SAYS = 60.0, 10.0
ELSEWHERE = "left to another process"
_WHOM = {"new": "Figshare", "ready": "Slack"}
_NAMED = 10
_GLANCE = 0.2
# How long `digests run` waits for a database that does not answer.
_DATABASE = 120.0
_BAR, _MUCH = 30, 5


class Health:
    """What keeps digests from being sent, in a few words."""

    trouble = ""

    async def usable(self) -> str:
        """Give what is wrong, or nothing."""
        return self.trouble


@asynccontextmanager
async def run_in_background(
    bot: Bot,
    store: Database,
    post: Messenger,
    url: str,
    *,
    health: Health | None = None,
    interval: float = 1.0,
    tick: float = TICK,
    observe: Callable[[str], None] = lambda outcome: None,
) -> AsyncIterator[None]:
    """Send digests while the block runs; starting takes a second, and keeps nobody waiting."""
    health = health or Health()

    async def work() -> None:
        while True:
            try:
                return await _send_for_ever(bot, store, post, url, interval, tick, observe, health)
            except Exception as error:
                health.trouble = f"Digests can't be sent ({describe_db_error(error)})"
                log.error(
                    "digests can't be sent just now",
                    extra={"cause": describe_db_error(error), "again_in": _AGAIN},
                    exc_info=None if isinstance(error, DOWN) else error,
                )
            await asyncio.sleep(_AGAIN)

    working = asyncio.create_task(work())
    try:
        yield
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def _send_for_ever(
    bot: Bot,
    store: Database,
    post: Messenger,
    url: str,
    interval: float,
    tick: float,
    observe: Callable[[str], None],
    health: Health,
) -> None:
    assert bot.subscriptions is not None
    # Importing the engine takes longer than all the rest of a start.
    await asyncio.to_thread(__import__, "bot.digests.delivery.job_queue")
    from bot.digests.delivery.job_queue import open_job_queue

    ledger = Deliveries(store)
    rate = bot.settings.figshare_requests_per_second
    digests = Worker(bot, ledger, post, rate=rate, observe=observe)
    async with (
        open_job_queue(url, digests.look, interval, await _schema(store)) as engine,
        running(digests, engine, ledger, bot.subscriptions.changed, tick),
    ):
        health.trouble = ""
        await asyncio.Event().wait()


class _Here:
    """Carries the looks of one run in its own process.

    Another process goes by another clock: where a run is ahead, that one would wait until its slot comes.
    """

    def __init__(self, look: Callable[[int, int], Awaitable[None]]) -> None:
        self._look, self._tasks = look, set[asyncio.Task[None]]()
        self._room = {name: asyncio.Semaphore(most) for name, most in WORKERS.items()}

    @property
    def is_busy(self) -> bool:
        """Tell whether a delivery is looked at."""
        return bool(self._tasks)

    async def enqueue(self, queue: str, id: int, number: int) -> None:
        """Look at a delivery when there is room."""

        async def look() -> None:
            async with self._room[queue]:
                await self._look(id, number)

        task = asyncio.create_task(look())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def clean(self) -> None:
        """Keep nothing, and so drop nothing."""

    async def end(self) -> None:
        """Let what is under way come to its end; cancelled, end it."""
        await asyncio.gather(*self._tasks)


async def run(bot: Bot, store: Database, post: Messenger) -> dict[str, int]:
    """Send what is due by the bot's clock, and give how many digests came to which outcome.

    It ends by itself: what is looked at has its time, and what makes no progress is left for later.
    Raises what is DOWN when the database does not answer for minutes.
    """
    ledger = Deliveries(store, clock=bot.clock)
    outcomes: Counter[str] = Counter()
    digests = Worker(
        bot,
        ledger,
        post,
        rate=bot.settings.figshare_requests_per_second,
        observe=lambda outcome: outcomes.update((outcome,)),
    )
    newest, taken, here = await ledger.newest(), set[int](), _Here(digests.look)
    await digests.expand()
    left = await _finish(digests, ledger, here, bot.clock, taken)
    await here.end()
    await ledger.clean()
    outcomes += await ledger.untold(taken, newest)
    outcomes[ELSEWHERE] += sum(each.id not in taken for each in left)
    return dict(sorted((+outcomes).items()))


async def _finish(
    digests: Worker, ledger: Deliveries, here: _Here, clock: Callable[[], float], taken: set[int]
) -> list[Open]:
    """See to what is there, until nothing is left or nothing moves; gives what is left."""
    newest, most, seen = await ledger.newest(), 0, list[Open]()
    answered = moved = said = time.monotonic()
    while True:
        try:
            left = await ledger.open_until(clock() + NEAR, newest)
            most = max(most, len(left))
            _show(most - len(left), most, "" if left else "\n")
            now = time.monotonic()
            if {*left} != {*seen}:
                seen, moved, said = left, now, now
            if not left or (now - moved > STILL and not here.is_busy):
                return left
            if now - said > SAYS:
                said = now
                _say(left, taken)
            taken |= await digests.tick(here)
            answered = time.monotonic()
        except DOWN:
            # A database that is started again takes a moment.
            if time.monotonic() - answered > _DATABASE:
                raise
        await asyncio.sleep(_GLANCE)


def _say(left: Sequence[Open], taken: Collection[int]) -> None:
    """Say what a run waits for."""
    waiting: dict[str, list[int]] = {}
    for each in left:
        whom = _WHOM[each.state] if each.id in taken else "another process"
        waiting.setdefault(whom, []).append(each.subscription)
    for whom, numbers in waiting.items():
        more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
        said = f"Waiting for {whom}: digest {', '.join(map(str, numbers[:_NAMED]))}{more}"
        print(said, file=sys.stderr, flush=True)


async def _schema(store: Database) -> str:
    """Name where the engine has its tables: beside ours, never among another bot's."""
    name = await store.schema()
    return f"{name}_dbos" if name else "dbos"


def _show(done: int, most: int, end: str = "") -> None:
    if most >= _MUCH and sys.stderr.isatty():
        bar = "█" * (_BAR * done // most)
        print(f"\r{bar:░<{_BAR}} {done} of {most}", end=end, file=sys.stderr, flush=True)
