"""A digest that is in its channel has come, whatever happens to the rest of it and to its subscription."""

import pytest

from tests.support.digest_clock import open_digest_clock, timestamp

# Their digest has a table in its thread.
SIX = "5616445 6211890 7821100 9784012 10042001 10158001"


@pytest.fixture
async def digest_clock():
    async with open_digest_clock() as opened:
        yield opened


def digests(messages):
    return [each for each in messages if each.thread_ts is None and each.metadata]


def window(message):
    return message.text.split("\n")[1].split(",")[0]


async def half_sent(digest_clock):
    """Bring a digest into the channel, and no table into its thread."""
    await digest_clock.say(f"subscribe {SIX} daily at 09:00 UTC")
    digest_clock.slack.fail("chat.postMessage", "internal_error", status=500, after_effect=True)
    [digest] = digests(await digest_clock.advance_to(timestamp(26)))
    digest_clock.slack.fail("chat.postMessage", "ratelimited", status=429, retry_after=40, times=1_000)
    assert await digest_clock.advance_to(timestamp(26) + 31) == []
    assert window(digest) == "25 Nov 2026"
    return digest


def mended(digest_clock, method):
    """Let a method fail no more, and return how often it was still to."""
    left = 0
    while digest_clock.slack.next_failure(method):
        left += 1
    return left


async def test_digest_paused_before_its_table_gets_only_the_table(digest_clock):
    await half_sent(digest_clock)
    await digest_clock.say("pause 1")
    await digest_clock.say("resume 1")
    mended(digest_clock, "chat.postMessage")
    messages = await digest_clock.advance_to(timestamp(26, 10))
    assert digests(messages) == [] and [each.metadata["event_payload"]["id"] for each in messages] == [
        "1.table"
    ]
    assert "last: sent, Thu 26 Nov 2026, 09:00" in (await digest_clock.say("subscriptions")).text
    [following] = digests(await digest_clock.advance_to(timestamp(27)))
    assert window(following) == "26 Nov 2026"


async def test_digest_paused_with_unknown_delivery_is_searched(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    digest_clock.slack.fail("chat.postMessage", "internal_error", status=500, after_effect=True)
    assert len(digests(await digest_clock.advance_to(timestamp(26)))) == 1
    await digest_clock.say("pause 1")
    await digest_clock.say("resume 1")
    assert digests(await digest_clock.advance_to(timestamp(26, 9, 1))) == []
    [following] = digests(await digest_clock.advance_to(timestamp(27)))
    assert window(following) == "26 Nov 2026"


async def test_digest_paused_before_delivery_is_not_sent(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    digest_clock.slack.fail("chat.postMessage", "internal_error", status=500)
    assert digests(await digest_clock.advance_to(timestamp(26))) == []
    await digest_clock.say("pause 1")
    assert await digest_clock.advance_to(timestamp(26, 9, 1)) == []
    await digest_clock.say("resume 1")
    [following] = digests(await digest_clock.advance_to(timestamp(27)))
    assert window(following) == "25–26 Nov 2026"


async def test_digest_without_a_clear_answer_is_given_up_in_half_a_day(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    digest_clock.slack.fail("chat.postMessage", "internal_error", status=500, times=1_000)
    moment = timestamp(26)
    while moment is not None and moment < timestamp(26, 23):
        await digest_clock.advance_to(moment)
        moment = await digest_clock.next_due()
    assert 5 < 1_000 - mended(digest_clock, "chat.postMessage") < 40
    listed = (await digest_clock.say("subscriptions")).text
    assert "last: could not be sent: Slack gave no clear answer, Thu 26 Nov 2026, 09:00" in listed
    [following] = digests(await digest_clock.advance_to(timestamp(27)))
    assert window(following) == "25–26 Nov 2026"


async def test_digest_found_but_unverifiable_is_reported_possibly_sent(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    digest_clock.slack.fail("chat.postMessage", "internal_error", status=500, after_effect=True)
    digest_clock.slack.fail("conversations.history", "ratelimited", status=429, times=10_000)
    moment = timestamp(26)
    while moment < timestamp(26, 22):
        await digest_clock.advance_to(moment)
        moment += 600
    assert "last: possibly sent" in (await digest_clock.say("subscriptions")).text


async def test_search_that_was_empty_at_first_misses_nothing_later(digest_clock):
    await digest_clock.say("subscribe search title:zzzz daily at 09:00 UTC skip empty")
    assert await digest_clock.advance_to(timestamp(26)) == []
    assert "last: skipped: no activity" in (await digest_clock.say("subscriptions")).text
    digest_clock.clock.now = timestamp(27)
    await digest_clock.worker.create_due_deliveries()
    assert (await digest_clock.worker._deliveries.get(2)).is_first is False
