"""The words of a schedule, such as `weekly on monday at 09:00 Europe/London`, read into a `Schedule`."""

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from bot.language.cron import ONCE_A_DAY, canonical_cron
from bot.language.schedules import (
    DAY_NAMES,
    EVERY_2_WEEKS,
    LAST_COMMON_DAY,
    QUARTER_ENDS,
    QUARTER_STARTS,
    Schedule,
)
from bot.language.time_zones import leading_zone
from bot.language.tokens import InvalidArgument, Token, tokenize

SCHEDULE_EXAMPLE = "weekly on monday at 09:00 Europe/London"
# Every spelling of a frequency in one word.
_FREQUENCIES = {
    **{name: name for name in ("daily", "weekdays", "weekly", "monthly", "quarterly", "yearly")},
    "fortnightly": EVERY_2_WEEKS,
    "annually": "yearly",
}
_CLOCK_TIME = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?(am|pm)?")
_ORDINAL = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?")
# A schedule has six parts at most: frequency, days, time, zone, cron, skip empty. The longest of them is
# `on the` with every weekday and `and` between them; the longest without an `and` is a cron line.
_MAX_PARTS = 6
_MAX_PLAIN_PART_WORDS = 6
_MAX_PART_WORDS = 2 + 2 * len(DAY_NAMES)
_EVERY_SECOND = ("other", "second", "two", "2")
# Frequencies that people ask for, with what is wrong with them and the nearest that there is.
_UNSUPPORTED = {
    "hourly": (ONCE_A_DAY, "daily"),
    "biweekly": ("that can mean twice a week too", EVERY_2_WEEKS),
}
_EVERY = {
    "day": "daily",
    "weekday": "weekdays",
    "week": "weekly",
    "fortnight": EVERY_2_WEEKS,
    "month": "monthly",
    "quarter": "quarterly",
    "year": "yearly",
}
# Frequencies that go with days of the week and with a day of the month; the first goes without saying.
_BY_WEEKDAY, _BY_DAY_OF_MONTH = ("weekly", EVERY_2_WEEKS), ("monthly", "quarterly", "yearly")
_CRON_FIELD = re.compile(r"[0-9a-z*,/#-]+", re.IGNORECASE)


class ScheduleWords(Struct, frozen=True):
    """What the words of a schedule say; parts that they leave out are empty or false.

    `days` is names of weekdays with spaces between them, a day of the month, or "L" for its last day;
    `time` is `9:00`.
    """

    frequency: str = ""
    days: str = ""
    time: str = ""
    zone: str = ""
    cron: str = ""
    skip_empty: bool = False

    def schedule(self, default_zone: str, now: float) -> Schedule:
        """Return the schedule, with weekly, Monday, 09:00 and `default_zone` for what is left out.

        `every 2 weeks` begins with the next such day after `now`, in seconds since 1970. Raises
        InvalidArgument for parts that contradict each other, and for a cron line that is no schedule.
        """
        zone = self.zone or default_zone
        if self.cron:
            if part := self.frequency or self.days or self.time:
                raise InvalidArgument(
                    _spelled(part), "the cron expression says that already", f'cron "{self.cron}"'
                )
            return Schedule(canonical_cron(self.cron), zone, self.skip_empty)
        frequencies = _BY_DAY_OF_MONTH if self.days == "L" or self.days.isdigit() else _BY_WEEKDAY
        frequency = self.frequency or frequencies[0]
        if self.days and frequency not in frequencies:
            days = f"on {_spelled(self.days)}"
            raise InvalidArgument(frequency, f"`{days}` doesn't go with it", f"{frequencies[0]} {days}")
        hour, minute = (self.time or "9:00").split(":")
        cron = f"{int(minute)} {int(hour)} {self._cron_days(frequency)}"
        schedule = Schedule(cron, zone, self.skip_empty)
        return schedule.every_2_weeks_from(now) if frequency == EVERY_2_WEEKS else schedule

    def _cron_days(self, frequency: str) -> str:
        """Return day, month and weekday as cron writes them."""
        weekdays = ",".join(str(number) for number, name in enumerate(DAY_NAMES) if name in self.days.split())
        day, is_last = self.days or "1", self.days == "L"
        return {
            "daily": "* * *",
            "weekdays": "* * 1-5",
            "weekly": f"* * {weekdays or 1}",
            EVERY_2_WEEKS: f"* * {weekdays or 1}",
            "monthly": f"{day} * *",
            "quarterly": f"{day} {QUARTER_ENDS if is_last else QUARTER_STARTS} *",
            "yearly": f"{day} {12 if is_last else 1} *",
        }[frequency]


