"""The list of digests, who may change them, and what becomes of what is pressed."""

import asyncio

import pytest

from bot.emulators.slack.people import LIBRARY, RESEARCH
from tests.support.message_checks import assert_is_good
from tests.support.slack_client import GUEST, JONAS, MAYA, STRANGER, buttons, open_slack_client


@pytest.fixture
async def slack_client():
    async with open_slack_client() as opened:
        opened.said = await say(opened, "subscribe 5616445", JONAS)
        yield opened


async def say(slack_client, words, user=MAYA, channel=RESEARCH):
    return (await slack_client.slack.command("/figshare", words, user=user, channel=channel)).message


async def test_the_list_says_when_what_and_whose(slack_client):
    await say(slack_client, "subscribe search title:frog daily at 10:00")
    answer = await say(slack_client, "subscriptions", GUEST)
    assert answer.ephemeral_to == GUEST and "Digests of this channel: 2" in answer.text
    assert "1  Using APIs" in answer.text and "every Monday at 09:00 (Europe/Berlin)" in answer.text
    assert "set up by Jonas Weber" in answer.text and "next " in answer.text
    assert "2  search title:frog" in answer.text
    assert list(buttons(answer)) == ["Change 1", "Change 2"]
    assert_is_good({"text": answer.text, "blocks": answer.blocks})
    assert "No digests come here" in (await say(slack_client, "subscriptions", channel=LIBRARY)).text


async def test_a_long_list_has_pages(slack_client):
    for number in range(2, 8):
        await say(slack_client, f"subscribe 5616445 monthly on {number}")
    first = await say(slack_client, "subscriptions")
    assert "7  Using" not in first.text
    assert "7  Using" in (await slack_client.press(first, "Next")).text


async def test_pause_and_resume_are_told_to_everybody(slack_client):
    answer = await say(slack_client, "pause 1", JONAS)
    assert answer.ephemeral_to is None and "Paused by Jonas Weber" in answer.text
    assert "paused" in (await say(slack_client, "subscriptions")).text
    seen = await slack_client.press(answer, "Resume", JONAS)
    assert seen.message.ephemeral_to is None and seen.text.startswith("It comes again: ")
    assert "It comes already" in (await say(slack_client, "resume 1", JONAS)).text


async def test_ended_digest_disappears_and_can_be_created_again(slack_client):
    answer = await say(slack_client, "unsubscribe 1", JONAS)
    assert answer.ephemeral_to is None and answer.text.startswith("Digest 1 is ended: Using APIs")
    assert "There is no digest 1 here" in (await say(slack_client, "pause 1", JONAS)).text
    seen = await slack_client.press(answer, "Subscribe again", JONAS)
    await slack_client.slack.until(
        lambda: any("Digest 2, set up" in each.text for each in slack_client.answers)
    )
    assert "(Europe/Berlin)" in slack_client.answers[-1].text
    assert seen is not None


async def test_a_number_is_given_once_and_counts_only_in_its_channel(slack_client):
    await say(slack_client, "unsubscribe 1", JONAS)
    assert "Digest 2," in (await say(slack_client, "subscribe 5616445", JONAS, LIBRARY)).text
    assert "There is no digest 2 here" in (await say(slack_client, "unsubscribe 2", JONAS)).text
    assert "Digest 2 rests" in (await say(slack_client, "pause 2", JONAS, LIBRARY)).text


@pytest.mark.parametrize("words", ["pause 1", "resume 1", "unsubscribe 1", "send 1"])
async def test_others_are_told_who_can(slack_client, words):
    answer = await say(slack_client, words, GUEST)
    assert answer.text.startswith("You may not change digest 1.") and answer.ephemeral_to == GUEST
    assert "Jonas Weber, who set it up, and workspace admins can" in answer.text
    assert "People of other workspaces" in (await say(slack_client, words, STRANGER)).text


async def test_workspace_admins_may_change_any(slack_client):
    assert "Paused by Maya Okafor" in (await say(slack_client, "pause 1", MAYA)).text


@pytest.mark.parametrize("label", ["Send a test now", "Change", "Stop"])
async def test_a_press_is_checked_like_a_command(slack_client, label):
    seen = await slack_client.press(slack_client.said, label, GUEST)
    assert seen.text.startswith("You may not change digest 1.") and seen.message.ephemeral_to == GUEST
    assert slack_client.slack.views.top(GUEST) is None


