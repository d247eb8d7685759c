"""Everybody who asks the same gets one answer: fresh, under way, or the last good one with its age."""

import asyncio
import contextlib
import json
import tracemalloc

import pytest

from bot.figshare.client import CachePolicy
from bot.figshare.errors import (
    BadRequest,
    BlockedByFirewall,
    InvalidResponse,
    NotAllowed,
    NotFound,
    OaiError,
    QueueFull,
    TooManyRequests,
    Unreachable,
)
from bot.figshare.models import Article, ArticleComplete, Version, decoded
from bot.upstream.cache import Cache
from bot.upstream.request_context import RequestContext, request_context

LIFE = CachePolicy(max_age=60, stale_while_revalidate=600, stale_if_error=3600)


class Clock:
    now = 1_000_000.0

    def __call__(self):
        return self.now


class Figshare:
    """Answers with a number that grows; fails when told to; can be held back."""

    def __init__(self):
        self.asked, self.fails, self.size, self.questions = 0, None, 0, []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self):
        self.asked += 1
        self.questions.append(request_context.get())
        await self.may_answer.wait()
        if self.fails:
            raise self.fails
        return str(self.asked).encode().rjust(self.size)


class Drawer:
    """A shared tier in a dictionary."""

    def __init__(self):
        self.bodies = {}

    async def load(self, key):
        return self.bodies.get(key)

    async def save(self, key, at, body, keep):
        self.bodies[key] = (at, body)

    async def forget(self, key):
        self.bodies.pop(key, None)


class BotClient:
    """A cache over a Figshare, and how its answers came about."""

    def __init__(self, **how):
        self.clock, self.figshare, self.outcomes = Clock(), Figshare(), []
        self.cache = Cache(self.clock, observe=self.outcomes.append, **how)

    async def ask(self, key="views 1", asker="ann", deadline=None, life=LIFE, decode=int, not_before=None):
        """Return the answer and the stored answers it was made from."""
        asked = RequestContext(asker, deadline, min_fetched_at=not_before)
        token = request_context.set(asked)
        try:
            return await self.cache.answer(key, self.figshare, decode, life), asked.hits
        finally:
            request_context.reset(token)

    async def value(self, key="views 1", **how):
        return (await self.ask(key, **how))[0]

    async def settle(self):
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.fixture
async def world():
    world = BotClient()
    yield world
    await world.cache.close()


async def test_a_hundred_who_ask_the_same_cause_one_request(world):
    assert await asyncio.gather(*(world.value() for _ in range(100))) == [1] * 100
    assert world.figshare.asked == 1


async def test_two_questions_are_two_requests(world):
    assert await asyncio.gather(world.value("views 1"), world.value("views 2")) == [1, 2]


async def test_the_others_get_their_answer_when_the_first_gives_up(world):
    world.figshare.may_answer.clear()
    askers = [asyncio.create_task(world.value()) for _ in range(5)]
    await world.settle()
    askers[0].cancel()
    await world.settle()
    world.figshare.may_answer.set()
    assert await asyncio.gather(*askers[1:]) == [1] * 4
    assert askers[0].cancelled()
    assert world.figshare.asked == 1


async def test_an_answer_that_nobody_waits_for_is_kept_for_the_next(world):
    world.figshare.may_answer.clear()
    only = asyncio.create_task(world.value())
    await world.settle()
    only.cancel()
    await world.settle()
    world.figshare.may_answer.set()
    await world.settle()
    assert await world.value() == 1
    assert world.figshare.asked == 1


async def test_request_without_waiters_becomes_background_work(world):
    world.figshare.may_answer.clear()
    ann, ben = (asyncio.create_task(world.value(asker=name)) for name in ("ann", "ben"))
    await world.settle()
    (flying,) = world.figshare.questions
    assert flying.waiters == {"ann", "ben"}
    for each in (ann, ben):
        assert flying.waiters
        each.cancel()
        await world.settle()
    assert flying.waiters == set()
    later = asyncio.create_task(world.value(asker="eve"))
    await world.settle()
    assert flying.waiters == {"eve"}
    world.figshare.may_answer.set()
    assert await later == 1


async def test_fresh_answer_is_served_from_the_cache(world):
    await world.ask()
    world.clock.now += 59
    value, taken = await world.ask()
    assert (value, world.figshare.asked) == (1, 1)
    assert [(each.at, each.stale) for each in taken] == [(1_000_000.0, False)]
    assert world.outcomes == ["fetched", "fresh"]


async def test_stale_answer_is_served_while_a_new_one_is_fetched(world):
    await world.ask()
    world.clock.now += 61
    world.figshare.may_answer.clear()
    assert [await world.value() for _ in range(10)] == [1] * 10
    await world.settle()
    assert world.figshare.asked == 2
    assert world.figshare.questions[-1].waiters == set()
    world.figshare.may_answer.set()
    await world.settle()
    assert await world.value() == 2


