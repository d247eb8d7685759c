"""A question, as every way of asking makes it."""

from datetime import date

from msgspec import Struct
from msgspec.structs import force_setattr

from bot.language.tokens import sanitize
from bot.permissions import Directory

MAX_PAGE = 10_000
# The buttons below an answer carry the question; Slack limits their values to 2,000 characters.
LONGEST_QUESTION = 1_500


class Question(Struct, frozen=True):
    """A question: its words, the page of the answer, who asks, the day it is for them, and the channel.

    `people` is the workspace's directory, which a terminal doesn't have.
    """

    words: str
    today: date
    page: int = 1
    user: str = ""
    people: Directory | None = None
    channel: str = ""

    def __post_init__(self) -> None:
        # Sanitized here, so that no caller can forget it.
        force_setattr(self, "words", sanitize(self.words))
        force_setattr(self, "page", min(max(self.page, 1), MAX_PAGE))
