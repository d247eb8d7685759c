"""A digest is changed by the words that name what changes, and by the button that offers it."""

import pytest

from bot.emulators.slack.people import JONAS, MAYA, RESEARCH
from tests.support.digest_clock import open_digest_clock, timestamp
from tests.support.slack_client import buttons

FIRST = "5616445 weekly on monday at 09:00 UTC"


@pytest.fixture
async def digest_clock():
    async with open_digest_clock() as opened:
        yield opened


async def stored(digest_clock, id=1):
    subscription = await digest_clock.bot.subscriptions.get(id)
    return subscription.topic, subscription.schedule.label


@pytest.mark.parametrize(
    ("before", "words", "after"),
    [
        ("weekly on friday", "at 10:30", "every Friday at 10:30 (UTC)"),
        ("weekly on friday at 14:00", "daily", "every day at 14:00 (UTC)"),
        ("weekly on friday at 14:00", "monthly", "on day 1 of each month at 14:00 (UTC)"),
        ("weekly on friday at 14:00", "on the 15th", "on day 15 of each month at 14:00 (UTC)"),
        ("monthly on last at 14:00", "on tuesday", "every Tuesday at 14:00 (UTC)"),
        ("monthly on last at 14:00", "quarterly", "on the last day of each quarter at 14:00 (UTC)"),
        ("on monday and friday", "at 7am", "every Monday and Friday at 07:00 (UTC)"),
        ("on monday and friday", "every 2 weeks", "every 2 weeks on Monday and Friday at 09:00 (UTC)"),
        ("every 2 weeks on friday", "at 12:00", "every 2 weeks on Friday at 12:00 (UTC)"),
        ("quarterly", "yearly", "on 1 January each year at 09:00 (UTC)"),
        ("weekly", "Europe/London", "every Monday at 09:00 (Europe/London)"),
        ("weekly", "skip empty", "every Monday at 09:00 (UTC), skipped when there is no activity"),
        ("weekly", 'cron "0 7 * * 1-5"', "Monday to Friday at 07:00 (UTC)"),
        ('cron "0 7 * 3 2"', "at 08:15", "at 08:15 on Tuesday in March (UTC)"),
    ],
)
async def test_change_replaces_what_it_names(digest_clock, before, words, after):
    zone = "" if "cron" in before else " UTC"
    await digest_clock.say(f"subscribe 5616445 {before}{zone or ' UTC'}")
    topic, _ = await stored(digest_clock)
    answer = await digest_clock.say(f"change 1 {words}")
    assert answer.text.startswith("Changed: ") and answer.ephemeral_to is None
    assert (await stored(digest_clock)) == (topic, after)
    assert after in answer.text


async def test_change_to_another_topic_keeps_the_schedule(digest_clock):
    await digest_clock.say(f"subscribe {FIRST}")
    assert (await digest_clock.say("change 1 search title:frog")).text.startswith(
        "Changed: search title:frog"
    )
    assert await stored(digest_clock) == ("search title:frog", "every Monday at 09:00 (UTC)")
    await digest_clock.say("change #1 9784012 daily")
    assert await stored(digest_clock) == ("9784012", "every day at 09:00 (UTC)")


async def test_weeks_stay_the_same_when_the_time_changes(digest_clock):
    await digest_clock.say("subscribe 5616445 every 2 weeks on monday at 09:00 UTC")
    cron = (await digest_clock.bot.subscriptions.get(1)).schedule.cron
    digest_clock.clock.now = timestamp(1, month=12)
    await digest_clock.say("change 1 at 10:00")
    assert (await digest_clock.bot.subscriptions.get(1)).schedule.cron == cron.replace("0 9", "0 10")


async def test_change_alone_opens_the_form(digest_clock):
    await digest_clock.say(f"subscribe {FIRST}")
    await digest_clock.slack.command("/figshare", "change 1", user=JONAS, channel=RESEARCH)
    await digest_clock.slack.until(lambda: digest_clock.slack.views.top(JONAS))
    assert digest_clock.slack.views.top(JONAS).title == "Change digest"


async def test_change_that_can_not_be_read_changes_nothing(digest_clock):
    await digest_clock.say(f"subscribe {FIRST}")
    before = await stored(digest_clock)
    for words in ("at 25:00", "weekly on blursday", "frogs", "daily on monday", "at noonish"):
        answer = await digest_clock.say(f"change 1 {words}")
        assert "Changed" not in answer.text and await stored(digest_clock) == before, words
    assert "needs the number of a digest" in (await digest_clock.say("change")).text
    assert "needs the number of a digest" in (await digest_clock.say("change daily")).text
    assert "There is no digest 9 here." in (await digest_clock.say("change 9 daily")).text


