"""A digest comes at its time, once, and says so when it can't."""

import pytest
from sqlalchemy import text

from bot.language.schedules import Schedule
from bot.slack import messenger
from bot.standin.slack.people import JONAS, LIBRARY, MAYA, RESEARCH
from tests.bot.digests.room import at, room_in
from tests.conftest import assert_is_good
from tests.handlers.desk import buttons


@pytest.fixture
async def room():
    async with room_in() as opened:
        yield opened


def channel_messages(found):
    return [each for each in found if each.thread_ts is None]


async def test_it_comes_at_its_slot_with_its_table_and_file_in_the_thread(room):
    await room.say("subscribe 5616445 on monday at 09:00 UTC")
    assert await room.come(at(30, 8, 59)) == []
    digest, table, file = await room.come(at(30))
    assert digest.channel == RESEARCH and digest.thread_ts is None
    assert digest.text.startswith("Weekly digest: Using APIs to customise repositories")
    assert "Digest 1. Set up by Jonas Weber" in digest.text
    assert list(buttons(digest)) == ["Change", "Pause", "Stop"]
    assert len(digest.blocks) <= 12
    for each in (digest, table):
        assert_is_good({"text": each.text, "blocks": each.blocks})
    assert table.thread_ts == file.thread_ts == digest.ts
    assert file.files[0]["name"] == "digest-1-2026-11-29.csv"
    [sheet] = room.slack.files.values()
    assert sheet.content.startswith(b"\xef\xbb\xbfrow,kind,id,title")
    assert await room.come(at(30, 9, 1)) == []
    assert "last: sent, Mon 30 Nov 2026, 09:00" in (await room.say("subscriptions")).text


