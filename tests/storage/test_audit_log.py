"""Changes at Figshare are recorded before and after, once for a submission."""

import asyncio

import pytest

from bot.figshare.errors import BadRequest, OutcomeUnknown
from bot.storage.audit_log import AuditLog
from bot.storage.database import open_database
from tests.support.clock import Clock


@pytest.fixture
async def log_and_clock(url):
    clock = Clock()
    async with open_database(url, clock) as store:
        yield AuditLog(store), clock


async def test_entries_come_newest_first_and_in_pages(log_and_clock):
    audit_log, clock = log_and_clock
    for number in range(5):
        async with audit_log.record("U1", "edit", number + 1):
            clock.now += 1
    rows, more = await audit_log.page(1, 3)
    assert [(row.draft, row.outcome) for row in rows] == [(5, "done"), (4, "done"), (3, "done")] and more
    rows, more = await audit_log.page(2, 3)
    assert [row.draft for row in rows] == [2, 1] and not more


async def test_one_of_the_submissions_with_one_key_is_new(log_and_clock):
    audit_log, _ = log_and_clock
    entries = await asyncio.gather(
        *(audit_log.start("U1", "create", idempotency_key="V1", title_hash="m") for _ in range(5))
    )
    assert sorted(each.is_new for each in entries) == [False] * 4 + [True]
    assert len({each.id for each in entries}) == 1 and entries[0].title_hash == "m"


async def test_refusal_frees_the_key_and_unknown_outcome_keeps_it(log_and_clock):
    audit_log, clock = log_and_clock
    first = await audit_log.start("U1", "create", idempotency_key="V1")
    await audit_log.finish(first, BadRequest("a title that was typed"))
    second = await audit_log.start("U1", "create", idempotency_key="V1")
    assert second.is_new
    await audit_log.finish(second, OutcomeUnknown("HTTP 502"))
    third = await audit_log.start("U1", "create", idempotency_key="V1")
    assert not third.is_new and third.outcome == "unknown"
    clock.now += 60
    assert [await audit_log.retry(third, "m"), await audit_log.retry(third, "m")] == [True, False]
    assert [row.outcome for row in (await audit_log.page(1, 5))[0]] == ["begun", "refused"]


async def test_created_draft_is_known_and_not_created_again(log_and_clock):
    audit_log, clock = log_and_clock
    entry = await audit_log.start("U1", "create", idempotency_key="V1")
    assert await audit_log.drafts_created_since(clock.now) == set()
    await audit_log.finish(entry, "done", 31_400_003)
    assert await audit_log.drafts_created_since(clock.now) == {31_400_003}
    assert await audit_log.drafts_created_since(clock.now + 1) == set()
    again = await audit_log.start("U1", "create", idempotency_key="V1")
    assert again.draft == 31_400_003 and not await audit_log.retry(again, "m")
