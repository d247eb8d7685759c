"""The list of digests, who may change them, and what becomes of what is pressed."""

import asyncio

import pytest

from bot.standin.slack.people import LIBRARY, RESEARCH
from tests.conftest import assert_is_good
from tests.handlers.desk import GUEST, JONAS, MAYA, STRANGER, buttons, desk_in


@pytest.fixture
async def at():
    async with desk_in() as opened:
        opened.said = await say(opened, "subscribe 5616445", JONAS)
        yield opened


async def say(at, words, user=MAYA, channel=RESEARCH):
    return (await at.slack.command("/figshare", words, user=user, channel=channel)).message


async def test_the_list_says_when_what_and_whose(at):
    await say(at, "subscribe search title:frog daily at 10:00")
    said = await say(at, "subscriptions", GUEST)
    assert said.ephemeral_to == GUEST and "Digests of this channel: 2" in said.text
    assert "1  Using APIs" in said.text and "every Monday at 09:00 (Europe/Berlin)" in said.text
    assert "set up by Jonas Weber" in said.text and "next " in said.text
    assert "2  search title:frog" in said.text
    assert list(buttons(said)) == ["Change 1", "Change 2"]
    assert_is_good({"text": said.text, "blocks": said.blocks})
    assert "No digests come here" in (await say(at, "subscriptions", channel=LIBRARY)).text


async def test_a_long_list_has_pages(at):
    for number in range(2, 8):
        await say(at, f"subscribe 5616445 monthly on {number}")
    first = await say(at, "subscriptions")
    assert "7  Using" not in first.text
    assert "7  Using" in (await at.press(first, "Next")).text


async def test_pause_and_resume_are_told_to_everybody(at):
    said = await say(at, "pause 1", JONAS)
    assert said.ephemeral_to is None and "Paused by Jonas Weber" in said.text
    assert "paused" in (await say(at, "subscriptions")).text
    seen = await at.press(said, "Resume", JONAS)
    assert seen.message.ephemeral_to is None and seen.text.startswith("It comes again: ")
    assert "It comes already" in (await say(at, "resume 1", JONAS)).text


async def test_ended_it_is_gone_and_can_be_had_again(at):
    said = await say(at, "unsubscribe 1", JONAS)
    assert said.ephemeral_to is None and said.text.startswith("Digest 1 is ended: Using APIs")
    assert "There is no digest 1 here" in (await say(at, "pause 1", JONAS)).text
    seen = await at.press(said, "Subscribe again", JONAS)
    await at.slack.until(lambda: any("Digest 2, set up" in each.text for each in at.answers))
    assert "(Europe/Berlin)" in at.answers[-1].text
    assert seen is not None


async def test_a_number_is_given_once_and_counts_only_in_its_channel(at):
    await say(at, "unsubscribe 1", JONAS)
    assert "Digest 2," in (await say(at, "subscribe 5616445", JONAS, LIBRARY)).text
    assert "There is no digest 2 here" in (await say(at, "unsubscribe 2", JONAS)).text
    assert "Digest 2 rests" in (await say(at, "pause 2", JONAS, LIBRARY)).text


@pytest.mark.parametrize("words", ["pause 1", "resume 1", "unsubscribe 1", "send 1"])
async def test_others_are_told_who_can(at, words):
    said = await say(at, words, GUEST)
    assert said.text.startswith("You may not change digest 1.") and said.ephemeral_to == GUEST
    assert "Jonas Weber, who set it up, and workspace admins can" in said.text
    assert "People of other workspaces" in (await say(at, words, STRANGER)).text


async def test_workspace_admins_may_change_any(at):
    assert "Paused by Maya Okafor" in (await say(at, "pause 1", MAYA)).text


@pytest.mark.parametrize("label", ["Send a test now", "Change", "Stop"])
async def test_a_press_is_checked_like_a_command(at, label):
    seen = await at.press(at.said, label, GUEST)
    assert seen.text.startswith("You may not change digest 1.") and seen.message.ephemeral_to == GUEST
    assert at.slack.views.top(GUEST) is None


