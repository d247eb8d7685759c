"""Who may subscribe channels, where SUBSCRIBE_USERS names people; direct messages are everybody's own."""

import pytest

from bot.emulators.slack.people import RESEARCH
from tests.support.slack_client import GUEST, JONAS, MAYA, open_slack_client

GROUP = "S0DESK"
REFUSAL = "Only some people can subscribe channels."


@pytest.fixture
async def slack_client():
    """Yield a workspace in which the people of a group may subscribe channels: Jonas."""
    async with open_slack_client(subscribe_users=(GROUP,)) as slack_client:
        slack_client.slack.usergroups[GROUP] = {JONAS}
        slack_client.user = JONAS
        yield slack_client


async def say(slack_client, words, user):
    return (await slack_client.slack.command("/figshare", words, user=user)).message


async def digests(slack_client):
    return (await say(slack_client, "subscriptions", MAYA)).text


async def test_others_are_told_who_can_and_what_they_can(slack_client):
    for words in ("subscribe 5616445", "subscribe"):
        seen = await say(slack_client, words, MAYA)
        assert seen.text.startswith(REFUSAL) and seen.ephemeral_to == MAYA
        assert "Please ask Jonas Weber. In our direct message you can subscribe for yourself." in seen.text
    assert slack_client.slack.views.top(MAYA) is None and slack_client.requests == []
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "subscribe 5616445")
    assert REFUSAL in seen.text and "<@" not in seen.text
    assert "No digests here yet" in await digests(slack_client)


async def test_named_people_may(slack_client):
    assert (await say(slack_client, "subscribe 5616445", JONAS)).text.startswith("Subscribed: ")


async def test_guest_is_refused_even_if_named():
    async with open_slack_client(subscribe_users=(GUEST,)) as slack_client:
        assert (
            "Guests can't subscribe channels." in (await say(slack_client, "subscribe 5616445", GUEST)).text
        )


async def test_direct_message_is_ones_own(slack_client):
    seen = await slack_client.slack.direct_message(MAYA, "subscribe 5616445")
    assert seen.text.startswith("Subscribed: ")
    slack_client.user = MAYA
    answer = await say(slack_client, "views 11820345", MAYA)
    assert "as a direct message: " in (await slack_client.press(answer, "Send me this weekly")).text


async def test_form_is_checked_when_it_is_submitted(slack_client):
    await slack_client.open("subscribe")
    slack_client.slack.usergroups[GROUP].clear()
    await slack_client.submit(what="5616445", weekdays="friday")
    assert "can change SUBSCRIBE_USERS" in slack_client.view_text()
    assert "No digests here yet" in await digests(slack_client)


async def test_button_is_checked_when_it_is_pressed(slack_client):
    await say(slack_client, "subscribe 5616445", JONAS)
    deleted = await say(slack_client, "unsubscribe 1", JONAS)
    pressed = await slack_client.press(deleted, "Subscribe again", MAYA)
    assert REFUSAL in pressed.text and pressed.message.ephemeral_to == MAYA
    await say(slack_client, "subscribe 5616445", JONAS)
    slack_client.slack.people[JONAS].deleted = True
    listed = await say(slack_client, "subscriptions", GUEST)
    slack_client.slack.usergroups[GROUP] = {JONAS, GUEST}
    assert "Guests can't subscribe channels." in (await slack_client.press(listed, "Adopt 2", GUEST)).text


async def test_former_subscriber_may_stop_but_not_change_what(slack_client):
    confirmation = await say(slack_client, "subscribe 5616445", JONAS)
    slack_client.slack.usergroups[GROUP].clear()
    await slack_client.press(confirmation, "Change")
    await slack_client.wait_for_form()
    await slack_client.submit(what="9784012")
    assert "can change SUBSCRIBE_USERS" in slack_client.view_text()
    await slack_client.submit(what="5616445", at="07:00")
    assert "07:00" in await digests(slack_client)
    assert "Deleted digest 1" in (await say(slack_client, "unsubscribe 1", JONAS)).text


async def test_unavailable_directory_keeps_nothing(slack_client):
    slack_client.slack.fail("usergroups.users.list", "ratelimited", status=429)
    seen = await say(slack_client, "subscribe 5616445", JONAS)
    assert "Slack didn't tell me whether you are allowed to subscribe channels." in seen.text
    assert "No digests here yet" in await digests(slack_client)
