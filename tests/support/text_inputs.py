"""Every way in which a text from Slack reaches the bot: the request is signed, the text is sent unchanged."""

import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from bot.emulators.slack import payloads
from bot.emulators.slack.message import PostedMessage
from bot.emulators.slack.people import BOT_USER_ID, RESEARCH
from bot.language.tokens import sanitize
from bot.slack.private_metadata import PrivateMetadata
from tests.support.slack_client import SlackClient

MAYA = "U0MAYA"
# More than the 3,000 characters that Slack lets people type into a field.
MAX_FIELD_LENGTH = 10_000
Input = Callable[[SlackClient, str], Awaitable[object]]


async def slash(slack_client: SlackClient, text: str) -> object:
    slack = slack_client.slack
    hook, trigger = (
        slack.triggers.new_response_url(RESEARCH, MAYA, command="/figshare"),
        slack.triggers.new_trigger(MAYA),
    )
    url = f"{slack.url}/hooks/commands/{hook.id}"
    body = payloads.slash_command(
        slack.people[MAYA], slack.channels[RESEARCH], "/figshare", text, trigger.id, url
    )
    exchange = await slack.delivery.post_command(body)
    if exchange.answer:
        slack.apply_acknowledgement(hook, exchange)
    return exchange


def event(slack_client: SlackClient, **changed: Any) -> Awaitable[object]:
    ts = slack_client.slack.history.next_ts()
    payload = {"type": "app_mention", "channel": RESEARCH, "user": MAYA, "ts": ts} | changed
    slack_client.slack.history.add(PostedMessage(payload["channel"], ts, MAYA, "What was said"))
    return slack_client.slack.event(payload)


async def mention(slack_client: SlackClient, text: str) -> object:
    return await event(slack_client, text=f"<@{BOT_USER_ID}> {text}")


async def mention_at_the_end(slack_client: SlackClient, text: str) -> object:
    return await event(slack_client, text=f"{text} <@{BOT_USER_ID}|figshare>")


async def direct_message(slack_client: SlackClient, text: str) -> object:
    return await event(
        slack_client, type="message", channel_type="im", channel=slack_client.slack.direct(MAYA).id, text=text
    )


async def post_interaction(slack_client: SlackClient, kind: str, **more: Any) -> object:
    hook = slack_client.slack.triggers.new_response_url(RESEARCH, MAYA)
    body = {"type": kind, **payloads.sender_fields(slack_client.slack.people[MAYA])}
    body["trigger_id"] = slack_client.slack.triggers.new_trigger(MAYA).id
    body["response_url"] = f"{slack_client.slack.url}/hooks/actions/{hook.id}"
    return await slack_client.slack.delivery.post_interaction(body | more)


async def press_button(
    slack_client: SlackClient, name: str, value: str, message: dict[str, Any] | None = None
) -> object:
    ts = slack_client.slack.history.next_ts()
    slack_client.slack.history.add(PostedMessage(RESEARCH, ts, BOT_USER_ID, "An answer", ephemeral_to=MAYA))
    return await post_interaction(
        slack_client,
        "block_actions",
        container={"type": "message", "message_ts": ts, "channel_id": RESEARCH, "is_ephemeral": True},
        channel={"id": RESEARCH, "name": "research"},
        actions=[{"type": "button", "block_id": "b", "action_id": name, "value": value}],
        **({"message": message} if message else {}),
    )


def question_button(name: str) -> Input:
    async def send(slack_client: SlackClient, text: str) -> object:
        return await press_button(slack_client, f"{name}:0", json.dumps({"words": text}))

    return send


def action_button(name: str) -> Input:
    async def send(slack_client: SlackClient, text: str) -> object:
        return await press_button(slack_client, f"{name}:0", text)

    return send


async def reopened_form(slack_client: SlackClient, text: str) -> object:
    """Press the button that opens a form again, with the text of the message in its field."""
    parts = [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}]
    block = {"type": "rich_text", "block_id": "kept:title:0", "elements": parts}
    signed = slack_client.metadata_signer(MAYA).sign(
        PrivateMetadata(form_metadata=sanitize(text)), "draft.form"
    )
    return await press_button(slack_client, "draft.form:0", signed, {"blocks": [block]})


async def shortcut(slack_client: SlackClient, text: str) -> object:
    message = {"type": "message", "ts": slack_client.slack.history.next_ts(), "text": text, "user": MAYA}
    return await post_interaction(
        slack_client,
        "message_action",
        callback_id="draft.shortcut",
        message=message,
        channel={"id": RESEARCH},
    )


def form_submission(action_id: str, *names: str, kept: str = "") -> Input:
    async def send(slack_client: SlackClient, text: str) -> object:
        def field(name: str) -> dict[str, Any]:
            label = {"type": "plain_text", "text": name}
            element = {"type": "plain_text_input", "action_id": name}
            return {"type": "input", "block_id": name, "label": label, "element": element}

        values = {
            name: {name: {"type": "plain_text_input", "value": text[:MAX_FIELD_LENGTH]}} for name in names
        }
        option = {"text": {"type": "plain_text", "text": "Every week"}, "value": "weekly"}
        values |= {"often": {"often": {"type": "static_select", "selected_option": option}}}
        view = {
            "id": f"V{secrets.token_hex(5)}",
            "type": "modal",
            "callback_id": action_id,
            "title": {"type": "plain_text", "text": "Form"},
            "submit": {"type": "plain_text", "text": "Send"},
            "private_metadata": slack_client.metadata_signer(MAYA).sign(
                PrivateMetadata(form_metadata=kept), action_id
            ),
            "blocks": [field(name) for name in names],
            "state": {"values": values},
        }
        return await post_interaction(slack_client, "view_submission", view=view)

    return send


async def options_search(slack_client: SlackClient, text: str) -> object:
    return await post_interaction(
        slack_client,
        "block_suggestion",
        action_id="draft.categories",
        block_id="categories",
        value=text,
        container={"type": "view", "view_id": "V1"},
    )


TYPED: dict[str, Input] = {
    "slash": slash,
    "mention": mention,
    "mention at the end": mention_at_the_end,
    "direct message": direct_message,
}
CARRIED: dict[str, Input] = {
    **{name: question_button(name) for name in ("ask.run", "ask.next", "ask.instead", "ask.share")},
    **{
        name: action_button(name)
        for name in ("draft.form", "draft.title", "draft.card", "draft.edit", "draft.delete")
    },
    **{
        name: action_button(name) for name in ("digest.weekly", "digest.form", "digest.change", "digest.stop")
    },
    "given back": reopened_form,
    "shortcut": shortcut,
    "digest form": form_submission(
        "digest.create", "what", "on", "at", "zone", "cron", kept=json.dumps({"channel": RESEARCH})
    ),
    "draft form": form_submission(
        "draft.create", "title", "description", "authors", "keywords", "references"
    ),
    "search field": options_search,
}
INPUTS = TYPED | CARRIED
