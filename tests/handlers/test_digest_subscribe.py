"""Subscribing, by words, by the form and by a button, as people in a channel see it."""

import re
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.emulators.slack.people import BOT_USER_ID, LIBRARY, RESEARCH
from bot.language import schedule_parser, topics
from bot.language.schedules import Schedule
from bot.language.tokens import InvalidArgument, normalize, tokenize
from bot.reply import Button, Reply
from tests.support.bot_client import open_bot_client
from tests.support.clock import NOON
from tests.support.forged_presses import public_message
from tests.support.message_checks import assert_is_good
from tests.support.slack_client import GUEST, JONAS, MAYA, STRANGER, buttons, open_slack_client


@pytest.fixture
async def slack_client():
    async with open_slack_client() as client:
        yield client


async def subscribe(slack_client, words, user=MAYA, channel=RESEARCH):
    return (
        await slack_client.slack.command(
            "/figshare", f"subscribe {words}".strip(), user=user, channel=channel
        )
    ).message


def read(words, zone="UTC"):
    schedule_words, used = schedule_parser.leading_schedule(tokenize(words))
    assert used == len(tokenize(words))
    return schedule_words.schedule(zone, NOON.timestamp())


async def test_confirmation_is_complete_and_public(slack_client):
    answer = await subscribe(slack_client, "5616445")
    assert answer.ephemeral_to is None and answer.command == "/figshare subscribe 5616445"
    assert answer.text.startswith("Subscribed: Using APIs to customise repositories")
    assert "every Monday at 09:00 (Europe/London)" in answer.text
    assert answer.text.count(", 09:00") == 3 and "Mon " in answer.text
    assert "First digest covers: " in answer.text and "Digest 1, set up by Maya Okafor" in answer.text
    assert list(buttons(answer)) == ["Send a test now", "Change", "Stop"]
    assert_is_good({"text": answer.text, "blocks": answer.blocks})


async def test_time_zone_is_the_persons_unless_one_is_typed(slack_client):
    assert "(Europe/Berlin)" in (await subscribe(slack_client, "5616445", JONAS)).text
    assert "(Asia/Tokyo)" in (await subscribe(slack_client, "5616445 daily asia/tokyo", JONAS)).text


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("daily", "every day at 09:00 (UTC)"),
        ("weekdays at 8", "Monday to Friday at 08:00 (UTC)"),
        ("on thursdays at 5pm", "every Thursday at 17:00 (UTC)"),
        ("weekly on fri at 9:30 am", "every Friday at 09:30 (UTC)"),
        ("monthly", "on day 1 of each month at 09:00 (UTC)"),
        ("on 15", "on day 15 of each month at 09:00 (UTC)"),
        ("monthly on last at 17:00", "on the last day of each month at 17:00 (UTC)"),
        ('cron "0 9 * * 1-5"', "Monday to Friday at 09:00 (UTC)"),
        ("cron 30 7 1 */3 *", "on the first day of each quarter at 07:30 (UTC)"),
        (
            'cron "0 9 1 2-12/3 *"',
            "at 09:00 on the first day of every third month from February through December (UTC)",
        ),
        ("every 2 weeks", "every 2 weeks on Monday at 09:00 (UTC)"),
        ("every other week on fri", "every 2 weeks on Friday at 09:00 (UTC)"),
        ("fortnightly at 8", "every 2 weeks on Monday at 08:00 (UTC)"),
        (
            "every 2 weeks on monday and thursday at 9am UTC+1",
            "every 2 weeks on Monday and Thursday at 09:00 (UTC+1)",
        ),
        ("quarterly", "on the first day of each quarter at 09:00 (UTC)"),
        ("quarterly on last at 5pm", "on the last day of each quarter at 17:00 (UTC)"),
        ("every quarter on 15", "on day 15 of January, April, July and October at 09:00 (UTC)"),
        ("yearly", "on 1 January each year at 09:00 (UTC)"),
        ("annually on last", "on 31 December each year at 09:00 (UTC)"),
        ("every year on the 15th", "on 15 January each year at 09:00 (UTC)"),
        ('cron "0 9 1 JAN *"', "on 1 January each year at 09:00 (UTC)"),
        ("daily GMT-05:00", "every day at 09:00 (UTC-5)"),
        ("weekly mondays", "every Monday at 09:00 (UTC)"),
        ("mondays 9am", "every Monday at 09:00 (UTC)"),
        ("weekly 9", "every Monday at 09:00 (UTC)"),
        ("daily 9:30 pm", "every day at 21:30 (UTC)"),
        ("weekdays at 09.30", "Monday to Friday at 09:30 (UTC)"),
        ("at 9 p.m. London", "every Monday at 21:00 (Europe/London)"),
        ("each friday 7 am America/New York", "every Friday at 07:00 (America/New_York)"),
        ("daily los angeles", "every day at 09:00 (America/Los_Angeles)"),
        ("monthly 15th noon", "on day 15 of each month at 12:00 (UTC)"),
        ("monthly last", "on the last day of each month at 09:00 (UTC)"),
        ("on the first of the month", "on day 1 of each month at 09:00 (UTC)"),
        ("on the last day of each month", "on the last day of each month at 09:00 (UTC)"),
        (
            "Europe/london skip empty",
            "every Monday at 09:00 (Europe/London), skipped when there is no activity",
        ),
        ("at noon weekly", "every Monday at 12:00 (UTC)"),
        ("every month on the 15th at 9 o'clock", "on day 15 of each month at 09:00 (UTC)"),
        ("every friday", "every Friday at 09:00 (UTC)"),
        ("on monday and thursday", "every Monday and Thursday at 09:00 (UTC)"),
        ("weekly on thu, mon at 8", "every Monday and Thursday at 08:00 (UTC)"),
        ("on sun, mon and sunday at 7", "every Sunday and Monday at 07:00 (UTC)"),
        ('cron "0 9 * * MON,WED,FRI"', "every Monday, Wednesday and Friday at 09:00 (UTC)"),
        ("every tuesday friday", "every Tuesday and Friday at 09:00 (UTC)"),
    ],
)
def test_schedule_words_are_parsed_and_repeated(words, label):
    schedule = read(words)
    assert schedule.label == label
    assert read(schedule.command_words, "America/Lima") == schedule


