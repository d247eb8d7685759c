"""What people see who press a button below an answer."""

import asyncio
from typing import Any

from bot.emulators.slack import payloads
from bot.emulators.slack.people import JONAS, MAYA, RESEARCH, STRANGER
from tests.support.forged_presses import press_without_url
from tests.support.slack_client import QUIET, SlackClient, buttons, calls_to_slack

TITLE = "Using APIs to customise repositories and engage audiences"


async def test_shared_answer_names_the_person_and_the_time(slack_client):
    seen = await slack_client.slack.command("/figshare", "views 5616445")
    shared = await slack_client.slack.press(seen.message.ts, buttons(seen.message)["Share in channel"])
    assert shared.message.ephemeral_to is None and shared.message.channel == RESEARCH
    assert f"Shared by <@{MAYA}>, " in shared.text and "As of " in shared.text and TITLE in shared.text
    assert "Share in channel" not in buttons(shared.message)
    # the asker's own is still there
    assert seen.message.deleted is False and seen.message in slack_client.answers


async def test_error_has_no_share_button(slack_client):
    seen = await slack_client.slack.command("/figshare", "views")
    assert "Share in channel" not in buttons(seen.message)


async def test_anyone_pages_a_public_answer_in_place(slack_client):
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "search title:frog")
    assert "Results 1–5 for “title:frog”" in seen.text and "Previous" not in buttons(seen.message)
    following = await slack_client.slack.press(seen.message.ts, buttons(seen.message)["Next"], user=JONAS)
    assert following.message.ts == seen.message.ts
    assert "Results 6–9 for “title:frog”" in following.text and "Next" not in buttons(following.message)
    back = await slack_client.slack.press(
        seen.message.ts, buttons(following.message)["Previous"], user=STRANGER
    )
    assert back.message.ts == seen.message.ts and "Results 1–5" in back.text
    assert len(slack_client.answers) == 1


async def test_paging_a_private_answer_keeps_its_share_button(slack_client):
    seen = await slack_client.slack.command("/figshare", "search title:frog")
    following = await slack_client.slack.press(seen.message.ts, buttons(seen.message)["Next"])
    assert "Results 6–9" in following.text and following.message.ephemeral_to == MAYA
    shared = await slack_client.slack.press(
        following.message.ts, buttons(following.message)["Share in channel"]
    )
    assert "Results 6–9" in shared.text and shared.message.ephemeral_to is None


async def test_question_below_a_public_answer_is_answered_in_thread(slack_client):
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
    before = seen.text
    below = await slack_client.slack.press(seen.message, buttons(seen.message)["All counters"], user=JONAS)
    assert "downloads" in below.text and below.message.thread_ts == seen.message.thread_ts
    assert below.message.ts != seen.message.ts and seen.message.text == before


async def test_question_below_a_private_answer_is_answered_beside(slack_client):
    seen = await slack_client.slack.command("/figshare", "views 5616445")
    beside = await slack_client.slack.press(seen.message, buttons(seen.message)["All counters"])
    assert "downloads" in beside.text and beside.message.ephemeral_to == MAYA
    assert beside.message.ts != seen.message.ts


async def test_button_of_a_misspelt_command_runs_the_suggestion(slack_client):
    seen = await slack_client.slack.command("/figshare", "vews 5616445")
    assert "I didn't understand “vews”." in seen.text
    meant = await slack_client.slack.press(seen.message.ts, buttons(seen.message)["views 5616445"])
    assert "views · all time" in meant.text and meant.message.ephemeral_to == MAYA


async def test_unavailable_figshare_is_explained_with_try_again(slack_client):
    fault = slack_client.catalogue.state.faults.add("/", status=503, times=None)
    seen = await slack_client.slack.command("/figshare", "views 5616445")
    assert "Figshare isn't responding." in seen.text and seen.message.ephemeral_to == MAYA
    slack_client.catalogue.state.faults.remove(fault)
    answer = await slack_client.slack.press(seen.message.ts, buttons(seen.message)["Try again"])
    assert TITLE in answer.text and answer.message.ts == seen.message.ts


async def press_forged(slack_client: SlackClient, message: Any, action: dict[str, str]) -> None:
    """Press a button that need not be on the message."""
    hook = slack_client.slack.triggers.new_response_url(RESEARCH, MAYA, message=message)
    body = payloads.press_in_message(
        slack_client.slack.people[MAYA],
        slack_client.slack.channels[RESEARCH],
        message,
        {"type": "button", "block_id": "b"} | action,
        slack_client.slack.triggers.new_trigger(MAYA).id,
        f"{slack_client.slack.url}/hooks/actions/{hook.id}",
    )
    assert (await slack_client.slack.delivery.post_interaction(body)).status == 200


