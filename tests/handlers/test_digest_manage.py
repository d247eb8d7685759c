"""The list of digests, who may change them, and what becomes of what is pressed."""

import asyncio

import pytest

from bot.emulators.slack.people import LIBRARY, RESEARCH
from tests.support.message_checks import assert_is_good
from tests.support.slack_client import GUEST, JONAS, MAYA, STRANGER, buttons, open_slack_client


@pytest.fixture
async def slack_client():
    async with open_slack_client() as client:
        client.confirmation = await say(client, "subscribe 5616445", JONAS)
        yield client


async def say(slack_client, words, user=MAYA, channel=RESEARCH):
    return (await slack_client.slack.command("/figshare", words, user=user, channel=channel)).message


async def test_list_shows_topic_schedule_and_owner(slack_client):
    await say(slack_client, "subscribe search title:frog daily at 10:00")
    answer = await say(slack_client, "subscriptions", GUEST)
    assert answer.ephemeral_to == GUEST and "Digests of this channel: 2" in answer.text
    assert "1  Using APIs" in answer.text and "every Monday at 09:00 (Europe/Berlin)" in answer.text
    assert "set up by Jonas Weber" in answer.text and "next " in answer.text
    assert "2  search title:frog" in answer.text
    assert list(buttons(answer)) == ["Change 1", "Change 2"]
    assert_is_good({"text": answer.text, "blocks": answer.blocks})
    assert "No digests here yet" in (await say(slack_client, "subscriptions", channel=LIBRARY)).text


async def test_long_list_has_pages(slack_client):
    for number in (6211890, 7821100, 9784012, 10042001, 10158001, 11366120):
        await say(slack_client, f"subscribe {number} monthly")
    first = await say(slack_client, "subscriptions")
    assert "\n• 7  " not in first.text
    assert "\n• 7  " in (await slack_client.press(first, "Next")).text


async def test_pause_and_resume_are_announced_to_the_channel(slack_client):
    answer = await say(slack_client, "pause 1", JONAS)
    assert answer.ephemeral_to is None and "Paused by Jonas Weber" in answer.text
    assert "paused" in (await say(slack_client, "subscriptions")).text
    seen = await slack_client.press(answer, "Resume", JONAS)
    assert seen.message.ephemeral_to is None and seen.text.startswith("Resumed: ")
    assert "It's already active" in (await say(slack_client, "resume 1", JONAS)).text


async def test_ended_digest_disappears_and_can_be_created_again(slack_client):
    answer = await say(slack_client, "unsubscribe 1", JONAS)
    assert answer.ephemeral_to is None and answer.text.startswith("Deleted digest 1: Using APIs")
    assert "There is no digest 1 here" in (await say(slack_client, "pause 1", JONAS)).text
    seen = await slack_client.press(answer, "Subscribe again", JONAS)
    await slack_client.slack.until(
        lambda: any("Digest 2, set up" in each.text for each in slack_client.answers)
    )
    assert "(Europe/Berlin)" in slack_client.answers[-1].text
    assert seen is not None


async def test_number_is_used_once_and_only_in_its_channel(slack_client):
    await say(slack_client, "unsubscribe 1", JONAS)
    assert "Digest 2," in (await say(slack_client, "subscribe 5616445", JONAS, LIBRARY)).text
    assert "There is no digest 2 here" in (await say(slack_client, "unsubscribe 2", JONAS)).text
    assert "Paused digest 2" in (await say(slack_client, "pause 2", JONAS, LIBRARY)).text


@pytest.mark.parametrize("words", ["pause 1", "resume 1", "unsubscribe 1", "send 1"])
async def test_change_by_others_names_who_can(slack_client, words):
    answer = await say(slack_client, words, GUEST)
    assert answer.text.startswith("You can't change digest 1.") and answer.ephemeral_to == GUEST
    assert "Jonas Weber, who set it up, and workspace admins can" in answer.text
    assert "People from other workspaces" in (await say(slack_client, words, STRANGER)).text


async def test_workspace_admins_may_change_any(slack_client):
    assert "Paused by Maya Okafor" in (await say(slack_client, "pause 1", MAYA)).text


@pytest.mark.parametrize("label", ["Send a test now", "Change", "Stop"])
async def test_button_is_checked_like_a_command(slack_client, label):
    seen = await slack_client.press(slack_client.confirmation, label, GUEST)
    assert seen.text.startswith("You can't change digest 1.") and seen.message.ephemeral_to == GUEST
    assert slack_client.slack.views.top(GUEST) is None