@pytest.mark.parametrize(
    ("words", "why", "works"),
    [
        ("daily on monday", "doesn't go with it", "weekly on monday"),
        ("weekly on 15", "doesn't go with it", "monthly on 15"),
        ("at 25:00", "no such time", ""),
        ("at 13 pm", "no such time", "at 13:00"),
        ("at teatime", "isn't a time of day", ""),
        ("on first", "use `monthly on 1`, or a weekday", "on 1"),
        ("EST", "more than one time zone", "America/New_York"),
        ("every other monday", "every 2 weeks on monday", "every 2 weeks on monday"),
        ("monthly 15", "a day or a time", "on 15"),
        ("Europe/Lodnon", "know that time zone", ""),
        ("on mondy", "use a weekday", "on monday"),
        ("on 31", "not every month has that day", "on last"),
        ("on last friday", "use `monthly on last`, or every Friday", "on last"),
        ("quarterly on monday", "doesn't go with it", "weekly on monday"),
        ("every 2 weeks on 15", "doesn't go with it", "monthly on 15"),
        ("biweekly", "can mean twice a week", "every 2 weeks"),
        ('cron "0 9 15 * * even"', "days of the week", 'cron "0 9 * * 1 even"'),
        ("UTC+5:30", "name the zone", "Asia/Kolkata"),
        ("UTC+20", "no time zone has that offset", "UTC+1"),
        ("daily on monday and friday", "doesn't go with it", "weekly on monday and friday"),
        ('cron "0 0 9 * * 1"', "it needs five fields", 'cron "0 9 * * 1-5"'),
        ('daily cron "0 7 * * 1"', "the cron expression says that already", 'cron "0 7 * * 1"'),
        ("hourly", "at most once a day", "daily"),
        ("daily weekly", "say that only once", ""),
        ('cron "*/5 * * * *"', "at most once a day", 'cron "0 9 * * 1-5"'),
        ('cron "0 9 30 2 *"', "not a valid cron expression", 'cron "0 9 * * 1-5"'),
        ("cron daily", "five fields", 'cron "0 9 * * 1-5"'),
    ],
)
def test_invalid_schedule_is_explained_with_an_example(words, why, works):
    with pytest.raises(InvalidArgument, match=why) as wrong:
        read(words)
    assert wrong.value.example == works
    assert all(read(each) for each in wrong.value.examples)


