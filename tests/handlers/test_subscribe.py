"""Subscribing, by words, by the form and by a button, as people in a channel see it."""

import pytest

from bot.language import schedule_parser
from bot.language.schedules import Schedule
from bot.language.tokens import InvalidArgument, scan
from bot.reply import Reply
from bot.standin.slack.people import BOT_USER_ID, LIBRARY, RESEARCH
from tests.conftest import assert_is_good, world_of
from tests.handlers.desk import GUEST, JONAS, MAYA, STRANGER, buttons, desk_in


@pytest.fixture
async def at():
    async with desk_in() as opened:
        yield opened


async def subscribe(at, words, user=MAYA, channel=RESEARCH):
    return (
        await at.slack.command("/figshare", f"subscribe {words}".strip(), user=user, channel=channel)
    ).message


def read(words, zone="UTC"):
    said, took = schedule_parser.read(scan(words))
    assert took == len(scan(words))
    return said.schedule(zone)


async def test_the_confirmation_repeats_all_of_it_and_is_for_everybody(at):
    said = await subscribe(at, "5616445")
    assert said.ephemeral_to is None and said.command == "/figshare subscribe 5616445"
    assert said.text.startswith("Subscribed: Using APIs to customise repositories")
    assert "every Monday at 09:00 (Europe/London)" in said.text
    assert said.text.count(", 09:00") == 3 and "Mon " in said.text
    assert "The first counts: " in said.text and "Digest 1, set up by Maya Okafor" in said.text
    assert list(buttons(said)) == ["Send a test now", "Change", "Stop"]
    assert_is_good({"text": said.text, "blocks": said.blocks})


async def test_the_time_zone_is_the_askers_unless_another_is_said(at):
    assert "(Europe/Berlin)" in (await subscribe(at, "5616445", JONAS)).text
    assert "(Asia/Tokyo)" in (await subscribe(at, "5616445 daily asia/tokyo", JONAS)).text


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
        ("cron 30 7 1 */3 *", "at 07:30 on the first day of every third month (UTC)"),
        ("Europe/london skip empty", "every Monday at 09:00 (Europe/London), left out when nothing happened"),
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
def test_schedules_are_understood_and_said_again(words, label):
    schedule = read(words)
    assert schedule.label == label
    assert read(schedule.words, "America/Lima") == schedule


@pytest.mark.parametrize(
    ("words", "why", "works"),
    [
        ("daily on monday", "does not go with it", "weekly on monday"),
        ("weekly on 15", "does not go with it", "monthly on 15"),
        ("at 25:00", "no such time", "at 09:00"),
        ("at teatime", "no time of day", "at 09:00"),
        ("Europe/Lodnon", "no such time zone", "Europe/London"),
        ("on mondy", "a day of the week", "on monday"),
        ("on 31", "not a day of every month", "on last"),
        ("on last friday", "its last day only", "on last"),
        ("quarterly", "or a cron line", 'cron "0 9 1 */3 *"'),
        ("every other week", "or a cron line", 'cron "0 9 1,15 * *"'),
        ("daily on monday and friday", "does not go with it", "weekly on monday and friday"),
        ('cron "0 0 9 * * 1"', "it has five fields", 'cron "0 9 * * 1-5"'),
        ('daily cron "0 7 * * 1"', "a cron line says that already", 'cron "0 7 * * 1"'),
        ("hourly", "at most once a day", "daily"),
        ("daily weekly", "says that once", "weekly on monday at 09:00"),
        ('cron "*/5 * * * *"', "at most once a day", 'cron "0 9 * * 1-5"'),
        ('cron "0 9 30 2 *"', "no cron line", 'cron "0 9 * * 1-5"'),
        ("cron daily", "five fields", 'cron "0 9 * * 1-5"'),
    ],
)
def test_a_wrong_schedule_is_named_with_one_that_works(words, why, works):
    with pytest.raises(InvalidArgument, match=why) as wrong:
        read(words)
    assert wrong.value.example == works
    assert read(works)


