"""What people see while Figshare takes its time: a placeholder, "not yet", and the answer in that place."""

import asyncio
from contextlib import asynccontextmanager
from functools import partial

import pytest

from bot.dispatcher import Dispatcher
from bot.emulators.slack.people import JONAS, LIBRARY, MAYA, RESEARCH
from bot.emulators.slack.validation import message_problems
from bot.render import blocks
from bot.reply import Button, Reply
from tests.support.forged_presses import press_forged, public_message
from tests.support.slack_client import QUIET, buttons, calls_to_slack, open_slack_client

TITLE = "Using APIs to customise repositories and engage audiences"
ASKING, NOT_YET = "Asking Figshare…", "Figshare hasn't answered yet."
ITEM = "/v2/articles/5616445"
# seconds: longer than the delay of a placeholder, shorter than the time for an answer
SLOW = 0.8


@pytest.fixture(autouse=True)
def short_times(monkeypatch):
    monkeypatch.setattr("bot.slack.questions.COMMAND_TIMEOUT", 0.05)
    monkeypatch.setattr("bot.slack.pending_answers.PLACEHOLDER_DELAY", 0.25)
    monkeypatch.setattr("bot.slack.app.DRAIN_TIMEOUT", 0.2)


@asynccontextmanager
async def slow_figshare(monkeypatch, path=ITEM, delay=SLOW, time_limit=20.0, **changed):
    """Open a workspace at which Figshare answers late."""
    monkeypatch.setattr("bot.playground.app.Dispatcher", partial(Dispatcher, time_limit=time_limit))
    async with open_slack_client(**changed) as slack_client:
        slack_client.fault = slack_client.goes_wrong(path, delay=delay)
        yield slack_client


def shown(slack_client):
    """Return the texts of the bot's messages that are still there, in the order in which they came."""
    return [message.text.partition("\n")[0] for message in slack_client.answers]


def calls(slack_client):
    """Return the calls that the bot made to Slack, but for its questions about people."""
    kinds = [each.kind for each in slack_client.slack.log if each.to == "slack"]
    return [kind for kind in kinds if kind not in ("users.info", "auth.test", "conversations.open")]


async def settled(slack_client):
    """Return when nothing has been sent for a while."""
    for _ in range(100):
        count = len(slack_client.slack.log)
        await asyncio.sleep(2 * QUIET)
        if len(slack_client.slack.log) == count:
            return


async def test_slow_mention_is_answered_in_place_of_its_placeholder(monkeypatch):
    async with slow_figshare(monkeypatch) as slack_client:
        seen = await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
        assert seen.text == ASKING and list(buttons(seen.message)) == ["Try again"]
        assert seen.message.thread_ts == seen.sent.ts and message_problems(seen.message.blocks) == []
        await slack_client.wait_for_answer(TITLE)
        assert shown(slack_client) == [TITLE]
        assert calls(slack_client) == ["chat.postMessage", "chat.update"]
        assert "Try again" not in buttons(seen.message)


async def test_slow_direct_message_is_answered_in_place(monkeypatch):
    async with slow_figshare(monkeypatch) as slack_client:
        seen = await slack_client.slack.direct_message(MAYA, "views 5616445")
        assert seen.text == ASKING and seen.message.thread_ts is None
        await slack_client.wait_for_answer(TITLE)
        assert shown(slack_client) == [TITLE]


@pytest.mark.parametrize("replaces", [True, False])
async def test_slow_command_says_so_to_its_person_alone(monkeypatch, replaces):
    async with slow_figshare(monkeypatch) as slack_client:
        slack_client.slack.replaces_command_answers = replaces
        seen = await slack_client.slack.command("/figshare", "views 5616445")
        assert seen.text == ASKING and list(buttons(seen.message)) == ["Try again"]
        answer = await slack_client.wait_for_answer(TITLE)
        # Where Slack replaces nothing, the answer stands below.
        assert shown(slack_client) == ([TITLE] if replaces else [ASKING, TITLE])
        assert {message.ephemeral_to for message in slack_client.answers} == {MAYA}
        assert "Share in channel" in buttons(answer)
        placeholder, final = [call.payload for call in calls_to_slack(slack_client, "response_url")]
        assert placeholder["replace_original"] is False and final["replace_original"] is True
        assert placeholder["response_type"] == final["response_type"] == "ephemeral"


