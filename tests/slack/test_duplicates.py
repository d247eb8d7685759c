"""Requests that Slack or somebody else sends twice are answered once."""

import asyncio
from typing import Any

import aiohttp

from bot.emulators.slack.people import LIBRARY, MAYA, RESEARCH
from tests.support.slack_client import QUIET, SlackClient, buttons, calls_to_slack


def mention(ts: str = "1700000000.000100") -> dict[str, Any]:
    return {
        "type": "app_mention",
        "channel": RESEARCH,
        "user": MAYA,
        "text": "<@U0FIGSHARE> views 5616445",
        "ts": ts,
    }


async def resend(slack_client: SlackClient, exchange: Any) -> int:
    """Send the very bytes and headers of a request once more."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            slack_client.slack.bot_url, data=exchange.raw.encode(), headers=exchange.headers
        ) as response,
    ):
        return response.status


async def test_event_sent_twice_is_answered_once(slack_client):
    answer = await slack_client.slack.say(LIBRARY, MAYA, "no mention here")
    event = mention(answer.sent.ts) | {"channel": LIBRARY}
    assert (await slack_client.slack.event(event, event_id="Ev1")).status == 200
    assert (await slack_client.slack.event(event, event_id="Ev1")).status == 200
    # the same message as another event
    assert (await slack_client.slack.event(event, event_id="Ev2")).status == 200
    await slack_client.slack.until(lambda: slack_client.answers)
    await asyncio.sleep(QUIET)
    assert len(slack_client.answers) == 1


async def test_mention_and_its_message_are_answered_once(slack_client):
    direct = slack_client.slack.direct(MAYA).id
    message = {"channel": direct, "channel_type": "im", "user": MAYA, "ts": "1700000000.000200"}
    await slack_client.slack.event({**message, "type": "message", "text": "views 5616445"})
    await slack_client.slack.event({**message, "type": "app_mention", "text": "<@U0FIGSHARE> views 5616445"})
    await slack_client.slack.until(lambda: slack_client.answers)
    await asyncio.sleep(QUIET)
    assert len(slack_client.answers) == 1


async def test_retried_event_is_answered_once(slack_client):
    slack_client.slack.delivery.retry_waits = (0.0, 0.0, 0.0)
    slack_client.slack.delivery.ack_timeout = 0.000_1
    await slack_client.slack.say(RESEARCH, MAYA, "<@U0FIGSHARE> views 5616445", wait=0)
    await asyncio.sleep(0.4)
    sent = [each for each in slack_client.slack.log if each.kind == "app_mention"]
    assert len(sent) == 4 and sent[-1].headers["X-Slack-Retry-Num"] == "3"
    assert len(slack_client.answers) <= 1
    # the question is still answered when the first try did get through
    slack_client.slack.delivery.ack_timeout = 3.0
    assert await resend(slack_client, sent[0]) == 200
    assert await resend(slack_client, sent[1]) == 200
    await slack_client.slack.until(lambda: slack_client.answers)
    await asyncio.sleep(QUIET)
    assert len(slack_client.answers) == 1


async def test_command_sent_again_does_nothing(slack_client):
    seen = await slack_client.slack.command("/figshare", "timeline 5616445")
    before = len(slack_client.answers), len(calls_to_slack(slack_client, "response_url"))
    assert await resend(slack_client, seen.exchange) == 200
    await asyncio.sleep(QUIET)
    assert (len(slack_client.answers), len(calls_to_slack(slack_client, "response_url"))) == before


async def test_press_sent_again_does_nothing(slack_client):
    seen = await slack_client.slack.command("/figshare", "views 5616445")
    shared = await slack_client.slack.press(seen.message.ts, buttons(seen.message)["Share in channel"])
    before = len(slack_client.answers)
    assert await resend(slack_client, shared.exchange) == 200
    await asyncio.sleep(QUIET)
    assert len(slack_client.answers) == before