def leading_schedule(tokens: Sequence[Token]) -> tuple[ScheduleWords, int]:
    """Return the schedule that tokens begin with, and how many tokens it takes: 0 if there is none.

    Raises InvalidArgument for a part that is given twice, and for a near miss.
    """
    schedule, index = ScheduleWords(), 0
    while index < len(tokens):
        part = _leading_part(tokens[index : index + _MAX_PART_WORDS])
        if part is None:
            break
        if getattr(schedule, part.name):
            raise InvalidArgument(
                tokens[index].text, "a schedule can say that only once", "weekly on monday at 09:00"
            )
        schedule = replace(schedule, **{part.name: part.value})
        index += part.length
    return schedule, index


def trailing_schedule(tokens: Sequence[Token]) -> tuple[ScheduleWords, int]:
    """Return the longest schedule that tokens end with, and the index of its first token.

    Raises InvalidArgument when a near miss of a part of it stands right before it, or at the end.
    """
    # Each part stands once, so a schedule is no longer than this.
    for start in range(max(len(tokens) - _MAX_PARTS * _MAX_PART_WORDS, 0), len(tokens) + 1):
        try:
            schedule, length = leading_schedule(tokens[start:])
        except InvalidArgument:
            continue
        if start + length == len(tokens):
            break
    # A near miss counts only if it reaches to where the schedule begins.
    for before in range(max(start - _MAX_PLAIN_PART_WORDS, 0), start):
        try:
            _leading_part(tokens[before:start])
        except InvalidArgument as error:
            if len(tokenize(error.argument)) == start - before:
                raise
    return schedule, start


def completed_phrase(word: str) -> str:
    """Return what is meant by a word that stands alone: `on monday` for `monday`, `at 9am` for `9am`."""
    word = word.lower()
    if _weekday(word):
        return f"on {word}"
    return f"at {word}" if _CLOCK_TIME.fullmatch(word) and not word.isdigit() else SCHEDULE_EXAMPLE


class _Part(NamedTuple):
    """A part of a schedule: the field of `ScheduleWords`, its value, and how many words it takes."""

    name: str
    value: Any
    length: int


def _leading_part(tokens: Sequence[Token]) -> _Part | None:
    """Return the part of a schedule that tokens begin with; raises InvalidArgument for a near miss."""
    if tokens[0].is_quoted:
        return None
    words = [token.text.lower() for token in tokens]
    for parse in _PART_PARSERS:
        if part := parse(words, tokens):
            return part
    return None


def _parse_frequency(words: list[str], tokens: Sequence[Token]) -> _Part | None:
    first, following = words[0], words[1:]
    if first in _UNSUPPORTED:
        raise InvalidArgument(first, *_UNSUPPORTED[first])
    if first == "every" and following:
        if following[0] in _EVERY:
            return _Part("frequency", _EVERY[following[0]], 2)
        if following[0] in _EVERY_SECOND and following[1:2] in (["week"], ["weeks"]):
            return _Part("frequency", EVERY_2_WEEKS, 3)
        weekdays, length = _leading_weekdays(following)
        if weekdays:
            return _Part("days", weekdays, 1 + length)
    return _Part("frequency", _FREQUENCIES[first], 1) if first in _FREQUENCIES else None


