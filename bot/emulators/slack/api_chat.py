"""`chat.*`: what the bot posts."""

import time
from typing import Any

from bot.emulators.slack.api_conversations import named_conversation
from bot.emulators.slack.message import PostedMessage
from bot.emulators.slack.people import BOT_USER_ID
from bot.emulators.slack.responses import SlackError, message_content
from bot.emulators.slack.state import WorkspaceState

METADATA_BYTES = 16_000


async def chat_post_message(workspace: WorkspaceState, arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.postMessage."""
    channel = named_conversation(workspace, arguments.get("channel"))
    text, blocks = message_content(arguments, workspace.refused_types)
    metadata = arguments.get("metadata")
    if metadata is not None and not (isinstance(metadata, dict) and "event_type" in metadata):
        raise SlackError("invalid_metadata_format")
    if len(str(metadata or "")) > METADATA_BYTES:
        raise SlackError("metadata_too_large")
    thread = arguments.get("thread_ts")
    if thread and workspace.history.find(channel.id, str(thread)) is None:
        raise SlackError("thread_not_found")
    # what has metadata is a digest, which nobody asked for just now
    started = None if metadata else workspace.take_question_time(channel.id, thread)
    message = PostedMessage(
        channel=channel.id,
        ts=workspace.history.next_ts(),
        user=BOT_USER_ID,
        text=text,
        blocks=blocks or [],
        thread_ts=str(thread) if thread else None,
        metadata=metadata,
        took_ms=(time.perf_counter() - started) * 1000 if started else None,
    )
    workspace.history.add(message)
    return {"channel": channel.id, "ts": message.ts, "message": message.shape()}


async def chat_post_ephemeral(workspace: WorkspaceState, arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.postEphemeral."""
    channel = named_conversation(workspace, arguments.get("channel"))
    user = str(arguments.get("user", ""))
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks = message_content(arguments, workspace.refused_types)
    message = PostedMessage(
        channel=channel.id,
        ts=workspace.history.next_ts(),
        user=BOT_USER_ID,
        text=text,
        blocks=blocks or [],
        thread_ts=arguments.get("thread_ts"),
        ephemeral_to=user,
    )
    workspace.history.add(message)
    return {"message_ts": message.ts}


async def chat_update(workspace: WorkspaceState, arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.update: the bot's own messages, but no ephemeral ones."""
    message = _own_message(workspace, arguments, "cant_update_message")
    text, blocks = message_content(arguments, workspace.refused_types)
    workspace.history.rewrite(message, text, blocks or [])
    return {"channel": message.channel, "ts": message.ts, "text": text, "message": message.shape()}


async def chat_delete(workspace: WorkspaceState, arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.delete: the bot's own messages, but no ephemeral ones."""
    message = _own_message(workspace, arguments, "cant_delete_message")
    workspace.history.delete(message)
    return {"channel": message.channel, "ts": message.ts}


def _own_message(workspace: WorkspaceState, arguments: dict[str, Any], refusal: str) -> PostedMessage:
    channel = named_conversation(workspace, arguments.get("channel"))
    message = workspace.history.find(channel.id, str(arguments.get("ts", "")))
    if message is None or message.is_ephemeral:
        raise SlackError("message_not_found")
    if not message.from_bot:
        raise SlackError(refusal)
    return message


CHAT_METHODS = {
    "chat.update": chat_update,
    "chat.delete": chat_delete,
    "chat.postMessage": chat_post_message,
    "chat.postEphemeral": chat_post_ephemeral,
}