async def test_stop_confirms_first_and_ends_publicly(slack_client):
    [stop] = [each for each in slack_client.said.blocks[-1]["elements"] if each["text"]["text"] == "Stop"]
    assert stop["confirm"]["text"]["text"].startswith("End this digest for good?")
    seen = await slack_client.press(slack_client.said, "Stop", JONAS)
    assert seen.text.startswith("Digest 1 is ended") and seen.message.ephemeral_to is None
    assert "Subscribed: " in slack_client.said.text


async def test_change_shows_what_is_and_keeps_what_is_saved(slack_client):
    slack_client.user = JONAS
    await slack_client.press(slack_client.said, "Change")
    await slack_client.form()
    assert (slack_client.typed("what"), slack_client.typed("on"), slack_client.typed("at")) == (
        "5616445",
        "monday",
        "09:00",
    )
    assert slack_client.typed("zone") == "Europe/Berlin"
    await slack_client.submit(what="collection 4000001", on="friday", at="7")
    message = await slack_client.answer("Changed: ")
    assert message.ephemeral_to is None and "every Friday at 07:00 (Europe/Berlin)" in message.text
    listed = await say(slack_client, "subscriptions")
    assert "Everything about frogs" in listed.text and "Using APIs" not in listed.text
    assert any(each.text.startswith("Subscribed: ") for each in slack_client.answers)


async def test_several_weekdays_are_named_and_can_be_changed(slack_client):
    slack_client.user = JONAS
    await say(slack_client, "subscribe 9784012 on mon and thu", JONAS)
    await slack_client.press(slack_client.answers[-1], "Change")
    await slack_client.form()
    assert (slack_client.typed("on"), slack_client.typed("cron")) == ("monday and thursday", "")
    await slack_client.submit(on="monday, wednesday and friday")
    message = await slack_client.answer("Changed: ")
    assert "every Monday, Wednesday and Friday at 09:00" in message.text


async def test_change_to_daily_drops_the_cron_line(slack_client):
    slack_client.user = JONAS
    await say(slack_client, 'subscribe 9784012 cron "0 9 1,15 * *"', JONAS)
    await slack_client.press(slack_client.answers[-1], "Change")
    await slack_client.form()
    assert slack_client.typed("cron") == "0 9 1,15 * *"
    await slack_client.submit(often="daily", at="09:00")
    message = await slack_client.answer("Changed: ")
    assert "every day at 09:00" in message.text


async def test_change_into_an_existing_digest_is_refused(slack_client):
    slack_client.user = JONAS
    await say(slack_client, "subscribe 9784012", JONAS)
    await slack_client.press(slack_client.said, "Change")
    await slack_client.form()
    seen = await slack_client.submit(what="9784012")
    assert "just that digest already" in seen.view.errors["what"]


async def test_what_was_stopped_meanwhile_can_not_be_changed(slack_client):
    slack_client.user = JONAS
    await slack_client.press(slack_client.said, "Change")
    await slack_client.form()
    await say(slack_client, "unsubscribe 1", JONAS)
    await slack_client.submit(what="9784012")
    assert "There is no digest 1 here" in slack_client.shown()


async def test_send_confirms_and_works_once_a_minute(slack_client):
    assert "A test of digest 1 is on its way." in (await say(slack_client, "send 1", JONAS)).text
    assert "on its way already" in (await say(slack_client, "send 1", JONAS)).text


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


async def test_an_old_button_of_a_digest_that_is_gone_says_so(slack_client):
    await say(slack_client, "unsubscribe 1", JONAS)
    assert "There is no digest 1 here" in (await slack_client.press(slack_client.said, "Change", JONAS)).text


async def test_leaving_owner_may_hand_a_digest_over(slack_client):
    slack_client.slack.people[JONAS].deleted = True
    answer = await say(slack_client, "pause 1", GUEST)
    assert "Jonas Weber, who set it up, has left" in answer.text
    adopted = await slack_client.press(answer, "Adopt", GUEST)
    assert "looks after digest 1 now" in adopted.text and adopted.message.ephemeral_to is None
    assert "Paused by" in (await say(slack_client, "pause 1", GUEST)).text


