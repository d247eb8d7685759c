"""The spans of a line: text, emphasis, links, and what Slack shows to each reader in their own way."""

from msgspec import Struct


class Strong(Struct, frozen=True):
    """Text in bold."""

    text: str


class Code(Struct, frozen=True):
    """Text to type or to compare letter by letter."""

    text: str


class Link(Struct, frozen=True):
    """Text that opens an address; without a safe one it is plain text."""

    text: str
    url: str | None
    is_strong: bool = False


class Mention(Struct, frozen=True):
    """A member of the workspace, by id."""

    id: str


class Channel(Struct, frozen=True):
    """A channel of the workspace, by id; Slack shows its name only to people who can see the channel."""

    id: str


class Moment(Struct, frozen=True):
    """A moment in seconds since 1970, shown in the reader's time zone where that is known."""

    timestamp: float


Span = str | Strong | Code | Link | Mention | Channel | Moment
Line = tuple[Span, ...]


def code_spans(text: str) -> Line:
    """Return a text as spans, with what stands between backticks as code."""
    pieces = enumerate(text.split("`"))
    return tuple(Code(piece) if index % 2 else piece for index, piece in pieces if piece)
