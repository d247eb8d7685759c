"""`conversations.*`: channels, who is in them, and what was said there."""

from typing import TYPE_CHECKING, Any

from bot.standin.slack.api_chat import room
from bot.standin.slack.hooks import Rejected
from bot.standin.slack.message import Message
from bot.standin.slack.people import BOT_USER_ID, Channel

if TYPE_CHECKING:
    from bot.standin.slack.workspace import Workspace


async def info(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    return {"channel": room(workspace, arguments, bot_inside=False).profile()}


def page(found: list[Any], arguments: dict[str, Any], usual: int = 100) -> tuple[list[Any], str]:
    """Cut one page out of what was found; the cursor of the next comes with it."""
    cursor = str(arguments.get("cursor") or "0")
    if not cursor.isdigit():
        raise Rejected("invalid_cursor")
    start, limit = int(cursor), max(1, min(int(arguments.get("limit") or usual), 999))
    more = start + limit < len(found)
    return found[start : start + limit], str(start + limit) if more else ""


def _shapes(
    workspace: "Workspace", messages: list[Message], arguments: dict[str, Any]
) -> list[dict[str, Any]]:
    shapes = []
    for message in messages:
        shape = message.shape()
        if arguments.get("include_all_metadata") and message.metadata:
            shape["metadata"] = message.metadata
        replies = [one for one in workspace.history.messages if one.thread_ts == message.ts]
        answers = [one for one in replies if one.channel == message.channel and not one.is_ephemeral]
        if answers and message.thread_ts is None:
            shape |= {"thread_ts": message.ts, "reply_count": len(answers), "latest_reply": answers[-1].ts}
        shapes.append(shape)
    return shapes


def _between(messages: list[Message], arguments: dict[str, Any]) -> list[Message]:
    oldest, latest = float(arguments.get("oldest") or 0), float(arguments.get("latest") or "inf")
    if arguments.get("inclusive") in (True, "1", 1):
        return [one for one in messages if oldest <= float(one.ts) <= latest]
    return [one for one in messages if oldest < float(one.ts) < latest]


def _said(workspace: "Workspace", channel: Channel) -> list[Message]:
    there = [one for one in workspace.history.messages if one.channel == channel.id]
    return [one for one in there if not one.is_ephemeral and not one.deleted]


async def history(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/conversations.history: newest first, without replies."""
    channel = room(workspace, arguments)
    found = [one for one in _said(workspace, channel) if one.thread_ts in (None, one.ts)]
    part, cursor = page(_between(found, arguments)[::-1], arguments)
    return _listed(_shapes(workspace, part, arguments), cursor)


async def replies(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/conversations.replies: oldest first, with the question."""
    channel = room(workspace, arguments)
    ts = str(arguments.get("ts", ""))
    root = workspace.history.find(channel.id, ts)
    if root is None or root.is_ephemeral:
        raise Rejected("thread_not_found")
    found = [one for one in _said(workspace, channel) if one.thread_ts == ts]
    part, cursor = page([root, *_between(found, arguments)], arguments, usual=1000)
    return _listed(_shapes(workspace, part, arguments), cursor)


def _listed(shapes: list[dict[str, Any]], cursor: str) -> dict[str, Any]:
    metadata = {"response_metadata": {"next_cursor": cursor}} if cursor else {}
    return {"messages": shapes, "has_more": bool(cursor), **metadata}


async def members(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    channel = room(workspace, arguments, bot_inside=False)
    part, cursor = page(sorted(channel.members), arguments)
    return {"members": part, "response_metadata": {"next_cursor": cursor}}


async def open_one(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/conversations.open."""
    if "channel" in arguments:
        return {"channel": room(workspace, arguments).profile()}
    users = [user for user in str(arguments.get("users", "")).split(",") if user]
    if not users or any(user not in workspace.people for user in users):
        raise Rejected("user_not_found" if users else "users_list_not_supplied")
    if len(users) == 1:
        channel = workspace.direct(users[0])
        return {"channel": {"id": channel.id} | (channel.profile() if arguments.get("return_im") else {})}
    everybody = {*users, BOT_USER_ID}
    for channel in workspace.channels.values():
        if channel.kind == "mpim" and channel.members == everybody:
            return {"channel": channel.profile()}
    name = f"mpdm-{'--'.join(sorted(workspace.people[user].name for user in everybody))}-1"
    channel = Channel(f"G0MPIM{len(workspace.channels)}", name, kind="mpim", members=everybody)
    workspace.channels[channel.id] = channel
    return {"channel": channel.profile()}


async def of_user(workspace: "Workspace", arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/users.conversations: without a user, the bot's own."""
    user = arguments.get("user", BOT_USER_ID)
    kinds = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
    asked = str(arguments.get("types") or "public_channel").split(",")
    wanted = {kinds[kind.strip()] for kind in asked if kind.strip() in kinds}
    found = [
        channel.profile()
        for channel in workspace.channels.values()
        if user in channel.members
        and channel.kind in wanted
        and (channel.has_bot or channel.kind == "channel")
    ]
    part, cursor = page(found, arguments)
    return {"channels": part, "response_metadata": {"next_cursor": cursor}}


METHODS = {
    "conversations.info": info,
    "conversations.history": history,
    "conversations.replies": replies,
    "conversations.members": members,
    "conversations.open": open_one,
    "users.conversations": of_user,
}