def _parse_days(words: list[str], tokens: Sequence[Token]) -> _Part | None:
    """Read `on monday and friday`, `on the 15th` or `on the last day`."""
    if words[0] != "on" or len(words) < 2:
        return None
    begin = 2 if words[1] == "the" and len(words) > 2 else 1
    day, after = words[begin], words[begin + 1 : begin + 2]
    if day == "last":
        if after and _weekday(after[0]):
            raise InvalidArgument(
                f"on last {after[0]}", "I know only the last day of a month, or a cron expression", "on last"
            )
        return _Part("days", "L", begin + (2 if after == ["day"] else 1))
    weekdays, length = _leading_weekdays(words[begin:])
    if weekdays:
        return _Part("days", weekdays, begin + length)
    if ordinal := _ORDINAL.fullmatch(day):
        if 1 <= int(ordinal[1]) <= LAST_COMMON_DAY:
            return _Part("days", str(int(ordinal[1])), begin + 1)
        raise InvalidArgument(
            f"on {day}", "not every month has that day; `on last` is its last day", "on last"
        )
    near = get_close_matches(day, [name.lower() for name in DAY_NAMES], 1, 0.6)
    raise InvalidArgument(
        f"on {day}",
        "that isn't a day I know; use a weekday, a number or `last`",
        f"on {near[0] if near else 'monday'}",
    )


def _leading_weekdays(words: list[str]) -> tuple[str, int]:
    """Return the weekdays that words begin with, `and` between them or not, and how many words they take."""
    weekdays, length = dict[str, None](), 0
    for index, word in enumerate(words):
        if weekday := _weekday(word):
            weekdays[weekday], length = None, index + 1
        elif word != "and":
            break
    return " ".join(weekdays), length


def _weekday(word: str) -> str:
    """Return the weekday that `monday`, `mondays` or `mon` names, as `Monday`; "" for none."""
    names = [name for name in DAY_NAMES if word.removesuffix("s") in (name.lower(), name[:3].lower())]
    return names[0] if names else ""


def _parse_time(words: list[str], tokens: Sequence[Token]) -> _Part | None:
    if words[0] != "at" or len(words) < 2:
        return None
    length, text = 2, words[1]
    if words[2:3] in (["am"], ["pm"], ["o'clock"]):
        length, text = 3, text + words[2].removeprefix("o'clock")
    match = _CLOCK_TIME.fullmatch({"noon": "12:00", "midnight": "0:00"}.get(text, text))
    if match is None:
        raise InvalidArgument(
            f"at {words[1]}", "that isn't a time of day; words in quotes are searched for", "at 09:00"
        )
    hour, minute, am_or_pm = int(match[1]), int(match[2] or 0), match[3]
    if am_or_pm:
        if not 1 <= hour <= 12:
            raise InvalidArgument(f"at {text}", "there is no such time", "at 9am")
        hour = hour % 12 + (12 if am_or_pm == "pm" else 0)
    if hour > 23 or minute > 59:
        raise InvalidArgument(f"at {text}", "there is no such time", "at 09:00")
    return _Part("time", f"{hour}:{minute:02}", length)


def _parse_skip_empty(words: list[str], tokens: Sequence[Token]) -> _Part | None:
    return _Part("skip_empty", True, 2) if words[:2] == ["skip", "empty"] else None


def _parse_cron(words: list[str], tokens: Sequence[Token]) -> _Part | None:
    if words[0] != "cron" or len(words) < 2:
        return None
    if tokens[1].is_quoted:
        return _Part("cron", tokens[1].text, 2)
    fields = words[1:6]
    if len(fields) == 5 and all(_CRON_FIELD.fullmatch(field) for field in fields):
        return _Part("cron", " ".join(fields), 6)
    raise InvalidArgument("cron", "a cron expression has five fields, in quotes", 'cron "0 9 * * 1-5"')


def _parse_zone(words: list[str], tokens: Sequence[Token]) -> _Part | None:
    zone = leading_zone([token.text for token in tokens])
    return _Part("zone", *zone) if zone else None


_PART_PARSERS: tuple[Callable[[list[str], Sequence[Token]], _Part | None], ...] = (
    _parse_frequency,
    _parse_days,
    _parse_time,
    _parse_skip_empty,
    _parse_cron,
    _parse_zone,
)


def _spelled(part: str) -> str:
    """Return a part of a schedule as people type it: `monday and friday`, `last`."""
    return "last" if part == "L" else part.lower().replace(" ", " and ")
