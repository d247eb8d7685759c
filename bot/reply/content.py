"""What an answer says, before anybody decides how it looks.

Structs, since an answer is a few dozen objects: they cost an eighth of frozen dataclasses.
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
    """A list; each row a line with smaller lines below it, or dense: everything in one block."""

    rows: tuple[tuple[Line, ...], ...]
    first: int | None = None  # the number of the first row; None has no numbers
    dense: bool = False


Cell = str | int | None | Link  # None is unknown
NOT_ASKED = "–"


class Table(Struct, frozen=True):
    """Figures in columns; the first column names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Chart(Struct, frozen=True):
    """The figures of the table beside it, drawn."""

    title: str
    kind: Literal["line", "bar"]
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[int, ...]], ...]


class Copy(Struct, frozen=True):
    """Text to copy as it stands; never cut in the middle. With a name a press beside it brings it back."""

    text: str
    name: str = ""


Outcome = Literal["ok", "wrong", "trouble", "failed", "refused"]
Part = Text | Rows | Table | Chart | Copy


class Button(Struct, frozen=True):
    """Asks something when it is pressed, opens an address, or does a deed with its value.

    With `confirm` it first asks that question, with the label as the answer.
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
    """An answer: a heading, what there is to say, small print, and what can be asked next."""

    title: Line
    parts: tuple[Part, ...] = ()
    footnotes: tuple[Line, ...] = ()  # our own words only: Slack reads these for mentions
    buttons: tuple[Button, ...] = ()
    page: int = 1
    has_next_page: bool = False  # there is a next page
    outcome: Outcome = "ok"
    form: Form | None = None  # what opens where something can; elsewhere the buttons stand
    field_errors: tuple[tuple[str, str], ...] = ()  # what is wrong in a form, by field
    is_private: bool = False  # for the asker's eyes only, by whatever way it is sent
    is_shareable: bool = True  # makes sense where somebody else reads it
    public_in: str = ""  # the conversation in which everybody is to see it
    subscribable: str = ""  # what can be subscribed to, in the words of `subscribe`
    keeps_original: bool = False  # told to whoever pressed, beside what is there

    def with_footnotes(self, *notes: Line) -> "Reply":
        """Give the same answer with more small print."""
        return replace(self, footnotes=self.footnotes + notes)

    def with_buttons(self, *buttons: Button) -> "Reply":
        """Give the same answer with more buttons."""
        return replace(self, buttons=self.buttons + buttons)
