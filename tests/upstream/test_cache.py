"""Everybody who asks the same gets one answer: fresh, in flight, or the last good one with its age."""

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
from bot.figshare.models import Article, ArticleComplete, Version, decode_json
from bot.upstream.cache import Cache
from bot.upstream.request_context import RequestContext, current, request_context_of

POLICY = CachePolicy(max_age=60, stale_while_revalidate=600, stale_if_error=3600)


class Clock:
    now = 1_000_000.0

    def __call__(self):
        return self.now


class FakeFigshare:
    """A request that answers with a growing number, fails with `error`, and waits for `may_answer`."""

    def __init__(self):
        self.requests, self.error, self.size, self.contexts = 0, None, 0, []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self):
        self.requests += 1
        self.contexts.append(current())
        await self.may_answer.wait()
        if self.error:
            raise self.error
        return str(self.requests).encode().rjust(self.size)


class DictionaryCache:
    """A shared tier in a dictionary."""

    def __init__(self):
        self.bodies = {}

    async def load(self, key):
        await asyncio.sleep(0)
        return self.bodies.get(key)

    async def save(self, key, fetched_at, body, seconds):
        self.bodies[key] = (fetched_at, body)

    async def forget(self, key):
        self.bodies.pop(key, None)


class CacheClient:
    """A cache in front of a Figshare, with the outcomes that it observed."""

    def __init__(self, **options):
        self.clock, self.figshare, self.outcomes = Clock(), FakeFigshare(), []
        self.cache = Cache(self.clock, observe=self.outcomes.append, **options)

    async def ask(
        self, key="views 1", requester="ann", deadline=None, policy=POLICY, decode=int, min_fetched_at=None
    ):
        """Return the answer and the hits that its context collected."""
        context = RequestContext(requester, deadline, min_fetched_at=min_fetched_at)
        with request_context_of(context):
            return await self.cache.get_or_fetch(key, self.figshare, decode, policy), context.hits

    async def value(self, key="views 1", **options):
        return (await self.ask(key, **options))[0]

    async def settle(self):
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.fixture
async def client():
    client = CacheClient()
    yield client
    await client.cache.close()


async def test_hundred_callers_of_one_key_cause_one_request(client):
    assert await asyncio.gather(*(client.value() for _ in range(100))) == [1] * 100
    assert client.figshare.requests == 1


async def test_two_keys_cause_two_requests(client):
    assert await asyncio.gather(client.value("views 1"), client.value("views 2")) == [1, 2]


async def test_cancelled_first_caller_leaves_the_others_their_answer(client):
    client.figshare.may_answer.clear()
    callers = [asyncio.create_task(client.value()) for _ in range(5)]
    await client.settle()
    callers[0].cancel()
    await client.settle()
    client.figshare.may_answer.set()
    assert await asyncio.gather(*callers[1:]) == [1] * 4
    assert callers[0].cancelled()
    assert client.figshare.requests == 1


async def test_answer_without_waiters_is_stored_for_the_next_caller(client):
    client.figshare.may_answer.clear()
    only = asyncio.create_task(client.value())
    await client.settle()
    only.cancel()
    await client.settle()
    client.figshare.may_answer.set()
    await client.settle()
    assert await client.value() == 1
    assert client.figshare.requests == 1


async def test_request_without_waiters_becomes_background_work(client):
    client.figshare.may_answer.clear()
    ann, ben = (asyncio.create_task(client.value(requester=name)) for name in ("ann", "ben"))
    await client.settle()
    (context,) = client.figshare.contexts
    assert context.waiters == {"ann", "ben"}
    for task in (ann, ben):
        assert context.waiters
        task.cancel()
        await client.settle()
    assert context.waiters == set()
    later = asyncio.create_task(client.value(requester="eve"))
    await client.settle()
    assert context.waiters == {"eve"}
    client.figshare.may_answer.set()
    assert await later == 1


async def test_fresh_answer_is_served_from_the_cache(client):
    await client.ask()
    client.clock.now += 59
    value, hits = await client.ask()
    assert (value, client.figshare.requests) == (1, 1)
    assert [(hit.fetched_at, hit.is_stale) for hit in hits] == [(1_000_000.0, False)]
    assert client.outcomes == ["fetched", "fresh"]


async def test_stale_answer_is_served_while_a_new_one_is_fetched(client):
    await client.ask()
    client.clock.now += 61
    client.figshare.may_answer.clear()
    assert [await client.value() for _ in range(10)] == [1] * 10
    await client.settle()
    assert client.figshare.requests == 2
    assert client.figshare.contexts[-1].waiters == set()
    client.figshare.may_answer.set()
    await client.settle()
    assert await client.value() == 2


async def test_old_answer_is_fetched_again_before_it_is_served(client):
    await client.ask()
    client.clock.now += 601
    assert await client.value() == 2


