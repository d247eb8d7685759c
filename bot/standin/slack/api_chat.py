"""`chat.*` and `blocks.validate`: posting, changing and deleting what the bot says."""

import time
from typing import TYPE_CHECKING, Any

from bot.standin.slack.blockkit import message_problems, view_problems
from bot.standin.slack.hooks import Rejected, content
from bot.standin.slack.message import Message
from bot.standin.slack.people import BOT_USER_ID, Channel

if TYPE_CHECKING:
    from bot.standin.slack.workspace import Workspace

# counted after escaping, in bytes, for chat.update only
UPDATE_BYTES = 4000
METADATA_BYTES = 16_000


def room(workspace: "Workspace", arguments: dict[str, Any], bot_inside: bool = True) -> Channel:
    """Find the channel of a call; a user's id stands for the direct message with them."""
    wanted = arguments.get("channel")
    if not wanted:
        raise Rejected("channel_not_found")
    if wanted in workspace.people and wanted != BOT_USER_ID:
        return workspace.direct(wanted)
    channel = workspace.channels.get(str(wanted))
    # a private channel is invisible to a bot that isn't in it
    if channel is None or (channel.kind != "channel" and not channel.has_bot):
        raise Rejected("channel_not_found")
    if bot_inside and channel.is_archived:
        raise Rejected("is_archived")
    if bot_inside and not channel.has_bot:
        raise Rejected("not_in_channel")
    return channel


async def post_message(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.postMessage."""
    channel = room(workspace, arguments)
    text, blocks = content(arguments, workspace.refuse)
    metadata = arguments.get("metadata")
    if metadata is not None and not (isinstance(metadata, dict) and "event_type" in metadata):
        raise Rejected("invalid_metadata_format")
    if len(str(metadata or "")) > METADATA_BYTES:
        raise Rejected("metadata_too_large")
    thread = arguments.get("thread_ts")
    if thread and workspace.history.find(channel.id, str(thread)) is None:
        raise Rejected("thread_not_found")
    started = workspace.asked(channel.id, thread)
    message = Message(
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


async def post_ephemeral(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.postEphemeral."""
    channel = room(workspace, arguments)
    user = str(arguments.get("user", ""))
    if user not in channel.members:
        raise Rejected("user_not_in_channel")
    text, blocks = content(arguments, workspace.refuse)
    message = Message(
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


def _own(workspace: "Workspace", arguments: dict[str, Any], error: str) -> Message:
    channel = room(workspace, arguments, bot_inside=False)
    message = workspace.history.find(channel.id, str(arguments.get("ts", "")))
    if message is None or message.is_ephemeral:
        raise Rejected("message_not_found")
    if not message.from_bot:
        raise Rejected(error)
    return message


async def update(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.update."""
    message = _own(workspace, arguments, "cant_update_message")
    text, blocks = content(arguments, workspace.refuse)
    if len(text.encode()) > UPDATE_BYTES:
        raise Rejected("msg_too_long")
    message.edited_ts = workspace.history.next_ts()
    if "metadata" in arguments:
        message.metadata = arguments["metadata"]
    # blocks that are not given go away when a text is
    workspace.history.rewrite(message, text, blocks if blocks is not None else [])
    return {"channel": message.channel, "ts": message.ts, "text": text, "message": message.shape()}


async def delete(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    message = _own(workspace, arguments, "cant_delete_message")
    workspace.history.delete(message)
    return {"channel": message.channel, "ts": message.ts}


async def permalink(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    channel = room(workspace, arguments, bot_inside=False)
    ts = str(arguments.get("message_ts", ""))
    if workspace.history.find(channel.id, ts) is None:
        raise Rejected("message_not_found")
    return {
        "channel": channel.id,
        "permalink": f"{workspace.url}/archives/{channel.id}/p{ts.replace('.', '')}",
    }


async def validate(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/blocks.validate."""
    given = [name for name in ("blocks", "view", "message") if name in arguments]
    if len(given) != 1:
        raise Rejected("invalid_arguments")
    value = arguments[given[0]]
    if given[0] == "view":
        problems = view_problems(value, workspace.refuse)
    else:
        blocks = value if given[0] == "blocks" else value.get("blocks", [])
        problems = message_problems(blocks, workspace.refuse)
    if problems:
        raise Rejected("invalid_blocks", problems)
    return {}


METHODS = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": permalink,
    "blocks.validate": validate,
}
