"""Where the reply to a press, a form or a command stands, and who reads it there."""

from enum import Enum

from bot.reply import Reply


class Placement(Enum):
    """The places that Slack has for a reply."""

    # instead of the message with the button
    REPLACE = "replace"
    # a new message below it, which one person sees
    BESIDE = "beside"
    # a new message for everybody: in the conversation, or in a thread of it
    CHANNEL = "channel"
    THREAD = "thread"


def placement_of(reply: Reply, action_id: str | None, has_one_reader: bool = False) -> Placement:
    """Return where a reply stands.

    `action_id` is the pressed button's, without its number, and None where no message of the bot is there to
    replace: after a command, a shortcut, and a form that those opened. The reply to a form that a button
    opened stands where that of an action button stands. `has_one_reader`: only the person who pressed reads
    the message with the button.

    The first row that fits decides. A new message is CHANNEL for a reply with `public_in` that is not
    private, otherwise BESIDE.

        what was pressed   the reply                                stands
        none               any                                      new message
        ask.share          ok, not private                          CHANNEL
        ask.run            not private, the message has readers     THREAD
        ask.run, ask.share any                                      new message
        ask.instead        a mistake or an error, one reader        REPLACE
        any other          not ok, keeps_original or public_in      new message
        any other          private, the message has readers         BESIDE
        any other          any                                      REPLACE
    """
    is_public, is_ok = not reply.is_private, reply.outcome == "ok"
    new_message = Placement.CHANNEL if reply.public_in and is_public else Placement.BESIDE
    match action_id:
        case None:
            return new_message
        case "ask.share" if is_ok and is_public:
            return Placement.CHANNEL
        case "ask.run" if is_public and not has_one_reader:
            # A new question below a public answer must not take that answer away from its other readers.
            return Placement.THREAD
        case "ask.run" | "ask.share":
            return new_message
        case "ask.instead" if has_one_reader and reply.outcome not in ("ok", "refused"):
            # The answer to a mistake may be another mistake: one replaces the other.
            return Placement.REPLACE
    if not is_ok or reply.keeps_original or reply.public_in:
        # A message must not disappear because its button failed.
        return new_message
    return Placement.REPLACE if is_public or has_one_reader else Placement.BESIDE