async def test_fast_answer_costs_no_call_more_than_before(slack_client, monkeypatch):
    monkeypatch.setattr("bot.slack.questions.COMMAND_TIMEOUT", 2.0)
    monkeypatch.setattr("bot.slack.pending_answers.PLACEHOLDER_DELAY", 0.5)
    await slack_client.slack.command("/figshare", "views 5616445")
    assert calls(slack_client) == []
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
    await slack_client.slack.direct_message(MAYA, "views 5616445")
    await slack_client.slack.press(seen.message, buttons(seen.message)["All counters"])
    await slack_client.slack.command("/figshare", "timeline 5616445")
    # the placeholders would be there by now
    await asyncio.sleep(0.6)
    # once for a direct message: whether it is new
    assert calls(slack_client) == [
        *("chat.postMessage", "conversations.history", "chat.postMessage", "response_url", "response_url")
    ]


async def test_private_answer_never_stands_where_others_read(monkeypatch):
    async with slow_figshare(monkeypatch, "/v2/account/articles") as slack_client:
        seen = await slack_client.slack.mention(RESEARCH, MAYA, "drafts")
        assert seen.text == ASKING and seen.message.ephemeral_to is None
        await slack_client.slack.until(lambda: len(slack_client.answers) == 2 or seen.message.deleted)
        await settled(slack_client)
        # The placeholder said no more than the question, and it is gone.
        assert seen.message.deleted and seen.message.text == ASKING
        [answer] = slack_client.answers
        assert answer.ephemeral_to == MAYA
        assert "chat.update" not in calls(slack_client)


async def test_placeholder_that_cannot_be_deleted_says_nothing_private(monkeypatch):
    async with slow_figshare(monkeypatch, "/v2/account/articles") as slack_client:
        slack_client.slack.fail("chat.delete", "cant_delete_message")
        seen = await slack_client.slack.mention(RESEARCH, MAYA, "drafts")
        await slack_client.wait_for_answer("I answered the person who asked.")
        assert seen.message.text == "I answered the person who asked."


async def test_slow_private_press_stays_private(monkeypatch):
    async with slow_figshare(monkeypatch, "/v2/account/articles", draft_users=(MAYA, JONAS)) as slack_client:
        for action_id in ("ask.run:0", "ask.instead:0", "ask.next"):
            message = public_message(slack_client, RESEARCH)
            slack_client.goes_wrong("/v2/account/articles", delay=SLOW)
            await press_forged(slack_client, message, action_id, '{"words":"drafts"}', JONAS)
            await settled(slack_client)
            assert message.text == "Everybody reads this." and not message.deleted
            slack_client.slack.history.delete(message)
        assert {message.ephemeral_to for message in slack_client.answers} == {JONAS}
        assert "chat.postMessage" not in calls(slack_client)


async def test_slow_press_is_answered_in_thread_in_place(monkeypatch):
    async with slow_figshare(monkeypatch, ITEM + "/files") as slack_client:
        await slack_client.slack.mention(RESEARCH, MAYA, "item 5616445")
        answer = await slack_client.wait_for_answer("Files: 2 files")
        await settled(slack_client)
        before = answer.text
        below = await slack_client.slack.press(answer, buttons(answer)["Files"], user=JONAS)
        assert below.text == ASKING and below.message.thread_ts == answer.thread_ts
        await slack_client.wait_for_answer("Files 1–2")
        assert len(slack_client.answers) == 2 and answer.text == before


async def test_slow_press_where_the_bot_is_no_member_says_so(monkeypatch):
    async with slow_figshare(monkeypatch, ITEM + "/files") as slack_client:
        await slack_client.slack.mention(RESEARCH, MAYA, "item 5616445")
        answer = await slack_client.wait_for_answer("Files: 2 files")
        await settled(slack_client)
        slack_client.slack.remove(RESEARCH)
        below = await slack_client.slack.press(answer, buttons(answer)["Files"], user=JONAS)
        assert below.text == f"{ASKING} The answer will follow." and below.message.ephemeral_to == JONAS
        files = await slack_client.wait_for_answer("Files 1–2")
        assert files.ephemeral_to is None and files.thread_ts == answer.thread_ts


async def test_slow_action_says_so_to_its_person(monkeypatch):
    async with slow_figshare(monkeypatch) as slack_client:
        message = public_message(slack_client, RESEARCH)
        line = await press_forged(slack_client, message, "digest.weekly", "5616445", JONAS)
        assert line.text == f"{ASKING} The answer will follow." and line.message.ephemeral_to == JONAS
        await slack_client.wait_for_answer("as a direct message")
        assert message.text == "Everybody reads this."


