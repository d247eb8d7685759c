"""What was written at Figshare is noted before and after, once for a submission."""

import asyncio

import pytest

from bot.figshare.errors import BadRequest, OutcomeUnknown
from bot.storage.audit_log import AuditLog
from bot.storage.database import open_database
from tests.support.clock import Clock


@pytest.fixture
async def noted(url):
    clock = Clock()
    async with open_database(url, clock) as store:
        yield AuditLog(store), clock


async def test_rows_come_newest_first_and_in_pages(noted):
    trace, clock = noted
    for number in range(5):
        async with trace.record("U1", "edit", number + 1):
            clock.now += 1
    rows, more = await trace.rows(1, 3)
    assert [(row.draft, row.outcome) for row in rows] == [(5, "done"), (4, "done"), (3, "done")] and more
    rows, more = await trace.rows(2, 3)
    assert [row.draft for row in rows] == [2, 1] and not more


async def test_of_submissions_with_one_key_one_is_new(noted):
    trace, _ = noted
    begun = await asyncio.gather(*(trace.start("U1", "create", key="V1", mark="m") for _ in range(5)))
    assert sorted(each.is_new for each in begun) == [False] * 4 + [True]
    assert len({each.id for each in begun}) == 1 and begun[0].title_hash == "m"


async def test_refusal_frees_the_key_and_unknown_outcome_keeps_it(noted):
    trace, clock = noted
    first = await trace.start("U1", "create", key="V1")
    await trace.finish(first, BadRequest("a title that was typed"))
    second = await trace.start("U1", "create", key="V1")
    assert second.is_new
    await trace.finish(second, OutcomeUnknown("HTTP 502"))
    third = await trace.start("U1", "create", key="V1")
    assert not third.is_new and third.outcome == "unknown"
    clock.now += 60
    assert [await trace.retry(third, "m"), await trace.retry(third, "m")] == [True, False]
    assert [row.outcome for row in (await trace.rows(1, 5))[0]] == ["begun", "refused"]


async def test_what_was_made_is_known_and_can_not_be_begun_again(noted):
    trace, clock = noted
    entry = await trace.start("U1", "create", key="V1")
    assert await trace.made_since(clock.now) == set()
    await trace.finish(entry, "done", 31_400_003)
    assert await trace.made_since(clock.now) == {31_400_003}
    assert await trace.made_since(clock.now + 1) == set()
    again = await trace.start("U1", "create", key="V1")
    assert again.draft == 31_400_003 and not await trace.retry(again, "m")