async def test_stop_asks_back_and_ends_it_for_everybody_to_see(at):
    [stop] = [each for each in at.said.blocks[-1]["elements"] if each["text"]["text"] == "Stop"]
    assert stop["confirm"]["text"]["text"].startswith("End this digest for good?")
    seen = await at.press(at.said, "Stop", JONAS)
    assert seen.text.startswith("Digest 1 is ended") and seen.message.ephemeral_to is None
    assert "Subscribed: " in at.said.text


async def test_change_shows_what_is_and_keeps_what_is_saved(at):
    at.user = JONAS
    await at.press(at.said, "Change")
    await at.form()
    assert (at.typed("what"), at.typed("on"), at.typed("at")) == ("5616445", "monday", "09:00")
    assert at.typed("zone") == "Europe/Berlin"
    await at.submit(what="collection 4000001", on="friday", at="7")
    said = await at.answer("Changed: ")
    assert said.ephemeral_to is None and "every Friday at 07:00 (Europe/Berlin)" in said.text
    listed = await say(at, "subscriptions")
    assert "Everything about frogs" in listed.text and "Using APIs" not in listed.text
    assert any(each.text.startswith("Subscribed: ") for each in at.answers)


async def test_several_days_of_the_week_are_shown_by_their_names_and_can_be_changed(at):
    at.user = JONAS
    await say(at, "subscribe 9784012 on mon and thu", JONAS)
    await at.press(at.answers[-1], "Change")
    await at.form()
    assert (at.typed("on"), at.typed("cron")) == ("monday and thursday", "")
    await at.submit(on="monday, wednesday and friday")
    said = await at.answer("Changed: ")
    assert "every Monday, Wednesday and Friday at 09:00" in said.text


async def test_changed_to_every_day_the_cron_line_that_stood_there_is_gone(at):
    at.user = JONAS
    await say(at, 'subscribe 9784012 cron "0 9 1,15 * *"', JONAS)
    await at.press(at.answers[-1], "Change")
    await at.form()
    assert at.typed("cron") == "0 9 1,15 * *"
    await at.submit(often="daily", at="09:00")
    said = await at.answer("Changed: ")
    assert "every day at 09:00" in said.text


async def test_changed_into_one_that_exists_it_says_so(at):
    at.user = JONAS
    await say(at, "subscribe 9784012", JONAS)
    await at.press(at.said, "Change")
    await at.form()
    seen = await at.submit(what="9784012")
    assert "just that digest already" in seen.view.errors["what"]


async def test_what_was_stopped_meanwhile_can_not_be_changed(at):
    at.user = JONAS
    await at.press(at.said, "Change")
    await at.form()
    await say(at, "unsubscribe 1", JONAS)
    await at.submit(what="9784012")
    assert "There is no digest 1 here" in at.shown()


async def test_send_says_that_it_comes_and_only_once_a_minute(at):
    assert "A test of digest 1 is on its way." in (await say(at, "send 1", JONAS)).text
    assert "on its way already" in (await say(at, "send 1", JONAS)).text


@pytest.mark.parametrize("words", ["pause", "pause one", "pause 0", "send 1 2", "unsubscribe all"])
async def test_without_a_number_it_says_where_numbers_stand(at, words):
    said = await say(at, words)
    assert "subscriptions" in said.text or "I don't understand this word" in said.text
    assert "Digests of this channel: 1" in (await say(at, "subscriptions")).text


async def test_resume_asks_for_an_invitation_where_the_bot_was_removed(at):
    await say(at, "pause 1", JONAS)
    at.slack.remove(RESEARCH)
    said = await say(at, "resume 1", JONAS)
    assert "/invite @figshare" in said.text and said.ephemeral_to == JONAS


async def test_an_old_button_of_a_digest_that_is_gone_says_so(at):
    await say(at, "unsubscribe 1", JONAS)
    assert "There is no digest 1 here" in (await at.press(at.said, "Change", JONAS)).text