async def test_stop_confirms_first_and_ends_publicly(slack_client):
    [stop] = [
        each for each in slack_client.confirmation.blocks[-1]["elements"] if each["text"]["text"] == "Stop"
    ]
    assert stop["confirm"]["text"]["text"].startswith("Delete this digest?")
    seen = await slack_client.press(slack_client.confirmation, "Stop", JONAS)
    assert seen.text.startswith("Deleted digest 1") and seen.message.ephemeral_to is None
    assert "Subscribed: " in slack_client.confirmation.text


async def test_change_form_shows_the_digest_and_saves_it(slack_client):
    slack_client.user = JONAS
    await slack_client.press(slack_client.confirmation, "Change")
    await slack_client.wait_for_form()
    assert (
        slack_client.field_text("what"),
        slack_client.field_text("weekdays"),
        slack_client.field_text("at"),
    ) == (
        "5616445",
        "Monday",
        "09:00",
    )
    assert slack_client.field_text("zone") == "Europe/Berlin"
    await slack_client.submit(what="collection 4000001", weekdays="friday", at="07:00")
    message = await slack_client.wait_for_answer("Changed: ")
    assert message.ephemeral_to is None and "every Friday at 07:00 (Europe/Berlin)" in message.text
    listed = await say(slack_client, "subscriptions")
    assert "Everything about frogs" in listed.text and "Using APIs" not in listed.text
    assert any(each.text.startswith("Subscribed: ") for each in slack_client.answers)


async def test_several_weekdays_are_named_and_can_be_changed(slack_client):
    slack_client.user = JONAS
    await say(slack_client, "subscribe 9784012 on mon and thu", JONAS)
    await slack_client.press(slack_client.answers[-1], "Change")
    await slack_client.wait_for_form()
    assert slack_client.field_text("weekdays") == "Monday, Thursday"
    assert slack_client.field_text("cron") == ""
    await slack_client.submit(weekdays=["monday", "wednesday", "friday"])
    message = await slack_client.wait_for_answer("Changed: ")
    assert "every Monday, Wednesday and Friday at 09:00" in message.text


async def test_change_to_daily_drops_the_cron_line(slack_client):
    slack_client.user = JONAS
    await say(slack_client, 'subscribe 9784012 cron "0 9 1,15 * *"', JONAS)
    await slack_client.press(slack_client.answers[-1], "Change")
    await slack_client.wait_for_form()
    assert slack_client.field_text("cron") == "0 9 1,15 * *"
    await slack_client.submit(often="daily", at="09:00")
    message = await slack_client.wait_for_answer("Changed: ")
    assert "every day at 09:00" in message.text


async def test_change_into_an_existing_digest_is_refused(slack_client):
    slack_client.user = JONAS
    await say(slack_client, "subscribe 9784012", JONAS)
    await slack_client.press(slack_client.confirmation, "Change")
    await slack_client.wait_for_form()
    seen = await slack_client.submit(what="9784012")
    assert "already has that digest" in seen.view.errors["what"]


async def test_change_of_a_deleted_digest_is_refused(slack_client):
    slack_client.user = JONAS
    await slack_client.press(slack_client.confirmation, "Change")
    await slack_client.wait_for_form()
    await say(slack_client, "unsubscribe 1", JONAS)
    await slack_client.submit(what="9784012")
    assert "There is no digest 1 here" in slack_client.view_text()


async def test_send_confirms_and_works_once_a_minute(slack_client):
    assert "A test of digest 1 is on its way." in (await say(slack_client, "send 1", JONAS)).text
    assert "already on its way" in (await say(slack_client, "send 1", JONAS)).text


@pytest.mark.parametrize("words", ["pause", "pause one", "pause 0", "send 1 2", "unsubscribe all"])
async def test_missing_number_is_explained_with_the_list(slack_client, words):
    answer = await say(slack_client, words)
    assert "subscriptions" in answer.text or "I don't understand this word" in answer.text
    assert "Digests of this channel: 1" in (await say(slack_client, "subscriptions")).text


async def test_resume_asks_for_an_invitation_where_the_bot_was_removed(slack_client):
    await say(slack_client, "pause 1", JONAS)
    slack_client.slack.remove(RESEARCH)
    answer = await say(slack_client, "resume 1", JONAS)
    assert "/invite @figshare" in answer.text and answer.ephemeral_to == JONAS


async def test_button_of_a_deleted_digest_says_so(slack_client):
    await say(slack_client, "unsubscribe 1", JONAS)
    assert (
        "There is no digest 1 here"
        in (await slack_client.press(slack_client.confirmation, "Change", JONAS)).text
    )


