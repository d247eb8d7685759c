"""The bodies Slack sends: slash commands, events, interactions, key by key."""

import secrets
from typing import Any

from bot.standin.slack.message import Message
from bot.standin.slack.people import APP_ID, BOT_USER_ID, TEAM_DOMAIN, TEAM_ID, Channel, Person
from bot.standin.slack.views import View
from bot.standin.slack.writing import rich

# deprecated by Slack and still sent; never to be believed
TOKEN = "verification-token"


def command(
    person: Person, channel: Channel, name: str, text: str, trigger_id: str, url: str
) -> dict[str, str]:
    """https://docs.slack.dev/interactivity/implementing-slash-commands."""
    return {
        "token": TOKEN,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel.name_in_payloads,
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": url,
        "trigger_id": trigger_id,
    }


def event(inner: dict[str, Any], now: float, shared: bool = False) -> dict[str, Any]:
    """Put an event into its envelope: https://docs.slack.dev/apis/events-api/#event-type-structure."""
    authorization = {"enterprise_id": None, "team_id": TEAM_ID, "user_id": BOT_USER_ID}
    return {
        "token": TOKEN,
        "team_id": TEAM_ID,
        "context_team_id": TEAM_ID,
        "api_app_id": APP_ID,
        "event": inner,
        "type": "event_callback",
        "event_id": f"Ev0{secrets.token_hex(5).upper()}",
        "event_time": int(now),
        "authorizations": [authorization | {"is_bot": True, "is_enterprise_install": False}],
        "is_ext_shared_channel": shared,
        "event_context": f"4-{secrets.token_urlsafe(24)}",
    }


def said(message: Message, person: Person, channel: Channel, kind: str) -> dict[str, Any]:
    """Describe what a person said: `app_mention` in channels, `message` in direct messages."""
    inner: dict[str, Any] = {
        "type": kind,
        "user": person.id,
        "ts": message.ts,
        "client_msg_id": secrets.token_hex(16),
        "text": message.text,
        "team": person.team_id,
        "blocks": rich(message.text),
        "channel": channel.id,
        "event_ts": message.ts,
    }
    if person.is_stranger:
        inner |= {"user_team": person.team_id, "source_team": person.team_id}
    if message.thread_ts:
        inner["thread_ts"] = message.thread_ts
    if kind == "message":
        inner["channel_type"] = channel.kind
    return inner


def _who(person: Person) -> dict[str, Any]:
    return {
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id},
        "api_app_id": APP_ID,
        "token": TOKEN,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "is_enterprise_install": False,
    }


def pressed_in_message(
    person: Person, channel: Channel, message: Message, action: dict[str, Any], trigger_id: str, url: str
) -> dict[str, Any]:
    """Describe a press in a message; one that only its reader sees comes without the message."""
    container: dict[str, Any] = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
    container["is_ephemeral"] = message.is_ephemeral
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    body = {"type": "block_actions", **_who(person), "container": container, "trigger_id": trigger_id}
    body["channel"] = {"id": channel.id, "name": channel.name_in_payloads}
    if not message.is_ephemeral:
        body["message"] = message.shape()
    body |= {"state": {"values": message.chosen}, "response_url": url, "actions": [action]}
    return body


def shortcut(
    person: Person, channel: Channel, message: Message, callback_id: str, trigger_id: str, url: str
) -> dict[str, Any]:
    """https://docs.slack.dev/interactivity/implementing-shortcuts: a shortcut of a message."""
    body = {"type": "message_action", **_who(person), "callback_id": callback_id, "trigger_id": trigger_id}
    body |= {"response_url": url, "message_ts": message.ts, "action_ts": message.ts}
    body["message"] = message.shape()
    return body | {"channel": {"id": channel.id, "name": channel.name_in_payloads}}


def pressed_in_view(person: Person, view: View, action: dict[str, Any], trigger_id: str) -> dict[str, Any]:
    container = {"type": "view", "view_id": view.id}
    body = {"type": "block_actions", **_who(person), "container": container, "trigger_id": trigger_id}
    return body | {"view": view.shape(), "actions": [action]}


def submitted(person: Person, view: View, trigger_id: str) -> dict[str, Any]:
    """https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload."""
    body = {"type": "view_submission", **_who(person), "trigger_id": trigger_id}
    return body | {"view": view.shape(), "response_urls": []}


def closed(person: Person, view: View, is_cleared: bool) -> dict[str, Any]:
    return {"type": "view_closed", **_who(person), "view": view.shape(), "is_cleared": is_cleared}


def suggestion(
    person: Person, block_id: str, action_id: str, query: str, where: Message | View, channel: Channel | None
) -> dict[str, Any]:
    """Ask for the options of an external select."""
    body = {"type": "block_suggestion", **_who(person)}
    body |= {"action_id": action_id, "block_id": block_id, "value": query}
    if isinstance(where, View):
        container: dict[str, Any] = {"type": "view", "view_id": where.id}
        return body | {"container": container, "view": where.shape()}
    container = {"type": "message", "message_ts": where.ts, "channel_id": where.channel}
    body |= {"container": container | {"is_ephemeral": where.is_ephemeral}, "message": where.shape()}
    return body | ({"channel": {"id": channel.id, "name": channel.name_in_payloads}} if channel else {})
