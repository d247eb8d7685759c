"""What is for one person reaches nobody else: every private answer, by every door and every button."""

import re
from contextlib import asynccontextmanager

import pytest

from bot.commands import CommandRegistry
from bot.emulators.slack.people import BOT_USER_ID, LIBRARY, RESEARCH, Conversation
from bot.reply import Button, Reply
from bot.slack.app import open_slack_connection
from bot.slack.placement import Placement
from bot.slack.responder import OutgoingReply, Requester
from handlers import MODULES
from tests.support.bot_client import settings_for
from tests.support.forged_presses import press_forged, public_message
from tests.support.slack_client import FIRST, JONAS, MAYA, buttons, open_slack_client

COMMANDS = CommandRegistry(MODULES)
TITLE = "Zanzibar leopard"
GROUP_MESSAGE, BETWEEN_PEOPLE = "G0THREE", "D0BETWEEN"
PRIVATE_WORDS = list(
    dict.fromkeys(
        words
        for each in COMMANDS.all
        if each.is_private
        for words in (each.name, f"{each.name} {FIRST}", each.example)
        if not words.startswith("help")
    )
)
PRIVATE_ACTIONS = [each.name for each in COMMANDS.actions.values() if each.is_private]
QUESTION_BUTTONS = ("ask.run:0", "ask.instead:0", "ask.next", "ask.previous", "ask.share")
# A draft, and who is named in a refusal.
SECRETS = re.compile(rf"{TITLE}|{FIRST}|Maya Okafor|figshare\.com/s/")


@asynccontextmanager
async def draft_of_maya():
    """Return a workspace in which Maya has a draft, and people talk in every kind of conversation."""
    async with open_slack_client() as slack_client:
        for id, kind, members in (
            (GROUP_MESSAGE, "mpim", {MAYA, JONAS, BOT_USER_ID}),
            (BETWEEN_PEOPLE, "im", {MAYA, JONAS}),
        ):
            slack_client.slack.channels[id] = Conversation(id, "several", kind=kind, members=members)
        await slack_client.open(f"draft {TITLE}")
        await slack_client.submit()
        await slack_client.wait_for_answer("To publish it on Figshare")
        yield slack_client


def read_by_others(slack_client):
    """Return all that the bot said where somebody else than the asker reads."""
    rooms = slack_client.slack.channels
    return [
        message
        for message in slack_client.slack.history.messages
        if message.from_bot
        and not message.deleted
        and message.ephemeral_to is None
        and rooms[message.channel].members != {MAYA, BOT_USER_ID}
        and rooms[message.channel].members != {JONAS, BOT_USER_ID}
    ]


def assert_nothing_leaked(slack_client):
    for message in read_by_others(slack_client):
        assert not SECRETS.search(message.text), message.text
        assert not SECRETS.search(str(message.blocks)), message.text


def test_command_with_a_role_is_private():
    everything = (*COMMANDS.all, *COMMANDS.actions.values())
    assert [each.name for each in everything if each.role and not each.is_private] == []
    assert {"drafts", "drafts log", "draft delete", "draft"} <= {e.name for e in COMMANDS.all if e.is_private}
    assert PRIVATE_ACTIONS


@pytest.mark.parametrize("user", [MAYA, JONAS])
@pytest.mark.parametrize("words", PRIVATE_WORDS)
async def test_private_command_answers_the_requester_alone(words, user):
    async with draft_of_maya() as slack_client:
        for channel in (RESEARCH, LIBRARY, GROUP_MESSAGE):
            above = await slack_client.slack.say(channel, MAYA, "hello")
            for thread in (None, above.sent.ts):
                seen = await slack_client.slack.mention(channel, user, words, thread)
                assert seen.message.ephemeral_to == user
                # Slack shows nothing private in a thread that nobody has answered in.
                assert seen.message.thread_ts == thread
                assert "Share in channel" not in buttons(seen.message)
        for channel in (RESEARCH, BETWEEN_PEOPLE):
            seen = await slack_client.slack.command("/figshare", words, channel=channel, user=user)
            # A form, or a message that Slack shows to one person.
            assert seen.view or seen.message.ephemeral_to == user
        seen = await slack_client.slack.direct_message(user, words)
        assert seen.message.channel == slack_client.slack.direct(user).id
        assert_nothing_leaked(slack_client)


