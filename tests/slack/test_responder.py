"""What reaches people when Slack rejects blocks, limits the rate or gives no clear answer."""

import asyncio
from dataclasses import replace

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.emulators.server import serve
from bot.emulators.slack import payloads
from bot.emulators.slack.people import MAYA, RESEARCH
from bot.reply import Reply, Table
from bot.settings import Settings
from bot.slack.app import open_slack_connection
from bot.slack.placement import Placement
from bot.slack.responder import OutgoingReply, PressedMessage
from tests.support.slack_client import QUIET, calls_to_slack, open_slack_client

TITLE = "Using APIs to customise repositories and engage audiences"


async def test_charts_and_tables_are_shown_where_supported(slack_client):
    seen = await slack_client.slack.command("/figshare", "timeline 5616445")
    assert [block["type"] for block in seen.blocks[:4]] == [
        "rich_text",
        "rich_text",
        "data_visualization",
        "table",
    ]
    # a refusal in an acknowledgement would never be heard of
    assert seen.exchange.answer is None and len(calls_to_slack(slack_client, "response_url")) == 1


async def test_table_stays_where_only_charts_are_refused(slack_client):
    slack_client.slack.refused_types = {"table"}
    seen = await slack_client.slack.command("/figshare", "timeline 5616445")
    assert "data_visualization" in [block["type"] for block in seen.blocks]
    assert "rich_text_preformatted" in str(seen.blocks)


async def test_unsupported_block_is_explained_and_not_retried(slack_client):
    slack_client.slack.refused_types = {"data_visualization"}
    seen = await slack_client.slack.command("/figshare", "timeline 5616445")
    kinds = [block["type"] for block in seen.blocks]
    assert "table" in kinds and "data_visualization" not in kinds and "Oct" in seen.text
    assert [each.status for each in calls_to_slack(slack_client, "response_url")] == [400, 200]
    await slack_client.slack.command("/figshare", "timeline 11820345")
    assert [each.status for each in calls_to_slack(slack_client, "response_url")] == [400, 200, 200]


async def test_figures_without_native_blocks_stand_in_text(slack_client):
    slack_client.slack.refused_types = {"data_visualization", "table"}
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "countries 5616445 2025")
    kinds = {block["type"] for block in seen.blocks}
    assert kinds <= {"rich_text", "context", "actions"} and "United Kingdom" in str(seen.blocks)
    # the bot hears of its success a little later than people see it
    await asyncio.sleep(0.05)
    tried = len(calls_to_slack(slack_client, "chat.postMessage"))
    await slack_client.slack.mention(RESEARCH, MAYA, "countries 5616445 2024")
    assert len(calls_to_slack(slack_client, "chat.postMessage")) == tried + 1


async def test_native_block_is_tried_again_after_an_hour(monkeypatch):
    monkeypatch.setattr("bot.slack.responder.REJECTED_KIND_TTL", 0.2)
    async with open_slack_client() as slack_client:
        slack_client.slack.refused_types = {"data_visualization"}
        await slack_client.slack.command("/figshare", "timeline 5616445")
        slack_client.slack.refused_types = set()
        await asyncio.sleep(0.25)
        seen = await slack_client.slack.command("/figshare", "timeline 5616445")
        assert "data_visualization" in [block["type"] for block in seen.blocks]


async def test_response_url_on_another_host_is_never_used(slack_client, caplog):
    received: list[bytes] = []

    async def elsewhere(request: Request) -> Response:
        received.append(await request.body())
        return Response("ok")

    app = Starlette(routes=[Route("/{path:path}", elsewhere, methods=["POST"])])
    async with serve(app) as base:
        foreign = base.replace("127.0.0.1", "localhost") + "/hooks/1"
        channel = slack_client.slack.channels[RESEARCH]
        fields = payloads.slash_command(
            slack_client.slack.people[MAYA], channel, "/figshare", "timeline 5616445", "t.1", foreign
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
            slack_client.slack.people[MAYA], channel, seen.message, action, "t.2", foreign
        )
        assert (await slack_client.slack.delivery.post_interaction(pressed)).status == 200
        await asyncio.sleep(0.3)
    assert received == []
    assert "not Slack's" in caplog.text and "/hooks/1" not in caplog.text


async def test_rate_limited_slack_gets_the_answer_once(slack_client):
    slack_client.slack.fail("chat.postMessage", "ratelimited", status=429, retry_after=0)
    seen = await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
    assert TITLE in seen.text and len(slack_client.answers) == 1


async def test_answer_of_unknown_outcome_is_not_sent_twice(slack_client, caplog):
    slack_client.slack.fail("chat.postMessage", "internal_error", after_effect=True)
    await slack_client.slack.mention(RESEARCH, MAYA, "views 5616445")
    await asyncio.sleep(QUIET)
    assert len(slack_client.answers) == 1 and "internal_error" in str(
        [getattr(each, "error", "") for each in caplog.records]
    )


async def test_sixth_use_of_a_response_url_is_not_tried(slack_client):
    slack = slack_client.slack
    settings = replace(Settings(), slack_api_url=f"{slack.url}/api/", slack_bot_token=slack.bot_token)
    url = f"{slack.url}/hooks/commands/{slack.triggers.new_response_url(RESEARCH, MAYA).id}"
    answer = OutgoingReply(Reply(("12 views",)), "")
    async with open_slack_connection(settings) as line:
        for _ in range(5):
            assert await line.responder.respond(answer, url, Placement.BESIDE)
        pressed = PressedMessage(MAYA, url, RESEARCH)
        await line.responder.answer_press(answer, pressed, Placement.BESIDE)
    uses = [call.status for call in calls_to_slack(slack_client, "response_url")]
    assert uses == [200] * 5
    # where the URL is used up, the answer comes without it
    assert len(calls_to_slack(slack_client, "chat.postEphemeral")) == 1


async def test_refused_blocks_leave_a_use_for_plain_ones(slack_client):
    slack = slack_client.slack
    slack.refused_types = {"data_visualization", "table"}
    settings = replace(Settings(), slack_api_url=f"{slack.url}/api/", slack_bot_token=slack.bot_token)
    url = f"{slack.url}/hooks/commands/{slack.triggers.new_response_url(RESEARCH, MAYA).id}"
    table = Reply(("Views",), (Table("Views", ("Month", "Views"), (("Oct", 3),)),))
    async with open_slack_connection(settings) as line:
        for _ in range(4):
            await line.responder.respond(OutgoingReply(Reply(("x",)), ""), url, Placement.BESIDE)
        assert await line.responder.respond(OutgoingReply(table, ""), url, Placement.BESIDE)
    assert "Oct" in slack_client.answers[-1].text
