"""The words of a period, such as `last month`, `Q1 2025` or `2024-01..2024-06`, read into a `Period`.

What is nearly a period gets a correction. `last …` are whole calendar weeks, months and so on, except for
`last N days`, which end yesterday. `past …` are as long, but end yesterday or with the last whole month.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from bot.language.dates import ONE_DAY, Dates, YearStart, end_of_month, leading_dates, month_number
from bot.language.period_pieces import Piece, joined_pieces, split_pieces
from bot.language.periods import ALL_TIME, Period, months_before
from bot.language.tokens import InvalidArgument
from bot.text import formatted_day

# `for the period between 29th of February 2024 and 31st of March 2025, so far`
MAX_PERIOD_WORDS = 13
_EARLIEST_YEAR = 1900
# Figshare was founded in January 2011, so `until` a day begins there.
_FIRST_DAY = date(2011, 1, 1)
_PREPOSITIONS = ("in", "for", "during", "over", "within")
_RANGE_WORDS = ("-", "..", "to", "until", "till", "through")
_NUMBERS = {
    name: number
    for number, name in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
}


class _Reader(NamedTuple):
    """What all parsers need besides the pieces."""

    today: date
    year_start: YearStart | None

    def dates(self, pieces: Sequence[Piece]) -> Dates | None:
        return leading_dates([piece.text for piece in pieces], self.year_start)


def leading_period(
    words: Sequence[str], today: date, year_start: YearStart | None = None
) -> tuple[Period, int] | None:
    """Return the longest period that a list of words begins with, and how many words it takes.

    `year_start` is the month and the day on which the year of the institution begins. Raises InvalidArgument
    if there is none but a near miss: a thirteenth month, an end before its start, the future, no days.
    """
    pieces = split_pieces(words[:MAX_PERIOD_WORDS])
    begin = 1 if pieces and pieces[0].lower in _PREPOSITIONS else 0
    if [piece.lower for piece in pieces[begin : begin + 1]] == ["the"]:
        begin += 1
    match = _leading(pieces[begin:], _Reader(today, year_start))
    if match is None:
        return None
    period, length = match
    if [piece.lower for piece in pieces[begin + length : begin + length + 2]] == ["so", "far"]:
        length += 2
    end = begin + length
    if end < len(pieces) and pieces[end].words == pieces[end - 1].words:
        # It ends in the middle of a word.
        return None
    return period, pieces[end - 1].words


def _leading(pieces: Sequence[Piece], reader: _Reader) -> tuple[Period, int] | None:
    if not pieces:
        return None
    for parse in (_named, _last_units, _open_ended, _between, _range):
        if match := parse(pieces, reader):
            return match
    return None


def _until_today(phrase: str, start: date, end: date, today: date) -> Period:
    """Return the period, ending today if it is not over.

    Raises InvalidArgument if it has not begun or is long before Figshare.
    """
    if start > today:
        raise InvalidArgument(
            phrase, f"that is in the future; today is {formatted_day(today)}", f"{today.year - 1}"
        )
    if start.year < _EARLIEST_YEAR:
        raise InvalidArgument(phrase, "that is long before Figshare", "since 2012-01-01")
    return Period(start, min(end, today), so_far=end >= today)


def _named(pieces: Sequence[Piece], reader: _Reader) -> tuple[Period, int] | None:
    """Read `today`, `yesterday`, `this month`, `ytd`, `all time` and the like."""
    today = reader.today
    match [piece.lower for piece in pieces[:3]]:
        case ["all", "time", *_]:
            return ALL_TIME, 2
        case ["all-time", *_]:
            return ALL_TIME, 1
        case ["ytd", *_]:
            return Period(_UNIT_STARTS["year"](today), today, so_far=True), 1
        case ["year", "to", "date"]:
            return Period(_UNIT_STARTS["year"](today), today, so_far=True), 3
    end = _relative(pieces, today)
    if end is None or _is_range(pieces[end.length :], reader):
        return None
    return Period(end.first, end.last, so_far=end.last >= today), end.length


def _relative(pieces: Sequence[Piece], today: date) -> Dates | None:
    match [piece.lower for piece in pieces[:2]]:
        case ["today" | "now", *_]:
            return Dates(today, today, 1)
        case ["yesterday", *_] if today > date.min:
            return Dates(today - ONE_DAY, today - ONE_DAY, 1)
        case ["this" | "current", unit] if unit in _UNIT_STARTS:
            return Dates(_UNIT_STARTS[unit](today), today, 2)
        case ["last" | "previous", unit] if unit in _UNIT_STARTS:
            return Dates(*_whole_units(1, unit, today), 2)
        case ["past", unit] if unit in _UNIT_STARTS:
            return Dates(*_past_units(1, unit, today), 2)
    return None


_UNIT_STARTS: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - day.weekday() * ONE_DAY,
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
    "year": lambda day: date(day.year, 1, 1),
}


def _last_units(pieces: Sequence[Piece], reader: _Reader) -> tuple[Period, int] | None:
    """Read `last 30 days`, `past 6 months`: whole ones, so that none of the counts is still growing."""
    if pieces[0].lower not in ("last", "past", "previous") or len(pieces) < 2:
        return None
    digits = pieces[1].lower
    if not re.fullmatch("[0-9]+", digits) and digits not in _NUMBERS:
        return None
    # Six digits lead back to before Figshare already, and `int` refuses thousands of them.
    count = _NUMBERS.get(digits) or int(digits[:6])
    unit = pieces[2].lower.removesuffix("s") if len(pieces) > 2 else ""
    first = pieces[0].lower
    if unit not in _UNIT_STARTS:
        is_part = unit.isalpha() and unit not in ("by", "our", "per")
        argument = joined_pieces(pieces[: 3 if is_part else 2])
        raise InvalidArgument(argument, "days, weeks, months or years?", f"{first} {count or 30} days")
    phrase = joined_pieces(pieces[:3])
    if count == 0:
        raise InvalidArgument(phrase, "it has to be at least 1", f"{first} 30 {unit}s")
    start, end = (_past_units if first == "past" else _whole_units)(count, unit, reader.today)
    return _until_today(phrase, start, end, reader.today), 3


def _whole_units(count: int, unit: str, today: date) -> tuple[date, date]:
    end = _UNIT_STARTS[unit](today) - ONE_DAY
    if unit in ("day", "week"):
        length = min(count * (7 if unit == "week" else 1), end.toordinal())
        return end - (length - 1) * ONE_DAY, end
    return months_before(end + ONE_DAY, count * {"month": 1, "quarter": 3, "year": 12}[unit]), end


def _past_units(count: int, unit: str, today: date) -> tuple[date, date]:
    """Return what people mean by the past year: the 12 months before this one, not the last calendar year."""
    if unit == "week" or (unit, count) == ("month", 1):
        return _whole_units(count * 7 if unit == "week" else 30, "day", today)
    months = {"quarter": 3, "year": 12}.get(unit)
    return _whole_units(count * months, "month", today) if months else _whole_units(count, unit, today)


def _open_ended(pieces: Sequence[Piece], reader: _Reader) -> tuple[Period, int] | None:
    """Read `since 2024-06`, `from 1 Jan 2024 on` and `until 2020`."""
    word = pieces[0].lower
    if word not in ("since", "from", "until", "till"):
        return None
    anchor = _anchor(pieces[1:], reader)
    if anchor is None or (word == "from" and _is_range(pieces[1 + anchor.length :], reader)):
        if word != "from":
            raise _unreadable_day(pieces, reader.today)
        return None
    length = 1 + anchor.length
    phrase = joined_pieces(pieces[1:length])
    if word in ("until", "till"):
        return _until_today(phrase, min(_FIRST_DAY, anchor.first), anchor.last, reader.today), length
    has_on = [piece.lower for piece in pieces[length : length + 1]] in (["on"], ["onward"], ["onwards"])
    return _until_today(phrase, anchor.first, reader.today, reader.today), length + has_on


def _unreadable_day(pieces: Sequence[Piece], today: date) -> InvalidArgument:
    word, example = pieces[0].lower, f"{today.year - (today.month < 7)}-06-01"
    if len(pieces) == 1:
        return InvalidArgument(pieces[0].text, f"{word} when?", f"{word} {example}")
    # `last summer`, but `frog by month`
    has_two = pieces[1].lower in ("last", "this", "next", "the", "early", "late", "mid")
    argument = joined_pieces(pieces[: 3 if has_two else 2])
    return InvalidArgument(argument, "I can't read that as a date", f"{word} {example}")


def _between(pieces: Sequence[Piece], reader: _Reader) -> tuple[Period, int] | None:
    """Read `between 2024-01 and 2024-06` and `from 1 Jan to 30 Jun 2024`."""
    word = pieces[0].lower
    if word not in ("between", "from"):
        return None
    match = _two_ends(pieces[1:], reader, ("and", "-") if word == "between" else _RANGE_WORDS)
    return (match[0], 1 + match[1]) if match else None


def _range(pieces: Sequence[Piece], reader: _Reader) -> tuple[Period, int] | None:
    """Read `2024-01..2024-06`, `16-22 Nov 2026`, or one day, month, quarter or year."""
    if match := _two_ends(pieces, reader, _RANGE_WORDS):
        return match
    days = reader.dates(pieces)
    if days is None:
        if month := month_number(pieces[0].lower):
            year = reader.today.year - (month > reader.today.month)
            raise InvalidArgument(pieces[0].text, "of which year?", f"{pieces[0].text} {year}")
        return None
    phrase = joined_pieces(pieces[: days.length])
    if days.length < len(pieces) and pieces[days.length].text == "..":
        raise InvalidArgument(
            joined_pieces(pieces[: days.length + 2]), "a period has two ends", "2024-01..2024-06"
        )
    return _until_today(phrase, days.first, days.last, reader.today), days.length


def _two_ends(
    pieces: Sequence[Piece], reader: _Reader, separators: Sequence[str]
) -> tuple[Period, int] | None:
    """Read a period from the first day of one end to the last day of the other."""
    first = _unfinished(pieces, reader) or _anchor(pieces, reader)
    if first is None or first.length == len(pieces) or pieces[first.length].lower not in separators:
        return None
    last = _anchor(pieces[first.length + 1 :], reader)
    if last is None:
        return None
    length = first.length + 1 + last.length
    if last.last < first.first:
        ends = joined_pieces(pieces[first.length + 1 : length]), joined_pieces(pieces[: first.length])
        works = (" to " if " " in "".join(ends) else "..").join(ends)
        raise InvalidArgument(joined_pieces(pieces[:length]), "it ends before it starts", works)
    return _until_today(joined_pieces(pieces[:length]), first.first, last.last, reader.today), length


def _is_range(pieces: Sequence[Piece], reader: _Reader) -> bool:
    """Return whether a separator and the other end of a period follow."""
    return bool(pieces) and pieces[0].lower in _RANGE_WORDS and _anchor(pieces[1:], reader) is not None


def _anchor(pieces: Sequence[Piece], reader: _Reader) -> Dates | None:
    """Return an end of a period, or what it begins with."""
    if not pieces:
        return None
    return _relative(pieces, reader.today) or reader.dates(pieces)


def _unfinished(pieces: Sequence[Piece], reader: _Reader) -> Dates | None:
    """Read the first end of `16-22 Nov 2026`, `28 Oct - 3 Nov 2026` or `Q1-Q3 2025`.

    What it leaves out is that of the other end.
    """
    words = [piece.lower for piece in pieces[:2]]
    length = next((number for number in (1, 2) if _is_separator(pieces, number)), 0)
    other = reader.dates(pieces[length + 1 :]) if length else None
    if other is None:
        return None
    year, month = other.last.year, other.last.month
    day = re.fullmatch("([0-9]{1,2})(?:st|nd|rd|th)?", words[0])
    if quarter := re.fullmatch("q([1-4])", words[0]):
        return Dates(date(year, int(quarter[1]) * 3 - 2, 1), other.last, 1) if length == 1 else None
    if day and length == 1 and other.first == other.last:
        number = int(day[1])
    elif day and length == 2 and month_number(words[1]):
        number, month = int(day[1]), month_number(words[1]) or month
    elif length == 1 and month_number(words[0]):
        number, month = 1, month_number(words[0]) or month
    else:
        return None
    # Without its own year `28 Dec - 3 Jan 2027` begins in the year before.
    year -= month > other.last.month and year > 1
    if not 1 <= number <= end_of_month(year, month).day:
        return None
    return Dates(date(year, month, number), other.last, length)


def _is_separator(pieces: Sequence[Piece], index: int) -> bool:
    return index < len(pieces) - 1 and pieces[index].lower in (*_RANGE_WORDS, "and")
