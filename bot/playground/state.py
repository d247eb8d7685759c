"""What one person of the emulated workspace sees now, as the page wants it."""

from typing import Any

from bot.emulators.slack import Workspace
from bot.emulators.slack.message import SLACKBOT, PostedMessage
from bot.emulators.slack.people import BOT_USER_ID, Conversation, WorkspaceUser
from bot.emulators.slack.views import OpenView


def sight(workspace: Workspace, user: str) -> dict[str, Any]:
    """Gather the people, the channels somebody is in, what was said there, and the form on top."""
    rooms = {room.id: room for room in workspace.channels.values() if user in room.members}
    top = workspace.views.top(user)
    return {
        "changes": workspace.history.changes,
        "me": user,
        "bot": BOT_USER_ID,
        "people": [_person(person) for person in workspace.people.values()] + [_slackbot()],
        "channels": [_channel(room) for room in rooms.values()],
        "messages": [_message(one) for one in workspace.history.visible_to(user, set(rooms))],
        "view": _view(top) if top else None,
    }


def _person(person: WorkspaceUser) -> dict[str, Any]:
    shown = {"id": person.id, "name": person.name, "real_name": person.real_name, "title": person.title}
    return shown | {"is_bot": person.id == BOT_USER_ID}


def _slackbot() -> dict[str, Any]:
    name = "Playground"
    return {"id": SLACKBOT, "name": "playground", "real_name": name, "title": "", "is_bot": False}


def _channel(room: Conversation) -> dict[str, Any]:
    shown = {"id": room.id, "name": room.name, "kind": room.kind, "topic": room.topic}
    return shown | {"members": len(room.members), "shared": room.is_ext_shared, "has_bot": room.has_bot}


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
        "files": [{"name": one["name"], "url": f"/files/{one['id']}/{one['name']}"} for one in message.files],
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
