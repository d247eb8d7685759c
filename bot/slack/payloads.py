"""The parts of Slack's payloads that the bot uses, checked before anything else reads them.

https://docs.slack.dev/reference/interaction-payloads and https://docs.slack.dev/apis/events-api. Submitted
forms stand in `view_payloads`.
"""

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

# The ids of people, conversations, messages and triggers; they go into calls of the Web API as they are.
Id = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9._-]{1,200}\Z")]
Url = Annotated[str, Meta(max_length=2_000)]

T = TypeVar("T")


class Malformed(Exception):
    """Raised when a payload is not as Slack sends it; it names the place, and nothing of the content."""


class ObjectWithId(Struct):
    """The person who acts, or the conversation where: both come as an object with an id."""

    id: Id


class SlashCommand(Struct):
    """https://docs.slack.dev/interactivity/implementing-slash-commands."""

    user_id: Id
    channel_id: Id
    text: str = ""
    response_url: Url = ""
    trigger_id: Id = ""


class Event(Struct):
    """A mention or a direct message: https://docs.slack.dev/reference/events/app_mention."""

    type: str
    channel: Id
    ts: Id
    user: Id | None = None
    text: str | None = None
    thread_ts: Id | None = None
    channel_type: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    edited: Any = None

    @property
    def is_direct(self) -> bool:
        """Return whether the message stands in the direct message between the bot and its author."""
        return self.channel_type == "im" or self.channel.startswith("D")


class Authorization(Struct):
    """For whom an event is sent; Slack lists one, which need not be the bot."""

    user_id: str | None = None
    is_bot: bool | None = None


class EventCallback(Struct):
    """https://docs.slack.dev/apis/events-api/#event-type-structure."""

    event: Event
    authorizations: list[Authorization] | None = None

    @property
    def bot_user(self) -> str:
        """Return the id of the bot's own user, or an empty text where Slack does not name it."""
        bots = (each.user_id or "" for each in self.authorizations or () if each.is_bot)
        return next(bots, "")


class Container(Struct):
    """Where a button stands, as Slack says; what the button itself carries can be forged."""

    channel_id: Id | None = None
    message_ts: Id | None = None
    thread_ts: Id | None = None
    is_ephemeral: bool | None = None


class PressedButton(Struct):
    """The pressed element; only buttons have a value."""

    action_id: str
    type: str = "button"
    value: str | None = None

    @property
    def name(self) -> str:
        """Return the action id without the number that makes it unique in its message."""
        return self.action_id.partition(":")[0]


class Message(Struct):
    """The message with the button or the shortcut; ephemeral ones come without."""

    text: str | None = None
    blocks: list[dict[str, Any]] | None = None


class Press(Struct):
    """https://docs.slack.dev/reference/interaction-payloads/block_actions-payload."""

    user: ObjectWithId
    actions: list[PressedButton]
    container: Container = msgspec.field(default_factory=Container)
    channel: ObjectWithId | None = None
    message: Message | None = None
    response_url: Url = ""
    trigger_id: Id = ""

    @property
    def channel_id(self) -> str:
        """Return the conversation with the button."""
        return self.container.channel_id or (self.channel.id if self.channel else "")


class Shortcut(Struct):
    """https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload."""

    user: ObjectWithId
    callback_id: str
    message: Message | None = None
    response_url: Url = ""
    trigger_id: Id = ""


class Suggestion(Struct):
    """https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload."""

    user: ObjectWithId
    action_id: str
    value: str | None = None


def parse_payload(payload: Any, kind: type[T]) -> T:
    """Return the part of a payload that the bot uses; raises Malformed."""
    try:
        return msgspec.convert(payload, kind)
    except (msgspec.ValidationError, UnicodeError, RecursionError) as error:
        # msgspec names the place and the type, never the value.
        raise Malformed(f"{kind.__name__}: {error}") from None
