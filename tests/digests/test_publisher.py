"""A digest comes at its time, once, and says so when it can't."""

import pytest
from sqlalchemy import text

from bot.emulators.slack.people import JONAS, LIBRARY, MAYA, RESEARCH
from bot.language.schedules import Schedule
from bot.slack import messenger
from tests.support.digest_clock import open_digest_clock, timestamp
from tests.support.message_checks import assert_is_good
from tests.support.slack_client import buttons


@pytest.fixture
async def digest_clock():
    async with open_digest_clock() as opened:
        yield opened


# More than the message in the channel shows, so that a table stands in the thread.
SIX = "5616445 6211890 7821100 9784012 10042001 10158001"


def channel_messages(messages):
    return [each for each in messages if each.thread_ts is None]


async def test_digest_comes_on_time_in_one_message(digest_clock):
    await digest_clock.say("subscribe 5616445 on monday at 09:00 UTC")
    assert await digest_clock.advance_to(timestamp(30, 8, 59)) == []
    [digest] = await digest_clock.advance_to(timestamp(30))
    assert digest.channel == RESEARCH and digest.thread_ts is None
    assert digest.text.startswith("Weekly digest: Using APIs to customise repositories")
    assert "Digest 1. Set up by Jonas Weber" in digest.text
    assert list(buttons(digest)) == ["CSV", "Change", "Pause", "Stop"]
    assert len(digest.blocks) <= 12
    assert_is_good({"text": digest.text, "blocks": digest.blocks})
    assert digest_clock.slack.files == {}
    assert await digest_clock.advance_to(timestamp(30, 9, 1)) == []
    assert "last: sent, Mon 30 Nov 2026, 09:00" in (await digest_clock.say("subscriptions")).text


