"""A question, as every way of asking makes it."""

from datetime import date

from msgspec import Struct
from msgspec.structs import force_setattr

from bot.language.tokens import received
from bot.permissions import Directory

MOST_PAGES = 10_000
# so that the buttons below an answer can carry it
LONGEST_QUESTION = 1_500


class Question(Struct, frozen=True):
    """A question: its words, the page of the answer, who asks, the day it is for them, and where they ask.

    `people` tells who they are, where somebody can.
    """

    words: str
    today: date
    page: int = 1
    user: str = ""
    people: Directory | None = None
    channel: str = ""

    def __post_init__(self) -> None:
        # Here, so that no door can forget it.
        force_setattr(self, "words", received(self.words))
        force_setattr(self, "page", min(max(self.page, 1), MOST_PAGES))
