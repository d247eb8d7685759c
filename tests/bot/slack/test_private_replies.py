"""What is for one person reaches nobody else: every private answer, by every door and every button."""

import re
from contextlib import asynccontextmanager

import pytest

from bot.commands import Commands
from bot.render import blocks
from bot.reply import Button, Reply
from bot.slack.app import connected
from bot.slack.placement import Placement
from bot.slack.responder import Asker, Letter
from bot.standin.slack import bodies
from bot.standin.slack.message import Message
from bot.standin.slack.people import BOT_USER_ID, LIBRARY, RESEARCH, Channel
from handlers import MODULES
from tests.conftest import settings_for
from tests.handlers.desk import FIRST, JONAS, MAYA, buttons, desk_in

COMMANDS = Commands(MODULES)
TITLE = "Zanzibar leopard"
GROUP_MESSAGE, BETWEEN_PEOPLE = "G0THREE", "D0BETWEEN"
PRIVATE_WORDS = list(
    dict.fromkeys(
        words
        for each in COMMANDS.all
        if each.private
        for words in (each.name, f"{each.name} {FIRST}", each.example)
        if not words.startswith("help")
    )
)
PRIVATE_ACTIONS = [each.name for each in COMMANDS.deeds.values() if each.private]
QUESTION_BUTTONS = ("ask.run:0", "ask.instead:0", "ask.next", "ask.previous", "ask.share")
# A draft, and who is named in a refusal.
SECRETS = re.compile(rf"{TITLE}|{FIRST}|Maya Okafor|figshare\\.com/s/")


@asynccontextmanager
async def draft_of_maya():
    """Give a workspace in which Maya has a draft, and people talk in every kind of conversation."""
    async with desk_in() as desk:
        for id, kind, members in (
            (GROUP_MESSAGE, "mpim", {MAYA, JONAS, BOT_USER_ID}),
            (BETWEEN_PEOPLE, "im", {MAYA, JONAS}),
        ):
            desk.slack.channels[id] = Channel(id, "several", kind=kind, members=members)
        await desk.open(f"draft {TITLE}")
        await desk.submit()
        await desk.answer("To publish it on Figshare")
        yield desk


def read_by_others(desk):
    """Give all that the bot said where somebody else than the asker reads."""
    rooms = desk.slack.channels
    return [
        message
        for message in desk.slack.history.messages
        if message.from_bot
        and not message.deleted
        and message.ephemeral_to is None
        and rooms[message.channel].members != {MAYA, BOT_USER_ID}
        and rooms[message.channel].members != {JONAS, BOT_USER_ID}
    ]


def assert_nothing_leaked(desk):
    for message in read_by_others(desk):
        assert not SECRETS.search(message.text), message.text
        assert not SECRETS.search(str(message.blocks)), message.text


def public_message(desk, channel, button=None):
    """Put an answer of the bot before everybody's eyes, as they stood there before and still do."""
    made = blocks.message(Reply(("Everybody reads this.",), buttons=(button,) if button else ()))
    history = desk.slack.history
    return history.add(Message(channel, history.next_ts(), BOT_USER_ID, made["text"], made["blocks"]))


async def press_forged(desk, message, action_id, value, user):
    """Press a button that need not be on the message, with any value."""
    hook = desk.slack.triggers.hook(message.channel, user, message=message)
    body = bodies.pressed_in_message(
        desk.slack.people[user],
        desk.slack.channels[message.channel],
        message,
        {"type": "button", "block_id": "b", "action_id": action_id, "value": value},
        desk.slack.triggers.trigger(user).id,
        f"{desk.slack.url}/hooks/actions/{hook.id}",
    )
    mark = desk.slack.watch.mark(user)
    exchange = await desk.slack.delivery.interaction(body)
    assert exchange.status == 200
    return await desk.slack.watch.wait(mark, 3.0, exchange, hook)


def test_what_takes_a_role_is_private():
    everything = (*COMMANDS.all, *COMMANDS.deeds.values())
    assert [each.name for each in everything if each.role and not each.private] == []
    assert {"drafts", "drafts log", "draft delete", "draft"} <= {e.name for e in COMMANDS.all if e.private}
    assert PRIVATE_ACTIONS


