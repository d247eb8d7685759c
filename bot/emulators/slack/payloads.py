"""The payloads that Slack sends: slash commands, events, interactions, key by key."""

import secrets
from typing import Any

from bot.emulators.slack.message import PostedMessage
from bot.emulators.slack.people import APP_ID, BOT_USER_ID, TEAM_DOMAIN, TEAM_ID, Conversation, WorkspaceUser
from bot.emulators.slack.typed_text import rich_text_blocks
from bot.emulators.slack.views import OpenView

# Slack deprecates it and still sends it; the signature counts instead.
VERIFICATION_TOKEN = "verification-token"


def slash_command(
    user: WorkspaceUser, conversation: Conversation, name: str, text: str, trigger_id: str, url: str
) -> dict[str, str]:
    """https://docs.slack.dev/interactivity/implementing-slash-commands."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": conversation.id,
        "channel_name": conversation.name_in_payloads,
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": url,
        "trigger_id": trigger_id,
    }


def event_callback(event: dict[str, Any], now: float, shared: bool = False) -> dict[str, Any]:
    """Return an event in its envelope: https://docs.slack.dev/apis/events-api/#event-type-structure."""
    authorization = {"enterprise_id": None, "team_id": TEAM_ID, "user_id": BOT_USER_ID}
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "context_team_id": TEAM_ID,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev0{secrets.token_hex(5).upper()}",
        "event_time": int(now),
        "authorizations": [authorization | {"is_bot": True, "is_enterprise_install": False}],
        "is_ext_shared_channel": shared,
        "event_context": f"4-{secrets.token_urlsafe(24)}",
    }


def message_event(
    message: PostedMessage, user: WorkspaceUser, conversation: Conversation, kind: str
) -> dict[str, Any]:
    """Return the event of a message: `app_mention` in channels, `message` in direct messages."""
    event: dict[str, Any] = {
        "type": kind,
        "user": user.id,
        "ts": message.ts,
        "client_msg_id": secrets.token_hex(16),
        "text": message.text,
        "team": user.team_id,
        "blocks": rich_text_blocks(message.text),
        "channel": conversation.id,
        "event_ts": message.ts,
    }
    if user.is_stranger:
        event |= {"user_team": user.team_id, "source_team": user.team_id}
    if message.thread_ts:
        event["thread_ts"] = message.thread_ts
    if kind == "message":
        event["channel_type"] = conversation.kind
    return event


def sender_fields(user: WorkspaceUser) -> dict[str, Any]:
    return {
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "is_enterprise_install": False,
    }


def press_in_message(
    user: WorkspaceUser,
    conversation: Conversation,
    message: PostedMessage,
    action: dict[str, Any],
    trigger_id: str,
    url: str,
) -> dict[str, Any]:
    """Return a press in a message; an ephemeral message is not in the payload."""
    container: dict[str, Any] = {"type": "message", "message_ts": message.ts, "channel_id": conversation.id}
    container["is_ephemeral"] = message.is_ephemeral
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    body = {"type": "block_actions", **sender_fields(user), "container": container, "trigger_id": trigger_id}
    body["channel"] = {"id": conversation.id, "name": conversation.name_in_payloads}
    if not message.is_ephemeral:
        body["message"] = message.shape()
    body |= {"state": {"values": message.chosen}, "response_url": url, "actions": [action]}
    return body


def message_shortcut(
    user: WorkspaceUser,
    conversation: Conversation,
    message: PostedMessage,
    callback_id: str,
    trigger_id: str,
    url: str,
) -> dict[str, Any]:
    """https://docs.slack.dev/interactivity/implementing-shortcuts: a shortcut of a message."""
    body = {
        "type": "message_action",
        **sender_fields(user),
        "callback_id": callback_id,
        "trigger_id": trigger_id,
    }
    body |= {"response_url": url, "message_ts": message.ts, "action_ts": message.ts}
    body["message"] = message.shape()
    return body | {"channel": {"id": conversation.id, "name": conversation.name_in_payloads}}


def press_in_view(
    user: WorkspaceUser, view: OpenView, action: dict[str, Any], trigger_id: str
) -> dict[str, Any]:
    container = {"type": "view", "view_id": view.id}
    body = {"type": "block_actions", **sender_fields(user), "container": container, "trigger_id": trigger_id}
    return body | {"view": view.shape(), "actions": [action]}


def view_submission(user: WorkspaceUser, view: OpenView, trigger_id: str) -> dict[str, Any]:
    """https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload."""
    body = {"type": "view_submission", **sender_fields(user), "trigger_id": trigger_id}
    return body | {"view": view.shape(), "response_urls": []}


def view_closed(user: WorkspaceUser, view: OpenView, is_cleared: bool) -> dict[str, Any]:
    return {"type": "view_closed", **sender_fields(user), "view": view.shape(), "is_cleared": is_cleared}


def block_suggestion(
    user: WorkspaceUser,
    block_id: str,
    action_id: str,
    query: str,
    where: PostedMessage | OpenView,
    conversation: Conversation | None,
) -> dict[str, Any]:
    """Return the request for the options of an external select."""
    body = {"type": "block_suggestion", **sender_fields(user)}
    body |= {"action_id": action_id, "block_id": block_id, "value": query}
    if isinstance(where, OpenView):
        container: dict[str, Any] = {"type": "view", "view_id": where.id}
        return body | {"container": container, "view": where.shape()}
    container = {"type": "message", "message_ts": where.ts, "channel_id": where.channel}
    body |= {"container": container | {"is_ephemeral": where.is_ephemeral}, "message": where.shape()}
    return body | (
        {"channel": {"id": conversation.id, "name": conversation.name_in_payloads}} if conversation else {}
    )
