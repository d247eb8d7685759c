"""What people in Slack see, whichever way they ask: slash command, mention, direct message, button."""

import asyncio
import logging
from typing import Any

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.emulators.server import serve
from bot.emulators.slack import payloads
from bot.emulators.slack.validation import message_problems
from tests.support.slack_client import SlackClient, open_slack_client

TITLE = "Using APIs to customise repositories and engage audiences"
MAYA, JONAS, GUEST, STRANGER = "U0MAYA", "U0JONAS", "U0GUEST", "U0NOOR"
RESEARCH, LIBRARY = "C0RESEARCH", "C0LIBRARY"


def labels(message: Any) -> dict[str, str]:
    """Return what the buttons of a message are called and their action_ids."""
    return {
        element["text"]["text"]: element["action_id"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    }


def answers(slack_client: SlackClient) -> list[Any]:
    return [message for message in slack_client.slack.history.messages if message.from_bot]


def posted(slack_client: SlackClient, kind: str) -> list[Any]:
    return [each for each in slack_client.slack.log if each.to == "slack" and each.kind == kind]


async def quiet(slack_client: SlackClient, seconds: float = 0.15) -> None:
    """Leave time in which something could still come."""
    await asyncio.sleep(seconds)


async def again(slack_client: SlackClient, exchange: Any) -> int:
    """Send the very bytes and headers of a request once more."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            slack_client.slack.bot_url, data=exchange.raw.encode(), headers=exchange.headers
        ) as response,
    ):
        return response.status


async def test_a_slash_command_is_answered_for_the_asker_alone(slack_client):
    seen = await slack_client.slack.command("/figshare", "views 5616445")
    assert TITLE in seen.text and "views · all time" in seen.text
    assert seen.message.ephemeral_to == MAYA
    assert "Share in channel" in labels(seen.message)
    assert seen.status == 200 and message_problems(seen.blocks) == []
    # it came in the acknowledgement
    assert posted(slack_client, "response_url") == []


async def test_empty_question_shows_help(slack_client):
    seen = await slack_client.slack.command("/figshare")
    assert "Ask me about anything on Figshare" in seen.text


async def test_share_posts_into_the_channel_who_shared_and_as_of_when(slack_client):
    seen = await slack_client.slack.command("/figshare", "views 5616445")
    shared = await slack_client.slack.press(seen.message.ts, labels(seen.message)["Share in channel"])
    assert shared.message.ephemeral_to is None and shared.message.channel == RESEARCH
    assert f"Shared by <@{MAYA}>, " in shared.text and "As of " in shared.text and TITLE in shared.text
    assert "Share in channel" not in labels(shared.message)
    # the asker's own is still there
    assert seen.message.deleted is False and seen.message in answers(slack_client)


async def test_trouble_can_not_be_shared(slack_client):
    seen = await slack_client.slack.command("/figshare", "views")
    assert "Share in channel" not in labels(seen.message)


async def test_a_mention_in_a_channel_is_answered_in_its_thread(slack_client):
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
    assert TITLE in seen.text
    assert seen.message.thread_ts == seen.sent.ts and seen.message.ephemeral_to is None
    assert "Share in channel" not in labels(seen.message)


async def test_a_mention_in_a_thread_is_answered_there(slack_client):
    first = await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
    seen = await slack_client.slack.mention(RESEARCH, JONAS, "downloads 5616445", first.sent.ts)
    assert seen.message.thread_ts == first.sent.ts and "downloads · all time" in seen.text


async def test_the_mention_may_stand_anywhere(slack_client):
    seen = await slack_client.slack.say(RESEARCH, MAYA, "views 5616445 <@U0FIGSHARE>")
    assert "views · all time" in seen.text
    seen = await slack_client.slack.say(RESEARCH, MAYA, "<@U0FIGSHARE|figshare> views 5616445 2025")
    assert "1 Jan 2025 – 31 Dec 2025" in seen.text


async def test_a_direct_message_is_answered_in_the_conversation(slack_client):
    seen = await slack_client.slack.direct_message(MAYA, "5616445")
    assert seen.message.thread_ts is None and seen.message.channel == slack_client.slack.direct(MAYA).id
    assert TITLE in seen.text


async def test_a_direct_message_in_a_thread_is_answered_there(slack_client):
    first = await slack_client.slack.direct_message(MAYA, "views 5616445")
    seen = await slack_client.slack.direct_message(MAYA, "shares 5616445", first.sent.ts)
    assert seen.message.thread_ts == first.sent.ts and "shares · all time" in seen.text


async def test_every_door_says_the_same(slack_client):
    words = "views 5616445 2025"
    slash = await slack_client.slack.command("/figshare", words)
    mention = await slack_client.slack.mention(RESEARCH, MAYA, words)
    direct = await slack_client.slack.direct_message(MAYA, words)
    assert slash.text == mention.text == direct.text


async def test_links_that_slack_wraps_are_understood(slack_client):
    page = "https://figshare.com/articles/presentation/Using_APIs/5616445"
    seen = await slack_client.slack.mention(RESEARCH, MAYA, f"views {page}")
    assert TITLE in seen.text
    seen = await slack_client.slack.command("/figshare", "views doi.org/10.6084/m9.figshare.5616445.v2")
    assert TITLE in seen.text


async def test_anyone_pages_a_public_answer_in_place(slack_client):
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "search title:frog")
    assert "Items 1–5 for title:frog" in seen.text and "Previous" not in labels(seen.message)
    following = await slack_client.slack.press(seen.message.ts, labels(seen.message)["Next"], user=JONAS)
    assert following.message.ts == seen.message.ts
    assert "Items 6–9 for title:frog" in following.text and "Next" not in labels(following.message)
    back = await slack_client.slack.press(
        seen.message.ts, labels(following.message)["Previous"], user=STRANGER
    )
    assert back.message.ts == seen.message.ts and "Items 1–5" in back.text
    assert len(answers(slack_client)) == 1


async def test_paging_a_private_answer_keeps_its_share_button(slack_client):
    seen = await slack_client.slack.command("/figshare", "search title:frog")
    following = await slack_client.slack.press(seen.message.ts, labels(seen.message)["Next"])
    assert "Items 6–9" in following.text and following.message.ephemeral_to == MAYA
    shared = await slack_client.slack.press(
        following.message.ts, labels(following.message)["Share in channel"]
    )
    assert "Items 6–9" in shared.text and shared.message.ephemeral_to is None


async def test_question_below_a_public_answer_is_answered_in_thread(slack_client):
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
    before = seen.text
    below = await slack_client.slack.press(seen.message, labels(seen.message)["All counters"], user=JONAS)
    assert "downloads" in below.text and below.message.thread_ts == seen.message.thread_ts
    assert below.message.ts != seen.message.ts and seen.message.text == before


async def test_question_below_a_private_answer_is_answered_beside(slack_client):
    seen = await slack_client.slack.command("/figshare", "views 5616445")
    beside = await slack_client.slack.press(seen.message, labels(seen.message)["All counters"])
    assert "downloads" in beside.text and beside.message.ephemeral_to == MAYA
    assert beside.message.ts != seen.message.ts


async def test_tables_stay_where_only_charts_are_refused(slack_client):
    slack_client.slack.refuse = {"table"}
    seen = await slack_client.slack.command("/figshare", "timeline 5616445")
    assert "data_visualization" in [block["type"] for block in seen.blocks]
    assert "rich_text_preformatted" in str(seen.blocks)


async def test_the_button_of_a_misspelt_command_runs_what_was_meant(slack_client):
    seen = await slack_client.slack.command("/figshare", "vews 5616445")
    assert "I don't know vews." in seen.text
    meant = await slack_client.slack.press(seen.message.ts, labels(seen.message)["views 5616445"])
    assert "views · all time" in meant.text and meant.message.ephemeral_to == MAYA


async def test_charts_and_tables_are_shown_where_supported(slack_client):
    seen = await slack_client.slack.command("/figshare", "timeline 5616445")
    assert [block["type"] for block in seen.blocks[:4]] == [
        "rich_text",
        "rich_text",
        "data_visualization",
        "table",
    ]
    # a refusal in an acknowledgement would never be heard of
    assert seen.exchange.answer is None and len(posted(slack_client, "response_url")) == 1


async def test_unsupported_block_is_explained_and_not_retried(slack_client):
    slack_client.slack.refuse = {"data_visualization"}
    seen = await slack_client.slack.command("/figshare", "timeline 5616445")
    kinds = [block["type"] for block in seen.blocks]
    assert "table" in kinds and "data_visualization" not in kinds and "Oct" in seen.text
    assert [each.status for each in posted(slack_client, "response_url")] == [400, 200]
    await slack_client.slack.command("/figshare", "timeline 11820345")
    assert [each.status for each in posted(slack_client, "response_url")] == [400, 200, 200]


async def test_without_any_native_block_the_figures_stand_in_text(slack_client):
    slack_client.slack.refuse = {"data_visualization", "table"}
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "countries 5616445 2025")
    kinds = {block["type"] for block in seen.blocks}
    assert kinds <= {"rich_text", "context", "actions"} and "United Kingdom" in str(seen.blocks)
    # the bot hears of its success a little later than people see it
    await quiet(slack_client, 0.05)
    tried = len(posted(slack_client, "chat.postMessage"))
    await slack_client.slack.mention(RESEARCH, MAYA, "countries 5616445 2024")
    assert len(posted(slack_client, "chat.postMessage")) == tried + 1


async def test_after_an_hour_native_blocks_are_tried_again(monkeypatch):
    monkeypatch.setattr("bot.slack.responder.AN_HOUR", 0.2)
    async with open_slack_client() as slack_client:
        slack_client.slack.refuse = {"data_visualization"}
        await slack_client.slack.command("/figshare", "timeline 5616445")
        slack_client.slack.refuse = set()
        await asyncio.sleep(0.25)
        seen = await slack_client.slack.command("/figshare", "timeline 5616445")
        assert "data_visualization" in [block["type"] for block in seen.blocks]


async def test_messages_of_bots_and_edits_are_ignored(slack_client):
    base = {"type": "app_mention", "channel": RESEARCH, "text": "<@U0FIGSHARE> views 5616445"}
    for number, changed in enumerate(
        (
            {"user": MAYA, "bot_id": "B0OTHER"},
            {"bot_id": "B0OTHER"},
            {},
            {"user": "U0FIGSHARE"},
            {"user": MAYA, "edited": {"user": MAYA, "ts": "1.1"}},
            {"user": MAYA, "subtype": "message_changed"},
            {"user": MAYA, "subtype": "bot_message"},
            {"user": MAYA, "type": "message", "channel_type": "channel"},
        )
    ):
        event = base | {"ts": f"17000000{number:02}.000100"} | changed
        assert (await slack_client.slack.event(event)).status == 200
    await quiet(slack_client)
    assert answers(slack_client) == []


def mention(ts: str = "1700000000.000100") -> dict[str, Any]:
    return {
        "type": "app_mention",
        "channel": RESEARCH,
        "user": MAYA,
        "text": "<@U0FIGSHARE> views 5616445",
        "ts": ts,
    }


async def test_an_event_that_comes_twice_is_answered_once(slack_client):
    answer = await slack_client.slack.say(LIBRARY, MAYA, "no mention here")
    event = mention(answer.sent.ts) | {"channel": LIBRARY}
    assert (await slack_client.slack.event(event, event_id="Ev1")).status == 200
    assert (await slack_client.slack.event(event, event_id="Ev1")).status == 200
    # the same message as another event
    assert (await slack_client.slack.event(event, event_id="Ev2")).status == 200
    await slack_client.slack.until(lambda: answers(slack_client))
    await quiet(slack_client)
    assert len(answers(slack_client)) == 1


async def test_mention_and_its_message_are_answered_once(slack_client):
    direct = slack_client.slack.direct(MAYA).id
    said = {"channel": direct, "channel_type": "im", "user": MAYA, "ts": "1700000000.000200"}
    await slack_client.slack.event({**said, "type": "message", "text": "views 5616445"})
    await slack_client.slack.event({**said, "type": "app_mention", "text": "<@U0FIGSHARE> views 5616445"})
    await slack_client.slack.until(lambda: answers(slack_client))
    await quiet(slack_client)
    assert len(answers(slack_client)) == 1


async def test_slacks_own_retries_are_answered_once(slack_client):
    slack_client.slack.delivery.retry_waits = (0.0, 0.0, 0.0)
    slack_client.slack.delivery.ack_timeout = 0.000_1
    await slack_client.slack.say(RESEARCH, MAYA, "<@U0FIGSHARE> views 5616445", wait=0)
    await quiet(slack_client, 0.4)
    sent = [each for each in slack_client.slack.log if each.kind == "app_mention"]
    assert len(sent) == 4 and sent[-1].headers["X-Slack-Retry-Num"] == "3"
    assert len(answers(slack_client)) <= 1
    # the question is still answered when the first try did get through
    slack_client.slack.delivery.ack_timeout = 3.0
    assert await again(slack_client, sent[0]) == 200
    assert await again(slack_client, sent[1]) == 200
    await slack_client.slack.until(lambda: answers(slack_client))
    await quiet(slack_client)
    assert len(answers(slack_client)) == 1


async def test_the_same_signed_command_does_nothing_the_second_time(slack_client):
    seen = await slack_client.slack.command("/figshare", "timeline 5616445")
    before = len(answers(slack_client)), len(posted(slack_client, "response_url"))
    assert await again(slack_client, seen.exchange) == 200
    await quiet(slack_client)
    assert (len(answers(slack_client)), len(posted(slack_client, "response_url"))) == before


async def test_the_same_signed_press_does_nothing_the_second_time(slack_client):
    seen = await slack_client.slack.command("/figshare", "views 5616445")
    shared = await slack_client.slack.press(seen.message.ts, labels(seen.message)["Share in channel"])
    before = len(answers(slack_client))
    assert await again(slack_client, shared.exchange) == 200
    await quiet(slack_client)
    assert len(answers(slack_client)) == before


async def test_guests_and_people_of_other_workspaces_may_ask(slack_client):
    for user in (GUEST, STRANGER):
        seen = await slack_client.slack.command("/figshare", "views 5616445", user=user)
        assert TITLE in seen.text and seen.message.ephemeral_to == user
        seen = await slack_client.slack.mention(RESEARCH, user, "views 5616445")
        assert TITLE in seen.text


async def test_slow_figshare_is_acknowledged_first_and_answered_later(monkeypatch):
    monkeypatch.setattr("bot.slack.router.BUDGET", 0.1)
    async with open_slack_client() as slack_client:
        slack_client.catalogue.state.faults.add("/v2/articles/5616445", delay=0.4)
        seen = await slack_client.slack.command("/figshare", "views 5616445", wait=3)
        assert seen.exchange.answer is None and seen.took_ms < 400
        assert TITLE in seen.text and seen.message.ephemeral_to == MAYA
        assert "Share in channel" in labels(seen.message)
        assert len(posted(slack_client, "response_url")) == 1


async def test_unavailable_figshare_is_explained_with_try_again(slack_client):
    fault = slack_client.catalogue.state.faults.add("/", status=503, times=None)
    seen = await slack_client.slack.command("/figshare", "views 5616445")
    assert "Figshare does not answer." in seen.text and seen.message.ephemeral_to == MAYA
    slack_client.catalogue.state.faults.remove(fault)
    answer = await slack_client.slack.press(seen.message.ts, labels(seen.message)["Try again"])
    assert TITLE in answer.text and answer.message.ts == seen.message.ts


async def test_a_response_url_on_another_host_is_never_used(slack_client, caplog):
    heard: list[bytes] = []

    async def elsewhere(request: Request) -> Response:
        heard.append(await request.body())
        return Response("ok")

    app = Starlette(routes=[Route("/{path:path}", elsewhere, methods=["POST"])])
    async with serve(app) as base:
        foreign = base.replace("127.0.0.1", "localhost") + "/hooks/1"
        digest_clock = slack_client.slack.channels[RESEARCH]
        fields = payloads.slash_command(
            slack_client.slack.people[MAYA], digest_clock, "/figshare", "timeline 5616445", "t.1", foreign
        )
        assert (await slack_client.slack.delivery.post_command(fields)).status == 200
        seen = await slack_client.slack.command("/figshare", "views 5616445")
        action = {
            "type": "button",
            "action_id": "ask.run:0",
            "block_id": "b",
            "value": '{"words":"views 5616445"}',
        }
        pressed = payloads.press_in_message(
            slack_client.slack.people[MAYA], digest_clock, seen.message, action, "t.2", foreign
        )
        assert (await slack_client.slack.delivery.post_interaction(pressed)).status == 200
        await quiet(slack_client, 0.3)
    assert heard == []
    assert "not Slack's" in caplog.text and "/hooks/1" not in caplog.text


async def test_yesterday_is_the_askers(slack_client):
    # these two are never on the same day
    slack_client.slack.people[MAYA].tz = "Pacific/Kiritimati"
    slack_client.slack.people[JONAS].tz = "Etc/GMT+12"
    said = [
        (
            await slack_client.slack.command("/figshare", "views 5616445 yesterday", user=user)
        ).text.splitlines()[1]
        for user in (MAYA, JONAS)
    ]
    days = [line.rpartition("· ")[2] for line in said]
    assert days[0] != days[1]


async def test_missing_time_zone_means_utc(slack_client):
    slack_client.slack.fail("users.info", "user_not_found")
    assert TITLE in (await slack_client.slack.command("/figshare", "views 5616445 yesterday")).text
    slack_client.slack.people[JONAS].tz = "Nowhere/Atlantis"
    seen = await slack_client.slack.command("/figshare", "views 5616445 yesterday", user=JONAS)
    assert TITLE in seen.text


async def press_by_hand(slack_client: SlackClient, message: Any, action: dict[str, str]) -> None:
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


async def test_buttons_nobody_made_do_nothing(slack_client):
    seen = await slack_client.slack.command("/figshare", "views 5616445")
    before = len(answers(slack_client))
    for action in (
        {"action_id": "ask.run:0", "value": "not json"},
        {"action_id": "ask.run:0", "value": '{"page": "frog"}'},
        {"action_id": "ask.run:0"},
        {"action_id": "somebody.else", "value": '{"words":"views 5616445"}'},
    ):
        await press_by_hand(slack_client, seen.message, action)
    await quiet(slack_client)
    assert len(answers(slack_client)) == before


async def test_failed_share_is_explained_to_the_sharer_alone(slack_client):
    seen = await slack_client.slack.command("/figshare", "views 5616445")
    await press_by_hand(
        slack_client, seen.message, {"action_id": "ask.share", "value": '{"words":"views 9900123"}'}
    )
    await slack_client.slack.until(lambda: len(answers(slack_client)) == 2)
    assert [message.ephemeral_to for message in answers(slack_client)] == [MAYA, MAYA]


async def test_rate_limited_slack_gets_the_answer_once(slack_client):
    slack_client.slack.fail("chat.postMessage", "ratelimited", status=429, retry_after=0)
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
    assert TITLE in seen.text and len(answers(slack_client)) == 1


async def test_an_answer_whose_fate_is_unknown_is_not_sent_twice(slack_client, caplog):
    slack_client.slack.fail("chat.postMessage", "internal_error", after_effect=True)
    await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
    await quiet(slack_client)
    assert len(answers(slack_client)) == 1 and "internal_error" in str(
        [getattr(each, "error", "") for each in caplog.records]
    )


async def test_the_log_never_has_what_was_asked(slack_client, caplog):
    for name in ("slack_sdk", "httpx", "httpcore", "aiohttp"):
        logging.getLogger(name).setLevel(logging.ERROR)
    caplog.set_level(logging.DEBUG, logger="bot")
    slack_client.catalogue.state.faults.add("/", status=500, times=None)
    await slack_client.slack.command("/figshare", "search zanzibar")
    await slack_client.slack.mention(RESEARCH, MAYA, "search zanzibar")
    assert "zanzibar" not in str([vars(each) for each in caplog.records])


async def test_question_too_long_for_buttons_is_told_the_limit(slack_client):
    for words in ("views " + "&" * 2_000, "&" * 3_000, "vews " + "&<>" * 900):
        seen = await slack_client.slack.command("/figshare", words)
        assert f"A question may have 1,500 characters; this one has {len(words):,}." in seen.text
    seen = await slack_client.slack.command("/figshare", "vews " + "&<>" * 490)
    assert "Did you mean" in seen.text