@pytest.mark.parametrize(
    ("words", "example"),
    [
        ("5616445 daily on monday", "subscribe 5616445 weekly on monday"),
        ("5616445 weekly on 15", "subscribe 5616445 monthly on 15"),
        ("5616445 daily weekly", "subscribe 5616445 weekly on monday at 09:00"),
        ("5616445 weekly frogs", "subscribe 5616445 weekly on monday at 09:00 Europe/London"),
        ('5616445 cron "*/5 * * * *"', 'subscribe 5616445 cron "0 9 * * 1-5"'),
        ("5616445 cron daily", 'subscribe 5616445 cron "0 9 * * 1-5"'),
        ("5616445 At Teatime", "subscribe 5616445 at 09:00"),
        ("5616445 at 13 pm", "subscribe 5616445 at 9am"),
        ("5616445 On 31", "subscribe 5616445 on last"),
        ("ours hourly", "subscribe ours daily"),
        ("search hourly", "subscribe search title:frog daily"),
        ("views 5616445 daily", "subscribe 5616445 daily"),
        ("to author 97471", "subscribe author 97471"),
        ("views frogs", "subscribe 5616445 weekly on monday at 09:00"),
        ("5616445 weekdays 7am skip empty", "subscribe 5616445 weekdays at 7am skip empty"),
        ("5616445 daily monday", "subscribe 5616445 on monday"),
        ("search frogs on mondy at 9", "subscribe search title:frog on monday"),
        ("search frogs Europe/Lodnon daily", "subscribe search title:frog Europe/London"),
    ],
)
async def test_what_is_offered_in_place_of_wrong_words_works_as_it_stands(desk, words, example):
    reply = await desk.reply(f"subscribe {words}")
    assert reply.outcome == "wrong" and reply.buttons[0].words == example
    if "ours" not in words:
        assert (await desk.reply(example)).outcome == "ok"


async def test_a_search_ends_where_the_schedule_begins_and_quoted_words_are_searched_for(at):
    said = await subscribe(at, "search title:frog monthly on last at 17:00 skip empty")
    assert "search title:frog\n" in said.text and "last day of each month at 17:00" in said.text
    assert "left out when nothing happened" in said.text
    said = await subscribe(at, 'search frog "daily"')
    assert 'search frog "daily"\n' in said.text and "every Monday" in said.text


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("frogs", "frogs: a digest is of references, ours, or search …"),
        ("5616445 wekly", "I don't understand this word"),
        ("search weekly", "what for?"),
        ("search titel:frog", "titel"),
        ("ours", "FIGSHARE_GROUP or FIGSHARE_PORTAL or FIGSHARE_INSTITUTION"),
        ("404404404", "Figshare knows no public item 404404404"),
        ("https://figshare.com/s/0123456789abcdef0123", "private link"),
    ],
)
async def test_what_can_not_be_subscribed_to_is_said_and_nothing_is_kept(at, words, why):
    said = await subscribe(at, words)
    assert why in said.text and said.ephemeral_to == MAYA
    assert "0123456789" not in said.text
    assert "No digests come here" in (await at.slack.command("/figshare", "subscriptions")).text


async def test_ours_is_the_portal_that_is_configured():
    async with desk_in(figshare_portal="lboro", figshare_group=1001) as at:
        assert "Subscribed: lboro" in (await subscribe(at, "ours monthly")).text


