"""The emulated Slack treats a bot as Slack does: a small Bolt app answers signed HTTP requests."""

import asyncio
import json
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator
from bot.emulators.slack.validation import message_problems, view_problems

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
SECRET, TOKEN = "signing-secret", "xoxb-test"
TEXT = {"type": "plain_text", "text": "Again"}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "block_id": "do", "elements": list(elements)}


def button(action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": TEXT, **more}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    title = {"type": "plain_text", "text": "New draft"}
    return {
        "type": "modal",
        "callback_id": "draft",
        "title": title,
        "submit": title,
        "blocks": [*blocks],
        **more,
    }


def field(block_id: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    label = {"type": "plain_text", "text": block_id.title()}
    return {"type": "input", "block_id": block_id, "label": label, "element": element, **more}


TITLE = field("title", {"type": "plain_text_input", "action_id": "title"})


def chart(**more: Any) -> dict[str, Any]:
    data = [{"label": "2024", "value": 3}, {"label": "2025", "value": 5}]
    axes = {"categories": ["2024", "2025"]}
    inner = {"type": "bar", "series": [{"name": "views", "data": data}], "axis_config": axes}
    return {"type": "data_visualization", "title": "Views", "chart": inner, **more}


def rows(count: int, text: str = "x") -> list[list[dict[str, str]]]:
    return [[{"type": "raw_text", "text": text}, {"type": "raw_text", "text": "y"}] for _ in range(count)]


class Clock:
    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


class Bot:
    """A small Bolt app; tests replace what it does with commands, mentions, presses and forms."""

    def __init__(self, workspace: Workspace, client: AsyncWebClient) -> None:
        self.workspace, self.client = workspace, client
        self.heard: list[dict[str, Any]] = []

        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None, team_id="T0PLAYGROUND", bot_token=TOKEN, bot_id="B0FIGSHARE"
            )

        self.app = AsyncApp(signing_secret=SECRET, authorize=authorize, client=client)
        self.app.command("/figshare")(self._on_command)
        self.app.event("app_mention")(self._on_mention)
        self.app.event("message")(self._on_mention)
        self.app.event("app_home_opened")(self._on_home)
        self.app.action({"action_id": re.compile(".*")})(self._on_press)
        self.app.view("draft")(self._on_submit)
        self.app.view_closed("draft")(self._on_press)
        self.app.options("pick")(self._on_options)
        self.replies: Any = None
        self.press: Any = None
        self.submit: Any = None

    async def _on_command(self, ack: Any, body: dict[str, Any], respond: Any) -> None:
        self.heard.append(body)
        if callable(self.replies):
            await self.replies(ack, body, respond)
        elif self.replies is None:
            await ack()
        else:
            await ack(self.replies)

    async def _on_mention(self, event: dict[str, Any], body: dict[str, Any], say: Any) -> None:
        self.heard.append(body)
        await say(text=f"heard {event['text']}", thread_ts=event.get("thread_ts") or event["ts"])

    async def _on_home(self, body: dict[str, Any]) -> None:
        self.heard.append(body)

    async def _on_press(self, ack: Any, body: dict[str, Any], respond: Any = None) -> None:
        self.heard.append(body)
        await ack()
        if self.press and body["type"] == "block_actions":
            await self.press(body, respond)

    async def _on_submit(self, ack: Any, body: dict[str, Any]) -> None:
        self.heard.append(body)
        await ack(**(self.submit or {}))

    async def _on_options(self, ack: Any, body: dict[str, Any]) -> None:
        self.heard.append(body)
        text = {"type": "plain_text", "text": f"{body['value']} frogs"}
        await ack(options=[{"text": text, "value": "frogs"}])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@asynccontextmanager
async def _world(clock: Clock) -> AsyncIterator[Bot]:
    async with (
        Workspace(signing_secret=SECRET, bot_token=TOKEN, clock=clock) as workspace,
        serve(slack_emulator(workspace)) as url,
        aiohttp.ClientSession() as session,
    ):
        workspace.url = url
        bot = Bot(workspace, AsyncWebClient(TOKEN, base_url=f"{url}/api/", session=session))
        async with serve(AsyncSlackRequestHandler(bot.app)) as bot_url:
            workspace.bot_url = f"{bot_url}/slack/events"
            yield bot


@pytest.fixture
async def bot(clock: Clock) -> AsyncIterator[Bot]:
    async with _world(clock) as bot:
        yield bot


@pytest.fixture
def workspace(bot: Bot) -> Workspace:
    return bot.workspace


async def error(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_command_answered_in_the_acknowledgement_is_ephemeral(bot: Bot, workspace: Workspace) -> None:
    bot.replies = {"text": "1,234 views", "blocks": [section("*1,234* views")]}
    seen = await workspace.command("/figshare", "views 5616445")
    assert (seen.text, seen.status) == ("1,234 views", 200)
    assert seen.message.ephemeral_to == workspace.maya
    assert seen.took_ms < 1000


async def test_command_with_links_and_mentions_has_angle_brackets(bot: Bot, workspace: Workspace) -> None:
    bot.replies = "ok"
    await workspace.command(
        "/figshare", "cite https://doi.org/10.6084/m9.figshare.1 & <b> @maya #research-data"
    )
    assert bot.heard[0]["text"] == (
        "cite <https://doi.org/10.6084/m9.figshare.1> &amp; &lt;b&gt; <@U0MAYA> <#C0RESEARCH|research-data>"
    )


async def test_typed_references_are_not_links(workspace: Workspace) -> None:
    for text in (
        "10.6084/m9.figshare.5616445.v2",
        "oai:figshare.com:article/5616445",
        "title:frog",
        "5616445.v2",
    ):
        assert workspace.formatted(text) == text
    assert workspace.formatted("figshare.com/a/1") == "<http://figshare.com/a/1|figshare.com/a/1>"
    assert workspace.formatted("<https://a.org|a> x") == "<https://a.org|a> x"


async def test_answer_in_channel_shows_the_command(bot: Bot, workspace: Workspace) -> None:
    bot.replies = {"response_type": "in_channel", "text": "for all"}
    seen = await workspace.command("/figshare", "views 1")
    assert (seen.message.ephemeral_to, seen.message.command) == (None, "/figshare views 1")


async def test_answer_by_response_url_is_ephemeral(bot: Bot, workspace: Workspace) -> None:
    async def later(ack: Any, body: Any, respond: Any) -> None:
        await ack()
        await respond("later")

    bot.replies = later
    seen = await workspace.command("/figshare", "views 1")
    assert seen.text == "later"
    assert seen.message.is_ephemeral


async def test_late_acknowledgement_is_an_operation_timeout(bot: Bot, workspace: Workspace) -> None:
    async def slow(ack: Any, body: Any, respond: Any) -> None:
        await asyncio.sleep(0.5)
        await ack()

    workspace.delivery.ack_timeout = 0.1
    bot.replies = slow
    seen = await workspace.command("/figshare", "views 1")
    assert "operation_timeout" in seen.text
    assert seen.exchange and seen.exchange.failure == "operation_timeout"


async def test_refused_acknowledgement_is_dropped_silently(bot: Bot, workspace: Workspace) -> None:
    bot.replies = {"text": "x", "blocks": [section("y" * 3001)]}
    seen = await workspace.command("/figshare", "views 1", wait=0.05)
    assert seen.messages == []
    assert seen.exchange and "must be less than 3001 characters" in seen.exchange.note


async def test_command_of_another_app_never_reaches_the_bot(bot: Bot, workspace: Workspace) -> None:
    workspace.slash_commands = {"/figshare"}
    seen = await workspace.command("/giphy", "frog")
    assert "not a valid command" in seen.text
    assert bot.heard == []


async def test_response_url_used_six_times_takes_five_answers(bot: Bot, workspace: Workspace) -> None:
    codes = []

    async def six(ack: Any, body: Any, respond: Any) -> None:
        await ack()
        codes.extend([(await respond(f"answer {number}")).status_code for number in range(6)])

    bot.replies = six
    await workspace.command("/figshare", "views 1")
    await workspace.until(lambda: workspace.log[-1].status == 404)
    await asyncio.sleep(0.02)
    assert codes == [200] * 5 + [404]
    assert workspace.log[-1].answer["error"] == "used_url"


async def test_response_url_after_half_an_hour_is_expired(
    bot: Bot, workspace: Workspace, clock: Clock
) -> None:
    await workspace.command("/figshare", "x", wait=0)
    url = bot.heard[0]["response_url"]
    clock.now += 31 * 60
    async with aiohttp.ClientSession() as session, session.post(url, json={"text": "late"}) as response:
        assert (response.status, (await response.json())["error"]) == (404, "expired_url")


async def test_ephemeral_answer_replaced_in_channel_stays_ephemeral(bot: Bot, workspace: Workspace) -> None:
    bot.replies = {"text": "page 1", "blocks": [actions(button("next"))]}
    page = await workspace.command("/figshare", "search frog")

    async def turn(body: Any, respond: Any) -> None:
        await respond(text="page 2", replace_original=True, response_type="in_channel")

    bot.press = turn
    seen = await workspace.press(page.message, "next")
    assert seen.message is page.message
    assert (seen.text, seen.message.ephemeral_to) == ("page 2", workspace.maya)


async def test_response_url_with_delete_original_deletes_the_message(bot: Bot, workspace: Workspace) -> None:
    bot.replies = {"text": "gone soon", "blocks": [actions(button("dismiss"))]}
    shown = await workspace.command("/figshare", "x")

    async def dismiss(body: Any, respond: Any) -> None:
        await respond(delete_original=True)

    bot.press = dismiss
    await workspace.press(shown.message, "dismiss", wait=0)
    await workspace.until(lambda: shown.message.deleted)


async def test_refused_type_of_block_is_named_in_the_error(bot: Bot, workspace: Workspace) -> None:
    workspace.refused_types = {"data_visualization"}
    call = bot.client.chat_postMessage(channel=workspace.research, text="x", blocks=[chart()])
    with pytest.raises(SlackApiError) as caught:
        await call
    assert caught.value.response["error"] == "invalid_blocks"
    complaint = caught.value.response["response_metadata"]["messages"][0]
    assert complaint == "[ERROR] unsupported type: data_visualization [json-pointer:/blocks/0/type]"


async def test_mention_is_answered_in_the_thread(bot: Bot, workspace: Workspace) -> None:
    seen = await workspace.mention(workspace.research, workspace.maya, "views 1")
    assert seen.sent and seen.message.thread_ts == seen.sent.ts
    assert seen.text == "heard <@U0FIGSHARE> views 1"
    assert seen.message.took_ms is not None


async def test_direct_message_without_mention_reaches_the_bot(bot: Bot, workspace: Workspace) -> None:
    seen = await workspace.direct_message(workspace.jonas, "views 1")
    assert seen.text == "heard views 1"
    assert bot.heard[0]["event"]["channel_type"] == "im"


async def test_message_between_people_never_reaches_the_bot(bot: Bot, workspace: Workspace) -> None:
    await workspace.say(workspace.research, workspace.maya, "lunch?")
    workspace.remove(workspace.library)
    seen = await workspace.mention(workspace.library, workspace.maya, "views 1")
    assert "/invite @figshare" in seen.text
    assert bot.heard == []


async def test_unanswered_event_is_sent_three_times_more(bot: Bot, workspace: Workspace) -> None:
    workspace.delivery.retry_waits = (0, 0, 0)
    workspace.bot_url += "/nowhere"
    first = await workspace.event({"type": "app_mention", "user": workspace.maya, "text": "x", "ts": "1.1"})
    await workspace.until(lambda: len(workspace.log) == 4 and workspace.log[-1].failure)
    again = workspace.log[1:]
    assert [one.headers["X-Slack-Retry-Num"] for one in again] == ["1", "2", "3"]
    assert {one.headers["X-Slack-Retry-Reason"] for one in again} == {"http_error"}
    assert {one.payload["event_id"] for one in again} == {first.payload["event_id"]}


async def test_user_of_another_workspace_is_a_stranger(bot: Bot, workspace: Workspace) -> None:
    await workspace.mention(workspace.research, "U0NOOR", "views 1")
    assert bot.heard[0]["is_ext_shared_channel"] is True
    assert bot.heard[0]["event"]["user_team"] == "T0PARTNER"
    info = await bot.client.users_info(user="U0NOOR")
    assert info["user"]["is_stranger"] and "email" not in info["user"]["profile"]


async def test_web_api_with_another_token_is_refused(bot: Bot, workspace: Workspace) -> None:
    assert (await bot.client.auth_test())["user_id"] == workspace.bot_user
    assert await error(bot.client.auth_test(token="xoxb-other")) == "invalid_auth"
    assert await error(bot.client.api_call("chat.nothing")) == "unknown_method"


async def test_post_into_a_channel_without_the_bot_is_refused(bot: Bot, workspace: Workspace) -> None:
    post = bot.client.chat_postMessage
    assert await error(post(channel="C0NOWHERE", text="x")) == "channel_not_found"
    assert await error(post(channel=workspace.research, text="x" * 40_001)) == "msg_too_long"
    assert await error(post(channel=workspace.research, text="x", thread_ts="1.0")) == "thread_not_found"
    workspace.remove(workspace.research)
    assert await error(post(channel=workspace.research, text="x")) == "not_in_channel"
    assert (await post(channel=workspace.jonas, text="hello"))["channel"] == "D0JONAS"


async def test_history_with_include_all_metadata_has_metadata(bot: Bot, workspace: Workspace) -> None:
    metadata = {"event_type": "digest", "event_payload": {"slot": "1"}}
    room = workspace.research
    posted = await bot.client.chat_postMessage(channel=room, text="digest", metadata=metadata)
    await bot.client.chat_postMessage(channel=room, text="reply", thread_ts=posted["ts"])
    plain = await bot.client.conversations_history(channel=room)
    assert [one["text"] for one in plain["messages"]] == ["digest"]
    assert "metadata" not in plain["messages"][0]
    told = await bot.client.conversations_history(channel=room, include_all_metadata=True, limit=1)
    assert told["messages"][0]["metadata"] == metadata
    thread = await bot.client.conversations_replies(channel=room, ts=posted["ts"])
    assert [one["text"] for one in thread["messages"]] == ["digest", "reply"]


async def test_post_with_a_lost_answer_is_posted_all_the_same(bot: Bot, workspace: Workspace) -> None:
    workspace.fail("chat.postMessage", "internal_error", status=500, after_effect=True)
    with pytest.raises(SlackApiError):
        await bot.client.chat_postMessage(channel=workspace.research, text="posted all the same")
    assert [one.text for one in workspace.history.messages] == ["posted all the same"]
    workspace.fail("chat.postMessage", "ratelimited", status=429, retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        await bot.client.chat_postMessage(channel=workspace.research, text="x")
    assert caught.value.response.headers["Retry-After"] == "7"


async def test_file_uploaded_in_three_steps_can_be_downloaded(bot: Bot, workspace: Workspace) -> None:
    await bot.client.files_upload_v2(
        channel=workspace.research, filename="views.csv", content="a,b\n1,2\n", initial_comment="The numbers"
    )
    message = workspace.history.messages[-1]
    assert (message.text, message.files[0]["name"]) == ("The numbers", "views.csv")
    address = message.files[0]["url_private"]
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        assert await response.text() == "a,b\n1,2\n"


async def test_users_groups_and_direct_messages_can_be_looked_up(bot: Bot, workspace: Workspace) -> None:
    workspace.usergroups["S0CURATORS"] = {workspace.maya}
    client = bot.client
    user = (await client.users_info(user=workspace.maya))["user"]
    assert (user["tz"], user["is_admin"], user["profile"]["email"]) == (
        "Europe/London",
        True,
        "maya@playground.example",
    )
    assert (await client.usergroups_users_list(usergroup="S0CURATORS"))["users"] == [workspace.maya]
    opened = await client.conversations_open(users=workspace.jonas)
    assert opened["channel"]["id"] == "D0JONAS"


async def opened(bot: Bot, view: dict[str, Any]) -> None:
    async def open_it(ack: Any, body: Any, respond: Any) -> None:
        await bot.client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    bot.replies = open_it
    seen = await bot.workspace.command("/figshare", "draft")
    assert seen.view and seen.view.title == "New draft"


async def test_form_submitted_reaches_the_bot_with_its_values(bot: Bot, workspace: Workspace) -> None:
    day = field("day", {"type": "plain_text_input", "action_id": "day"}, optional=True)
    await opened(bot, modal(TITLE, day))
    empty = await workspace.submit_view({})
    assert empty.view and empty.view.errors == {"title": "Please complete this required field."}
    seen = await workspace.submit_view({"title": "Frogs", "day": "2026-01-02"})
    assert seen.view is None
    assert bot.heard[-1]["view"]["state"]["values"] == {
        "title": {"title": {"type": "plain_text_input", "value": "Frogs"}},
        "day": {"day": {"type": "plain_text_input", "value": "2026-01-02"}},
    }


async def test_form_answered_with_errors_shows_the_errors(bot: Bot, workspace: Workspace) -> None:
    await opened(bot, modal(TITLE))
    bot.submit = {"response_action": "errors", "errors": {"title": "Too short"}}
    seen = await workspace.submit_view({"title": "F"})
    assert seen.view and seen.view.errors == {"title": "Too short"}


async def test_form_answered_with_update_shows_the_other_view(bot: Bot, workspace: Workspace) -> None:
    await opened(bot, modal(TITLE))
    bot.submit = {"response_action": "update", "view": modal(section("Sure?"))}
    seen = await workspace.submit_view({"title": "F"})
    assert seen.view and seen.view.blocks[0]["text"]["text"] == "Sure?"
    bot.submit = {"response_action": "clear"}
    assert (await workspace.submit_view()).view is None


async def test_trigger_used_twice_or_late_is_refused(bot: Bot, workspace: Workspace, clock: Clock) -> None:
    await opened(bot, modal(TITLE))
    trigger = bot.heard[-1]["trigger_id"]
    assert await error(bot.client.views_open(trigger_id=trigger, view=modal())) == "exchanged_trigger_id"
    bot.replies = None
    await workspace.command("/figshare", "draft", wait=0)
    clock.now += 4
    late = bot.client.views_open(trigger_id=bot.heard[-1]["trigger_id"], view=modal())
    assert await error(late) == "expired_trigger_id"


async def test_form_update_with_an_old_hash_is_a_conflict(bot: Bot, workspace: Workspace) -> None:
    await opened(bot, modal(TITLE))
    view = workspace.views.top(workspace.maya)
    assert view is not None
    old = view.hash
    await bot.client.views_update(view_id=view.id, view=modal(section("loaded")), hash=old)
    conflict = bot.client.views_update(view_id=view.id, view=modal(), hash=old)
    assert await error(conflict) == "hash_conflict"
    assert await error(bot.client.views_update(view_id="V0NOTHING", view=modal())) == "not_found"


async def test_menu_sends_the_chosen_option(bot: Bot, workspace: Workspace) -> None:
    style = {"text": {"type": "plain_text", "text": "BibTeX"}, "value": "bibtex"}
    menu = {"type": "static_select", "action_id": "style", "options": [style]}
    bot.replies = {
        "text": "x",
        "response_type": "in_channel",
        "blocks": [actions(menu, button("go", value="1"))],
    }
    shown = await workspace.command("/figshare", "cite 1")
    await workspace.press(shown.message, "style", value="bibtex", wait=0)
    assert bot.heard[-1]["actions"][0]["selected_option"] == style
    await workspace.press(shown.message, "go", wait=0)
    assert bot.heard[-1]["actions"][0]["value"] == "1"
    assert bot.heard[-1]["state"]["values"]["do"]["style"]["selected_option"] == style
    assert bot.heard[-1]["message"]["ts"] == shown.message.ts


async def test_ephemeral_message_pressed_by_another_user_is_not_found(bot: Bot, workspace: Workspace) -> None:
    bot.replies = {"text": "x", "blocks": [actions(button("go"))]}
    shown = await workspace.command("/figshare", "x")
    with pytest.raises(LookupError):
        await workspace.press(shown.message.ts, "go", user=workspace.jonas)
    await workspace.press(shown.message.ts, "go", wait=0)
    assert bot.heard[-1]["container"]["is_ephemeral"] is True
    assert "message" not in bot.heard[-1]


async def test_external_menu_shows_the_options_of_the_bot(bot: Bot, workspace: Workspace) -> None:
    pick = {"type": "external_select", "action_id": "pick", "min_query_length": 1}
    await opened(bot, modal(field("pick", pick)))
    view = workspace.views.top(workspace.maya)
    assert view is not None
    options = await workspace.suggest(view, "pick", "green")
    assert [one["text"]["text"] for one in options] == ["green frogs"]


@pytest.mark.parametrize(
    ("blocks", "complaint"),
    [
        ([section("x")] * 51, "no more than 50 items allowed [50 of 51] [json-pointer:/blocks]"),
        ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
        ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ([{"type": "frog"}], "unsupported type: frog"),
        ([{**section("x"), "color": "red"}], "invalid additional property"),
        ([{**section("x"), "block_id": "b"}] * 2, '"block_id" "b" already exists'),
        ([actions(button("a"), button("a"))], '"action_id" "a" already exists'),
        ([actions(button("a", value="v" * 2001))], "must be less than 2001 characters"),
        ([actions(button("a", url="javascript:alert(1)"))], "must be a valid URL"),
        ([actions(button("a", style="default"))], "must be one of: primary, danger"),
        ([chart()] * 3, "no more than 2 data_visualization blocks"),
        ([chart(title="t" * 51)], "must be less than 51 characters"),
        ([{"type": "table", "rows": rows(2)}] * 2, "only_one_table_allowed"),
        ([{"type": "section"}], "missing required field: text"),
        ([{"type": "table", "rows": rows(101)}], "no more than 100 items"),
        ([{"type": "table", "rows": rows(3, "x" * 5000)}], "less than 10001 characters"),
        ([{"type": "table", "rows": rows(2, "")}], "must be more than 0 characters"),
        ([{"type": "context", "elements": [TEXT] * 11}], "no more than 10 items"),
        ([{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}], "unsupported type: text"),
    ],
)
def test_message_that_slack_refuses_is_refused(blocks: list[dict[str, Any]], complaint: str) -> None:
    assert any(complaint in one for one in message_problems(blocks))


@pytest.mark.parametrize(
    ("view", "complaint"),
    [
        (modal(TITLE, submit=None), "missing required field: submit"),
        (modal(title={"type": "plain_text", "text": "t" * 25}), "must be less than 25 characters"),
        (modal(private_metadata="x" * 3001), "must be less than 3001 characters"),
        (modal(chart()), "unsupported type: data_visualization"),
        (modal(*[section("x")] * 101), "no more than 100 items"),
    ],
)
def test_form_that_slack_refuses_is_refused(view: dict[str, Any], complaint: str) -> None:
    assert any(complaint in one for one in view_problems(view))


def test_blocks_that_slack_takes_are_taken() -> None:
    cells = [[{"type": "raw_text", "text": "Year"}], [{"type": "raw_text", "text": "3"}]]
    text = {"type": "text", "text": "x", "style": {"bold": True}}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [text]}]}
    table = {"type": "table", "rows": cells}
    assert message_problems([section("x"), chart(), table, rich, actions(button("a"))]) == []
    assert view_problems(modal(TITLE, rich)) == []