@pytest.mark.parametrize(
    ("words", "example"),
    [
        ("5616445 daily on monday", "subscribe 5616445 weekly on monday"),
        ("5616445 weekly on 15", "subscribe 5616445 monthly on 15"),
        ("5616445 daily weekly", "subscribe 5616445 daily"),
        ("5616445 daily on monday at 8", "subscribe 5616445 weekly on monday at 8:00"),
        ("5616445 weekly frogs", "subscribe 5616445 weekly"),
        ("5616445 weekly on monday frogs at 8", "subscribe 5616445 weekly on monday at 8"),
        ("5616445 wekly", "subscribe 5616445 weekly"),
        ("5616445 weekly Londn", "subscribe 5616445 weekly Europe/London"),
        ("5616445 on first monday at 9", "subscribe 5616445 on 1 at 9"),
        ("5616445 UTC+5:30", "subscribe 5616445 Asia/Kolkata"),
        ('5616445 cron "*/5 * * * *"', 'subscribe 5616445 cron "0 9 * * 1-5"'),
        ("5616445 cron daily", "subscribe 5616445 daily"),
        ("5616445 At Teatime", "subscribe 5616445"),
        ("5616445 at 13 pm", "subscribe 5616445 at 13:00"),
        ("5616445 On 31", "subscribe 5616445 on last"),
        ("ours hourly", "help subscribe"),
        ("search hourly", 'subscribe search "hourly"'),
        ("views 5616445 daily", "subscribe 5616445 daily"),
        ("to author 97471", "subscribe author 97471"),
        ("frog", "subscribe search frog"),
        ("5616445 daily monday", "subscribe 5616445 weekly on monday"),
        ("search frog on mondy at 9", "subscribe search frog on monday at 9"),
        ("search frog Europe/Lodnon daily", "subscribe search frog Europe/London daily"),
        ("search frog every other monday at 9am", "subscribe search frog every 2 weeks on monday at 9am"),
        ("search frog monthly on first monday at 9", "subscribe search frog monthly on 1 at 9"),
        ("search frog on trees weekly", 'subscribe search frog "on" trees weekly'),
        ("search frog at night", 'subscribe search frog "at" night'),
        ("search daily frog records", 'subscribe search "daily" frog records'),
        ("search frog weekly at 9 Paris time", "subscribe search frog weekly at 9 Paris"),
        ("search frog monday weekly", "subscribe search frog weekly on monday"),
    ],
)
async def test_example_for_invalid_words_works(drafts_client, words, example):
    reply = await drafts_client.reply(f"subscribe {words}")
    assert reply.outcome == "wrong" and reply.buttons[0].words == example
    if "ours" not in words and example != "help subscribe":
        assert (await drafts_client.reply(example)).outcome == "ok"


async def test_search_ends_where_the_schedule_begins(slack_client):
    answer = await subscribe(slack_client, "search title:frog monthly on last at 17:00 skip empty")
    assert "search title:frog\n" in answer.text and "last day of each month at 17:00" in answer.text
    assert "skipped when there is no activity" in answer.text
    answer = await subscribe(slack_client, 'search frog "daily"')
    assert 'search frog "daily"\n' in answer.text and "every Monday" in answer.text


async def test_every_2_weeks_is_two_weeks_apart_and_comes_back_so(slack_client):
    def fridays(answer):
        return re.findall(r"Fri [0-9]+ [A-Z][a-z]+ [0-9]+, 09:00", answer.text)

    answer = await subscribe(slack_client, "5616445 every 2 weeks on friday")
    assert "every 2 weeks on Friday at 09:00 (Europe/London)" in answer.text
    days = [datetime.strptime(each, "Fri %d %b %Y, 09:00") for each in fridays(answer)]
    assert [(later - sooner).days for sooner, later in pairwise(days)] == [14, 14]
    again = await subscribe(slack_client, "5616445 every other week on friday")
    assert again.text.startswith("This channel is already subscribed: ")
    for parity in "even", "odd":
        there = await subscribe(slack_client, f'11820345 cron "0 9 * * 5 {parity}"')
        number = re.search("Digest ([0-9]+),", there.text)[1]
        deleted = (await slack_client.slack.command("/figshare", f"unsubscribe {number}")).message
        event = await slack_client.press(deleted, "Subscribe again")
        assert fridays(event.message) == fridays(there)


