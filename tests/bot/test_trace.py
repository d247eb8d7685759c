"""What was written at Figshare is noted before and after, once for a submission."""

import asyncio

import pytest

from bot.figshare.errors import Refused, Unknown
from bot.storage.audit_log import Trace
from bot.storage.database import open_database
from tests.bot.test_store import Clock, file, schema, url  # noqa: F401


@pytest.fixture
async def noted(url):  # noqa: F811
    clock = Clock()
    async with open_database(url, clock) as store:
        yield Trace(store), clock


async def test_rows_come_newest_first_and_in_pages(noted):
    trace, clock = noted
    for number in range(5):
        async with trace.of("U1", "edit", number + 1):
            clock.now += 1
    rows, more = await trace.rows(1, 3)
    assert [(row.draft, row.outcome) for row in rows] == [(5, "done"), (4, "done"), (3, "done")] and more
    rows, more = await trace.rows(2, 3)
    assert [row.draft for row in rows] == [2, 1] and not more


async def test_of_submissions_with_one_key_one_is_new(noted):
    trace, _ = noted
    begun = await asyncio.gather(*(trace.begin("U1", "create", key="V1", mark="m") for _ in range(5)))
    assert sorted(each.is_new for each in begun) == [False] * 4 + [True]
    assert len({each.id for each in begun}) == 1 and begun[0].mark == "m"


async def test_after_a_refusal_the_key_is_free_and_after_an_unknown_outcome_it_is_not(noted):
    trace, clock = noted
    first = await trace.begin("U1", "create", key="V1")
    await trace.end(first, Refused("a title that was typed"))
    second = await trace.begin("U1", "create", key="V1")
    assert second.is_new
    await trace.end(second, Unknown("HTTP 502"))
    third = await trace.begin("U1", "create", key="V1")
    assert not third.is_new and third.outcome == "unknown"
    clock.now += 60
    assert [await trace.resume(third, "m"), await trace.resume(third, "m")] == [True, False]
    assert [row.outcome for row in (await trace.rows(1, 5))[0]] == ["begun", "refused"]


async def test_what_was_made_is_known_and_can_not_be_begun_again(noted):
    trace, clock = noted
    entry = await trace.begin("U1", "create", key="V1")
    assert await trace.made_since(clock.now) == set()
    await trace.end(entry, "done", 31_400_003)
    assert await trace.made_since(clock.now) == {31_400_003}
    assert await trace.made_since(clock.now + 1) == set()
    again = await trace.begin("U1", "create", key="V1")
    assert again.draft == 31_400_003 and not await trace.resume(again, "m")
