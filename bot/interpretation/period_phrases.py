"""Everyday words for a period that the grammar doesn't read, such as `up to 2024`, written as it reads them.

A word that narrows or moves a period is never passed over: the answer would be about other days.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct

from bot.language import spelling
from bot.language.dates import MONTH_NAMES, ONE_DAY, YearStart, end_of_month, month_number
from bot.language.period_parser import MAX_PERIOD_WORDS, leading_period
from bot.language.periods import Period, months_before
from bot.language.tokens import InvalidArgument

_FUTURE = "that is in the future"
# The words before a period, by what both together mean.
_UNTIL, _SINCE, _BEFORE, _AFTER, _AS_OF, _NOT_IN = "until", "since", "before", "after", "as of", "not in"
_WORDS = {
    _UNTIL: "up to, up until, up till, up to and including, to, by, through, through to, by the end of, "
    "ending, ending in, to the end of, until the end of, till the end of, up to the end of, no later than, "
    "not later than, not after, before the end of, at the end of",
    _SINCE: "since the start of, since the beginning of, from the start of, from the beginning of, starting, "
    "starting in, starting from, starting with, beginning in, as from, not before, no earlier than, "
    "not earlier than, after the start of, after the beginning of, from and including",
    _BEFORE: "before, prior to, earlier than, older than, until before, until the start of, "
    "until the beginning of, by the start of, by the beginning of, up to the start of, before the start of, "
    "before the beginning of",
    _AFTER: "after, later than, newer than, since the end of, from the end of, after the end of",
    _AS_OF: "as of, as at",
    _NOT_IN: "except, except for, except in, excluding, exclude, without, not, not in, not for, minus, "
    "but not, but not in, other than, apart from, not counting, not including, and not, outside, outside of",
}
_MEANINGS = {
    tuple(words.split(" ")): meaning for meaning, each in _WORDS.items() for words in each.split(", ")
}
_MAX_LEADING = max(map(len, _MEANINGS))
_LATER = frozenset(("later", "after", "newer", "onward", "onwards", "beyond"))
_EARLIER = frozenset(("earlier", "before", "older"))
_PREPOSITIONS = frozenset(("in", "for", "during", "over", "within", "the"))
_UNITS = frozenset(("day", "week", "month", "quarter", "year"))
# `academic year`: where it isn't known when that begins, the calendar year comes nearest.
_INSTITUTION_YEARS = frozenset(("academic", "financial", "fiscal"))
_COMPARISONS = frozenset(
    ("more", "less", "fewer", "over", "under", "above", "below", "least", "most", "than")
)
_CORRECTABLE = (
    *("last", "previous", "this", "since", "until", "between", "during", "yesterday", "today"),
    *("days", "week", "weeks", "month", "months", "quarter", "quarters", "year", "years"),
    *(name for name in MONTH_NAMES if len(name) > len("july")),
)
# A period is looked for as often in one question, and slips of the keyboard at so many of its words.
_MAX_LOOKS = 40
_MAX_SLIPS = 6
MAX_PHRASE_WORDS = _MAX_LEADING + MAX_PERIOD_WORDS
# What says that a period was meant, whatever else there is.
PERIOD_SIGNS = frozenset(
    ("last", "past", "previous", "next", "since", "until", "till", "before", "after", "ago", "tomorrow")
)


class PeriodPhrase(Struct, frozen=True):
    """Words for a period: how many, and `texts` for the grammar, of which each may be meant; or none.

    They are only offered if it `is_guess`, and `reason` says what is wrong with the words.
    """

    length: int
    texts: tuple[str, ...] = ()
    is_guess: bool = False
    reason: str = ""


class PeriodReader:
    """Finds the periods in one question, of which it looks for so many at most."""

    def __init__(self, today: date, year_start: YearStart | None) -> None:
        self._today, self._year_start = today, year_start
        self._looks = _MAX_LOOKS

    def phrase(self, texts: Sequence[str]) -> PeriodPhrase | None:
        """Return the phrase that texts begin with; None where there is none, or the grammar reads it."""
        lower = [text.lower() for text in texts]
        return (
            self._with_leading_words(lower, texts)
            or self._with_following_words(lower, texts)
            or self._relative(lower)
            or _comparison(lower)
        )

    def plain_length(self, texts: Sequence[str]) -> int:
        """Return how many words the period takes with which texts begin, as the grammar reads it, or 0."""
        first = texts[0].lower()
        may_begin = first in ("from", "between", "since", "until", "till", "last", "past", "previous", "q1")
        if not (may_begin or first in _PREPOSITIONS or _may_be_date(first)):
            return 0
        match = self._period(texts)
        return match[1] if match else 0

    def corrections(self, texts: Sequence[str], unknown: Sequence[int]) -> dict[int, str]:
        """Return the words of periods of which unknown ones are slips, by where these stand."""
        unknown = [index for index in unknown if texts[index].lower() not in _CORRECTABLE]
        near = {index: spelling.nearest(texts[index].lower(), _CORRECTABLE) for index in unknown[:_MAX_SLIPS]}
        slips = {index: word for index, word in near.items() if word}
        corrected = [slips.get(index, text) for index, text in enumerate(texts)]
        return {index: word for index, word in slips.items() if self._is_in_period(corrected, index)}

    def _is_in_period(self, texts: Sequence[str], index: int) -> bool:
        for start in range(max(index - 3, 0), index + 1):
            match = self._period(texts[start : start + MAX_PERIOD_WORDS])
            if match and start + match[1] > index:
                return True
        return False

    def _period(self, texts: Sequence[str]) -> tuple[Period, int] | None:
        if self._looks <= 0 or not texts:
            return None
        self._looks -= 1
        try:
            return leading_period(texts[:MAX_PERIOD_WORDS], self._today, self._year_start)
        except InvalidArgument:
            return None

    def _with_leading_words(self, lower: Sequence[str], texts: Sequence[str]) -> PeriodPhrase | None:
        for length in range(min(_MAX_LEADING, len(lower)), 0, -1):
            meaning = _MEANINGS.get(tuple(lower[:length]))
            if meaning is None:
                continue
            rest = texts[length:]
            if (phrase := self._bounded(meaning, rest)) is not None:
                return PeriodPhrase(length + phrase.length, phrase.texts, phrase.is_guess, phrase.reason)
        return self._since_month(lower)

    def _bounded(self, meaning: str, rest: Sequence[str]) -> PeriodPhrase | None:
        """Return what words like `until` mean with the period that follows them."""
        skipped = next((index for index, word in enumerate(rest) if word.lower() not in _PREPOSITIONS), 0)
        end = self._period(["until", *rest[skipped:]])
        length = skipped + (end[1] - 1 if end else 0)
        words = " ".join(rest[skipped:length])
        # `not since 2024`, `until the end of the period from 2020 to 2024`
        whole = self._period(rest[skipped:length] if end else rest[skipped:])
        if whole is None or whole[0].start is None or whole[0].end is None:
            return None
        length = max(length, skipped + whole[1])
        words = words or " ".join(rest[skipped:length])
        before, after = _until_before(whole[0].start), self._since_after(whole[0])
        if meaning == _NOT_IN:
            texts = tuple(text for text in (before, after) if text)
            return PeriodPhrase(length, texts, is_guess=True, reason="I can't leave out a period")
        if end is None:
            return PeriodPhrase(length, is_guess=True)
        if meaning == _UNTIL:
            return PeriodPhrase(length, (f"until {words}",))
        if meaning == _SINCE:
            return PeriodPhrase(length, (f"since {words}",))
        if meaning == _AS_OF:
            return PeriodPhrase(length, (f"until {words}", f"since {words}"), is_guess=True)
        if meaning == _BEFORE:
            return PeriodPhrase(length, (before,))
        return (
            PeriodPhrase(length, (after,))
            if after
            else PeriodPhrase(length, (), is_guess=True, reason=_FUTURE)
        )

    def _since_after(self, period: Period) -> str:
        if period.end is None or period.end >= self._today:
            return ""
        day = period.end + ONE_DAY
        if day.day > 1:
            return f"since {day.isoformat()}"
        return f"since {day.year}" if day.month == 1 else f"since {day.isoformat()[:7]}"

    def _since_month(self, lower: Sequence[str]) -> PeriodPhrase | None:
        """Read `since August`, which is the last one that has begun."""
        month = month_number(lower[1]) if lower[0] in (_SINCE, _UNTIL) and len(lower) > 1 else None
        if month is None or self._period(lower[:MAX_PERIOD_WORDS]):
            return None
        year = self._today.year - (month > self._today.month)
        return PeriodPhrase(2, (f"{lower[0]} {year}-{month:02}",), is_guess=True)

    def _with_following_words(self, lower: Sequence[str], texts: Sequence[str]) -> PeriodPhrase | None:
        """Read `2024 or later`."""
        if not (_may_be_date(lower[0]) or lower[0] in _PREPOSITIONS):
            return None
        match = self._period(lower)
        following = lower[match[1] : match[1] + 2] if match else []
        if match is None or len(following) < 2 or following[0] not in ("or", "and"):
            return None
        words = " ".join(word for word in texts[: match[1]] if word.lower() not in _PREPOSITIONS)
        word = _SINCE if following[1] in _LATER else _UNTIL if following[1] in _EARLIER else ""
        text = f"{word} {words}"
        return PeriodPhrase(match[1] + 2, (text,)) if word and self._period(text.split(" ")) else None

    def _relative(self, lower: Sequence[str]) -> PeriodPhrase | None:
        first, second, third = (*lower[:3], "", "")[:3]
        if first == "tomorrow":
            return PeriodPhrase(1, ("today", "yesterday"), is_guess=True, reason=_FUTURE)
        if first in ("next", "coming", "upcoming") and second in _UNITS:
            return PeriodPhrase(2, (f"this {second}", f"last {second}"), is_guess=True, reason=_FUTURE)
        if first in ("last", "previous", "this") and second in _INSTITUTION_YEARS and third == "year":
            return self._institution_year(is_last=first != "this")
        unit = second.removesuffix("s")
        if unit not in _UNITS:
            return None
        count = "1" if first in ("a", "an") else first
        match = self._period(["last", count, unit])
        start = match[0].start if match else None
        if start is None:
            return None
        if third == "ago":
            return PeriodPhrase(3, (_unit_from(start, unit).command_words,), is_guess=True)
        return PeriodPhrase(2, (f"last {count} {unit}s",), is_guess=True) if first == count else None

    def _institution_year(self, *, is_last: bool) -> PeriodPhrase:
        if self._year_start is None:
            text = "last year" if is_last else "this year"
            return PeriodPhrase(3, (text,), is_guess=True)
        has_begun = (self._today.month, self._today.day) >= self._year_start
        begins_in = self._today.year - (not has_begun) - is_last
        return PeriodPhrase(3, (f"academic year {begins_in}/{(begins_in + 1) % 100:02}",))


def _may_be_date(word: str) -> bool:
    """Return whether a word may begin the words for a day, month, quarter or year."""
    is_number = re.match("[0-9]{1,4}(?![0-9])", word) is not None
    return is_number or month_number(word) is not None or (word[:1] == "q" and word[1:].isdigit())


def _until_before(first: date) -> str:
    """Return the words for the time up to the day before one."""
    day = first - ONE_DAY
    if first.day > 1:
        return f"until {day.isoformat()}"
    return f"until {day.year}" if first.month == 1 else f"until {day.isoformat()[:7]}"


def _unit_from(start: date, unit: str) -> Period:
    if unit == "day":
        return Period(start, start)
    if unit == "week":
        return Period(start, start + timedelta(days=6))
    months = {"month": 0, "quarter": 2, "year": 11}[unit]
    last = months_before(start, -months)
    return Period(start, end_of_month(last.year, last.month))


def _comparison(lower: Sequence[str]) -> PeriodPhrase | None:
    """Read `more than 100`, which no command answers; the number is neither an item nor how many to list."""
    length = next((index for index, word in enumerate(lower[:3]) if word not in _COMPARISONS | {"at"}), 0)
    number = lower[length].replace(",", "") if 0 < length < len(lower) else ""
    if not number.isdigit() or lower[0] == "most" or (lower[0] == "at" and length == 1):
        return None
    # `over 2024` is that year, and `over 5616445` an item.
    is_other = length == 1 and len(number) > len("999") and lower[0] != "than"
    return None if is_other else PeriodPhrase(length + 1)
