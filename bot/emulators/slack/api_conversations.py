"""`conversations.*`: what was said in a channel, and direct messages; and which channel a call names."""

from collections.abc import Iterable
from typing import Any

from bot.emulators.slack.message import PostedMessage
from bot.emulators.slack.people import BOT_USER_ID, Conversation
from bot.emulators.slack.responses import SlackError
from bot.emulators.slack.state import WorkspaceState


def named_conversation(workspace: WorkspaceState, channel_id: Any) -> Conversation:
    """Return the conversation that a call names; a user's id stands for the direct message with that user."""
    if channel_id in workspace.people and channel_id != BOT_USER_ID:
        return workspace.direct(channel_id)
    channel = workspace.channels.get(str(channel_id))
    # A private channel is invisible to a bot that is not in it.
    if channel is None or (channel.kind != "channel" and not channel.has_bot):
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    if not channel.has_bot:
        raise SlackError("not_in_channel")
    return channel


async def conversations_history(workspace: WorkspaceState, arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/conversations.history: newest first, without replies."""
    channel = named_conversation(workspace, arguments.get("channel"))
    messages = [
        message for message in _visible(workspace, channel) if message.thread_ts in (None, message.ts)
    ]
    return _page(_between(messages, arguments)[::-1], arguments, 100)


async def conversations_replies(workspace: WorkspaceState, arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/conversations.replies: oldest first, with the question."""
    channel = named_conversation(workspace, arguments.get("channel"))
    ts = str(arguments.get("ts", ""))
    root = workspace.history.find(channel.id, ts)
    if root is None or root.is_ephemeral:
        raise SlackError("thread_not_found")
    replies = [message for message in _visible(workspace, channel) if message.thread_ts == ts]
    return _page([root, *_between(replies, arguments)], arguments, 1000)


def _visible(workspace: WorkspaceState, channel: Conversation) -> list[PostedMessage]:
    return [
        message
        for message in workspace.history.messages
        if message.channel == channel.id and not message.is_ephemeral and not message.deleted
    ]


def _between(messages: Iterable[PostedMessage], arguments: dict[str, Any]) -> list[PostedMessage]:
    oldest, latest = float(arguments.get("oldest") or 0), float(arguments.get("latest") or "inf")
    return [message for message in messages if oldest < float(message.ts) < latest]


def _page(messages: list[PostedMessage], arguments: dict[str, Any], default_limit: int) -> dict[str, Any]:
    """Return one page of messages; the cursor of the next comes with it."""
    cursor = str(arguments.get("cursor") or "0")
    if not cursor.isdigit():
        raise SlackError("invalid_cursor")
    start, limit = int(cursor), max(1, min(int(arguments.get("limit") or default_limit), 999))
    shapes = []
    for message in messages[start : start + limit]:
        shape = message.shape()
        if arguments.get("include_all_metadata") and message.metadata:
            shape["metadata"] = message.metadata
        shapes.append(shape)
    has_more = start + limit < len(messages)
    metadata = {"response_metadata": {"next_cursor": str(start + limit)}} if has_more else {}
    return {"messages": shapes, "has_more": has_more, **metadata}


async def conversations_open(workspace: WorkspaceState, arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/conversations.open: with one person."""
    user = str(arguments.get("users", ""))
    if user not in workspace.people:
        raise SlackError("user_not_found" if user else "users_list_not_supplied")
    return {"channel": {"id": workspace.direct(user).id}}


CONVERSATION_METHODS = {
    "conversations.history": conversations_history,
    "conversations.replies": conversations_replies,
    "conversations.open": conversations_open,
}
