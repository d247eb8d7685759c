"""The words of a schedule, such as `weekly on monday at 09:00 Europe/London`, read into `ScheduleWords`.

Any word may be searched for, so the schedule of a search is the longest run of its words at the end.
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from bot.language.schedule_parts import (
    MAX_PART_WORDS,
    Part,
    begins_schedule,
    is_keyword,
    is_weekday,
    leading_part,
)
from bot.language.schedule_words import ScheduleWords
from bot.language.tokens import InvalidArgument, Token, tokenize

# Frequency, days, time, zone, cron, skip empty.
_MAX_PARTS = 6
# How many words before a schedule, or before the end, may be a schedule that can't be read.
_MAX_UNREAD_WORDS = 8
# Of a text that is no schedule not every word is looked at.
_MAX_UNREAD_PIECES = 5


class Piece(NamedTuple):
    """One to many tokens of a schedule: a part of it, or else what is wrong with them."""

    start: int
    end: int
    part: Part | None
    error: InvalidArgument | None


def leading_schedule(tokens: Sequence[Token]) -> tuple[ScheduleWords, int]:
    """Return the schedule that tokens begin with, and how many tokens it takes: 0 if there is none.

    Raises InvalidArgument for a part that is given twice, and for a near miss.
    """
    schedule, index = ScheduleWords(), 0
    while part := leading_part(tokens[index : index + MAX_PART_WORDS], schedule):
        if getattr(schedule, part.name):
            raise _repeated(tokens[index].text)
        schedule = replace(schedule, **{part.name: part.value})
        index += part.length
    return schedule, index


def schedule_pieces(tokens: Sequence[Token]) -> tuple[ScheduleWords, list[Piece]]:
    """Return the schedule that tokens are, as far as it can be read, and every piece of them."""
    schedule, pieces, index, unread = ScheduleWords(), list[Piece](), 0, 0
    while index < len(tokens):
        end, part, error = len(tokens), None, None
        if unread < _MAX_UNREAD_PIECES:
            try:
                part = leading_part(tokens[index : index + MAX_PART_WORDS], schedule)
                end = index + (part.length if part else 1)
                if part and getattr(schedule, part.name):
                    part, error = None, _repeated(tokens[index].text)
            except InvalidArgument as near_miss:
                error = near_miss
                end = index + max(min(len(tokenize(error.argument)), len(tokens) - index), 1)
        if part:
            schedule = replace(schedule, **{part.name: part.value})
        unread += part is None
        pieces.append(Piece(index, end, part, error))
        index = end
    return schedule, pieces


def trailing_schedule_start(tokens: Sequence[Token]) -> tuple[int, int]:
    """Return where the schedule at the end of a search begins, and from where on all of it can be read.

    The first is before the second when a word that begins a schedule stands before words that are none.
    """
    readable = len(tokens)
    for start in range(max(len(tokens) - _MAX_PARTS * MAX_PART_WORDS, 0), len(tokens)):
        if begins_schedule(tokens[start : start + 2]) and _is_schedule(tokens[start:]):
            readable = start
            break
    for start in range(max(readable - _MAX_UNREAD_WORDS, 0), readable):
        if is_keyword(tokens[start : start + 2]):
            return start, readable
    if 0 < readable < len(tokens) and is_weekday(tokens[readable - 1]):
        return readable - 1, readable
    return readable, readable


def _is_schedule(tokens: Sequence[Token]) -> bool:
    try:
        return leading_schedule(tokens)[1] == len(tokens)
    except InvalidArgument:
        return False


def _repeated(word: str) -> InvalidArgument:
    return InvalidArgument(word, "a schedule can say that only once", "")
