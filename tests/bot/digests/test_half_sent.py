"""A digest that is in its channel has come, whatever happens to the rest of it and to its subscription."""

import pytest

from tests.bot.digests.room import at, room_in

UPLOAD = "files.getUploadURLExternal"


@pytest.fixture
async def room():
    async with room_in() as opened:
        yield opened


def digests(found):
    return [each for each in found if each.thread_ts is None and each.metadata]


def window(message):
    return message.text.split("\n")[1].split(",")[0]


async def half_sent(room):
    """Bring a digest into the channel, and no file into its thread."""
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    room.slack.fail(UPLOAD, "internal_error", status=500, times=1_000)
    [digest] = digests(await room.come(at(26)))
    assert window(digest) == "25 Nov 2026"
    return digest


def mended(room, method):
    """Let a method fail no more, and give how often it was still to."""
    left = 0
    while room.slack.next_trouble(method):
        left += 1
    return left


async def test_paused_before_its_file_came_it_is_not_sent_again_and_the_file_comes(room):
    await half_sent(room)
    await room.say("pause 1")
    await room.say("resume 1")
    mended(room, UPLOAD)
    came = await room.come(at(26, 10))
    assert digests(came) == [] and [len(each.files) for each in came] == [1]
    assert "last: sent, Thu 26 Nov 2026, 09:00" in (await room.say("subscriptions")).text
    [following] = digests(await room.come(at(27)))
    assert window(following) == "26 Nov 2026"


async def test_paused_while_nobody_knows_whether_it_came_it_is_looked_for_and_counted(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    room.slack.fail("chat.postMessage", "internal_error", status=500, after_effect=True)
    assert len(digests(await room.come(at(26)))) == 1
    await room.say("pause 1")
    await room.say("resume 1")
    assert digests(await room.come(at(26, 9, 1))) == []
    [following] = digests(await room.come(at(27)))
    assert window(following) == "26 Nov 2026"


async def test_paused_while_it_had_not_come_it_does_not_come(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    room.slack.fail("chat.postMessage", "internal_error", status=500)
    assert digests(await room.come(at(26))) == []
    await room.say("pause 1")
    assert await room.come(at(26, 9, 1)) == []
    await room.say("resume 1")
    [following] = digests(await room.come(at(27)))
    assert window(following) == "25–26 Nov 2026"


async def test_one_without_any_clear_answer_is_given_up_after_half_a_day(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    room.slack.fail("chat.postMessage", "internal_error", status=500, times=1_000)
    moment = at(26)
    while moment < at(26, 23):
        await room.come(moment)
        moment += 30
    assert 5 < 1_000 - mended(room, "chat.postMessage") < 40
    listed = (await room.say("subscriptions")).text
    assert "last: could not be sent: Slack gave no clear answer, Thu 26 Nov 2026, 09:00" in listed
    [following] = digests(await room.come(at(27)))
    assert window(following) == "25–26 Nov 2026"


async def test_one_that_is_there_and_can_not_be_looked_for_was_perhaps_sent(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    room.slack.fail("chat.postMessage", "internal_error", status=500, after_effect=True)
    room.slack.fail("conversations.history", "ratelimited", status=429, times=10_000)
    moment = at(26)
    while moment < at(26, 22):
        await room.come(moment)
        moment += 600
    assert "last: perhaps sent" in (await room.say("subscriptions")).text


async def test_a_search_that_began_with_nothing_misses_nothing_later(room):
    await room.say("subscribe search title:zzzz daily at 09:00 UTC skip empty")
    assert await room.come(at(26)) == []
    assert "last: left out: nothing happened" in (await room.say("subscriptions")).text
    room.clock.now = at(27)
    await room.digests.expand()
    assert (await room.digests._ledger.delivery(2)).is_first is False
