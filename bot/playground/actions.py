"""What a person can do on the page: send, press, look for options, submit, close, move the clock."""

from typing import Any

from bot.emulators.slack import Workspace
from bot.emulators.slack.people import BOT_NAME
from bot.playground.clock import MovingClock

Given = dict[str, Any]


async def do(workspace: Workspace, clock: MovingClock, deed: str, given: Given) -> Given:
    """Do one thing for a person; raises LookupError for what can't be done, ValueError for what is wrong."""
    user = given["user"]
    match deed:
        case "send":
            return await _send(workspace, user, given)
        case "press":
            seen = await workspace.press(
                given["where"],
                given["action_id"],
                user=user,
                value=given.get("value"),
                block_id=given.get("block_id"),
                wait=0,
            )
            return {"trouble": seen.problem}
        case "shortcut":
            seen = await workspace.shortcut(given["where"], given["callback"], user=user, wait=0)
            return {"trouble": seen.problem}
        case "suggest":
            options = await workspace.suggest(
                given["where"], given["action_id"], str(given.get("query", "")), user=user
            )
            return {"options": options}
        case "submit":
            await workspace.submit_view(given.get("values") or {}, user=user, view=given["view"])
            return {}
        case "close":
            await workspace.close_view(user=user)
            return {}
        case "clock":
            await _move(clock, given["forward"])
            return {}
    raise LookupError(f"there is nothing called {deed}")


async def _send(workspace: Workspace, user: str, given: Given) -> Given:
    text, channel, thread = str(given["text"]).strip(), given["channel"], given.get("thread")
    if not text:
        return {}
    if not text.startswith("/"):
        seen = await workspace.say(channel, user, text, thread, wait=0)
        return {"said": seen.sent and seen.sent.ts, "heard": seen.exchange is not None}
    word, _, rest = text.partition(" ")
    if thread:
        told = f"`{word}` can't be used in threads; mention @{BOT_NAME} instead."
        workspace.post_as_slackbot(channel, user, told).thread_ts = thread
    elif word == "/invite" and rest.strip().lower() == f"@{BOT_NAME}":
        await workspace.invite(channel)
        workspace.post_as_slackbot(channel, user, f"@{BOT_NAME} is in this channel now.")
    elif word == "/remove" and rest.strip().lower() == f"@{BOT_NAME}":
        workspace.remove(channel)
        workspace.post_as_slackbot(channel, user, f"@{BOT_NAME} has left this channel.")
    else:
        seen = await workspace.command(word, rest, user=user, channel=channel, wait=0)
        return {"heard": seen.exchange is not None and not seen.messages}
    return {}


async def _move(clock: MovingClock, seconds: Any) -> None:
    if seconds == "digest":
        return await clock.to_next_digest()
    # True is a number for Python
    if type(seconds) not in (int, float):
        raise ValueError("the clock moves by a number of seconds")
    await clock.forward(seconds)