async def test_whoever_looks_after_a_digest_may_hand_it_over_by_leaving(at):
    at.slack.people[JONAS].deleted = True
    said = await say(at, "pause 1", GUEST)
    assert "Jonas Weber, who set it up, has left" in said.text
    adopted = await at.press(said, "Adopt", GUEST)
    assert "looks after digest 1 now" in adopted.text and adopted.message.ephemeral_to is None
    assert "Paused by" in (await say(at, "pause 1", GUEST)).text


async def test_a_digest_that_rests_can_be_adopted_too(at):
    await say(at, "pause 1", JONAS)
    at.slack.people[JONAS].deleted = True
    listed = await say(at, "subscriptions", GUEST)
    assert list(buttons(listed)) == ["Adopt 1"]
    await at.press(listed, "Adopt 1", GUEST)
    assert list(buttons(await say(at, "subscriptions", GUEST))) == ["Resume 1"]
    assert (await say(at, "resume 1", GUEST)).text.startswith("It comes again: ")


async def test_people_of_other_workspaces_may_look_but_not_change(at):
    said = await say(at, "subscriptions", STRANGER)
    assert "Digests of this channel: 1" in said.text
    assert "People of other workspaces" in (await at.press(said, "Change 1", STRANGER)).text


async def test_what_is_pressed_elsewhere_is_told_to_whoever_pressed(at):
    await at.slack.mention(RESEARCH, MAYA, "stats 5616445")
    mine = await at.press(at.answers[-1], "Send me this weekly", GUEST)
    assert mine.message.ephemeral_to == GUEST
    ended = await at.press(mine.message, "Stop", GUEST)
    assert ended.text.startswith("Digest 2 is ended") and ended.message.ephemeral_to == GUEST


async def test_a_digest_that_rests_is_not_said_to_come(at):
    await say(at, "pause 1", JONAS)
    said = await say(at, "subscribe 5616445", JONAS)
    assert said.text.startswith("That is subscribed here already: ") and "Next" not in said.text
    assert "It is paused: nothing comes until it is resumed." in said.text
    assert (await at.press(said, "Resume", JONAS)).text.startswith("It comes again: ")
    assert "It is paused already" not in (await say(at, "pause 1", JONAS)).text
    assert (await say(at, "pause 1", JONAS)).text.startswith("It is paused already: ")


async def test_changed_while_it_rests_it_goes_on_resting(at):
    at.user = JONAS
    await say(at, "pause 1", JONAS)
    await at.press(at.said, "Change")
    await at.form()
    await at.submit(on="friday")
    assert "nothing comes until it is resumed" in (await at.answer("Changed: ")).text


async def test_pressed_three_times_everybody_is_told_once(at):
    await asyncio.gather(*(at.press(at.said, "Stop", JONAS) for _ in range(3)))
    assert sum(each.text.startswith("Digest 1 is ended") for each in at.answers) == 1


async def test_two_buttons_of_one_list_do_both(at):
    await say(at, "subscribe 9784012", JONAS)
    for number in (1, 2):
        await say(at, f"pause {number}", JONAS)
    listed = await say(at, "subscriptions", JONAS)
    await asyncio.gather(*(at.press(listed, f"Resume {number}", JONAS) for number in (1, 2)))
    await at.slack.until(lambda: sum(each.text.startswith("It comes again") for each in at.answers) == 2)


async def test_no_error_and_no_help_offers_to_end_somebodys_digest(at):
    for words in ("unsubscribe frogs", "help unsubscribe", "pause", "send all"):
        said = await say(at, words, JONAS)
        shown = buttons(said) if any(each["type"] == "actions" for each in said.blocks) else {}
        assert not [each for each in shown if each.split(" ")[0] in ("unsubscribe", "pause", "send")]


async def test_two_who_adopt_at_once_are_told_who_was_faster(at):
    at.slack.people[JONAS].deleted = True
    lists = {user: await say(at, "subscriptions", user) for user in (MAYA, GUEST)}
    await asyncio.gather(*(at.press(said, "Adopt 1", user) for user, said in lists.items()))
    await at.slack.until(lambda: any("looks after it." in each.text for each in at.answers))
    assert sum("looks after digest 1 now" in each.text for each in at.answers) == 1