@pytest.mark.parametrize(
    ("words", "topic", "schedule"),
    [
        ("pond weekly on friday at 09:00 UTC+1", "pond", "weekly on friday at 9:00 UTC+1"),
        ("pond weekly on friday at 09:00 London", "pond", "weekly on friday at 9:00 Europe/London"),
        ("pond daily 9am", "pond", "daily at 9:00"),
        ("pond weekly mondays", "pond", "weekly on monday"),
        ("pond mondays", "pond", "on monday"),
        ("pond every 2 weeks on monday 9am", "pond", "every 2 weeks on monday at 9:00"),
        ("pond at 9:30 pm America/New York skip empty", "pond", "at 21:30 America/New_York skip empty"),
        ("pond quarterly on last at 17", "pond", "quarterly on last at 17:00"),
        ('pond "weekly"', 'pond "weekly"', ""),
        ('pond "weekly" daily', 'pond "weekly"', "daily"),
        ('"effects of climate on frogs" weekly', '"effects of climate on frogs"', "weekly"),
        ("covid 19 weekly", "covid 19", "weekly"),
        ("rising sun", "rising sun", ""),
        ("blue monday", "blue monday", ""),
        ("bridges of London weekly", "bridges of London", "weekly"),
        ("on liberty and its many critics in the long nineteenth century", None, ""),
    ],
)
def test_schedule_of_a_search_is_the_longest_run_at_the_end(words, topic, schedule):
    parsed, schedule_words = topics.parse_subscription(normalize(f"search {words}"))
    assert (parsed.search, schedule_words.command_words) == (topic or words, schedule)


@pytest.mark.parametrize(
    ("words", "argument"),
    [
        ("pond weekly on friday at 09:00 PST", "PST"),
        ("pond weekly on friday at 09:00 EST skip empty", "EST"),
        ("pond every other monday at 9am", "every other monday"),
        ("pond monthly on first monday at 9", "on first monday"),
        ("pond weekly frogs and toads", "frogs and toads"),
        ("pond weekly on mondy at 25:00", "on mondy"),
        ("pond friday weekly", "friday"),
        ("look at pond weekly", "at pond"),
    ],
)
def test_unreadable_schedule_of_a_search_is_named_with_whole_lines(words, argument):
    with pytest.raises(InvalidArgument) as error:
        topics.parse_subscription(normalize(f"search {words}"))
    assert error.value.argument == argument and error.value.examples
    for example in error.value.examples:
        command, _, line = example.partition(" ")
        topic, _ = topics.parse_subscription(line)
        assert command == "subscribe" and "pond" in topic.search


SCHEDULE_PIECES = (
    *("weekly", "daily", "every", "other", "2", "weeks", "monday", "fridays", "on", "the", "first", "15th"),
    *("last", "at", "9", "9am", "25:00", "13", "pm", "London", "Europe/Lodnon", "America/New", "York", "EST"),
    *("UTC+1", "UTC+5:30", "skip", "empty", "cron", '"0 9 * * 1"', "pond", "frog", '"on"', "and", "search"),
    *("5616445", "ours", "quarterly", "biweekly", "night", "of", "each", "month", "(", ")", '"', "title:"),
)


@given(st.lists(st.sampled_from(SCHEDULE_PIECES), max_size=12), st.sampled_from(["search ", "5616445 ", ""]))
def test_any_subscription_is_read_or_answered_with_lines_that_are(words, before):
    text = normalize(before + " ".join(words))
    try:
        topic, schedule_words = topics.parse_subscription(text)
    except InvalidArgument as error:
        for example in error.examples:
            if example != "help subscribe":
                topics.parse_subscription(example.removeprefix("subscribe "))
        return
    schedule = schedule_words.schedule("UTC", 0.0)
    assert topic.command_words in text.replace(",", "") or not topic.search
    assert schedule_words.command_words == "" or read(schedule_words.command_words) == schedule


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("frogs", "frogs: a digest can cover items, your repository (ours) or a search"),
        ("5616445 wekly", "I don't understand this word"),
        ("search weekly", "What should I search for?"),
        ("search titel:frog", "titel"),
        ("ours", "needs FIGSHARE_GROUP, FIGSHARE_INSTITUTION or FIGSHARE_PORTAL, none of which is set"),
        ("404404404", "There is no public item 404404404"),
        ("https://figshare.com/s/0123456789abcdef0123", "private link"),
    ],
)
async def test_invalid_topic_is_explained_and_not_subscribed(slack_client, words, why):
    answer = await subscribe(slack_client, words)
    assert why in answer.text and answer.ephemeral_to == MAYA
    assert "0123456789" not in answer.text
    assert "No digests here yet" in (await slack_client.slack.command("/figshare", "subscriptions")).text


