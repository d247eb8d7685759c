"""What an answer says, before it is decided how it looks.

The classes are msgspec's: an answer is a few dozen objects, and these cost an eighth of frozen dataclasses.
"""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from bot.reply.form import Form
from bot.reply.spans import Line, Link


class Text(Struct, frozen=True):
    """A paragraph, or a line with its `label` in front."""

    line: Line
    label: str = ""


class Rows(Struct, frozen=True):
    """A list; each row is a line with smaller lines below it. In a dense list many rows share a block."""

    rows: tuple[tuple[Line, ...], ...]
    first_number: int | None = None  # the number of the first row; None for a list without numbers
    is_dense: bool = False


Cell = str | int | None | Link  # None is a count that could not be fetched
NOT_ASKED = "–"  # the cell of a count that was not asked for


class Table(Struct, frozen=True):
    """Counts in columns; the first column names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Chart(Struct, frozen=True):
    """A drawing of the counts in the table beside it.

    Without such a table it has a `caption`, which says what the categories are: then its counts are written
    out wherever it can't be drawn, and for those who can't see it.
    """

    title: str
    kind: Literal["line", "bar"]
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[int, ...]], ...]
    caption: str = ""


class Copy(Struct, frozen=True):
    """Text to copy as it stands, never shortened.

    With a name, a button of the message can put the text back into the form field of that name.
    """

    text: str
    name: str = ""


Outcome = Literal["ok", "wrong", "trouble", "failed", "refused"]
Part = Text | Rows | Table | Chart | Copy


class Button(Struct, frozen=True):
    """Asks the question `words` when it is pressed, opens `url`, or runs `action` with `value`.

    With `confirm`, Slack shows that question first, with the label as its answer.
    """

    label: str
    words: str = ""
    page: int = 1
    url: str = ""
    action: str = ""
    value: str = ""
    confirm: str = ""
    style: Literal["", "primary", "danger"] = ""


class Reply(Struct, frozen=True):
    """An answer: a heading, parts, footnotes, and buttons for what can be asked next."""

    title: Line
    parts: tuple[Part, ...] = ()
    footnotes: tuple[Line, ...] = ()  # our own words only, because Slack reads mentions in these
    buttons: tuple[Button, ...] = ()
    page: int = 1
    has_next_page: bool = False
    outcome: Outcome = "ok"
    form: Form | None = None  # opened where forms can be; elsewhere the parts and buttons are shown
    field_errors: tuple[tuple[str, str], ...] = ()  # names of form fields, and what is wrong with each
    is_private: bool = False  # shown only to the person who asked, however it is sent
    is_shareable: bool = True  # makes sense to others, so that a button may show it to the channel
    public_in: str = ""  # the id of the conversation where everybody sees it
    subscribable: str = ""  # the topic of a digest about it, in the words of `subscribe`
    is_incomplete: bool = False  # Figshare had not given everything in time, and may do so yet
    page_labels: tuple[str, str] = ("Previous", "Next")  # of the buttons that lead to the pages around it
    keeps_original: bool = False  # stands beside the message whose button was pressed, not in its place

    def with_footnotes(self, *footnotes: Line) -> "Reply":
        """Return the same answer with more footnotes."""
        return replace(self, footnotes=self.footnotes + footnotes)

    def with_buttons(self, *buttons: Button) -> "Reply":
        """Return the same answer with more buttons."""
        return replace(self, buttons=self.buttons + buttons)
