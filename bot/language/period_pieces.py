"""Words cut where two ends of a period are written as one: `2024-01..2024-06`, `Jan-Jun 2024`."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.language.dates import month_number

_OPENING = re.compile("(?:since|until):", re.IGNORECASE)
_SEPARATOR = re.compile(r"(\.\.+|…)")
_GLUED = re.compile(
    # two dates, months or quarters; two days of a month; a month and the day of the next
    r"([0-9]{4}(?:-[0-9]{1,2}(?:-[0-9]{1,2})?)?)-([0-9]{4}(?:-[0-9]{1,2}(?:-[0-9]{1,2})?)?)"
    r"|([a-z]{3,9}|q[1-4])-([a-z]{3,9}|q[1-4])|([0-9]{1,2})-([0-9]{1,2})|([a-z]{3,9})-([0-9]{1,2})",
    re.IGNORECASE,
)
# The year before a dash, and what begins the other day: `1 Jan 2024-30 Jun 2024`, `Q1 2024-Q3 2024`
_YEAR_AND_MORE = re.compile(r"([0-9]{4})-([0-9]{1,2}|[a-z]{3,9}|q[1-4])", re.IGNORECASE)
_YEAR = re.compile(r"[0-9]{4}")


class Piece(NamedTuple):
    """A word, or a part of one; `words` is how many words there are up to its end."""

    text: str
    words: int

    @property
    def lower(self) -> str:
        return self.text.lower().rstrip(":")


def split_pieces(words: Sequence[str]) -> list[Piece]:
    """Return words, each cut in two at `since:`, at two dots, and at a dash between two days or months."""
    pieces = list[Piece]()
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else ""
        for part in _SEPARATOR.split(word.strip(",;")):
            if begin := _OPENING.match(part):
                pieces.append(Piece(begin[0], index + 1))
                part = part[begin.end() :]
            if _SEPARATOR.fullmatch(part):
                pieces.append(Piece("..", index + 1))
            else:
                pieces += [Piece(each, index + 1) for each in _unglued(part, following) if each]
    return pieces


def _unglued(word: str, following: str) -> list[str]:
    """Return a word, or both sides and the dash of two ends that are written as one word."""
    if match := _GLUED.fullmatch(word):
        first, last = (group for group in match.groups() if group)
        if first[0].isdigit() or first[0] in "qQ" or month_number(first):
            return [first, "-", last]
    match = _YEAR_AND_MORE.fullmatch(word)
    if match and (month_number(following) if match[2].isdigit() else _YEAR.fullmatch(following)):
        return [match[1], "-", match[2]]
    return ["-" if word in ("-", "–", "—") else word]


def joined_pieces(pieces: Sequence[Piece]) -> str:
    """Return pieces as they were typed."""
    text, words = "", 0
    for piece in pieces:
        text += f" {piece.text}" if text and piece.words != words else piece.text
        words = piece.words
    return text
