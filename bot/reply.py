"""What an answer says, before anybody decides how it looks."""

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Strong:
    """Text that stands out."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Text to type or compare, letter by letter."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads somewhere; without a safe address it is only text."""

    text: str
    url: str | None
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the workspace, by id."""

    id: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, shown in the reader's own zone where that is known."""

    at: float


Span = str | Strong | Code | Link | Person | Moment
Line = tuple[Span, ...]


def coded(text: str) -> Line:
    """Read `text` in backticks as text to type."""
    return tuple(Code(each) if at % 2 else each for at, each in enumerate(text.split("`")) if each)


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, or a line with its `label` in front."""

    line: Line
    label: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """A list; each row a line with smaller lines below it."""

    rows: tuple[tuple[Line, ...], ...]
    first: int | None = None  # the number of the first row; None has no numbers


Cell = str | int | None | Link  # None is unknown


@dataclass(frozen=True, slots=True)
class Table:
    """Figures in columns; the first column names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The figures of the table beside it, drawn."""

    title: str
    kind: Literal["line", "bar"]
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """Text to copy as it stands; never cut in the middle."""

    text: str


Part = Text | Rows | Table | Chart | Copy


@dataclass(frozen=True, slots=True)
class Button:
    """Asks something when it is pressed, or opens an address."""

    label: str
    words: str = ""
    page: int = 1
    url: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: a heading, what there is to say, small print, and what can be asked next."""

    title: Line
    parts: tuple[Part, ...] = ()
    notes: tuple[Line, ...] = ()  # our own words only: Slack reads these for mentions
    buttons: tuple[Button, ...] = ()
    page: int = 1
    more: bool = False  # there is a next page
    outcome: Literal["ok", "wrong", "trouble", "failed"] = "ok"

    def with_notes(self, *notes: Line) -> "Reply":
        """Give the same answer with more small print."""
        return replace(self, notes=self.notes + notes)
