"""The pieces of a line: text, and what stands out, leads somewhere or is shown in the reader's own way."""

from msgspec import Struct


class Strong(Struct, frozen=True):
    """Text that stands out."""

    text: str


class Code(Struct, frozen=True):
    """Text to type or compare, letter by letter."""

    text: str


class Link(Struct, frozen=True):
    """Text that leads somewhere; without a safe address it is only text."""

    text: str
    url: str | None
    strong: bool = False


class Person(Struct, frozen=True):
    """Somebody of the workspace, by id."""

    id: str


class Channel(Struct, frozen=True):
    """A channel of the workspace, by id; Slack shows its name to whoever may see it."""

    id: str


class Moment(Struct, frozen=True):
    """A point in time, shown in the reader's own zone where that is known."""

    at: float


Span = str | Strong | Code | Link | Person | Channel | Moment
Line = tuple[Span, ...]


def coded(text: str) -> Line:
    """Read `text` in backticks as text to type."""
    return tuple(Code(each) if at % 2 else each for at, each in enumerate(text.split("`")) if each)
