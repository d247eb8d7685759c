"""A submitted form, read once: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload.

A form may be shown again as it came, so everything in it is checked against the limits of Slack.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import orjson
from msgspec import Meta, Struct

from bot.render.views import submitted_values
from bot.reply import Value
from bot.slack.payloads import Id, Malformed, ObjectWithId, parse_payload


class ViewText(Struct):
    """A text object of a view."""

    type: Literal["plain_text"]
    text: Annotated[str, Meta(min_length=1, max_length=2_000)]
    emoji: bool | None = None


class ViewHeading(ViewText):
    """The title of a view, or one of its two buttons."""

    text: Annotated[str, Meta(min_length=1, max_length=24)]


class InputOption(Struct):
    """An option of a menu."""

    text: ViewText
    value: Annotated[str, Meta(max_length=150)]


class InputElement(Struct):
    """The element of a field; `max_length` bounds what is typed."""

    type: str
    action_id: Annotated[str, Meta(min_length=1, max_length=255)]
    options: list[InputOption] | None = None
    placeholder: ViewText | None = None
    multiline: bool | None = None
    max_length: Annotated[int, Meta(ge=1, le=3_000)] | None = None
    min_query_length: Annotated[int, Meta(ge=0, le=3_000)] | None = None
    max_selected_items: Annotated[int, Meta(ge=1, le=100)] | None = None


class InputBlock(Struct, tag_field="type", tag="input"):
    """A field of a view, with its label."""

    block_id: Annotated[str, Meta(min_length=1, max_length=255)]
    label: ViewText
    element: InputElement
    hint: ViewText | None = None
    optional: bool | None = None


class ElementState(Struct):
    """What one element holds."""

    type: str
    value: str | None = None
    selected_option: InputOption | None = None
    selected_options: list[InputOption] | None = None
    selected_time: Annotated[str, Meta(max_length=20)] | None = None


class ViewState(Struct):
    """What a view holds: by block, then by element."""

    values: dict[str, dict[str, ElementState]] | None = None


class SubmittedView(Struct):
    """A view as Slack sends it back."""

    id: Id
    blocks: list[dict[str, Any]]
    title: ViewHeading
    submit: ViewHeading
    close: ViewHeading | None = None
    callback_id: Annotated[str, Meta(max_length=255)] = ""
    private_metadata: Annotated[str, Meta(max_length=3_000)] = ""
    state: ViewState | None = None


class SubmissionPayload(Struct):
    """The payload of `view_submission`."""

    user: ObjectWithId
    view: SubmittedView


@dataclass(frozen=True, slots=True)
class Submission:
    """A submitted form: who submitted it, for which action, and what they filled in.

    `signed_metadata` may be forged until its signature is verified. `view` is the view as Slack sent it.
    """

    user: str
    view_id: str
    title: str
    action_id: str
    signed_metadata: str
    values: Mapping[str, Value]
    view: Mapping[str, Any]


def parse_submission(payload: Mapping[str, Any]) -> Submission:
    """Return a submitted form that can be shown again as it came; raises Malformed."""
    checked = parse_payload(payload, SubmissionPayload)
    for block in checked.view.blocks:
        if block.get("type") == "input":
            parse_payload(block, InputBlock)
    view = payload["view"]
    try:
        # Typed text is sanitized, but all else is sent back as it came, with half a surrogate pair, for one.
        orjson.dumps({key: value for key, value in view.items() if key != "state"})
    except orjson.JSONEncodeError as error:
        raise Malformed(f"SubmittedView: {error}") from None
    return Submission(
        user=checked.user.id,
        view_id=checked.view.id,
        title=checked.view.title.text,
        action_id=checked.view.callback_id,
        signed_metadata=checked.view.private_metadata,
        values=submitted_values(view),
        view=view,
    )