@pytest.mark.parametrize("is_command", [True, False])
async def test_two_presses_of_try_again_give_one_answer(slack_client, is_command, monkeypatch):
    monkeypatch.setattr("bot.slack.questions.COMMAND_TIMEOUT", 2.0)
    monkeypatch.setattr("bot.slack.pending_answers.PLACEHOLDER_DELAY", 3.0)
    fault = slack_client.goes_wrong("/", status=503, times=None)
    if is_command:
        seen = await slack_client.slack.command("/figshare", "views 5616445")
    else:
        seen = await slack_client.slack.mention(LIBRARY, MAYA, "views 5616445")
    await slack_client.wait_for_answer("Figshare isn't responding")
    slack_client.catalogue.state.faults.remove(fault)
    slack_client.goes_wrong(ITEM, delay=0.1)
    retry, before = buttons(seen.message)["Try again"], len(calls(slack_client))
    await asyncio.gather(*(slack_client.slack.press(seen.message, retry, wait=0) for _ in range(2)))
    await slack_client.wait_for_answer(TITLE)
    await settled(slack_client)
    assert TITLE in seen.message.text and len(slack_client.answers) == 1
    assert calls(slack_client)[before:] == ["response_url"]


async def test_try_again_on_a_placeholder_waits_for_the_same_answer(monkeypatch):
    async with slow_figshare(monkeypatch) as slack_client:
        seen = await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
        for user in (MAYA, JONAS):
            await slack_client.slack.press(
                seen.message, buttons(seen.message)["Try again"], user=user, wait=0
            )
        await slack_client.wait_for_answer(TITLE)
        await settled(slack_client)
        assert shown(slack_client) == [TITLE]
        assert [path for _, path, *_ in slack_client.requests if path == ITEM] == [ITEM]


async def test_placeholder_of_a_killed_process_still_works(slack_client):
    words = Button("Try again", "views 5616445")
    payload = blocks.message_payload(Reply((ASKING,), buttons=(words,), outcome="trouble"), words.words)
    for ephemeral_to in (None, MAYA):
        seen = await slack_client.slack.mention(RESEARCH, MAYA, "help")
        left = seen.message
        left.ephemeral_to, left.text, left.blocks = ephemeral_to, payload["text"], payload["blocks"]
        for number, block in enumerate(left.blocks):
            block["block_id"] = str(number)
        await slack_client.slack.press(left, buttons(left)["Try again"], wait=0)
        await slack_client.slack.until(lambda: TITLE in left.text)  # noqa: B023
        slack_client.slack.history.delete(left)


@pytest.mark.parametrize("replaces", [True, False])
async def test_late_answer_takes_the_place_of_not_yet(monkeypatch, replaces):
    async with slow_figshare(monkeypatch, delay=1.8, time_limit=0.5) as slack_client:
        slack_client.slack.replaces_command_answers = replaces
        mention = await slack_client.slack.mention(RESEARCH, MAYA, "item 5616445")
        await slack_client.slack.command("/figshare", "item 5616445", channel=LIBRARY)
        await slack_client.slack.until(lambda: NOT_YET in mention.message.text)
        assert "If it comes within five minutes, it will appear here" in mention.message.text
        assert list(buttons(mention.message)) == ["Try again"]
        await slack_client.slack.until(lambda: TITLE in mention.message.text)
        await settled(slack_client)
        assert shown(slack_client)[-1] == TITLE
        by_url = [call.payload for call in calls_to_slack(slack_client, "response_url")]
        assert [body["text"].partition("\n")[0] for body in by_url] == [ASKING, NOT_YET, TITLE]
        assert [body["replace_original"] for body in by_url] == [False, True, True]
        assert {body["response_type"] for body in by_url} == {"ephemeral"}
        # nothing was asked twice
        assert len([path for _, path, *_ in slack_client.requests if path == ITEM]) == 1


async def test_what_is_missing_of_an_answer_comes_by_itself(monkeypatch):
    async with slow_figshare(monkeypatch, "/stats", delay=1.2, time_limit=0.5) as slack_client:
        seen = await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
        await slack_client.slack.until(lambda: "views not yet" in seen.message.text)
        assert "If it comes within five minutes, it will appear here" in seen.message.text
        assert buttons(seen.message)["Try again"].startswith("ask.instead")
        await slack_client.slack.until(lambda: "views · all time" in seen.message.text)
        assert "not yet" not in seen.message.text and len(slack_client.answers) == 1


