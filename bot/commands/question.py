"""A question, whether it comes from Slack or from a terminal."""

from datetime import date

from msgspec import Struct
from msgspec.structs import force_setattr

from bot.language.tokens import sanitize
from bot.permissions import Directory

MAX_PAGE = 10_000
# How many characters a question may have unless its command takes more: the buttons below an answer carry
# it, and Slack limits their values to 2,000 characters.
DEFAULT_MAX_LENGTH = 1_500


class Question(Struct, frozen=True):
    """A question: its words, the page of the answer, who asks, the day it is for them, and the channel.

    `directory` is that of the workspace, which a terminal doesn't have.
    """

    words: str
    today: date
    page: int = 1
    user: str = ""
    directory: Directory | None = None
    channel: str = ""

    def __post_init__(self) -> None:
        # Sanitized here, so that no caller can forget it.
        force_setattr(self, "words", sanitize(self.words))
        force_setattr(self, "page", min(max(self.page, 1), MAX_PAGE))
