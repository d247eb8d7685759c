"""What Slack sends and nothing answers is acknowledged and counted."""

import json

import aiohttp
import pytest

from bot.emulators.slack.people import JONAS, MAYA, RESEARCH
from tests.support.forged_presses import press_forged, public_message
from tests.support.slack_client import SlackClient


async def ignored(slack_client: SlackClient) -> dict[str, float]:
    """Return how many requests of each kind `/metrics` counts as ignored."""
    address = slack_client.slack.bot_url.replace("/slack/events", "/metrics")
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        lines = (await response.text()).splitlines()
    prefix = 'figshare_bot_slack_ignored_total{kind="'
    pairs = (line.removeprefix(prefix).split('"} ') for line in lines if line.startswith(prefix))
    return {kind: float(count) for kind, count in pairs}


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"type": "function_executed"}, "function_executed"),
        ({"type": "app_home_opened", "tab": "home"}, "app_home_opened"),
        ({"type": "something_new"}, "unknown"),
        ({"type": ["message"]}, "unknown"),
        ({}, "unknown"),
    ],
)
async def test_event_that_nothing_answers_is_counted(slack_client, event, kind):
    body = {"type": "event_callback", "event_id": "Ev1"}
    text = json.dumps(body | {"event": event})
    exchange = await slack_client.slack.delivery._post("event", body, text, "application/json")
    assert exchange.status == 200
    assert await ignored(slack_client) == {kind: 1}


async def test_interaction_that_nothing_answers_is_counted(slack_client):
    for body in ({"type": "view_closed"}, {"type": "x" * 500}, {"type": 5}, {"type": None}):
        assert (await slack_client.slack.delivery.post_interaction(body)).status == 200
    assert await ignored(slack_client) == {"view_closed": 1, "unknown": 3}


async def test_button_that_nothing_answers_is_counted(slack_client):
    message = public_message(slack_client, RESEARCH)
    message_count = len(slack_client.answers)
    await press_forged(slack_client, message, "somebody.else", "5", JONAS, wait=0)
    assert await ignored(slack_client) == {"block_actions": 1}
    assert len(slack_client.answers) == message_count


async def test_what_is_answered_is_not_counted_as_ignored(slack_client):
    await slack_client.slack.command("/figshare", "views 5616445")
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
    await slack_client.slack.press(seen.message, "ask.run:0")
    assert await ignored(slack_client) == {}