CHECKER = SHARED / "tools" / "check_payloads.py"


@pytest.mark.skipif(not CHECKER.is_file(), reason="the schemas of Slack's payloads are not here")
async def test_requests_to_the_bot_fit_the_schemas_of_slack(
    bot: Bot, workspace: Workspace, tmp_path: Path
) -> None:
    await opened(bot, modal(TITLE, field("pick", {"type": "external_select", "action_id": "pick"})))
    view = workspace.views.top(workspace.maya)
    assert view is not None
    await workspace.suggest(view, "pick", "frog")
    await workspace.submit_view({"title": "F", "pick": "frogs"})
    question = await workspace.mention(workspace.research, workspace.maya, "views 1")
    await workspace.mention(
        workspace.research, "U0NOOR", "views 2", thread_ts=question.sent and question.sent.ts
    )
    await workspace.direct_message(workspace.jonas, "views https://figshare.com/a/1")
    bot.replies = {"text": "x", "response_type": "in_channel", "blocks": [actions(button("go", value="1"))]}
    shown = await workspace.command("/figshare", "x")
    await workspace.press(shown.message, "go", wait=0)
    sent = [one for one in workspace.log if one.to == "bot"]
    assert {one.kind for one in sent} >= {"command", "block_actions", "view_submission", "block_suggestion"}
    (tmp_path / "sent.json").write_text(json.dumps([one.raw for one in sent]))
    asked = await asyncio.create_subprocess_exec(
        sys.executable, CHECKER, tmp_path / "sent.json", stdout=asyncio.subprocess.PIPE
    )
    told, _ = await asked.communicate()
    assert told.decode().strip() == "violations: 0"


