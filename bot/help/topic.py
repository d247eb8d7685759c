"""A topic of `help`: rows of questions that run as they stand, with what each of them means."""

from msgspec import Struct


class Row(Struct, frozen=True):
    """A question that runs as it stands, and what it asks; what stands in backticks may be typed too."""

    question: str
    meaning: str


class Section(Struct, frozen=True):
    """Rows under a heading."""

    heading: str
    rows: tuple[Row, ...]


class Topic(Struct, frozen=True):
    """A topic: `summary` is its line in `help`, `notes` are paragraphs below its sections.

    `frame` makes a question of a part that stands in backticks: `views 5616445 {}`. `synonyms` are other
    words that people ask for it by.
    """

    name: str
    title: str
    summary: str
    intro: str
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()
    frame: str = "{}"
    synonyms: tuple[str, ...] = ()

    def is_called(self, name: str) -> bool:
        """Return whether people mean this topic by a name."""
        return name.removesuffix("s") == self.name.removesuffix("s") or name in self.synonyms

    @property
    def questions(self) -> tuple[str, ...]:
        """Return the questions of all rows."""
        return tuple(row.question for section in self.sections for row in section.rows)
