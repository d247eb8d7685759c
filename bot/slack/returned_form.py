"""A form whose view was closed, given back as a message with all that was typed and a button to reopen it.

The typed values stand in the message in blocks to copy from. The button carries the signed metadata alone: it
has room for 2,000 characters, and a form may hold more. So a press reads the values from the message.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bot.render.blocks import COPY_BLOCK_PREFIX
from bot.render.views import field_labels
from bot.reply import Button, Choice, Copy, Line, Part, Reply, Text, Value
from bot.slack.payloads import parse_payload
from bot.slack.private_metadata import MetadataSigner, PrivateMetadata
from bot.slack.view_payloads import Submission

# Marks the name of a field whose value was chosen, not typed.
_CHOSEN = "=chosen"
_SEPARATOR = " · "


class TextElement(Struct):
    """An element with a text in it."""

    text: str


class PreformattedElement(Struct):
    """A preformatted text in a block of rich text."""

    elements: list[TextElement]


class CopyBlock(Struct):
    """A block of a message that holds a typed value, or a piece of one."""

    elements: list[PreformattedElement]


def returned_form(
    reply: Reply, submission: Submission, metadata: PrivateMetadata, signer: MetadataSigner
) -> Reply:
    """Return the reply that gives a form back, below the lines that say what went wrong."""
    labels = field_labels(submission.view)
    parts = list[Part]()
    for name, value in submission.values.items():
        if value:
            copy_name = name if isinstance(value, str) else name + _CHOSEN
            parts += [Text((), labels.get(name, name)), Copy(_text_of_value(value), copy_name)]
    title, *lines = reason_lines(reply)
    carried = replace(
        metadata,
        response_url="",
        replaces_message=False,
        idempotency_key=metadata.idempotency_key or submission.view_id,
    )
    button = Button(
        "Open the form again",
        action=metadata.reopen_action,
        value=signer.sign(carried, metadata.reopen_action),
        style="primary",
    )
    return Reply(
        title,
        (*(Text(line) for line in lines), Text(("Here is what you entered:",)), *parts),
        buttons=(button,),
        outcome=reply.outcome,
        is_private=True,
    )


def reason_lines(reply: Reply) -> list[Line]:
    """Return the lines of a reply that say what went wrong."""
    return [reply.title, *(part.line for part in reply.parts if isinstance(part, Text))]


def values_from_message(blocks: Iterable[Mapping[str, Any]]) -> dict[str, Value]:
    """Return the values in a message that gave a form back, by their fields; raises Malformed."""
    texts: dict[str, str] = {}
    for block in blocks:
        block_id = str(block.get("block_id", ""))
        if block_id.startswith(COPY_BLOCK_PREFIX):
            elements = parse_payload(block, CopyBlock).elements
            pieces = (piece.text for element in elements for piece in element.elements)
            copy_name = block_id.removeprefix(COPY_BLOCK_PREFIX).rpartition(":")[0]
            texts[copy_name] = texts.get(copy_name, "") + "".join(pieces)
    return {name.partition("=")[0]: _value_of_text(name, text) for name, text in texts.items()}


def _text_of_value(value: Value) -> str:
    """Return a value as text; of a choice the last separator counts, since a label may hold one too."""
    if isinstance(value, str):
        return value
    return "\n".join(f"{choice.label}{_SEPARATOR}{choice.value}" for choice in value)


def _value_of_text(copy_name: str, text: str) -> Value:
    if not copy_name.endswith(_CHOSEN):
        return text
    pairs = (line.rpartition(_SEPARATOR) for line in text.split("\n"))
    return tuple(Choice(label, value) for label, _, value in pairs if label)