async def test_refusal_that_names_people_is_for_the_requester_alone(slack_client):
    await slack_client.slack.command("/figshare", "subscribe 5616445", user=MAYA)
    for words in ("pause 1", "unsubscribe 1", "send 1"):
        seen = await slack_client.slack.mention(RESEARCH, JONAS, words)
        assert "Maya Okafor" in seen.message.text and seen.message.ephemeral_to == JONAS


@pytest.mark.parametrize("action_id", QUESTION_BUTTONS)
@pytest.mark.parametrize("user", [MAYA, JONAS])
async def test_private_button_answers_the_presser_alone(user, action_id):
    async with draft_of_maya() as slack_client:
        for channel in (RESEARCH, GROUP_MESSAGE, BETWEEN_PEOPLE):
            for words in ("drafts", f"draft delete {FIRST}", "drafts log", f"draft {TITLE}"):
                slack_client.slack.views.stack(user).clear()
                public = public_message(slack_client, channel)
                await press_forged(slack_client, public, action_id, f'{{"words":"{words}","page":1}}', user)
                assert public.text == "Everybody reads this."
        assert_nothing_leaked(slack_client)


@pytest.mark.parametrize("user", [MAYA, JONAS])
@pytest.mark.parametrize("action", PRIVATE_ACTIONS)
async def test_private_action_below_a_public_message_is_private(action, user):
    async with draft_of_maya() as slack_client:
        for channel in (RESEARCH, GROUP_MESSAGE, BETWEEN_PEOPLE):
            public = public_message(slack_client, channel)
            for value in (str(FIRST), TITLE, "", "nonsense"):
                slack_client.slack.views.stack(user).clear()
                await press_forged(slack_client, public, f"{action}:0", value, user)
            assert public.text == "Everybody reads this."
        assert_nothing_leaked(slack_client)


async def test_form_below_a_public_message_answers_its_person():
    async with draft_of_maya() as slack_client:
        button = Button("Fill in and create", action="draft.form", value="Quokka")
        public = public_message(slack_client, RESEARCH, button)
        await slack_client.press(public, "Fill in and create")
        await slack_client.wait_for_form()
        await slack_client.submit(title=f"{TITLE} again")
        card = await slack_client.wait_for_answer(f"{TITLE} again")
        assert card.ephemeral_to == MAYA and public.text == "Everybody reads this."
        assert_nothing_leaked(slack_client)


async def test_private_list_in_a_direct_message_is_paged_in_place():
    async with draft_of_maya() as slack_client:
        for number in range(6):
            await slack_client.open(f"draft Frog {number}")
            await slack_client.submit()
            await slack_client.wait_for_answer(f"Frog {number}")
        listed = (await slack_client.slack.direct_message(MAYA, "drafts")).message
        before = listed.text
        await slack_client.press(listed, "Next")
        assert listed.text != before and TITLE in listed.text


async def test_private_reply_falls_back_to_a_direct_message():
    async with draft_of_maya() as slack_client:
        slack_client.slack.fail("chat.postEphemeral", "user_not_in_channel")
        message = await slack_client.slack.say(RESEARCH, MAYA, f"<@{BOT_USER_ID}> drafts")
        answer = await slack_client.wait_for_answer("Drafts, newest first")
        assert answer.channel == slack_client.slack.direct(MAYA).id
        line = await slack_client.wait_for_answer("I answered in a direct message")
        assert line.channel == RESEARCH and line.thread_ts == message.sent.ts
        assert_nothing_leaked(slack_client)


async def test_private_reply_is_withheld_in_public_places():
    async with draft_of_maya() as slack_client:
        slack = {
            "slack_api_url": f"{slack_client.slack.url}/api/",
            "slack_bot_token": slack_client.slack.bot_token,
        }
        settings = settings_for("http://127.0.0.1:1", **slack)
        private = OutgoingReply(Reply((TITLE,), is_private=True), "")
        public = public_message(slack_client, RESEARCH)
        async with open_slack_connection(settings) as line:
            hook = slack_client.slack.triggers.new_response_url(RESEARCH, MAYA, message=public)
            url = f"{slack_client.slack.url}/hooks/actions/{hook.id}"
            assert not await line.responder.post(private, RESEARCH, None)
            for placement in (Placement.CHANNEL, Placement.THREAD, Placement.REPLACE):
                assert not await line.responder.respond(private, url, placement)
            assert await line.responder.respond(private, url, Placement.BESIDE)
            assert await line.responder.post(private, MAYA, None)
            assert await line.responder.post(private, RESEARCH, None, Requester(MAYA))
        assert_nothing_leaked(slack_client)