async def test_ours_is_the_portal_that_is_configured():
    async with open_slack_client(figshare_portal="lboro", figshare_group=1001) as slack_client:
        assert "Subscribed: lboro" in (await subscribe(slack_client, "ours monthly")).text


async def test_ours_without_credentials_says_what_stays_unknown():
    async with open_slack_client(figshare_portal="lboro", figshare_group=1001) as slack_client:
        text = (await subscribe(slack_client, "ours")).text
        assert "Views and downloads will be unknown, but for the totals. A portal's statistics need" in text
    async with open_slack_client(figshare_portal="lboro") as slack_client:
        assert (await subscribe(slack_client, "ours")).text.startswith("A portal's statistics need FIGSHARE_")


async def test_repeated_subscription_is_said_to_exist(slack_client):
    await subscribe(slack_client, "5616445 daily")
    same = await subscribe(slack_client, "https://figshare.com/articles/presentation/x/5616445 daily")
    assert same.text.startswith("This channel is already subscribed: ") and "Digest 1," in same.text
    assert same.ephemeral_to == MAYA
    elsewhere = await subscribe(slack_client, "10.6084/m9.figshare.5616445.v2 daily at 9:00", JONAS)
    assert elsewhere.text.startswith("This channel is already subscribed: ")
    assert "every day at 09:00 (Europe/London)" in elsewhere.text
    await subscribe(slack_client, "5616445 11820345 weekly")
    turned = await subscribe(slack_client, '11820345 5616445 cron "0 9 * * MON"')
    assert turned.text.startswith("This channel is already subscribed: ")
    another = await subscribe(slack_client, "5616445 daily Europe/Berlin", JONAS)
    assert another.text.startswith("This channel already has a digest of this: ")
    assert "You asked for: every day at 09:00 (Europe/Berlin)" in another.text


async def test_subscribing_without_membership_asks_for_an_invitation(slack_client):
    slack_client.slack.remove(LIBRARY)
    answer = await subscribe(slack_client, "5616445", channel=LIBRARY)
    assert "/invite @figshare" in answer.text and "haven't subscribed it" in answer.text
    assert answer.ephemeral_to == MAYA
    await slack_client.slack.invite(LIBRARY)
    event = await slack_client.press(answer, "Try again")
    assert event.text.startswith("Subscribed: ") and event.message.ephemeral_to is None


async def test_guests_may_subscribe_and_external_people_may_not(slack_client):
    assert "Subscribed: " in (await subscribe(slack_client, "5616445", GUEST)).text
    answer = await subscribe(slack_client, "5616445 daily", STRANGER)
    assert (
        "People from other workspaces can ask questions here but can't subscribe or change digests."
        in answer.text
    )
    assert answer.ephemeral_to == STRANGER
    slack_client.user = STRANGER
    answer = (await slack_client.slack.command("/figshare", "views 5616445", user=STRANGER)).message
    event = await slack_client.press(answer, "Send me this weekly")
    assert "can't subscribe or change digests" in event.text


async def test_unclear_channel_is_not_subscribed(slack_client):
    slack_client.slack.fail("conversations.history", "internal_error")
    answer = await subscribe(slack_client, "5616445")
    assert "Slack isn't responding right now" in answer.text
    assert "No digests here yet" in (await slack_client.slack.command("/figshare", "subscriptions")).text


async def test_mention_subscribes_the_channel_and_confirms_in_thread(slack_client):
    event = await slack_client.slack.mention(RESEARCH, MAYA, "subscribe 5616445 daily")
    assert event.text.startswith("Subscribed: ") and event.message.thread_ts == event.sent.ts
    assert (
        "Digests of this channel: 1" in (await slack_client.slack.command("/figshare", "subscriptions")).text
    )


