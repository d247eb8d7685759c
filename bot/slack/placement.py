"""Where the answer to a press, a form or a command stands, and who reads it there."""

from enum import Enum

from bot.reply import Reply


class Placement(Enum):
    """The places that Slack has for an answer."""

    # in place of the message with the button
    REPLACE = "replace"
    # below it, for the person who pressed alone
    BESIDE = "beside"
    # for everybody: in the conversation, or in the thread that is named
    CHANNEL = "channel"
    THREAD = "thread"


def after_question(reply: Reply, action: str, is_alone: bool) -> Placement:
    """Return where the answer to a button's question stands; `is_alone`: nobody else reads the message."""
    match action:
        case "ask.share" if reply.outcome == "ok" and not reply.is_private:
            return Placement.CHANNEL
        case "ask.run" if not is_alone and not reply.is_private:
            # A new question beside a public answer must not take that away from the others.
            return Placement.THREAD
        case "ask.run" | "ask.share":
            return after_command(reply)
        case "ask.instead" if is_alone and reply.outcome not in ("ok", "refused"):
            # One mistake takes the place of another.
            return Placement.REPLACE
    return after_action(reply, is_alone)


def after_action(reply: Reply, is_alone: bool) -> Placement:
    """Return where the answer to a button's action or to a form stands."""
    if reply.outcome != "ok" or reply.keeps_original or reply.public_in:
        # What goes wrong takes nothing away.
        return after_command(reply)
    return Placement.REPLACE if is_alone or not reply.is_private else Placement.BESIDE


def after_command(reply: Reply) -> Placement:
    """Return where the answer to a command stands: there is no message to replace."""
    return Placement.CHANNEL if reply.public_in and not reply.is_private else Placement.BESIDE