async def test_typing_it_again_says_that_it_exists(at):
    await subscribe(at, "5616445 daily")
    same = await subscribe(at, "https://figshare.com/articles/presentation/x/5616445 daily")
    assert same.text.startswith("That is subscribed here already: ") and "Digest 1," in same.text
    assert same.ephemeral_to == MAYA
    elsewhere = await subscribe(at, "10.6084/m9.figshare.5616445.v2 daily at 9:00", JONAS)
    assert elsewhere.text.startswith("That is subscribed here already: ")
    assert "every day at 09:00 (Europe/London)" in elsewhere.text
    await subscribe(at, "5616445 11820345 weekly")
    turned = await subscribe(at, '11820345 5616445 cron "0 9 * * MON"')
    assert turned.text.startswith("That is subscribed here already: ")
    another = await subscribe(at, "5616445 daily Europe/Berlin", JONAS)
    assert another.text.startswith("Subscribed: ") and "(Europe/Berlin)" in another.text


async def test_where_the_bot_is_no_member_it_asks_for_an_invitation_and_keeps_nothing(at):
    at.slack.remove(LIBRARY)
    said = await subscribe(at, "5616445", channel=LIBRARY)
    assert "/invite @figshare" in said.text and "nothing was kept" in said.text
    assert said.ephemeral_to == MAYA
    await at.slack.invite(LIBRARY)
    seen = await at.press(said, "Try again")
    assert seen.text.startswith("Subscribed: ") and seen.message.ephemeral_to is None


async def test_guests_may_subscribe_and_people_of_other_workspaces_may_not(at):
    assert "Subscribed: " in (await subscribe(at, "5616445", GUEST)).text
    said = await subscribe(at, "5616445 daily", STRANGER)
    assert "People of other workspaces may ask here, but not have or change digests." in said.text
    assert said.ephemeral_to == STRANGER
    at.user = STRANGER
    answer = (await at.slack.command("/figshare", "views 5616445", user=STRANGER)).message
    seen = await at.press(answer, "Send me this weekly")
    assert "not have or change digests" in seen.text


async def test_when_slack_does_not_say_nothing_is_kept(at):
    at.slack.fail("conversations.history", "internal_error")
    said = await subscribe(at, "5616445")
    assert "Slack did not answer me just now" in said.text
    assert "No digests come here" in (await at.slack.command("/figshare", "subscriptions")).text


async def test_a_mention_subscribes_its_channel_and_confirms_in_the_thread(at):
    seen = await at.slack.mention(RESEARCH, MAYA, "subscribe 5616445 daily")
    assert seen.text.startswith("Subscribed: ") and seen.message.thread_ts == seen.said.ts
    assert "Digests of this channel: 1" in (await at.slack.command("/figshare", "subscriptions")).text


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
async def test_every_answer_about_an_item_a_list_or_a_search_can_be_had_weekly(world, question):
    reply: Reply = await world.reply(question)
    assert reply.digest
    labels = [each["text"]["text"] for each in (await world.message(question))["blocks"][-1]["elements"]]
    assert "Send me this weekly" in labels


async def test_send_me_this_weekly_subscribes_the_pressers_direct_message(at):
    await at.slack.mention(RESEARCH, MAYA, "search title:frog")
    answer = at.answers[-1]
    seen = await at.slack.press(answer.ts, buttons(answer)["Send me this weekly"], user=JONAS)
    assert seen.message.ephemeral_to == JONAS
    assert seen.text.startswith("It comes to our direct message: search title:frog")
    assert "every Monday at 09:00 (Europe/Berlin)" in seen.text
    direct = at.slack.direct(JONAS).id
    listed = await at.slack.command("/figshare", "subscriptions", user=JONAS, channel=direct)
    assert "search title:frog" in listed.text
    assert "No digests come here" in (await at.slack.command("/figshare", "subscriptions")).text
    again = await at.slack.press(answer.ts, buttons(answer)["Send me this weekly"], user=JONAS)
    assert "already" in again.text


