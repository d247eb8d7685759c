"""A run sends what is due and ends by itself, and says what it waits for."""

import pytest

from bot.digests.delivery import service
from bot.storage.deliveries import Ledger
from tests.bot.digests.room import at, room_in


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(service, "STILL", 0.15)
    monkeypatch.setattr(service, "SAYS", 0.05)
    monkeypatch.setattr(service, "_GLANCE", 0.01)


@pytest.fixture
async def room():
    async with room_in() as opened:
        await opened.say("subscribe 5616445 daily at 09:00 UTC")
        opened.clock.now = at(26)
        yield opened


async def run(room):
    return await service.run(room.bot, room.store, room.courier)


def digests(room):
    return [each for each in room.slack.history.messages if each.metadata and each.thread_ts is None]


async def test_a_run_sends_what_is_due(room, capsys):
    assert await run(room) == {"sent": 1}
    assert len(digests(room)) == 1 and await run(room) == {}
    assert capsys.readouterr().err == ""


async def test_a_run_ends_though_slack_takes_nothing(room, impatient, capsys):
    room.slack.fail("chat.postMessage", "ratelimited", status=429, retry_after=30)
    assert await run(room) == {"to be tried again later": 1}
    assert digests(room) == []
    assert "Waiting for Slack: digest 1\n" in capsys.readouterr().err
    room.clock.now += 31
    assert await run(room) == {"sent": 1}


async def test_a_run_leaves_to_another_process_what_that_has_begun(room, impatient, capsys):
    other = Ledger(room.store)
    await other.expand(1_000.0, room.clock())
    [(id, _, _)] = await other.take(room.clock())
    await other.hold(await other.delivery(id), room.clock() + 3_600)
    assert await run(room) == {"left to another process": 1}
    assert "Waiting for another process: digest 1\n" in capsys.readouterr().err


async def test_a_run_waits_for_figshare_no_longer_than_a_digest_may(room, impatient):
    room.goes_wrong("/", status=500, times=None)
    assert await run(room) == {"to be tried again later": 1}
    assert digests(room) == []