async def test_a_digest_that_rests_can_be_adopted_too(slack_client):
    await say(slack_client, "pause 1", JONAS)
    slack_client.slack.people[JONAS].deleted = True
    listed = await say(slack_client, "subscriptions", GUEST)
    assert list(buttons(listed)) == ["Adopt 1"]
    await slack_client.press(listed, "Adopt 1", GUEST)
    assert list(buttons(await say(slack_client, "subscriptions", GUEST))) == ["Resume 1"]
    assert (await say(slack_client, "resume 1", GUEST)).text.startswith("It comes again: ")


async def test_people_of_other_workspaces_may_look_but_not_change(slack_client):
    answer = await say(slack_client, "subscriptions", STRANGER)
    assert "Digests of this channel: 1" in answer.text
    assert "People of other workspaces" in (await slack_client.press(answer, "Change 1", STRANGER)).text


async def test_what_is_pressed_elsewhere_is_told_to_whoever_pressed(slack_client):
    await slack_client.slack.mention(RESEARCH, MAYA, "stats 5616445")
    mine = await slack_client.press(slack_client.answers[-1], "Send me this weekly", GUEST)
    assert mine.message.ephemeral_to == GUEST
    ended = await slack_client.press(mine.message, "Stop", GUEST)
    assert ended.text.startswith("Digest 2 is ended") and ended.message.ephemeral_to == GUEST


async def test_a_digest_that_rests_is_not_said_to_come(slack_client):
    await say(slack_client, "pause 1", JONAS)
    answer = await say(slack_client, "subscribe 5616445", JONAS)
    assert answer.text.startswith("That is subscribed here already: ") and "Next" not in answer.text
    assert "It is paused: nothing comes until it is resumed." in answer.text
    assert (await slack_client.press(answer, "Resume", JONAS)).text.startswith("It comes again: ")
    assert "It is paused already" not in (await say(slack_client, "pause 1", JONAS)).text
    assert (await say(slack_client, "pause 1", JONAS)).text.startswith("It is paused already: ")


async def test_changed_paused_digest_stays_paused(slack_client):
    slack_client.user = JONAS
    await say(slack_client, "pause 1", JONAS)
    await slack_client.press(slack_client.said, "Change")
    await slack_client.form()
    await slack_client.submit(on="friday")
    assert "nothing comes until it is resumed" in (await slack_client.answer("Changed: ")).text


async def test_pressed_three_times_everybody_is_told_once(slack_client):
    await asyncio.gather(*(slack_client.press(slack_client.said, "Stop", JONAS) for _ in range(3)))
    assert sum(each.text.startswith("Digest 1 is ended") for each in slack_client.answers) == 1


async def test_two_buttons_of_one_list_do_both(slack_client):
    await say(slack_client, "subscribe 9784012", JONAS)
    for number in (1, 2):
        await say(slack_client, f"pause {number}", JONAS)
    listed = await say(slack_client, "subscriptions", JONAS)
    await asyncio.gather(*(slack_client.press(listed, f"Resume {number}", JONAS) for number in (1, 2)))
    await slack_client.slack.until(
        lambda: sum(each.text.startswith("It comes again") for each in slack_client.answers) == 2
    )


async def test_no_error_and_no_help_offers_to_end_somebodys_digest(slack_client):
    for words in ("unsubscribe frogs", "help unsubscribe", "pause", "send all"):
        answer = await say(slack_client, words, JONAS)
        shown = buttons(answer) if any(each["type"] == "actions" for each in answer.blocks) else {}
        assert not [each for each in shown if each.split(" ")[0] in ("unsubscribe", "pause", "send")]


async def test_two_who_adopt_at_once_are_told_who_was_faster(slack_client):
    slack_client.slack.people[JONAS].deleted = True
    lists = {user: await say(slack_client, "subscriptions", user) for user in (MAYA, GUEST)}
    await asyncio.gather(*(slack_client.press(said, "Adopt 1", user) for user, said in lists.items()))
    await slack_client.slack.until(
        lambda: any("looks after it." in each.text for each in slack_client.answers)
    )
    assert sum("looks after digest 1 now" in each.text for each in slack_client.answers) == 1