async def test_with_nothing_after_it_subscribe_opens_a_form_that_subscribes(at):
    await at.open("subscribe")
    assert at.typed("zone") == "Europe/London" and at.typed("at") == "09:00"
    assert at.typed("what") == at.typed("on") == ""
    seen = await at.submit(what="frogs", on="mondy", at="25", zone="Nowhere")
    assert sorted(seen.view.errors) == ["at", "on", "what", "zone"]
    assert seen.view.errors["on"].endswith("This works: monday.")
    seen = await at.submit(what="404404404", on="friday", at="8:30", zone="europe/paris")
    assert "knows no public item" in seen.view.errors["what"]
    await at.submit(what="5616445 collection 4000001", on="friday", at="8:30", zone="europe/paris")
    said = await at.answer("Subscribed: ")
    assert "every Friday at 08:30 (Europe/Paris)" in said.text and said.ephemeral_to is None
    assert at.view is None


async def test_the_form_says_what_goes_with_how_often(at):
    await at.open("subscribe")
    seen = await at.submit(what="5616445", on="monday", often="monthly")
    assert seen.view.errors == {"on": "For every month 1 to 28, or last."}
    seen = await at.submit(what="5616445", on="15", often="weekly")
    assert seen.view.errors == {"on": "For every week a day, such as monday."}
    assert "cron" in (await at.submit(what="5616445", on="", often="cron")).view.errors


async def test_two_hundred_references_can_be_typed(at):
    numbers = " ".join(str(10_000_000 + at) for at in range(200))
    said = await subscribe(at, f"{numbers} weekly")
    assert "may have" not in said.text and "no public item" in said.text


@pytest.mark.parametrize(
    ("words", "works"),
    [
        ("5616445 weekly monday", "subscribe 5616445 weekly on monday"),
        ("5616445 9am", "subscribe 5616445 at 9am"),
        ("5616445 biweekly", 'subscribe 5616445 cron "0 9 1,15 * *"'),
        ("search title:frog page:2", "subscribe search title:frog"),
        ("search title:frog sort:views weekly", "subscribe search title:frog"),
    ],
)
async def test_what_is_nearly_right_is_said_with_what_would_work(at, words, works):
    assert works in (await subscribe(at, words)).text


async def test_the_first_digest_of_a_search_is_announced_as_it_will_be(at):
    said = await subscribe(at, "search title:frog")
    assert "the five newest so far" in said.text and "The first counts" not in said.text


def test_a_cron_line_is_read_back_as_people_say_it():
    assert "31st day" in Schedule("0 9 31 * *").label


async def test_the_form_takes_a_cron_line_in_place_of_the_rest(at):
    await at.open("subscribe")
    seen = await at.submit(what="search frog daily", cron="* * * * *")
    assert "at most once a day" in seen.view.errors["cron"]
    await at.submit(what="search frog daily", cron="0 7 * * 2,4")
    said = await at.answer("Subscribed: ")
    assert "search frog daily\n" in said.text and "every Tuesday and Thursday at 07:00" in said.text


async def test_a_form_that_stays_open_for_an_hour_still_tells_the_channel(at):
    await at.open("subscribe")
    # Slack takes answers at the address that came with a command for half an hour.
    at.slack.triggers.hooks.clear()
    await at.submit(what="5616445", on="friday")
    said = await at.answer("Subscribed: ")
    assert (said.channel, said.ephemeral_to) == (RESEARCH, None)


async def test_from_the_terminal_it_needs_slack():
    async with world_of() as world:
        for words in ("subscribe 5616445", "subscriptions", "unsubscribe 1", "pause 1", "send 1"):
            reply = await world.reply(words)
            assert reply.outcome == "refused" and "This needs Slack." in reply.title


async def test_two_at_once_make_one(at):
    import asyncio

    seen = await asyncio.gather(*(subscribe(at, "5616445", user) for user in (MAYA, MAYA, MAYA)))
    assert sum(said.text.startswith("Subscribed: ") for said in at.answers) == 1
    assert len({said.text.partition("Digest ")[2][0] for said in seen}) == 1
    assert BOT_USER_ID not in {said.ephemeral_to for said in seen}