@pytest.mark.parametrize(
    "question",
    [
        "5616445",
        "views 5616445",
        "views 5616445 9784012",
        "stats 5616445",
        "timeline 5616445",
        "countries 5616445",
        "versions 5616445",
        "files 5616445",
        "cite 5616445",
        "collection 4000001",
        "project 113166",
        "search title:frog",
    ],
)
async def test_every_item_list_and_search_answer_can_be_subscribed(client, question):
    reply: Reply = await client.reply(question)
    assert reply.subscribable
    labels = [each["text"]["text"] for each in (await client.message(question))["blocks"][-1]["elements"]]
    assert "Send me this weekly" in labels


async def test_weekly_button_subscribes_the_direct_message(slack_client):
    await slack_client.slack.mention(RESEARCH, MAYA, "search title:frog")
    answer = slack_client.answers[-1]
    event = await slack_client.slack.press(answer.ts, buttons(answer)["Send me this weekly"], user=JONAS)
    assert event.message.ephemeral_to == JONAS
    assert event.text.startswith("You'll get it as a direct message: search title:frog")
    assert "every Monday at 09:00 (Europe/Berlin)" in event.text
    direct = slack_client.slack.direct(JONAS).id
    listed = await slack_client.slack.command("/figshare", "subscriptions", user=JONAS, channel=direct)
    assert "search title:frog" in listed.text
    assert "No digests here yet" in (await slack_client.slack.command("/figshare", "subscriptions")).text
    again = await slack_client.slack.press(answer.ts, buttons(answer)["Send me this weekly"], user=JONAS)
    assert "already" in again.text


async def test_bare_subscribe_opens_a_form_that_subscribes(slack_client):
    await slack_client.open("subscribe")
    assert slack_client.field_text("zone") == "Europe/London" and slack_client.field_text("at") == "09:00"
    assert slack_client.field_text("what") == slack_client.field_text("weekdays") == ""
    kinds = {block["block_id"]: block["element"]["type"] for block in slack_client.view.blocks}
    assert kinds["often"] == kinds["monthday"] == "static_select" and kinds["at"] == "timepicker"
    assert kinds["weekdays"] == "multi_static_select" and kinds["zone"] == "external_select"
    event = await slack_client.submit(what="frogs", zone="Nowhere")
    assert sorted(event.view.errors) == ["what", "zone"]
    event = await slack_client.submit(what="404404404", weekdays="friday", at="08:30", zone="Europe/Paris")
    assert "no public item" in event.view.errors["what"]
    await slack_client.submit(
        what="5616445 collection 4000001", weekdays="friday", at="08:30", zone="Europe/Paris"
    )
    message = await slack_client.wait_for_answer("Subscribed: ")
    assert "every Friday at 08:30 (Europe/Paris)" in message.text and message.ephemeral_to is None
    assert slack_client.view is None


async def test_form_takes_the_day_that_fits_the_frequency(slack_client):
    await slack_client.open("subscribe")
    await slack_client.submit(what="5616445", weekdays="friday", monthday="last", often="quarterly")
    answer = await slack_client.wait_for_answer("Subscribed: ")
    assert "on the last day of each quarter at 09:00" in answer.text
    await slack_client.open("subscribe")
    await slack_client.submit(
        what="9784012", weekdays=["monday", "friday"], monthday="15", often="every 2 weeks", at="17:45"
    )
    answer = await slack_client.wait_for_answer("every 2 weeks")
    assert "every 2 weeks on Monday and Friday at 17:45" in answer.text


async def test_form_for_a_cron_expression_needs_one(slack_client):
    await slack_client.open("subscribe")
    assert "cron" in (await slack_client.submit(what="5616445", often="cron")).view.errors


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("lond", "Europe/London"),
        ("new york", "America/New_York"),
        ("europe lis", "Europe/Lisbon"),
        ("UTC+1", "UTC+1"),
        ("aest", "Australia/Sydney"),
    ],
)
async def test_form_finds_a_time_zone_by_a_part_of_its_name(slack_client, typed, first):
    await slack_client.open("subscribe")
    options = await slack_client.slack.suggest(
        slack_client.view, "digest.zones", typed, user=slack_client.user
    )
    assert first in [option["text"]["text"] for option in options][:2]


