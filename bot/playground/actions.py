"""What a person can do on the page: send, press, search options, submit, close, move the clock."""

from typing import Any

from bot.emulators.slack import Workspace
from bot.emulators.slack.message import PostedMessage
from bot.emulators.slack.people import BOT_NAME
from bot.playground.clock import MovingClock

Json = dict[str, Any]
# How many seconds a digest that is due has until it is said that none came.
_DIGEST_TIME = 20.0


async def perform(workspace: Workspace, clock: MovingClock, action: str, values: Json) -> Json:
    """Perform an action and return what the page shows of it.

    Raises LookupError for an unknown action or a missing value, ValueError for a wrong value.
    """
    user = values["user"]
    match action:
        case "send":
            return await _send(workspace, user, values)
        case "press":
            delivered = await workspace.press(
                values["where"],
                values["action_id"],
                user=user,
                value=values.get("value"),
                block_id=values.get("block_id"),
                wait=0,
            )
            return {"trouble": delivered.problem}
        case "shortcut":
            delivered = await workspace.shortcut(values["where"], values["callback"], user=user, wait=0)
            return {"trouble": delivered.problem}
        case "suggest":
            options = await workspace.suggest(
                values["where"], values["action_id"], str(values.get("query", "")), user=user
            )
            return {"options": options}
        case "submit":
            await workspace.submit_view(values.get("values") or {}, user=user, view=values["view"])
            return {}
        case "close":
            await workspace.close_view(user=user)
            return {}
        case "clock":
            return await _move(workspace, clock, user, values["forward"])
    raise LookupError(f"there is no action {action}")


async def _send(workspace: Workspace, user: str, values: Json) -> Json:
    text, channel, thread = str(values["text"]).strip(), values["channel"], values.get("thread")
    if not text:
        return {}
    if not text.startswith("/"):
        delivered = await workspace.say(channel, user, text, thread, wait=0)
        return {"said": delivered.sent and delivered.sent.ts, "heard": delivered.exchange is not None}
    command, _, arguments = text.partition(" ")
    if thread:
        refusal = f"`{command}` can't be used in threads; mention @{BOT_NAME} instead."
        workspace.post_as_slackbot(channel, user, refusal).thread_ts = thread
    elif command == "/invite" and arguments.strip().lower() == f"@{BOT_NAME}":
        await workspace.invite(channel)
        workspace.post_as_slackbot(channel, user, f"@{BOT_NAME} is in this channel now.")
    elif command == "/remove" and arguments.strip().lower() == f"@{BOT_NAME}":
        workspace.remove(channel)
        workspace.post_as_slackbot(channel, user, f"@{BOT_NAME} has left this channel.")
    else:
        delivered = await workspace.command(command, arguments, user=user, channel=channel, wait=0)
        return {"heard": delivered.exchange is not None and not delivered.messages}
    return {}


async def _move(workspace: Workspace, clock: MovingClock, user: str, seconds: Any) -> Json:
    if seconds == "digest":
        before = workspace.history.changes
        if not await clock.move_to_next_digest():
            return {"digest": "unscheduled"}
        return {"digest": await _place_of_digest(workspace, user, before)}
    # For Python True is a number.
    if type(seconds) not in (int, float):
        raise ValueError("the clock moves by a number of seconds")
    await clock.move_forward(seconds)
    return {}


async def _place_of_digest(workspace: Workspace, user: str, before: int) -> Json | str:
    """Return where a digest came since a change; "elsewhere" hides other people's conversations."""

    def digest() -> PostedMessage | None:
        new = (each for each in workspace.history.messages if each.changed > before)
        return next((each for each in new if each.metadata and not each.thread_ts), None)

    try:
        await workspace.until(digest, _DIGEST_TIME)
    except TimeoutError:
        return "none"
    message = digest()
    assert message is not None
    if user not in workspace.channels[message.channel].members:
        return "elsewhere"
    return {"channel": message.channel, "message": message.ts}