async def test_number_that_no_digest_can_have_is_explained(schema):
    async with open_digest_clock(database_url=schema) as digest_clock:
        await digest_clock.say(f"subscribe {FIRST}")
        for number in ("9999999999", "2147483648", "0"):
            answer = await digest_clock.say(f"change {number} daily")
            assert "needs the number of a digest" in answer.text, number
        assert (
            "There is no digest 2147483647 here." in (await digest_clock.say("change 2147483647 daily")).text
        )


async def test_change_is_for_the_owner(digest_clock):
    await digest_clock.say(f"subscribe {FIRST}", MAYA)
    assert (await digest_clock.say("change 1 daily", JONAS)).text.startswith("You can't change digest 1.")


async def test_same_topic_at_another_time_offers_to_change(digest_clock):
    await digest_clock.say(f"subscribe {FIRST}")
    answer = await digest_clock.say("subscribe 5616445 daily at 08:00 UTC")
    assert answer.text.startswith("This channel already has a digest of this: ")
    assert "Digest 1: every Monday at 09:00 (UTC), set up by Jonas Weber." in answer.text
    assert "You asked for: every day at 08:00 (UTC)" in answer.text
    assert list(buttons(answer)) == ["Change digest 1 to this", "Have both"]
    assert await digest_clock.bot.subscriptions.get(2) is None
    changed = await digest_clock.press(answer, "Change digest 1 to this")
    assert changed.text.startswith("Changed: ")
    assert await stored(digest_clock) == ("5616445", "every day at 08:00 (UTC)")
    assert await digest_clock.bot.subscriptions.get(2) is None


async def test_offered_schedule_stays_in_the_weeks_of_the_digest(digest_clock):
    await digest_clock.say("subscribe 5616445 every 2 weeks on monday at 09:00 UTC")
    cron = (await digest_clock.bot.subscriptions.get(1)).schedule.cron
    digest_clock.clock.now = timestamp(1, month=12)
    answer = await digest_clock.say("subscribe 5616445 every 2 weeks on monday at 10:00 UTC")
    assert (await digest_clock.press(answer, "Change digest 1 to this")).text.startswith("Changed: ")
    assert (await digest_clock.bot.subscriptions.get(1)).schedule.cron == cron.replace("0 9", "0 10")


async def test_both_times_can_be_had(digest_clock):
    await digest_clock.say(f"subscribe {FIRST}")
    answer = await digest_clock.say("subscribe 5616445 daily at 08:00 UTC skip empty", MAYA)
    # Maya may change digests of others only as an admin
    added = await digest_clock.press(answer, "Have both", MAYA)
    assert added.text.startswith("Subscribed: ") and added.ephemeral_to is None
    assert (await stored(digest_clock, 2))[1] == "every day at 08:00 (UTC), skipped when there is no activity"


async def test_all_of_a_channel_are_paused_and_resumed(digest_clock):
    for words in (FIRST, "9784012 daily at 09:00 UTC"):
        await digest_clock.say(f"subscribe {words}")
    paused = await digest_clock.say("pause all")
    assert paused.text.startswith("Paused 2 digests: 1, 2") and paused.ephemeral_to is None
    assert await digest_clock.advance_to(timestamp(26)) == []
    assert (await digest_clock.say("pause all")).text.startswith("None of the digests here")
    resumed = await digest_clock.press(paused, "Resume all")
    assert resumed.text.startswith("Resumed 2 digests: 1, 2")
    assert len(await digest_clock.advance_to(timestamp(27))) == 1


async def test_pause_all_leaves_the_digests_of_others(digest_clock):
    await digest_clock.say(f"subscribe {FIRST}", MAYA)
    await digest_clock.say("subscribe 9784012 daily at 09:00 UTC", JONAS)
    paused = await digest_clock.say("pause all", JONAS)
    assert paused.text.startswith("Paused 1 digest: 2")
    assert "Digest 1 stays as it is: Maya Okafor or a workspace admin can change that." in paused.text
    assert (await digest_clock.bot.subscriptions.get(1)).state == "active"


async def test_all_of_a_channel_without_digests_says_so(digest_clock):
    assert (await digest_clock.say("resume all")).text.startswith("No digests here yet.")


async def test_stop_deletes_as_unsubscribe_does(digest_clock):
    for word in ("stop", "unsubscribe"):
        await digest_clock.say(f"subscribe {FIRST}")
        assert "Deleted digest" in (await digest_clock.say(f"{word} {1 if word == 'stop' else 2}")).text