async def test_next_digest_counts_from_where_the_last_one_ended(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    messages = [
        channel_messages(await digest_clock.advance_to(timestamp(day)))[0].text for day in (26, 27, 28)
    ]
    assert [line.split("\n")[1].partition(",")[0] for line in messages] == [
        "25 Nov 2026",
        "26 Nov 2026",
        "27 Nov 2026",
    ]


async def test_digest_after_a_night_of_downtime_says_it_is_late(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    [digest] = channel_messages(await digest_clock.advance_to(timestamp(29, 15)))
    assert "Late: it was due" in digest.text
    # nothing of the days before is lost
    assert "25–28 Nov 2026, compared with 21–24 Nov 2026" in digest.text
    assert "last: sent late" in (await digest_clock.say("subscriptions")).text
    assert len(channel_messages(await digest_clock.advance_to(timestamp(30)))) == 1


async def test_digest_older_than_half_a_day_is_left_to_the_next(digest_clock):
    await digest_clock.say("subscribe 5616445 on monday at 09:00 UTC")
    assert await digest_clock.advance_to(timestamp(30, 21, 30)) == []
    assert "last: missed: the bot was not running" in (await digest_clock.say("subscriptions")).text
    [digest] = channel_messages(await digest_clock.advance_to(timestamp(7, month=12)))
    assert "23 Nov – 6 Dec 2026" in digest.text


async def test_digest_paused_ended_or_changed_early_is_not_sent(digest_clock):
    for words in ("pause 1", "unsubscribe 2"):
        await digest_clock.say("subscribe 5616445 on monday at 09:00 UTC")
        await digest_clock.advance_to(timestamp(30, 8, 59, month=11) + 40)
        await digest_clock.say(words)
        assert await digest_clock.advance_to(timestamp(30)) == []
        digest_clock.clock.now = timestamp(25, 12)


async def test_digest_ended_while_sending_ends_quietly(digest_clock, caplog):
    await digest_clock.say("subscribe 5616445 on monday at 09:00 UTC")
    digest_clock.slack.fail("chat.postMessage", "internal_error", status=500, after_effect=True)
    assert len(await digest_clock.advance_to(timestamp(30))) == 1
    await digest_clock.say("unsubscribe 1")
    assert await digest_clock.advance_to(timestamp(30, 9, 5)) == []
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


async def test_test_digest_is_marked_and_leaves_the_schedule_alone(digest_clock):
    await digest_clock.say("subscribe 5616445 on monday at 09:00 UTC")
    await digest_clock.say("send 1")
    digest, *_ = await digest_clock.send_due()
    assert digest.text.startswith("Test of the weekly digest: ")
    assert "next Mon 30 Nov 2026, 09:00" in (await digest_clock.say("subscriptions")).text
    assert "last:" not in (await digest_clock.say("subscriptions")).text
    [real] = channel_messages(await digest_clock.advance_to(timestamp(30)))
    assert real.text.startswith("Weekly digest: ")


async def test_empty_digest_is_skipped_when_asked_for(digest_clock):
    await digest_clock.say('subscribe search "no such words anywhere" daily at 09:00 UTC skip empty')
    await digest_clock.say('subscribe search "no such words" daily at 09:00 UTC')
    messages = channel_messages(await digest_clock.advance_to(timestamp(26)))
    assert [each.text.partition("\n")[0] for each in messages] == [
        'Daily digest: new results for "no such words"'
    ]
    assert "last: skipped: no activity" in (await digest_clock.say("subscriptions")).text


async def test_archived_channel_ends_the_digest_and_tells_the_owner(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    digest_clock.slack.channels[RESEARCH].is_archived = True
    [message] = await digest_clock.advance_to(timestamp(26))
    assert message.channel == digest_clock.slack.direct(JONAS).id
    assert (
        message.text.startswith("I can't deliver digest 1 any more.")
        and "the channel is archived" in message.text
    )
    assert_is_good({"text": message.text, "blocks": message.blocks}, channels=frozenset({RESEARCH}))
    assert (
        await digest_clock.advance_to(timestamp(27)) == []
        and await digest_clock.advance_to(timestamp(28)) == []
    )
    assert "stopped because the channel is archived" in (await digest_clock.say("subscriptions")).text
    digest_clock.slack.channels[RESEARCH].is_archived = False
    resumed = await digest_clock.press(message, "Resume")
    assert resumed.text.startswith("Resumed: ")
    assert len(channel_messages(await digest_clock.advance_to(timestamp(29)))) == 1


async def test_removed_bot_pauses_digests_until_invited_again(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    digest_clock.slack.remove(RESEARCH)
    [message] = await digest_clock.advance_to(timestamp(26))
    assert "I'm no longer in the channel" in message.text
    assert "/invite @figshare" in (await digest_clock.press(message, "Resume")).text
    await digest_clock.slack.invite(RESEARCH)
    assert (await digest_clock.press(message, "Resume")).text.startswith("Resumed: ")


async def test_revoked_token_loses_no_digest(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    digest_clock.slack.fail("chat.postMessage", "token_revoked")
    digest_clock.slack.fail("auth.test", "token_revoked")
    assert await digest_clock.advance_to(timestamp(26)) == []
    assert len(channel_messages(await digest_clock.advance_to(timestamp(26, 9, 5)))) == 1
    assert "last: sent," in (await digest_clock.say("subscriptions")).text


async def test_rate_limited_digest_waits_and_comes_once(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    digest_clock.slack.fail("chat.postMessage", "ratelimited", status=429, retry_after=40)
    assert await digest_clock.advance_to(timestamp(26)) == []
    posts = [each for each in digest_clock.slack.log if each.kind == "chat.postMessage"]
    assert await digest_clock.advance_to(timestamp(26, 9) + 39) == []
    assert [each for each in digest_clock.slack.log if each.kind == "chat.postMessage"] == posts


async def test_lost_answer_is_searched_for_before_posting_again(digest_clock):
    await digest_clock.say(f"subscribe {SIX} on monday at 09:00 UTC")
    digest_clock.slack.fail("chat.postMessage", "internal_error", status=500, after_effect=True)
    [digest] = await digest_clock.advance_to(timestamp(30))
    assert await digest_clock.advance_to(timestamp(30) + 20) == []
    messages = await digest_clock.advance_to(timestamp(30) + 31)
    assert [each.thread_ts for each in messages] == [digest.ts]
    assert "last: sent," in (await digest_clock.say("subscriptions")).text


async def test_lost_post_is_repeated_after_a_search(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    digest_clock.slack.fail("chat.postMessage", "internal_error", status=503)
    assert await digest_clock.advance_to(timestamp(26)) == []
    assert len(channel_messages(await digest_clock.advance_to(timestamp(26) + 31))) == 1
    assert [each.kind for each in digest_clock.slack.log].count("conversations.history") == 2


async def test_unsearchable_channel_gets_the_digest_at_most_once(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    digest_clock.slack.fail("chat.postMessage", "internal_error", status=500)
    assert await digest_clock.advance_to(timestamp(26)) == []
    digest_clock.slack.fail("conversations.history", "missing_scope")
    assert await digest_clock.advance_to(timestamp(26) + 31) == []
    assert await digest_clock.advance_to(timestamp(26) + 3_600) == []
    assert "last: possibly sent" in (await digest_clock.say("subscriptions")).text


async def test_blocks_that_slack_refuses_come_as_text(digest_clock):
    await digest_clock.say(f"subscribe {SIX} on monday at 09:00 UTC")
    digest_clock.slack.refused_types = {"data_visualization", "table"}
    digest, table = await digest_clock.advance_to(timestamp(30))
    kinds = {each["type"] for each in [*digest.blocks, *table.blocks]}
    assert not kinds & {"data_visualization", "table"}


async def test_digest_with_half_of_the_counts_comes_on_time(digest_clock):
    await digest_clock.say("subscribe 5616445 on monday at 09:00 UTC")
    digest_clock.goes_wrong("/stats/timeline", status=500, times=None)
    [digest] = channel_messages(await digest_clock.advance_to(timestamp(30)))
    assert "unknown" in digest.text and "0 views" not in digest.text


async def test_digest_without_counts_is_retried_half_a_day(
    digest_clock,
):
    await digest_clock.say("subscribe 5616445 on monday at 09:00 UTC")
    digest_clock.goes_wrong("/", status=500, times=None)
    for minutes in range(0, 12 * 60 + 1, 10):
        messages = await digest_clock.advance_to(timestamp(30) + 60 * minutes)
        assert messages == [] or minutes >= 12 * 60 - 1
    [line] = messages
    assert line.text.startswith("Digest 1 couldn't be sent.") and "isn't responding" in line.text
    assert line.channel == RESEARCH and list(buttons(line)) == ["Send it now"]
    assert_is_good({"text": line.text, "blocks": line.blocks})
    assert await digest_clock.advance_to(timestamp(30, 22)) == []
    assert "last: could not be sent" in (await digest_clock.say("subscriptions")).text


async def test_failed_digest_is_sent_once_figshare_answers(digest_clock):
    await digest_clock.say("subscribe 5616445 on monday at 09:00 UTC")
    fault = digest_clock.goes_wrong("/", status=500, times=None)
    assert await digest_clock.advance_to(timestamp(30)) == []
    digest_clock.catalogue.state.faults.remove(fault)
    [digest] = channel_messages(await digest_clock.advance_to(timestamp(30, 9, 10)))
    assert "Late" not in digest.text


async def test_digest_of_a_departed_owner_is_offered_to_the_channel(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    digest_clock.slack.people[JONAS].deleted = True
    [digest] = channel_messages(await digest_clock.advance_to(timestamp(26)))
    assert "Jonas Weber, who set it up, has left" in digest.text
    answer = await digest_clock.press(digest, "Adopt", MAYA)
    assert answer.text.startswith("Maya Okafor now owns digest 1") and answer.ephemeral_to is None
    assert "set up by Maya Okafor" in (await digest_clock.say("subscriptions", MAYA)).text
    again = await digest_clock.press(digest, "Adopt", MAYA)
    assert "Maya Okafor owns it" in again.text


async def test_digest_with_an_owner_can_not_be_adopted(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC", MAYA)
    digest_clock.slack.people[MAYA].deleted = True
    [digest] = channel_messages(await digest_clock.advance_to(timestamp(26)))
    digest_clock.slack.people[MAYA].deleted = False
    assert "Digest 1 already has an owner." in (await digest_clock.press(digest, "Adopt")).text


async def test_two_channels_have_separate_lists(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC", channel=LIBRARY)
    messages = channel_messages(await digest_clock.advance_to(timestamp(26)))
    assert sorted(each.channel for each in messages) == [LIBRARY, RESEARCH]
    # what both need was asked for once
    requests = [path for _, path in digest_clock.catalogue.state.requests if "/timeline/" in path]
    assert len(requests) == len(set(requests)) == 2


async def test_thread_refusal_leaves_the_channel_message(digest_clock):
    await digest_clock.say(f"subscribe {SIX} on monday at 09:00 UTC")
    digest_clock.slack.fail("chat.postMessage", "internal_error", status=500, after_effect=True)
    assert len(await digest_clock.advance_to(timestamp(30))) == 1
    digest_clock.slack.fail("chat.postMessage", "restricted_action_non_threadable_channel")
    assert await digest_clock.advance_to(timestamp(30) + 31) == []
    assert "last: sent, Mon 30 Nov" in (await digest_clock.say("subscriptions")).text
    assert await digest_clock.advance_to(timestamp(30, 12)) == []


async def test_channel_refusal_is_retried_slowly_and_then_reported(digest_clock):
    await digest_clock.say("subscribe 5616445 on monday at 09:00 UTC")
    digest_clock.slack.fail("chat.postMessage", "missing_scope", times=1_000)
    for minutes in range(0, 12 * 60 + 61, 10):
        assert await digest_clock.advance_to(timestamp(30) + 60 * minutes) == []
    posts = [each for each in digest_clock.slack.log if each.kind == "chat.postMessage"]
    assert 20 <= len(posts) <= 26
    assert "last: could not be sent: Slack rejected it" in (await digest_clock.say("subscriptions")).text


async def test_keys_in_messages_reveal_nothing(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    messages = await digest_clock.advance_to(timestamp(26))
    assert [each.metadata["event_payload"] for each in messages if each.metadata] == [
        {"id": "1.channel"},
        *({"id": "1.table"} for each in messages if each.thread_ts and each.metadata),
    ]


async def test_sent_digest_leaves_nothing_open_in_the_database(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    await digest_clock.advance_to(timestamp(26))
    async with digest_clock.store.engine.connect() as connection:
        rows = await connection.execute(text("SELECT state, outcome, due_at FROM delivery"))
        assert [tuple(row) for row in rows] == [("ended", "sent", None)]


@pytest.mark.parametrize(
    ("method", "trouble"),
    [
        ("conversations.open", {"error": "ratelimited", "status": 429, "retry_after": 5}),
        ("chat.postMessage", {"error": "internal_error", "status": 500, "after_effect": True}),
    ],
)
async def test_owner_unreachable_at_first_is_told_once_later(digest_clock, method, trouble):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    digest_clock.slack.remove(RESEARCH)
    if method == "chat.postMessage":
        digest_clock.slack.fail(method, "not_in_channel")
    digest_clock.slack.fail(method, **trouble)
    for minutes in (0, 1, 5, 60):
        await digest_clock.advance_to(timestamp(26) + 60 * minutes)
    posts = [each for each in digest_clock.slack.history.messages if "I can't deliver digest" in each.text]
    assert [each.channel for each in posts] == [digest_clock.slack.direct(JONAS).id]
    assert "stopped because I'm no longer in the channel" in (await digest_clock.say("subscriptions")).text


async def test_test_digest_for_a_closed_channel_is_refused_at_once(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    digest_clock.slack.remove(RESEARCH)
    assert "/invite @figshare" in (await digest_clock.say("send 1")).text
    assert await digest_clock.send_due() == []


async def test_test_digest_without_counts_fails_within_minutes(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    digest_clock.goes_wrong("/", status=500, times=None)
    await digest_clock.say("send 1")
    messages = [
        each for minutes in range(20) for each in await digest_clock.advance_to(digest_clock.clock.now + 60)
    ]
    assert [each.text.partition("\n")[0] for each in messages] == ["The test of digest 1 couldn't be sent."]


async def test_changed_paused_or_ended_digest_counts_every_day_once(digest_clock):
    await digest_clock.say("subscribe 5616445 on monday at 09:00 UTC")
    await digest_clock.advance_to(timestamp(30))
    digest_clock.clock.now = timestamp(30, 10)
    await digest_clock.say("pause 1")
    digest_clock.clock.now = timestamp(4, 10, month=12)
    await digest_clock.say("resume 1")
    [digest] = channel_messages(await digest_clock.advance_to(timestamp(7, month=12)))
    assert "30 Nov – 6 Dec 2026" in digest.text
    await digest_clock.slack.press(digest.ts, buttons(digest)["Change"], user=JONAS)
    await digest_clock.slack.until(lambda: digest_clock.slack.views.top(JONAS))
    daily = {"text": {"type": "plain_text", "text": "Every day", "emoji": False}, "value": "daily"}
    await digest_clock.slack.submit_view({"often": daily, "at": "11:00"}, user=JONAS)
    await digest_clock.slack.until(
        lambda: any(each.text.startswith("Changed") for each in digest_clock.slack.history.messages)
    )
    assert channel_messages(await digest_clock.advance_to(timestamp(7, 11, month=12))) == []
    [digest] = channel_messages(await digest_clock.advance_to(timestamp(8, 11, month=12)))
    assert digest.text.startswith("Daily digest") and "\n7 Dec 2026" in digest.text


async def test_early_failed_fetch_is_repeated_before_the_occurrence(digest_clock):
    await digest_clock.say("subscribe 5616445 on monday at 09:00 UTC")
    digest_clock.worker._rate = 0.02
    fault = digest_clock.goes_wrong("/stats/timeline", status=500, times=None)
    assert await digest_clock.advance_to(timestamp(30, 8, 56)) == []
    digest_clock.catalogue.state.faults.remove(fault)
    for minute in (57, 58, 59):
        assert await digest_clock.advance_to(timestamp(30, 8, minute)) == []
    [digest] = channel_messages(await digest_clock.advance_to(timestamp(30)))
    assert "unknown" not in digest.text


async def test_unreadable_schedule_does_not_keep_the_others_waiting(digest_clock):
    await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
    await digest_clock.say("subscribe 9784012 daily at 09:00 UTC")
    async with digest_clock.store.engine.begin() as connection:
        await connection.execute(text("UPDATE subscription SET zone = 'Nowhere/Land' WHERE id = 1"))
    assert len(channel_messages(await digest_clock.advance_to(timestamp(26)))) == 1
    assert "this server doesn't know its time zone" in (await digest_clock.say("subscriptions")).text


async def test_typed_words_are_in_no_log(digest_clock, caplog):
    caplog.set_level("INFO")
    async with digest_clock.store.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE subscription RENAME TO elsewhere"))
    assert "Something went wrong" in (await digest_clock.say("subscribe search my-secret-topic")).text
    logged = " ".join(f"{each.getMessage()} {each.exc_text or each.exc_info}" for each in caplog.records)
    assert "my-secret-topic" not in logged and "Jonas" not in logged


async def test_list_names_the_occurrence_until_it_passes(digest_clock):
    await digest_clock.say("subscribe 5616445 on monday at 09:00 UTC")
    await digest_clock.advance_to(timestamp(30, 8, 59) + 40)
    assert "next Mon 30 Nov 2026, 09:00" in (await digest_clock.say("subscriptions")).text


@pytest.fixture
def slow(monkeypatch):
    """Let Slack take so little that a few digests keep it busy for half an hour."""
    monkeypatch.setattr(messenger, "CHANNEL_RATE", 1 / 300)


async def have_many(digest_clock, count=8):
    items = list(digest_clock.catalogue.state.library.articles)[:count]
    for item in items:
        arguments = (RESEARCH, f"U{item}", "Jonas", str(item), f"item {item}", 4, Schedule("0 9 * * *"))
        await digest_clock.bot.subscriptions.add(*arguments)
    return items


async def outcomes(digest_clock):
    return {str(each.last_outcome) for each in await digest_clock.bot.subscriptions.of_channel(RESEARCH)}


@pytest.mark.usefixtures("slow")
async def test_digest_waiting_for_slack_is_not_late(digest_clock):
    await have_many(digest_clock)
    digests = channel_messages(await digest_clock.advance_to(timestamp(26)))
    assert len(digests) == 8 and digest_clock.clock() > timestamp(26) + 1_800
    assert not any("Late" in each.text for each in digests) and await outcomes(digest_clock) == {"sent"}
    assert "It was due" not in digests[0].text
    assert "many digests were due then, and Slack takes only a few messages a second." in digests[-1].text
    assert_is_good({"text": digests[-1].text, "blocks": digests[-1].blocks})


@pytest.mark.usefixtures("slow")
async def test_waiting_for_a_turn_after_downtime_is_named_late(digest_clock):
    await have_many(digest_clock)
    digests = channel_messages(await digest_clock.advance_to(timestamp(26, 10)))
    assert all("Late: it was due" in each.text for each in digests)
    assert await outcomes(digest_clock) == {"sent late"}


@pytest.mark.usefixtures("slow")
async def test_digest_delayed_by_figshare_is_late_behind_a_queue_too(digest_clock):
    await have_many(digest_clock, 5)
    await digest_clock.say("subscribe search frogs daily at 09:00 UTC")
    searches = [f"/v2/{kind}/search" for kind in ("articles", "collections", "projects")]
    faults = [digest_clock.goes_wrong(path, status=500, times=None) for path in searches]
    digests = channel_messages(await digest_clock.advance_to(timestamp(26)))
    assert len(digests) == 5 and not any("Late" in each.text for each in digests)
    for fault in faults:
        digest_clock.catalogue.state.faults.remove(fault)
    [digest] = channel_messages(await digest_clock.advance_to(digest_clock.clock() + 600))
    assert "frogs" in digest.text and "Late: it was due" in digest.text