@pytest.mark.parametrize("user", [MAYA, JONAS])
@pytest.mark.parametrize("words", PRIVATE_WORDS)
async def test_a_private_command_is_answered_for_the_asker_alone(words, user):
    async with draft_of_maya() as desk:
        for channel in (RESEARCH, LIBRARY, GROUP_MESSAGE):
            above = await desk.slack.say(channel, MAYA, "hello")
            for thread in (None, above.said.ts):
                seen = await desk.slack.mention(channel, user, words, thread)
                assert seen.message.ephemeral_to == user
                # Slack shows nothing private in a thread that nobody has answered in.
                assert seen.message.thread_ts == thread
                assert "Share in channel" not in buttons(seen.message)
        for channel in (RESEARCH, BETWEEN_PEOPLE):
            seen = await desk.slack.command("/figshare", words, channel=channel, user=user)
            # A form, or a message that Slack shows to one person.
            assert seen.view or seen.message.ephemeral_to == user
        seen = await desk.slack.direct_message(user, words)
        assert seen.message.channel == desk.slack.direct(user).id
        assert_nothing_leaked(desk)


@pytest.mark.parametrize("action_id", QUESTION_BUTTONS)
@pytest.mark.parametrize("user", [MAYA, JONAS])
async def test_a_button_that_asks_something_private_answers_the_presser_alone(user, action_id):
    async with draft_of_maya() as desk:
        for channel in (RESEARCH, GROUP_MESSAGE, BETWEEN_PEOPLE):
            for words in ("drafts", f"draft delete {FIRST}", "drafts log", f"draft {TITLE}"):
                desk.slack.views.stack(user).clear()
                public = public_message(desk, channel)
                await press_forged(desk, public, action_id, f'{{"words":"{words}","page":1}}', user)
                assert public.text == "Everybody reads this."
        assert_nothing_leaked(desk)


@pytest.mark.parametrize("user", [MAYA, JONAS])
@pytest.mark.parametrize("action", PRIVATE_ACTIONS)
async def test_a_private_action_below_a_public_message_answers_the_presser_alone(action, user):
    async with draft_of_maya() as desk:
        for channel in (RESEARCH, GROUP_MESSAGE, BETWEEN_PEOPLE):
            public = public_message(desk, channel)
            for value in (str(FIRST), TITLE, "", "nonsense"):
                desk.slack.views.stack(user).clear()
                await press_forged(desk, public, f"{action}:0", value, user)
            assert public.text == "Everybody reads this."
        assert_nothing_leaked(desk)


async def test_a_form_opened_below_a_public_message_is_answered_for_its_person():
    async with draft_of_maya() as desk:
        button = Button("Fill in and create", deed="draft.form", value="Quokka")
        public = public_message(desk, RESEARCH, button)
        await desk.press(public, "Fill in and create")
        await desk.form()
        await desk.submit(title=f"{TITLE} again")
        card = await desk.answer(f"{TITLE} again")
        assert card.ephemeral_to == MAYA and public.text == "Everybody reads this."
        assert_nothing_leaked(desk)


async def test_a_private_list_in_a_direct_message_is_paged_in_place():
    async with draft_of_maya() as desk:
        for number in range(6):
            await desk.open(f"draft Frog {number}")
            await desk.submit()
            await desk.answer(f"Frog {number}")
        listed = (await desk.slack.direct_message(MAYA, "drafts")).message
        before = listed.text
        await desk.press(listed, "Next")
        assert listed.text != before and TITLE in listed.text


async def test_where_nothing_private_can_be_shown_it_comes_as_a_direct_message():
    async with draft_of_maya() as desk:
        desk.slack.fail("chat.postEphemeral", "user_not_in_channel")
        asked = await desk.slack.say(RESEARCH, MAYA, f"<@{BOT_USER_ID}> drafts")
        answer = await desk.answer("Drafts, newest first")
        assert answer.channel == desk.slack.direct(MAYA).id
        line = await desk.answer("I answered in a direct message")
        assert line.channel == RESEARCH and line.thread_ts == asked.said.ts
        assert_nothing_leaked(desk)


async def test_a_private_reply_is_held_back_where_others_would_read_it():
    async with draft_of_maya() as desk:
        slack = {"slack_api_url": f"{desk.slack.url}/api/", "slack_bot_token": desk.slack.bot_token}
        settings = settings_for("http://127.0.0.1:1", **slack)
        private = Letter(Reply((TITLE,), private=True), "")
        public = public_message(desk, RESEARCH)
        async with connected(settings) as line:
            hook = desk.slack.triggers.hook(RESEARCH, MAYA, message=public)
            url = f"{desk.slack.url}/hooks/actions/{hook.id}"
            assert not await line.sender.post(private, RESEARCH, None)
            for placement in (Placement.CHANNEL, Placement.THREAD, Placement.REPLACE):
                assert not await line.sender.respond(private, url, placement)
            assert await line.sender.respond(private, url, Placement.BESIDE)
            assert await line.sender.post(private, MAYA, None)
            assert await line.sender.post(private, RESEARCH, None, Asker(MAYA))
        assert_nothing_leaked(desk)