async def test_forged_button_does_nothing(slack_client):
    seen = await slack_client.slack.command("/figshare", "views 5616445")
    before = len(slack_client.answers)
    for action in (
        {"action_id": "ask.run:0", "value": "not json"},
        {"action_id": "ask.run:0", "value": '{"page": "frog"}'},
        {"action_id": "ask.run:0"},
        {"action_id": "somebody.else", "value": '{"words":"views 5616445"}'},
    ):
        await press_forged(slack_client, seen.message, action)
    await asyncio.sleep(QUIET)
    assert len(slack_client.answers) == before


async def test_failed_share_is_explained_to_the_sharer_alone(slack_client):
    seen = await slack_client.slack.command("/figshare", "views 5616445")
    await press_forged(
        slack_client, seen.message, {"action_id": "ask.share", "value": '{"words":"views 9900123"}'}
    )
    await slack_client.slack.until(lambda: len(slack_client.answers) == 2)
    assert [message.ephemeral_to for message in slack_client.answers] == [MAYA, MAYA]


async def shared_answer(slack_client: SlackClient) -> Any:
    """Return an answer that somebody shared in a channel, whose buttons everybody may press."""
    seen = await slack_client.slack.command("/figshare", "item 5616445")
    return (await slack_client.slack.press(seen.message, buttons(seen.message)["Share in channel"])).message


async def test_press_is_answered_where_the_bot_is_no_member(slack_client):
    shared = await shared_answer(slack_client)
    slack_client.slack.remove(RESEARCH)
    files = await slack_client.slack.press(shared, buttons(shared)["Files"], user=JONAS)
    assert "Files 1–2" in files.text and files.message.ephemeral_to is None
    assert files.message.thread_ts == shared.ts
    answer = calls_to_slack(slack_client, "response_url")[-1].payload
    assert answer["response_type"] == "in_channel" and answer["replace_original"] is False
    assert answer["thread_ts"] == shared.ts
    assert calls_to_slack(slack_client, "chat.postMessage") == []


async def test_press_without_a_response_url_is_answered_in_thread(slack_client):
    shared = await shared_answer(slack_client)
    files = await press_without_url(slack_client, shared, buttons(shared)["Files"], JONAS)
    assert "Files 1–2" in files.text and files.message.thread_ts == shared.ts
    assert files.message.ephemeral_to is None


async def test_press_that_can_be_answered_nowhere_is_answered_privately(slack_client):
    shared = await shared_answer(slack_client)
    slack_client.slack.remove(RESEARCH)
    slack_client.slack.fail("response_url", "expired_url", status=404)
    files = await slack_client.slack.press(shared, buttons(shared)["Files"], user=JONAS)
    # by the same response_url, since the bot can post nothing here
    assert files.message.ephemeral_to == JONAS and files.message.channel == RESEARCH
    assert "Files 1–2" in files.text and "I couldn't post this for everybody here" in files.text
    slack_client.slack.fail("response_url", "expired_url", status=404, times=2)
    await slack_client.slack.press(shared, buttons(shared)["Files"], user=JONAS)
    direct = slack_client.answers[-1]
    assert direct.channel == slack_client.slack.direct(JONAS).id and "Files 1–2" in direct.text


async def test_press_of_unclear_outcome_is_not_answered_twice(slack_client):
    shared = await shared_answer(slack_client)
    before = len(slack_client.answers)
    slack_client.slack.fail("response_url", "", status=500)
    await slack_client.slack.press(shared, buttons(shared)["Files"], user=JONAS, wait=QUIET)
    assert len(slack_client.answers) == before


async def test_private_answer_without_a_response_url_stays_private(slack_client):
    shared = await shared_answer(slack_client)
    await press_without_url(slack_client, shared, "ask.run:0", JONAS, value='{"words":"drafts"}')
    assert slack_client.answers[-1].ephemeral_to == JONAS
    slack_client.slack.remove(RESEARCH)
    await press_without_url(slack_client, shared, "ask.run:0", JONAS, value='{"words":"drafts"}')
    await slack_client.slack.until(
        lambda: slack_client.answers[-1].channel == slack_client.slack.direct(JONAS).id
    )