@pytest.mark.parametrize(
    "error",
    [Unreachable(), BlockedByFirewall(), TooManyRequests(3), InvalidResponse(), QueueFull(100)],
    ids=repr,
)
async def test_stored_answer_is_served_with_its_age_without_figshare(client, error):
    await client.ask()
    client.clock.now += 1000
    client.figshare.error = error
    value, hits = await client.ask()
    assert value == 1
    assert [(hit.fetched_at, hit.is_stale) for hit in hits] == [(1_000_000.0, True)]
    assert client.outcomes == ["fetched", "stale"]


async def test_answer_expires_after_stale_if_error(client):
    await client.ask()
    client.clock.now += 3601
    client.figshare.error = Unreachable()
    with pytest.raises(Unreachable):
        await client.ask()


@pytest.mark.parametrize(
    "error", [NotFound(), NotAllowed(), BadRequest(), OaiError("idDoesNotExist")], ids=repr
)
async def test_stored_answer_is_not_served_after_not_found(client, error):
    await client.ask()
    client.clock.now += 601
    client.figshare.error = error
    with pytest.raises(type(error)):
        await client.ask()
    client.clock.now += 61
    client.figshare.error = Unreachable()
    with pytest.raises(Unreachable):
        await client.ask()


async def test_not_found_is_remembered_for_a_minute(client):
    client.figshare.error = NotFound()
    for _ in range(3):
        with pytest.raises(NotFound):
            await client.ask()
    assert client.figshare.requests == 1
    client.clock.now += 61
    client.figshare.error = None
    assert await client.value() == 2


@pytest.mark.parametrize("error", [Unreachable(), InvalidResponse(), QueueFull(100)], ids=repr)
async def test_failure_to_ask_is_not_remembered(client, error):
    client.figshare.error = error
    with pytest.raises(type(error)):
        await client.ask()
    client.figshare.error = None
    assert await client.value() == 2


@pytest.mark.parametrize(("error", "lasts"), [(BlockedByFirewall(), 10), (TooManyRequests(30), 30)], ids=repr)
async def test_rejection_is_remembered_for_its_own_key_only(client, error, lasts):
    client.figshare.error = error
    for _ in range(3):
        with pytest.raises(type(error)):
            await client.ask()
    assert client.figshare.requests == 1
    client.figshare.error = None
    assert await client.value("views 2") == 2
    client.clock.now += lasts - 1
    with pytest.raises(type(error)):
        await client.ask()
    client.clock.now += 2
    assert await client.value() == 3


@pytest.mark.parametrize("age", [61, 601])
async def test_rejected_refresh_is_not_repeated_soon(client, age):
    await client.ask()
    client.clock.now += age
    client.figshare.error = BlockedByFirewall()
    for _ in range(5):
        assert await client.value() == 1
        await client.settle()
    assert client.figshare.requests == 2
    client.clock.now += 11
    client.figshare.error = None
    await client.ask()
    await client.settle()
    assert await client.value() == 3


async def test_caller_waits_no_longer_than_its_deadline(client):
    from bot.figshare.errors import TimedOut

    client.figshare.may_answer.clear()
    with pytest.raises(TimedOut):
        await client.ask(deadline=asyncio.get_running_loop().time() + 0.005)
    client.figshare.may_answer.set()
    await client.settle()
    assert await client.value() == 1
    assert client.figshare.requests == 1


async def test_timed_out_caller_gets_the_stored_answer(client):
    await client.ask()
    client.clock.now += 1000
    client.figshare.may_answer.clear()
    value, hits = await client.ask(deadline=asyncio.get_running_loop().time() + 0.005)
    assert (value, hits[0].is_stale) == (1, True)


async def test_full_cache_drops_old_answers_and_stores_no_large_one():
    cache = Cache(Clock(), max_bytes=200_000)

    async def value(key, length):
        async def fetch():
            return bytes(length)

        return await cache.get_or_fetch(key, fetch, bytes, POLICY)

    for number in range(10):
        await value(f"views {number}", 40_000)
    assert cache.stats().count == 4
    assert len(await value("views large", 400_000)) == 400_000
    assert cache.stats().count == 4


async def test_cache_contents_are_counted_with_their_age(client):
    assert client.cache.stats().count == 0
    await client.ask("views 1")
    client.clock.now += 10
    await client.ask("views 2")
    client.figshare.error = NotFound()
    with pytest.raises(NotFound):
        await client.ask("views 3")
    assert (client.cache.stats().count, client.cache.stats().oldest) == (2, 1_000_000.0)


