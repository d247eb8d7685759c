"""What is needed of Slack's payloads, read with types before anything else reads them.

https://docs.slack.dev/reference/interaction-payloads and https://docs.slack.dev/apis/events-api.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

# The ids of people, conversations, messages and triggers; they go into calls of the Web API as they are.
Id = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9._-]{1,200}\Z")]
Address = Annotated[str, Meta(max_length=2_000)]

T = TypeVar("T")


class Malformed(Exception):
    """Raised when a payload is not as Slack sends it; says where, and nothing of what it holds."""


class User(Struct):
    """Who acts, or the conversation where: both come as an object with an id."""

    id: Id


class SlashCommand(Struct):
    """https://docs.slack.dev/interactivity/implementing-slash-commands."""

    user_id: Id
    channel_id: Id
    text: str = ""
    response_url: Address = ""
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


class Authorization(Struct):
    """For whom an event is sent; one is listed, that of the bot."""

    user_id: str | None = None


class EventCallback(Struct):
    """https://docs.slack.dev/apis/events-api/#event-type-structure."""

    event: Event
    authorizations: list[Authorization] | None = None

    @property
    def bot_user(self) -> str:
        """Return the id of the bot's own user, where Slack says it."""
        return next((each.user_id or "" for each in self.authorizations or ()), "")


class PlainText(Struct):
    """Anything with a text in it."""

    text: str


class Container(Struct):
    """Where a button stood, as Slack says it, whatever the button carries."""

    channel_id: Id | None = None
    message_ts: Id | None = None
    thread_ts: Id | None = None
    is_ephemeral: bool | None = None


class Action(Struct):
    """What was pressed; only buttons have a value."""

    action_id: str
    value: str | None = None

    @property
    def name(self) -> str:
        """Return the action id without the number that makes it unique in its message."""
        return self.action_id.partition(":")[0]


class Message(Struct):
    """The message with the button or the shortcut; ephemeral ones come without."""

    text: str | None = None
    blocks: list[dict[str, Any]] | None = None


class KeptLine(Struct):
    """A preformatted text in a block of rich text."""

    elements: list[PlainText]


class KeptText(Struct):
    """A block of a message that holds what was typed into a form."""

    elements: list[KeptLine]


class Press(Struct):
    """https://docs.slack.dev/reference/interaction-payloads/block_actions-payload."""

    user: User
    actions: list[Action]
    container: Container = msgspec.field(default_factory=Container)
    channel: User | None = None
    message: Message | None = None
    response_url: Address = ""
    trigger_id: Id = ""

    @property
    def channel_id(self) -> str:
        """Return the conversation with the button."""
        return self.container.channel_id or (self.channel.id if self.channel else "")


class Shortcut(Struct):
    """https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload."""

    user: User
    callback_id: str
    message: Message | None = None
    response_url: Address = ""
    trigger_id: Id = ""


class Suggestion(Struct):
    """https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload."""

    user: User
    action_id: str
    value: str | None = None


class Words(Struct):
    """A text object of a form, which may be shown again: what Slack would refuse then is not taken."""

    type: Literal["plain_text"]
    text: Annotated[str, Meta(min_length=1, max_length=2_000)]
    emoji: bool | None = None


class Heading(Words):
    """The title of a form, or one of its two buttons."""

    text: Annotated[str, Meta(min_length=1, max_length=24)]


class Option(Struct):
    """Something that can be chosen, or was."""

    text: Words
    value: Annotated[str, Meta(max_length=150)]


class Element(Struct):
    """What is filled in; `max_length` bounds what is typed."""

    type: str
    action_id: Annotated[str, Meta(min_length=1, max_length=255)]
    options: list[Option] | None = None
    placeholder: Words | None = None
    multiline: bool | None = None
    max_length: Annotated[int, Meta(ge=1, le=3_000)] | None = None
    min_query_length: Annotated[int, Meta(ge=0, le=3_000)] | None = None
    max_selected_items: Annotated[int, Meta(ge=1, le=100)] | None = None


class Input(Struct, tag_field="type", tag="input"):
    """A question of a form."""

    block_id: Annotated[str, Meta(min_length=1, max_length=255)]
    label: Words
    element: Element
    hint: Words | None = None
    optional: bool | None = None


class State(Struct):
    """What one element holds."""

    type: str
    value: str | None = None
    selected_option: Option | None = None
    selected_options: list[Option] | None = None


class Values(Struct):
    """What a form holds: by block, then by element."""

    values: dict[str, dict[str, State]] | None = None


class View(Struct):
    """A form as it comes back: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload."""

    id: Id
    blocks: list[dict[str, Any]]
    title: Heading
    submit: Heading
    close: Heading | None = None
    callback_id: Annotated[str, Meta(max_length=255)] = ""
    private_metadata: Annotated[str, Meta(max_length=3_000)] = ""
    state: Values | None = None


class Submission(Struct):
    """A form that was submitted."""

    user: User
    view: View


def read(payload: Any, kind: type[T]) -> T:
    """Return what is needed of a payload; raises Malformed."""
    try:
        return msgspec.convert(payload, kind)
    except (msgspec.ValidationError, UnicodeError, RecursionError) as error:
        # msgspec names the place and the type, never the value
        raise Malformed(f"{kind.__name__}: {error}") from None


def read_submission(payload: Mapping[str, Any]) -> Submission:
    """Return a submitted form whose questions can be shown again as they came; raises Malformed."""
    submission = read(payload, Submission)
    for block in submission.view.blocks:
        if block.get("type") == "input":
            read(block, Input)
    return submission