async def test_an_old_answer_waits_for_a_newer_one(world):
    await world.ask()
    world.clock.now += 601
    assert await world.value() == 2


@pytest.mark.parametrize(
    "error",
    [Unreachable(), BlockedByFirewall(), TooManyRequests(3), InvalidResponse(), QueueFull(100)],
    ids=repr,
)
async def test_stored_answer_is_served_with_its_age_without_figshare(world, error):
    await world.ask()
    world.clock.now += 1000
    world.figshare.fails = error
    value, taken = await world.ask()
    assert value == 1
    assert [(each.at, each.stale) for each in taken] == [(1_000_000.0, True)]
    assert world.outcomes == ["fetched", "stale"]


async def test_an_answer_is_not_kept_for_ever(world):
    await world.ask()
    world.clock.now += 3601
    world.figshare.fails = Unreachable()
    with pytest.raises(Unreachable):
        await world.ask()


@pytest.mark.parametrize(
    "error", [NotFound(), NotAllowed(), BadRequest(), OaiError("idDoesNotExist")], ids=repr
)
async def test_a_stored_answer_is_not_given_against_figshares_word(world, error):
    await world.ask()
    world.clock.now += 601
    world.figshare.fails = error
    with pytest.raises(type(error)):
        await world.ask()
    world.clock.now += 61
    world.figshare.fails = Unreachable()
    with pytest.raises(Unreachable):
        await world.ask()


async def test_figshares_no_is_remembered_for_a_minute(world):
    world.figshare.fails = NotFound()
    for _ in range(3):
        with pytest.raises(NotFound):
            await world.ask()
    assert world.figshare.asked == 1
    world.clock.now += 61
    world.figshare.fails = None
    assert await world.value() == 2


@pytest.mark.parametrize("error", [Unreachable(), InvalidResponse(), QueueFull(100)], ids=repr)
async def test_trouble_is_not_remembered(world, error):
    world.figshare.fails = error
    with pytest.raises(type(error)):
        await world.ask()
    world.figshare.fails = None
    assert await world.value() == 2


@pytest.mark.parametrize(("error", "lasts"), [(BlockedByFirewall(), 10), (TooManyRequests(30), 30)], ids=repr)
async def test_being_turned_away_is_remembered_for_this_address_only(world, error, lasts):
    world.figshare.fails = error
    for _ in range(3):
        with pytest.raises(type(error)):
            await world.ask()
    assert world.figshare.asked == 1
    world.figshare.fails = None
    assert await world.value("views 2") == 2
    world.clock.now += lasts - 1
    with pytest.raises(type(error)):
        await world.ask()
    world.clock.now += 2
    assert await world.value() == 3


@pytest.mark.parametrize("age", [61, 601])
async def test_rejected_refresh_is_not_repeated_soon(world, age):
    await world.ask()
    world.clock.now += age
    world.figshare.fails = BlockedByFirewall()
    for _ in range(5):
        assert await world.value() == 1
        await world.settle()
    assert world.figshare.asked == 2
    world.clock.now += 11
    world.figshare.fails = None
    await world.ask()
    await world.settle()
    assert await world.value() == 3


async def test_question_waits_no_longer_than_allowed(world):
    from bot.figshare.errors import TimedOut

    world.figshare.may_answer.clear()
    with pytest.raises(TimedOut):
        await world.ask(deadline=asyncio.get_running_loop().time() + 0.005)
    world.figshare.may_answer.set()
    await world.settle()
    assert await world.value() == 1
    assert world.figshare.asked == 1


async def test_timed_out_question_gets_the_stored_answer(world):
    await world.ask()
    world.clock.now += 1000
    world.figshare.may_answer.clear()
    value, taken = await world.ask(deadline=asyncio.get_running_loop().time() + 0.005)
    assert (value, taken[0].stale) == (1, True)


async def test_the_oldest_answers_go_and_too_large_a_one_never_comes():
    cache = Cache(Clock(), limit=200_000)

    async def value(key, length):
        async def fetch():
            return bytes(length)

        return await cache.answer(key, fetch, bytes, LIFE)

    for number in range(10):
        await value(f"views {number}", 40_000)
    assert cache.held().count == 4
    assert len(await value("views large", 400_000)) == 400_000
    assert cache.held().count == 4


async def test_cache_contents_are_counted_with_their_age(world):
    assert world.cache.held().count == 0
    await world.ask("views 1")
    world.clock.now += 10
    await world.ask("views 2")
    world.figshare.fails = NotFound()
    with pytest.raises(NotFound):
        await world.ask("views 3")
    assert (world.cache.held().count, world.cache.held().oldest) == (2, 1_000_000.0)


