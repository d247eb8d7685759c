"""A run sends what is due and ends by itself, and says what it waits for."""

import pytest

from bot.digests.delivery import send_due
from bot.storage.deliveries import Deliveries
from tests.support.digest_clock import open_digest_clock, timestamp


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(send_due, "STALLED_AFTER", 0.15)
    monkeypatch.setattr(send_due, "REPORT_AFTER", 0.05)
    monkeypatch.setattr(send_due, "CHECK_INTERVAL", 0.01)


@pytest.fixture
async def digest_clock():
    async with open_digest_clock() as opened:
        await opened.say("subscribe 5616445 daily at 09:00 UTC")
        opened.clock.now = timestamp(26)
        yield opened


async def run(digest_clock):
    return await send_due.send_due_digests(digest_clock.bot, digest_clock.store, digest_clock.messenger)


def digests(digest_clock):
    return [each for each in digest_clock.slack.history.messages if each.metadata and each.thread_ts is None]


async def test_run_sends_what_is_due(digest_clock, capsys):
    assert await run(digest_clock) == {"sent": 1}
    assert len(digests(digest_clock)) == 1 and await run(digest_clock) == {}
    assert capsys.readouterr().err == ""


async def test_run_ends_though_slack_takes_nothing(digest_clock, impatient, capsys):
    digest_clock.slack.fail("chat.postMessage", "ratelimited", status=429, retry_after=30)
    assert await run(digest_clock) == {"to be tried again later": 1}
    assert digests(digest_clock) == []
    assert "Waiting for Slack: digest 1\n" in capsys.readouterr().err
    digest_clock.clock.now += 31
    assert await run(digest_clock) == {"sent": 1}


async def test_run_leaves_claimed_digests_to_the_other_process(digest_clock, impatient, capsys):
    other = Deliveries(digest_clock.store)
    await other.create_due(1_000.0, digest_clock.clock())
    [(id, _, _)] = await other.claim(digest_clock.clock())
    await other.extend_lease(await other.get(id), digest_clock.clock() + 3_600)
    assert await run(digest_clock) == {"left to another process": 1}
    assert "Waiting for another process: digest 1\n" in capsys.readouterr().err


async def test_run_waits_for_figshare_no_longer_than_a_digest_may(digest_clock, impatient):
    digest_clock.goes_wrong("/", status=500, times=None)
    assert await run(digest_clock) == {"to be tried again later": 1}
    assert digests(digest_clock) == []