async def test_digest_of_a_departed_owner_can_be_adopted(slack_client):
    slack_client.slack.people[JONAS].deleted = True
    answer = await say(slack_client, "pause 1", GUEST)
    assert "Jonas Weber, who set it up, has left" in answer.text
    adopted = await slack_client.press(answer, "Adopt", GUEST)
    assert "now owns digest 1" in adopted.text and adopted.message.ephemeral_to is None
    assert "Paused by" in (await say(slack_client, "pause 1", GUEST)).text


async def test_paused_digest_can_be_adopted(slack_client):
    await say(slack_client, "pause 1", JONAS)
    slack_client.slack.people[JONAS].deleted = True
    listed = await say(slack_client, "subscriptions", GUEST)
    assert list(buttons(listed)) == ["Adopt 1"]
    await slack_client.press(listed, "Adopt 1", GUEST)
    assert list(buttons(await say(slack_client, "subscriptions", GUEST))) == ["Resume 1"]
    assert (await say(slack_client, "resume 1", GUEST)).text.startswith("Resumed: ")


async def test_external_people_may_list_but_not_change(slack_client):
    answer = await say(slack_client, "subscriptions", STRANGER)
    assert "Digests of this channel: 1" in answer.text
    assert "People from other workspaces" in (await slack_client.press(answer, "Change 1", STRANGER)).text


async def test_button_outside_the_channel_answers_privately(slack_client):
    await slack_client.slack.mention(RESEARCH, MAYA, "stats 5616445")
    mine = await slack_client.press(slack_client.answers[-1], "Send me this weekly", GUEST)
    assert mine.message.ephemeral_to == GUEST
    ended = await slack_client.press(mine.message, "Stop", GUEST)
    assert ended.text.startswith("Deleted digest 2") and ended.message.ephemeral_to == GUEST
    # It would subscribe the channel, not the direct message that had the digest.
    assert "Subscribe again" not in buttons(ended.message)


async def test_paused_digest_has_no_next_dates(slack_client):
    await say(slack_client, "pause 1", JONAS)
    answer = await say(slack_client, "subscribe 5616445", JONAS)
    assert answer.text.startswith("This channel is already subscribed: ") and "Next" not in answer.text
    assert "It's paused. No digests until it's resumed." in answer.text
    assert (await slack_client.press(answer, "Resume", JONAS)).text.startswith("Resumed: ")
    assert "It's already paused" not in (await say(slack_client, "pause 1", JONAS)).text
    assert (await say(slack_client, "pause 1", JONAS)).text.startswith("It's already paused: ")


async def test_changed_paused_digest_stays_paused(slack_client):
    slack_client.user = JONAS
    await say(slack_client, "pause 1", JONAS)
    await slack_client.press(slack_client.confirmation, "Change")
    await slack_client.wait_for_form()
    await slack_client.submit(weekdays="friday")
    assert "No digests until it's resumed" in (await slack_client.wait_for_answer("Changed: ")).text


async def test_stop_pressed_three_times_is_announced_once(slack_client):
    await asyncio.gather(*(slack_client.press(slack_client.confirmation, "Stop", JONAS) for _ in range(3)))
    assert sum(each.text.startswith("Deleted digest 1") for each in slack_client.answers) == 1


async def test_two_buttons_of_one_list_both_work(slack_client):
    await say(slack_client, "subscribe 9784012", JONAS)
    for number in (1, 2):
        await say(slack_client, f"pause {number}", JONAS)
    listed = await say(slack_client, "subscriptions", JONAS)
    await asyncio.gather(*(slack_client.press(listed, f"Resume {number}", JONAS) for number in (1, 2)))
    await slack_client.slack.until(
        lambda: sum(each.text.startswith("Resumed") for each in slack_client.answers) == 2
    )


async def test_errors_and_help_offer_no_change_of_a_digest(slack_client):
    for words in ("unsubscribe frogs", "help unsubscribe", "pause", "send all"):
        answer = await say(slack_client, words, JONAS)
        shown = buttons(answer) if any(each["type"] == "actions" for each in answer.blocks) else {}
        assert not [
            each for each in shown if each.split(" ")[0] in ("unsubscribe", "stop", "change", "pause", "send")
        ]


async def test_simultaneous_adoptions_have_one_winner(slack_client):
    slack_client.slack.people[JONAS].deleted = True
    lists = {user: await say(slack_client, "subscriptions", user) for user in (MAYA, GUEST)}
    await asyncio.gather(*(slack_client.press(said, "Adopt 1", user) for user, said in lists.items()))
    await slack_client.slack.until(lambda: any("owns it." in each.text for each in slack_client.answers))
    assert sum("now owns digest 1" in each.text for each in slack_client.answers) == 1