async def test_a_fault_of_ours_reaches_everybody_and_is_not_remembered(world, caplog):
    def clumsy(body):
        raise KeyError("name")

    output = await asyncio.gather(*(world.ask(decode=clumsy) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in output] == [KeyError] * 3
    assert "nobody thought of" in caplog.text
    assert await world.value() == 2


async def test_closing_ends_what_is_under_way(world):
    world.figshare.may_answer.clear()
    asker = asyncio.create_task(world.value())
    await world.settle()
    await world.cache.close()
    with contextlib.suppress(asyncio.CancelledError):
        await asker
    assert asker.cancelled()


async def test_another_process_needs_not_ask_again():
    drawer = Drawer()
    one, other = BotClient(shared=drawer), BotClient(shared=drawer)
    assert await one.value() == 1
    other.clock.now += 30
    value, taken = await other.ask()
    assert (value, other.figshare.asked) == (1, 0)
    assert taken[0].at == 1_000_000.0
    other.clock.now += 31
    assert await other.value() == 1
    await other.settle()
    assert other.figshare.asked == 1


async def test_new_process_serves_the_stored_answer_of_another():
    drawer = Drawer()
    await BotClient(shared=drawer).ask()
    started = BotClient(shared=drawer)
    started.clock.now += 1000
    started.figshare.fails = Unreachable()
    value, taken = await started.ask()
    assert (value, taken[0].stale) == (1, True)


async def test_what_figshare_withdrew_is_given_by_no_process():
    drawer = Drawer()
    world = BotClient(shared=drawer)
    await world.ask()
    world.clock.now += 601
    world.figshare.fails = NotFound()
    with pytest.raises(NotFound):
        await world.ask()
    world.clock.now += 61
    world.figshare.fails = Unreachable()
    with pytest.raises(Unreachable):
        await world.ask()


async def test_a_shared_answer_that_cannot_be_read_is_fetched_again():
    def read(body):
        if body == b"from an older version":
            raise InvalidResponse("shape")
        return int(body)

    drawer = Drawer()
    drawer.bodies["views 1"] = (1_000_000.0, b"from an older version")
    world = BotClient(shared=drawer)
    assert await world.value(decode=read) == 1
    assert drawer.bodies["views 1"] == (1_000_000.0, b"1")


async def test_answer_before_the_minimum_time_is_fetched_again(world):
    assert await world.value() == 1
    world.clock.now += 10
    assert await world.value(not_before=world.clock.now - 5) == 2
    assert await world.value(not_before=world.clock.now - 5) == 2
    assert await world.value() == 2


async def test_answer_after_the_minimum_time_serves_at_any_age(world):
    assert await world.value() == 1
    world.clock.now += LIFE.stale_while_revalidate + 60
    assert await world.value(not_before=world.clock.now - LIFE.stale_while_revalidate - 90) == 1
    assert world.figshare.asked == 1


async def test_answer_before_the_minimum_time_is_never_served(world):
    await world.value()
    world.clock.now += LIFE.stale_while_revalidate + 60
    world.figshare.fails = Unreachable("HTTP 502")
    with pytest.raises(Unreachable):
        await world.value(not_before=world.clock.now - 60)
    assert await world.value() == 1


async def test_what_others_stored_before_that_moment_is_asked_again():
    drawer = Drawer()
    first, second = BotClient(shared=drawer), BotClient(shared=drawer)
    assert await first.value() == 1
    second.figshare.asked = 10
    assert await second.value(not_before=second.clock.now + 1) == 11
    assert await second.value("views 1", not_before=second.clock.now) == 11
    await first.cache.close()
    await second.cache.close()


def days(number):
    return json.dumps({f"2025-{day:03}": number + day + 300 for day in range(365)}).encode()


def many(row, count, before="", after=""):
    return lambda number: f"{before}[{','.join([row] * count)}]{after}".replace("#", str(number)).encode()


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (days, json.loads),
        (many("{}", 700, '{"id": #, "authors": ', "}"), lambda body: decoded(body, ArticleComplete)),
        (many('"#"', 700, '{"id": #, "tags": ', "}"), lambda body: decoded(body, ArticleComplete)),
        (many('{"id": 9#}', 300), lambda body: decoded(body, list[Article])),
        (many("{}", 1_000), lambda body: decoded(body, list[Version])),
    ],
    ids=["timelines", "authors", "tags", "rows", "versions"],
)
async def test_the_bound_holds_for_what_is_in_memory(body, read):
    limit = 1_000_000
    cache = Cache(Clock(), limit=limit)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(30):

            async def fetch(number=number):
                return body(number)

            await cache.answer(f"{number}", fetch, read, LIFE)
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert limit / 3 < taken < limit * 1.05
