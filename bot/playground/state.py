"""What one person of the emulated workspace sees now, in the JSON of the page."""

from typing import Any

from bot.emulators.slack import Workspace
from bot.emulators.slack.message import SLACKBOT, PostedMessage
from bot.emulators.slack.people import BOT_USER_ID, Conversation, WorkspaceUser
from bot.emulators.slack.views import OpenView


def workspace_state(workspace: Workspace, user: str) -> dict[str, Any]:
    """Return the people, a user's channels with their messages, and the form that is open on top."""
    channels = {channel.id: channel for channel in workspace.channels.values() if user in channel.members}
    view = workspace.views.top(user)
    return {
        "changes": workspace.history.changes,
        "me": user,
        "bot": BOT_USER_ID,
        "people": [_person(person) for person in workspace.people.values()] + [_slackbot()],
        "channels": [_channel(channel) for channel in channels.values()],
        "messages": [_message(message) for message in workspace.history.visible_to(user, set(channels))],
        "view": _view(view) if view else None,
    }


def _person(person: WorkspaceUser) -> dict[str, Any]:
    names = {"id": person.id, "name": person.name, "real_name": person.real_name, "title": person.title}
    return names | {"is_bot": person.id == BOT_USER_ID}


def _slackbot() -> dict[str, Any]:
    name = "Playground"
    return {"id": SLACKBOT, "name": "playground", "real_name": name, "title": "", "is_bot": False}


def _channel(channel: Conversation) -> dict[str, Any]:
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "topic": channel.topic,
        "members": len(channel.members),
        "shared": channel.is_ext_shared,
        "has_bot": channel.has_bot,
    }


def _message(message: PostedMessage) -> dict[str, Any]:
    return {
        "id": message.ts,
        "channel": message.channel,
        "user": message.user,
        "text": message.text,
        "blocks": message.blocks,
        "thread": message.thread_ts,
        "ephemeral": message.is_ephemeral,
        "command": message.command,
        "asked": message.asked,
        "took": message.took_ms,
        "changed": message.changed,
        "files": [
            {"name": file["name"], "url": f"/files/{file['id']}/{file['name']}"} for file in message.files
        ],
        "chosen": message.chosen,
    }


def _view(view: OpenView) -> dict[str, Any]:
    return {
        "id": view.id,
        "hash": view.hash,
        "title": view.title,
        "submit": (view.definition.get("submit") or {}).get("text"),
        "close": (view.definition.get("close") or {}).get("text", "Cancel"),
        "blocks": view.blocks,
        "errors": view.errors,
        "trouble": view.problem,
        "chosen": view.chosen,
    }