async def test_the_next_one_counts_from_where_the_last_one_ended(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    said = [channel_messages(await room.come(at(day)))[0].text for day in (26, 27, 28)]
    assert [line.split("\n")[1].partition(",")[0] for line in said] == [
        "25 Nov 2026",
        "26 Nov 2026",
        "27 Nov 2026",
    ]


async def test_after_a_night_of_downtime_one_comes_late_and_says_so(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    [digest] = channel_messages(await room.come(at(29, 15)))
    assert "Late: it was due" in digest.text
    # nothing of the days before is lost
    assert "25–28 Nov 2026, compared with 21–24 Nov 2026" in digest.text
    assert "last: sent late" in (await room.say("subscriptions")).text
    assert len(channel_messages(await room.come(at(30)))) == 1


async def test_what_is_older_than_half_a_day_is_left_out_and_counted_by_the_next(room):
    await room.say("subscribe 5616445 on monday at 09:00 UTC")
    assert await room.come(at(30, 21, 30)) == []
    assert "last: missed: I was not running" in (await room.say("subscriptions")).text
    [digest] = channel_messages(await room.come(at(7, month=12)))
    assert "23 Nov – 6 Dec 2026" in digest.text


async def test_paused_ended_or_changed_before_its_slot_nothing_comes(room):
    for words in ("pause 1", "unsubscribe 2"):
        await room.say("subscribe 5616445 on monday at 09:00 UTC")
        await room.come(at(30, 8, 59, month=11) + 40)
        await room.say(words)
        assert await room.come(at(30)) == []
        room.clock.now = at(25, 12)


async def test_ended_while_it_is_being_sent_it_ends_quietly(room, caplog):
    await room.say("subscribe 5616445 on monday at 09:00 UTC")
    room.slack.fail("files.getUploadURLExternal", "internal_error", status=500)
    assert len(await room.come(at(30))) == 2
    await room.say("unsubscribe 1")
    assert await room.come(at(30, 9, 5)) == []
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


async def test_a_test_is_marked_and_leaves_the_schedule_alone(room):
    await room.say("subscribe 5616445 on monday at 09:00 UTC")
    await room.say("send 1")
    digest, *_ = await room.look()
    assert digest.text.startswith("Test of the weekly digest: ")
    assert "next Mon 30 Nov 2026, 09:00" in (await room.say("subscriptions")).text
    assert "last:" not in (await room.say("subscriptions")).text
    [real] = channel_messages(await room.come(at(30)))
    assert real.text.startswith("Weekly digest: ")


async def test_when_nothing_happened_and_that_was_asked_for_it_is_left_out(room):
    await room.say('subscribe search "no such words anywhere" daily at 09:00 UTC skip empty')
    await room.say('subscribe search "no such words anywhere" daily at 09:00 UTC')
    found = channel_messages(await room.come(at(26)))
    assert [each.text.partition("\n")[0] for each in found] == [
        'Daily digest: search "no such words anywhere"'
    ]
    assert "left out: nothing happened" in (await room.say("subscriptions")).text


async def test_a_channel_that_was_archived_stops_it_and_its_owner_is_told_once(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    room.slack.channels[RESEARCH].is_archived = True
    [told] = await room.come(at(26))
    assert told.channel == room.slack.direct(JONAS).id
    assert told.text.startswith("Digest 1 can't come any more.") and "the channel is archived" in told.text
    assert_is_good({"text": told.text, "blocks": told.blocks}, channels=frozenset({RESEARCH}))
    assert await room.come(at(27)) == [] and await room.come(at(28)) == []
    assert "stopped, since the channel is archived" in (await room.say("subscriptions")).text
    room.slack.channels[RESEARCH].is_archived = False
    resumed = await room.press(told, "Resume")
    assert resumed.text.startswith("It comes again: ")
    assert len(channel_messages(await room.come(at(29)))) == 1


async def test_where_the_bot_was_removed_it_stops_and_comes_again_after_an_invitation(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    room.slack.remove(RESEARCH)
    [told] = await room.come(at(26))
    assert "I am not in the channel any more" in told.text
    assert "/invite @figshare" in (await room.press(told, "Resume")).text
    await room.slack.invite(RESEARCH)
    assert (await room.press(told, "Resume")).text.startswith("It comes again: ")


async def test_a_token_that_was_revoked_loses_nothing(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    room.slack.fail("chat.postMessage", "token_revoked")
    room.slack.fail("auth.test", "token_revoked")
    assert await room.come(at(26)) == []
    assert len(channel_messages(await room.come(at(26, 9, 5)))) == 1
    assert "last: sent," in (await room.say("subscriptions")).text


async def test_slacks_wish_for_a_pause_is_obeyed_and_nothing_comes_twice(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    room.slack.fail("chat.postMessage", "ratelimited", status=429, retry_after=40)
    assert await room.come(at(26)) == []
    posts = [each for each in room.slack.log if each.kind == "chat.postMessage"]
    assert await room.come(at(26, 9) + 39) == []
    assert [each for each in room.slack.log if each.kind == "chat.postMessage"] == posts


async def test_an_answer_that_was_lost_is_looked_for_before_anything_is_posted_again(room):
    await room.say("subscribe 5616445 on monday at 09:00 UTC")
    room.slack.fail("chat.postMessage", "internal_error", status=500, after_effect=True)
    [digest] = await room.come(at(30))
    assert await room.come(at(30) + 20) == []
    found = await room.come(at(30) + 31)
    assert [each.thread_ts for each in found] == [digest.ts, digest.ts]
    assert "last: sent," in (await room.say("subscriptions")).text


async def test_a_post_that_was_lost_is_posted_again_after_looking(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    room.slack.fail("chat.postMessage", "internal_error", status=503)
    assert await room.come(at(26)) == []
    assert len(channel_messages(await room.come(at(26) + 31))) == 1
    assert [each.kind for each in room.slack.log].count("conversations.history") == 2


async def test_where_it_can_not_be_looked_for_it_is_posted_at_most_once_and_that_is_said(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    room.slack.fail("chat.postMessage", "internal_error", status=500)
    assert await room.come(at(26)) == []
    room.slack.fail("conversations.history", "missing_scope")
    assert await room.come(at(26) + 31) == []
    assert await room.come(at(26) + 3_600) == []
    assert "last: perhaps sent" in (await room.say("subscriptions")).text


async def test_blocks_that_slack_refuses_come_as_text(room):
    await room.say("subscribe 5616445 on monday at 09:00 UTC")
    room.slack.refuse = {"data_visualization", "table"}
    digest, table, _ = await room.come(at(30))
    kinds = {each["type"] for each in [*digest.blocks, *table.blocks]}
    assert not kinds & {"data_visualization", "table"}


async def test_with_half_of_the_figures_missing_it_comes_at_its_slot(room):
    await room.say("subscribe 5616445 on monday at 09:00 UTC")
    room.goes_wrong("/stats/timeline", status=500, times=None)
    [digest] = channel_messages(await room.come(at(30)))
    assert "unknown" in digest.text and "→ 0" not in digest.text


async def test_with_nothing_to_be_had_it_is_tried_until_half_a_day_is_over_and_then_one_line_says_so(room):
    await room.say("subscribe 5616445 on monday at 09:00 UTC")
    room.goes_wrong("/", status=500, times=None)
    for minutes in range(0, 12 * 60 + 1, 10):
        found = await room.come(at(30) + 60 * minutes)
        assert found == [] or minutes >= 12 * 60 - 1
    [line] = found
    assert line.text.startswith("Digest 1 could not be sent.") and "does not answer" in line.text
    assert line.channel == RESEARCH and list(buttons(line)) == ["Send it now"]
    assert_is_good({"text": line.text, "blocks": line.blocks})
    assert await room.come(at(30, 22)) == []
    assert "last: could not be sent" in (await room.say("subscriptions")).text


async def test_it_is_tried_again_and_comes_as_soon_as_figshare_answers(room):
    await room.say("subscribe 5616445 on monday at 09:00 UTC")
    fault = room.goes_wrong("/", status=500, times=None)
    assert await room.come(at(30)) == []
    room.catalogue.state.faults.remove(fault)
    [digest] = channel_messages(await room.come(at(30, 9, 10)))
    assert "Late" not in digest.text


async def test_when_the_owner_has_left_the_channel_is_offered_it(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    room.slack.people[JONAS].deleted = True
    [digest] = channel_messages(await room.come(at(26)))
    assert "Jonas Weber, who set it up, has left" in digest.text
    said = await room.press(digest, "Adopt", MAYA)
    assert said.text.startswith("Maya Okafor looks after digest 1 now") and said.ephemeral_to is None
    assert "set up by Maya Okafor" in (await room.say("subscriptions", MAYA)).text
    again = await room.press(digest, "Adopt", MAYA)
    assert "Maya Okafor looks after it" in again.text


async def test_a_digest_that_has_an_owner_is_nobody_elses(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC", MAYA)
    room.slack.people[MAYA].deleted = True
    [digest] = channel_messages(await room.come(at(26)))
    room.slack.people[MAYA].deleted = False
    assert "Digest 1 has an owner." in (await room.press(digest, "Adopt")).text


async def test_two_channels_have_their_own(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    await room.say("subscribe 5616445 daily at 09:00 UTC", channel=LIBRARY)
    found = channel_messages(await room.come(at(26)))
    assert sorted(each.channel for each in found) == [LIBRARY, RESEARCH]
    # what both need was asked for once
    asked = [path for _, path in room.catalogue.state.requests if "/timeline/" in path]
    assert len(asked) == len(set(asked)) == 2


async def test_what_slack_refuses_in_the_thread_costs_nothing_in_the_channel(room):
    await room.say("subscribe 5616445 on monday at 09:00 UTC")
    room.slack.fail("files.getUploadURLExternal", "missing_scope")
    assert [each.thread_ts is None for each in await room.come(at(30))] == [True, False]
    assert "last: sent, Mon 30 Nov" in (await room.say("subscriptions")).text
    assert await room.come(at(30, 12)) == []


async def test_what_slack_refuses_in_the_channel_is_tried_again_at_leisure_and_then_said(room):
    await room.say("subscribe 5616445 on monday at 09:00 UTC")
    room.slack.fail("chat.postMessage", "missing_scope", times=1_000)
    for minutes in range(0, 12 * 60 + 61, 10):
        assert await room.come(at(30) + 60 * minutes) == []
    posts = [each for each in room.slack.log if each.kind == "chat.postMessage"]
    assert 20 <= len(posts) <= 26
    assert "last: could not be sent: Slack did not take it" in (await room.say("subscriptions")).text


async def test_the_keys_in_messages_say_nothing(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    found = await room.come(at(26))
    assert [each.metadata["event_payload"] for each in found if each.metadata] == [
        {"id": "1.channel"},
        *({"id": "1.table"} for each in found if each.thread_ts and each.metadata),
    ]


async def test_nothing_is_left_open_in_the_database(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    await room.come(at(26))
    async with room.store.engine.connect() as connection:
        rows = await connection.execute(text("SELECT state, outcome, due_at, contents FROM delivery"))
        assert [tuple(row) for row in rows] == [("ended", "sent", None, None)]


@pytest.mark.parametrize(
    ("method", "trouble"),
    [
        ("conversations.open", {"error": "ratelimited", "status": 429, "retry_after": 5}),
        ("chat.postMessage", {"error": "internal_error", "status": 500, "after_effect": True}),
    ],
)
async def test_an_owner_who_could_not_be_told_at_once_is_told_later_and_once(room, method, trouble):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    room.slack.remove(RESEARCH)
    if method == "chat.postMessage":
        room.slack.fail(method, "not_in_channel")
    room.slack.fail(method, **trouble)
    for minutes in (0, 1, 5, 60):
        await room.come(at(26) + 60 * minutes)
    told = [each for each in room.slack.history.messages if "can't come any more" in each.text]
    assert [each.channel for each in told] == [room.slack.direct(JONAS).id]
    assert "stopped, since I am not in the channel" in (await room.say("subscriptions")).text


async def test_a_test_where_nothing_can_be_sent_is_refused_at_once(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    room.slack.remove(RESEARCH)
    assert "/invite @figshare" in (await room.say("send 1")).text
    assert await room.look() == []


async def test_a_test_that_figshare_has_no_figures_for_says_so_within_minutes(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    room.goes_wrong("/", status=500, times=None)
    await room.say("send 1")
    found = [each for minutes in range(20) for each in await room.come(room.clock.now + 60)]
    assert [each.text.partition("\n")[0] for each in found] == ["The test of digest 1 could not be sent."]


async def test_changed_paused_or_stopped_no_day_is_lost_and_none_counted_twice(room):
    await room.say("subscribe 5616445 on monday at 09:00 UTC")
    await room.come(at(30))
    room.clock.now = at(30, 10)
    await room.say("pause 1")
    room.clock.now = at(4, 10, month=12)
    await room.say("resume 1")
    [digest] = channel_messages(await room.come(at(7, month=12)))
    assert "30 Nov – 6 Dec 2026" in digest.text
    await room.slack.press(digest.ts, buttons(digest)["Change"], user=JONAS)
    await room.slack.until(lambda: room.slack.views.top(JONAS))
    daily = {"text": {"type": "plain_text", "text": "Every day", "emoji": False}, "value": "daily"}
    await room.slack.submit_view({"often": daily, "at": "11:00"}, user=JONAS)
    await room.slack.until(
        lambda: any(each.text.startswith("Changed") for each in room.slack.history.messages)
    )
    assert channel_messages(await room.come(at(7, 11, month=12))) == []
    [digest] = channel_messages(await room.come(at(8, 11, month=12)))
    assert digest.text.startswith("Daily digest") and "\n7 Dec 2026" in digest.text


async def test_what_failed_ahead_of_its_slot_is_asked_again_before_it(room):
    await room.say("subscribe 5616445 on monday at 09:00 UTC")
    room.digests._rate = 0.02
    fault = room.goes_wrong("/stats/timeline", status=500, times=None)
    assert await room.come(at(30, 8, 56)) == []
    room.catalogue.state.faults.remove(fault)
    for minute in (57, 58, 59):
        assert await room.come(at(30, 8, minute)) == []
    [digest] = channel_messages(await room.come(at(30)))
    assert "unknown" not in digest.text


async def test_one_that_can_not_be_read_here_does_not_keep_the_others(room):
    await room.say("subscribe 5616445 daily at 09:00 UTC")
    await room.say("subscribe 9784012 daily at 09:00 UTC")
    async with room.store.engine.begin() as connection:
        await connection.execute(text("UPDATE subscription SET zone = 'Nowhere/Land' WHERE id = 1"))
    assert len(channel_messages(await room.come(at(26)))) == 1
    assert "its time zone is not known where I run" in (await room.say("subscriptions")).text


async def test_what_a_person_typed_is_in_no_log(room, caplog):
    caplog.set_level("INFO")
    async with room.store.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE subscription RENAME TO elsewhere"))
    assert "Something went wrong" in (await room.say("subscribe search my-secret-topic")).text
    logged = " ".join(f"{each.getMessage()} {each.exc_text or each.exc_info}" for each in caplog.records)
    assert "my-secret-topic" not in logged and "Jonas" not in logged


async def test_shortly_before_its_slot_the_list_still_names_it(room):
    await room.say("subscribe 5616445 on monday at 09:00 UTC")
    await room.come(at(30, 8, 59) + 40)
    assert "next Mon 30 Nov 2026, 09:00" in (await room.say("subscriptions")).text


@pytest.fixture
def slow(monkeypatch):
    """Let Slack take so little that a few digests keep it busy for half an hour."""
    monkeypatch.setattr(messenger, "TO_A_CHANNEL", 1 / 90)


async def have_many(room, count=8):
    items = list(room.catalogue.state.library.articles)[:count]
    for item in items:
        given = (RESEARCH, f"U{item}", "Jonas", str(item), f"item {item}", 4, Schedule("0 9 * * *"))
        await room.bot.subscriptions.add(*given)
    return items


async def outcomes(room):
    return {each.outcome for each in await room.bot.subscriptions.of_channel(RESEARCH)}


@pytest.mark.usefixtures("slow")
async def test_who_waits_for_its_turn_at_slack_is_not_late_and_says_why(room):
    await have_many(room)
    digests = channel_messages(await room.come(at(26)))
    assert len(digests) == 8 and room.clock() > at(26) + 1_800
    assert not any("Late" in each.text for each in digests) and await outcomes(room) == {"sent"}
    assert "It was due" not in digests[0].text
    assert "many digests had that time, and Slack takes a few messages a second." in digests[-1].text
    assert_is_good({"text": digests[-1].text, "blocks": digests[-1].blocks})


@pytest.mark.usefixtures("slow")
async def test_after_downtime_whoever_waits_for_its_turn_besides_is_late_too(room):
    await have_many(room)
    digests = channel_messages(await room.come(at(26, 10)))
    assert all("Late: it was due" in each.text for each in digests)
    assert await outcomes(room) == {"sent late"}


@pytest.mark.usefixtures("slow")
async def test_what_figshare_was_slow_with_is_late_behind_a_queue_too(room):
    await have_many(room, 5)
    await room.say("subscribe search frogs daily at 09:00 UTC")
    searches = [f"/v2/{kind}/search" for kind in ("articles", "collections", "projects")]
    faults = [room.goes_wrong(path, status=500, times=None) for path in searches]
    digests = channel_messages(await room.come(at(26)))
    assert len(digests) == 5 and not any("Late" in each.text for each in digests)
    for each in faults:
        room.catalogue.state.faults.remove(each)
    [digest] = channel_messages(await room.come(room.clock() + 600))
    assert "frogs" in digest.text and "Late: it was due" in digest.text