async def test_unexpected_error_reaches_all_waiters_and_is_forgotten(client, caplog):
    def buggy(body):
        raise KeyError("name")

    errors = await asyncio.gather(*(client.ask(decode=buggy) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in errors] == [KeyError] * 3
    assert "unexpected error" in caplog.text
    assert await client.value() == 2


async def test_closing_cancels_requests_in_flight(client):
    client.figshare.may_answer.clear()
    caller = asyncio.create_task(client.value())
    await client.settle()
    await client.cache.close()
    with contextlib.suppress(asyncio.CancelledError):
        await caller
    assert caller.cancelled()


async def test_second_process_uses_the_shared_answer():
    shared = DictionaryCache()
    one, other = CacheClient(shared=shared), CacheClient(shared=shared)
    assert await one.value() == 1
    other.clock.now += 30
    value, hits = await other.ask()
    assert (value, other.figshare.requests) == (1, 0)
    assert hits[0].fetched_at == 1_000_000.0
    other.clock.now += 31
    assert await other.value() == 1
    await other.settle()
    assert other.figshare.requests == 1


async def test_new_process_serves_the_shared_answer_without_figshare():
    shared = DictionaryCache()
    await CacheClient(shared=shared).ask()
    started = CacheClient(shared=shared)
    started.clock.now += 1000
    started.figshare.error = Unreachable()
    value, hits = await started.ask()
    assert (value, hits[0].is_stale) == (1, True)


async def test_withdrawn_record_is_dropped_from_the_shared_cache():
    shared = DictionaryCache()
    client = CacheClient(shared=shared)
    await client.ask()
    client.clock.now += 601
    client.figshare.error = NotFound()
    with pytest.raises(NotFound):
        await client.ask()
    client.clock.now += 61
    client.figshare.error = Unreachable()
    with pytest.raises(Unreachable):
        await client.ask()


async def test_undecodable_shared_answer_is_fetched_again():
    def decode(body):
        if body == b"from an older version":
            raise InvalidResponse("shape")
        return int(body)

    shared = DictionaryCache()
    shared.bodies["views 1"] = (1_000_000.0, b"from an older version")
    client = CacheClient(shared=shared)
    assert await client.value(decode=decode) == 1
    assert shared.bodies["views 1"] == (1_000_000.0, b"1")


async def test_answer_before_the_minimum_time_is_fetched_again(client):
    assert await client.value() == 1
    client.clock.now += 10
    assert await client.value(min_fetched_at=client.clock.now - 5) == 2
    assert await client.value(min_fetched_at=client.clock.now - 5) == 2
    assert await client.value() == 2


async def test_answer_after_the_minimum_time_serves_at_any_age(client):
    assert await client.value() == 1
    client.clock.now += POLICY.stale_while_revalidate + 60
    assert await client.value(min_fetched_at=client.clock.now - POLICY.stale_while_revalidate - 90) == 1
    assert client.figshare.requests == 1


async def test_answer_before_the_minimum_time_is_never_served(client):
    await client.value()
    client.clock.now += POLICY.stale_while_revalidate + 60
    client.figshare.error = Unreachable("HTTP 502")
    with pytest.raises(Unreachable):
        await client.value(min_fetched_at=client.clock.now - 60)
    assert await client.value() == 1


async def test_shared_answer_before_the_minimum_time_is_fetched_again():
    shared = DictionaryCache()
    first, second = CacheClient(shared=shared), CacheClient(shared=shared)
    assert await first.value() == 1
    second.figshare.requests = 10
    assert await second.value(min_fetched_at=second.clock.now + 1) == 11
    assert await second.value("views 1", min_fetched_at=second.clock.now) == 11
    await first.cache.close()
    await second.cache.close()


async def test_caller_with_a_minimum_time_gets_no_older_shared_answer():
    shared = DictionaryCache()
    await CacheClient(shared=shared).value()
    client = CacheClient(shared=shared)
    client.figshare.requests = 10
    client.clock.now += 30
    anybody, digest = await asyncio.gather(client.value(), client.value(min_fetched_at=client.clock.now - 5))
    assert (anybody, digest) == (11, 11)
    await client.cache.close()


def timeline(number):
    return json.dumps({f"2025-{day:03}": number + day + 300 for day in range(365)}).encode()


def repeated(row, count, before="", after=""):
    return lambda number: f"{before}[{','.join([row] * count)}]{after}".replace("#", str(number)).encode()


@pytest.mark.parametrize(
    ("body", "decode"),
    [
        (timeline, json.loads),
        (repeated("{}", 700, '{"id": #, "authors": ', "}"), lambda body: decode_json(body, ArticleComplete)),
        (repeated('"#"', 700, '{"id": #, "tags": ', "}"), lambda body: decode_json(body, ArticleComplete)),
        (repeated('{"id": 9#}', 300), lambda body: decode_json(body, list[Article])),
        (repeated("{}", 1_000), lambda body: decode_json(body, list[Version])),
    ],
    ids=["timelines", "authors", "tags", "rows", "versions"],
)
async def test_bound_holds_for_the_memory_of_decoded_answers(body, decode):
    limit = 1_000_000
    cache = Cache(Clock(), max_bytes=limit)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(30):

            async def fetch(number=number):
                return body(number)

            await cache.get_or_fetch(f"{number}", fetch, decode, POLICY)
        hits = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert limit / 3 < hits < limit * 1.05