async def test_try_again_ends_the_wait_for_a_late_answer(monkeypatch):
    async with slow_figshare(monkeypatch, delay=1.3, time_limit=0.5) as slack_client:
        seen = await slack_client.slack.mention(RESEARCH, MAYA, "item 5616445")
        await slack_client.slack.until(lambda: NOT_YET in seen.message.text)
        await slack_client.slack.press(seen.message, buttons(seen.message)["Try again"], wait=0)
        await slack_client.slack.until(lambda: TITLE in seen.message.text)
        await settled(slack_client)
        assert shown(slack_client) == [TITLE]


@pytest.mark.parametrize("time_limit", [20.0, 0.5])
async def test_stopped_process_leaves_a_note_and_try_again(monkeypatch, time_limit):
    async with slow_figshare(monkeypatch, delay=5.0, time_limit=time_limit) as slack_client:
        slack_client.slack.replaces_command_answers = True
        await slack_client.slack.mention(RESEARCH, MAYA, "item 5616445")
        await slack_client.slack.command("/figshare", "item 5616445", channel=LIBRARY)
        state = NOT_YET if time_limit < 1 else ASKING
        await slack_client.slack.until(lambda: shown(slack_client) == [state, state])
    stopped = "I was restarted before Figshare answered."
    assert shown(slack_client) == [stopped, stopped]
    for message in slack_client.answers:
        assert list(buttons(message)) == ["Try again"]
    assert [message.ephemeral_to for message in slack_client.answers] == [None, MAYA]


async def test_placeholder_of_a_writing_command_has_no_try_again(monkeypatch):
    async with slow_figshare(monkeypatch) as slack_client:
        slack_client.slack.replaces_command_answers = True
        seen = await slack_client.slack.command("/figshare", "subscribe 5616445 weekly", channel=LIBRARY)
        assert seen.text == ASKING and buttons(seen.message) == {}
        subscribed = await slack_client.wait_for_answer("Subscribed: ")
        assert subscribed.ephemeral_to is None
        assert seen.message.text == "The answer is below, where everybody sees it."


async def test_response_url_is_used_five_times_at_most(monkeypatch):
    async with slow_figshare(monkeypatch, delay=1.2, time_limit=0.5) as slack_client:
        slack_client.slack.refused_types = {"data_visualization", "table"}
        slack_client.goes_wrong("/stats", delay=0.9, times=None)
        await slack_client.slack.command("/figshare", "timeline 5616445")
        await slack_client.slack.until(lambda: "Oct" in slack_client.answers[-1].text, seconds=20)
        answer = slack_client.answers[-1]
        used = calls_to_slack(slack_client, "response_url")
        assert 3 <= len(used) <= 5 and answer.ephemeral_to == MAYA
        assert {call.payload["response_type"] for call in used} == {"ephemeral"}


async def test_answer_that_never_comes_promises_nothing_any_more(monkeypatch):
    monkeypatch.setattr("bot.slack.pending_answers.FOLLOW_UP_LIMIT", 0.4)
    async with slow_figshare(monkeypatch, delay=1.9, time_limit=0.5) as slack_client:
        seen = await slack_client.slack.mention(RESEARCH, MAYA, "item 5616445")
        await slack_client.slack.until(lambda: "it will appear here" in seen.message.text)
        await slack_client.slack.until(lambda: "it will appear here" not in seen.message.text)
        assert NOT_YET in seen.message.text and list(buttons(seen.message)) == ["Try again"]


async def test_try_again_takes_no_part_of_an_answer_away(monkeypatch):
    async with slow_figshare(monkeypatch, "/stats", delay=5.0, time_limit=0.5) as slack_client:
        seen = await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
        await slack_client.slack.until(lambda: "views not yet" in seen.message.text)
        retry = buttons(seen.message)["Try again"]
        line = await slack_client.slack.press(seen.message, retry, user=JONAS)
        assert line.text == f"{ASKING} The answer will follow." and line.message.ephemeral_to == JONAS
        assert "views not yet" in seen.message.text


async def test_failed_try_again_leaves_no_placeholder(slack_client):
    words = Button("Try again", "views 5616445")
    payload = blocks.message_payload(Reply((ASKING,), buttons=(words,), outcome="trouble"), words.words)
    left = public_message(slack_client, RESEARCH)
    slack_client.slack.history.rewrite(left, payload["text"], payload["blocks"])
    slack_client.goes_wrong("/", status=503, times=None)
    await slack_client.slack.press(left, buttons(left)["Try again"], wait=0)
    await slack_client.slack.until(lambda: "Figshare isn't responding" in left.text)
    assert left.ephemeral_to is None and len(slack_client.answers) == 1
