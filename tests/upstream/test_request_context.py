"""The request context of a piece of work is its own, and ends with it."""

import asyncio

from bot.upstream.request_context import (
    CacheHit,
    RequestContext,
    current,
    detached,
    is_cache_only,
    oldest_hit,
    request_context_of,
)


def test_context_is_current_within_its_block_only():
    outer, inner = RequestContext("ann"), RequestContext("ben")
    with request_context_of(outer):
        with request_context_of(inner) as context:
            assert context is inner is current()
        assert current() is outer
    assert current() not in (outer, inner)


def test_context_ends_with_an_exception_of_its_work():
    try:
        with request_context_of(RequestContext("ann")):
            raise KeyError
    except KeyError:
        assert current().requester == ""


def test_work_without_a_context_is_unlimited_background_work():
    context = current()
    assert (context.waiters, context.deadline, context.min_fetched_at) == (set(), None, None)
    assert not is_cache_only()
    assert oldest_hit() is None


async def test_detached_task_keeps_its_own_context():
    own = RequestContext("ann")

    async def work():
        await asyncio.sleep(0)
        return current()

    with request_context_of(RequestContext("ben")):
        task = asyncio.create_task(work(), context=detached(own))
    assert await task is own


def test_oldest_hit_is_the_earliest_fetch():
    with request_context_of(RequestContext(hits=[CacheHit(20.0), CacheHit(10.0, True), CacheHit(30.0)])):
        assert oldest_hit() == 10.0


def test_demoted_context_has_no_waiters():
    context = RequestContext("ann")
    context.add_waiter("ben")
    assert context.waiters == {"ann", "ben"}
    context.demote_to_background()
    assert context.waiters == set()
