"""Requests leave in bursts and then steadily, in an order that is fair."""

import asyncio
import heapq
from itertools import count

import pytest

from bot.figshare.errors import QueueFull
from bot.upstream.rate_limiter import MAX_HOST_PAUSE, LocalRateLimit, RateLimiter
from bot.upstream.request_context import RequestContext, request_context_of

API, STATS = "api.figshare.com", "stats.figshare.com"


class Time:
    """A clock that jumps to the time of the next sleeper once all tasks wait."""

    def __init__(self):
        self.now, self._sleepers, self._order = 0.0, [], count()

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        awake = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), awake))
        await awake

    async def run(self, *work):
        """Return the results of coroutines, run to their ends, or their exceptions."""
        tasks = [asyncio.ensure_future(each) for each in work]
        while not all(task.done() for task in tasks):
            for _ in range(20):
                await asyncio.sleep(0)
            if self._sleepers and not all(task.done() for task in tasks):
                self.now, _, awake = heapq.heappop(self._sleepers)
                if not awake.done():
                    awake.set_result(None)
        return await asyncio.gather(*tasks, return_exceptions=True)


class Queue:
    """A limiter that records who left when."""

    def __init__(self, rate=1.0, burst=1, max_length=100):
        self.time, self.left = Time(), []
        self.limiter = RateLimiter(
            LocalRateLimit(rate, burst, self.time),
            max_length=max_length,
            sleep=self.time.sleep,
            clock=self.time,
        )

    async def ask(self, requester="", name=None, host=API, after=0.0, context=None):
        if after:
            await self.time.sleep(after)
        with request_context_of(context or RequestContext(requester)):
            await self.limiter.acquire(host)
        self.left.append((self.time.now, name or requester))

    @property
    def order(self):
        return [name for _, name in self.left]

    @property
    def times(self):
        return [moment for moment, _ in self.left]


@pytest.fixture
def queue():
    return Queue()


async def test_burst_leaves_at_once_and_the_others_at_the_rate():
    queue = Queue(rate=2, burst=3)
    await queue.time.run(*(queue.ask("ann") for _ in range(6)))
    assert queue.times == pytest.approx([0, 0, 0, 0.5, 1.0, 1.5])


async def test_burst_is_restored_after_a_pause():
    queue = Queue(rate=1, burst=2)
    await queue.time.run(*(queue.ask("ann") for _ in range(4)))
    await queue.time.run(*(queue.ask("ann", after=10) for _ in range(3)))
    assert queue.times == pytest.approx([0, 0, 1, 2, 12, 12, 13])


async def test_person_is_served_before_background_work(queue):
    background = [queue.ask("", "digest") for _ in range(5)]
    await queue.time.run(*background, queue.ask("ann", after=1.5))
    assert queue.order == ["digest", "digest", "ann", "digest", "digest", "digest"]


async def test_question_does_not_wait_behind_twenty_of_another_person(queue):
    await queue.time.run(*(queue.ask("ann") for _ in range(20)), queue.ask("ben", after=0.5))
    assert queue.order.index("ben") == 1


async def test_two_people_take_turns(queue):
    await queue.time.run(
        *(queue.ask("ann") for _ in range(20)), *(queue.ask("ben", after=5.5) for _ in range(5))
    )
    assert queue.order[:6] == ["ann"] * 6
    assert sorted(queue.order[6:16]) == ["ann"] * 5 + ["ben"] * 5
    assert queue.order[6:16] != sorted(queue.order[6:16])


async def test_old_requests_do_not_count_against_a_person(queue):
    early = [queue.ask("ann") for _ in range(20)]
    background = [queue.ask("", "digest") for _ in range(60)]
    late = [queue.ask(name, after=30.5) for name in ("ben", "ann") for _ in range(10)]
    await queue.time.run(*early, *background, *late)
    people = [name for moment, name in queue.left if moment > 30 and name != "digest"]
    assert people[:10].count("ann") >= 4


async def test_shared_request_uses_the_less_busy_requester(queue):
    both = RequestContext("ann")
    both.add_waiter("ben")
    await queue.time.run(*(queue.ask("ann") for _ in range(9)), queue.ask(name="both", context=both))
    assert queue.order.index("both") == 1


async def test_full_queue_tells_its_length():
    queue = Queue(max_length=3)
    results = await queue.time.run(*(queue.ask("ann") for _ in range(5)))
    assert [error.length for error in results if isinstance(error, QueueFull)] == [3, 3]
    assert len(queue.left) == 3


async def test_background_work_does_not_fill_the_queue_for_people():
    queue = Queue(max_length=3)
    results = await queue.time.run(*(queue.ask("", "digest") for _ in range(4)), queue.ask("ann"))
    assert [type(result) for result in results] == [type(None)] * 3 + [QueueFull, type(None)]
    assert queue.order[0] == "ann"


async def test_cancelled_request_takes_no_turn(queue):
    waiting = [asyncio.ensure_future(queue.ask(name)) for name in ("ann", "ben", "eve")]
    await asyncio.sleep(0)
    waiting[1].cancel()
    await queue.time.run(*waiting)
    assert queue.left == [(0, "ann"), (1, "eve")]
    assert queue.limiter.length == 0


async def test_queue_serves_again_after_it_was_empty(queue):
    await queue.time.run(queue.ask("ann"))
    await queue.time.run(queue.ask("ben"))
    assert queue.left == [(0, "ann"), (1, "ben")]


async def test_pause_lasts_ten_seconds_at_most(queue):
    queue.limiter.pause(API, 3600)
    await queue.time.run(queue.ask("ann"))
    assert queue.times == [MAX_HOST_PAUSE]


async def test_shorter_pause_does_not_end_a_longer_one(queue):
    queue.limiter.pause(API, 8)
    queue.limiter.pause(API, 1)
    await queue.time.run(queue.ask("ann"))
    assert queue.times == [8]


async def test_pause_of_one_host_does_not_stop_another(queue):
    queue.limiter.pause(STATS, 10)
    stats = [queue.ask("ann", "stats", STATS) for _ in range(3)]
    await queue.time.run(*stats, *(queue.ask("ben", after=seconds) for seconds in (0.5, 2.5)))
    assert queue.left[:2] == [(0.5, "ben"), (2.5, "ben")]
    assert queue.order[2:] == ["stats"] * 3


async def test_requests_leave_at_the_rate_after_a_pause(queue):
    queue.limiter.pause(API, 10)
    await queue.time.run(*(queue.ask("ann") for _ in range(5)))
    assert queue.times == [10, 11, 12, 13, 14]


async def test_pause_holds_back_requests_in_the_queue(queue):
    async def pause_later():
        await queue.time.sleep(1.5)
        queue.limiter.pause(API, 10)

    await queue.time.run(pause_later(), *(queue.ask("ann") for _ in range(4)))
    assert queue.times[:2] == [0, 1]
    assert queue.times[2] >= 11.5
    assert min(later - earlier for earlier, later in zip(queue.times, queue.times[1:], strict=False)) >= 1


async def test_request_to_a_paused_host_counts_as_waiting():
    queue = Queue(max_length=2)
    queue.limiter.pause(API, 5)
    results = await queue.time.run(*(queue.ask("ann") for _ in range(3)))
    assert isinstance(results[2], QueueFull)