async def test_command_takes_a_few_milliseconds(bot: Bot, workspace: Workspace) -> None:
    bot.replies = "ok"
    started = time.perf_counter()
    for _ in range(5):
        await workspace.command("/figshare", "x")
    assert time.perf_counter() - started < 1.5


async def test_call_without_its_scope_is_refused(bot: Bot, workspace: Workspace) -> None:
    workspace.scopes -= {"chat:write", "channels:history", "users:read.email"}
    assert await error(bot.client.chat_postMessage(channel=workspace.research, text="x")) == "missing_scope"
    assert await error(bot.client.conversations_history(channel=workspace.research)) == "missing_scope"
    direct = workspace.direct(workspace.maya).id
    assert (await bot.client.conversations_history(channel=direct))["messages"] == []
    assert "email" not in (await bot.client.users_info(user=workspace.maya))["user"]["profile"]


async def test_only_the_bots_own_messages_can_be_changed(bot: Bot, workspace: Workspace) -> None:
    channel = workspace.research
    posted = (await bot.client.chat_postMessage(channel=channel, text="Asking"))["ts"]
    await bot.client.chat_update(channel=channel, ts=posted, text="12 views")
    [message] = [each for each in workspace.history.messages if each.ts == posted]
    assert message.text == "12 views"
    typed = (await workspace.say(channel, workspace.maya, "hello")).sent
    ephemeral = (await bot.client.chat_postEphemeral(channel=channel, user=workspace.maya, text="x"))[
        "message_ts"
    ]
    for method, refusal in (
        (bot.client.chat_update, "cant_update_message"),
        (bot.client.chat_delete, "cant_delete_message"),
    ):
        more = {"text": "y"} if method == bot.client.chat_update else {}
        assert typed is not None
        assert await error(method(channel=channel, ts=typed.ts, **more)) == refusal
        assert await error(method(channel=channel, ts=ephemeral, **more)) == "message_not_found"
        assert await error(method(channel=channel, ts="1.1", **more)) == "message_not_found"
    await bot.client.chat_delete(channel=channel, ts=posted)
    assert message.deleted


@pytest.mark.parametrize("replaces", [True, False])
async def test_command_answer_is_replaced_only_where_slack_does_that(
    bot: Bot, workspace: Workspace, replaces: bool
) -> None:
    workspace.replaces_command_answers = replaces

    async def twice(ack: Any, body: Any, respond: Any) -> None:
        await ack()
        for text in ("Asking", "12 views"):
            await respond(text, replace_original=True)

    bot.replies = twice
    await workspace.command("/figshare", "views 1")
    await workspace.until(lambda: workspace.history.messages[-1].text == "12 views")
    texts = [message.text for message in workspace.history.messages if message.from_bot]
    assert texts == (["12 views"] if replaces else ["Asking", "12 views"])