async def test_zone_that_is_none_is_not_offered(slack_client):
    await slack_client.open("subscribe")
    assert not await slack_client.slack.suggest(
        slack_client.view, "digest.zones", "nowhere at all", user=slack_client.user
    )


async def test_two_hundred_references_are_accepted(slack_client):
    numbers = " ".join(str(10_000_000 + slack_client) for slack_client in range(200))
    answer = await subscribe(slack_client, f"{numbers} weekly")
    assert "may have" not in answer.text and "no public item" in answer.text


@pytest.mark.parametrize(
    ("words", "works"),
    [
        ("5616445 biweekly", "subscribe 5616445 every 2 weeks"),
        ("search title:frog page:2", "subscribe search title:frog"),
        ("search title:frog sort:views weekly", "subscribe search title:frog"),
        ("search page:2", "help subscribe"),
    ],
)
async def test_nearly_valid_words_are_answered_with_valid_ones(slack_client, words, works):
    assert works in (await subscribe(slack_client, words)).text


async def test_first_search_digest_is_announced_correctly(slack_client):
    answer = await subscribe(slack_client, "search title:frog")
    assert "the five newest so far" in answer.text and "First digest covers" not in answer.text


def test_cron_line_is_repeated_in_plain_words():
    assert "31st day" in Schedule("0 9 31 * *").label


async def test_cron_line_replaces_the_other_schedule_fields(slack_client):
    await slack_client.open("subscribe")
    event = await slack_client.submit(what="search frog daily", cron="* * * * *")
    assert "at most once a day" in event.view.errors["cron"]
    await slack_client.submit(what="search frog daily", cron="0 7 * * 2,4")
    message = await slack_client.wait_for_answer("Subscribed: ")
    assert "search frog daily\n" in message.text and "every Tuesday and Thursday at 07:00" in message.text


async def test_form_open_for_an_hour_still_tells_the_channel(slack_client):
    await slack_client.open("subscribe")
    # Slack takes answers at the address that came with a command for half an hour.
    slack_client.slack.triggers.response_urls.clear()
    await slack_client.submit(what="5616445", weekdays="friday")
    message = await slack_client.wait_for_answer("Subscribed: ")
    assert (message.channel, message.ephemeral_to) == (RESEARCH, None)


async def test_question_after_an_old_form_acts_on_the_channel_of_the_form(slack_client):
    await subscribe(slack_client, "5616445 daily")
    await slack_client.open("subscribe")
    slack_client.slack.triggers.response_urls.clear()
    await slack_client.submit(what="5616445", weekdays="friday")
    asked = await slack_client.wait_for_answer("already has a digest of this: ")
    direct = slack_client.slack.direct(MAYA).id
    assert asked.channel == direct
    refused = await slack_client.press(asked, "Have both")
    assert refused.text.startswith("That question is about another conversation.")
    listed = await slack_client.slack.command("/figshare", "subscriptions", channel=direct)
    assert "No digests here yet" in listed.text
    changed = await slack_client.press(asked, "Change digest 1 to this")
    assert changed.text.startswith("Changed: ") and "every Friday at 09:00" in changed.text


async def test_button_of_an_earlier_version_subscribes_where_it_stands(slack_client):
    await subscribe(slack_client, "5616445 daily")
    button = Button("Have both", action="digest.both", value="5616445 weekly on friday at 09:00 UTC")
    asked = public_message(slack_client, RESEARCH, button)
    assert (await slack_client.press(asked, "Have both")).text.startswith("Subscribed: ")


async def test_terminal_is_refused_with_slack_required():
    async with open_bot_client() as client:
        for words in ("subscribe 5616445", "subscriptions", "unsubscribe 1", "pause 1", "send 1"):
            reply = await client.reply(words)
            assert reply.outcome == "refused" and "This needs Slack." in reply.title


async def test_simultaneous_subscriptions_create_one_digest(slack_client):
    import asyncio

    confirmations = await asyncio.gather(
        *(subscribe(slack_client, "5616445", user) for user in (MAYA, MAYA, MAYA))
    )
    assert sum(answer.text.startswith("Subscribed: ") for answer in slack_client.answers) == 1
    assert len({answer.text.partition("Digest ")[2][0] for answer in confirmations}) == 1
    assert BOT_USER_ID not in {answer.ephemeral_to for answer in confirmations}
