"""The parts of a schedule as people write them: `weekly`, `on the 15th`, `at 9:30 pm`, `London`."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from bot.language.cron import ONCE_A_DAY
from bot.language.schedule_words import BY_DAY_OF_MONTH, ScheduleWords
from bot.language.schedules import DAY_NAMES, EVERY_2_WEEKS, LAST_COMMON_DAY
from bot.language.time_zones import is_zone_name, leading_city, leading_zone, nearest_zone
from bot.language.tokens import InvalidArgument, Token

# `on the` with every weekday and `and` between them, of each month.
MAX_PART_WORDS = 5 + 2 * len(DAY_NAMES)
# Every spelling of a frequency in one word.
_FREQUENCIES = {
    **{name: name for name in ("daily", "weekdays", "weekly", "monthly", "quarterly", "yearly")},
    "fortnightly": EVERY_2_WEEKS,
    "annually": "yearly",
}
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
_CLOCK_TIME = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?(am|pm)?")
_ORDINAL = re.compile(r"([0-9]{1,2})(st|nd|rd|th)?")
_ORDINAL_WORDS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_CRON_FIELD = re.compile(r"[0-9a-z*,/#-]+", re.IGNORECASE)


class Part(NamedTuple):
    """A part of a schedule: the field of `ScheduleWords`, its value, and how many words it takes."""

    name: str
    value: Any
    length: int


def leading_part(tokens: Sequence[Token], before: ScheduleWords) -> Part | None:
    """Return the part of a schedule that tokens begin with; `before` is what was said before it.

    Raises InvalidArgument for a near miss, whose argument is as many words as were read.
    """
    if not tokens or tokens[0].is_quoted:
        return None
    tokens = tokens[:MAX_PART_WORDS]
    words = [token.text.lower() for token in tokens]
    for parse in (_parse_frequency, _parse_days, _parse_time, _parse_skip_empty):
        if part := parse(words):
            return part
    return _parse_cron(words, tokens) or _parse_zone(tokens) or _parse_bare(words, tokens, before)


def begins_schedule(tokens: Sequence[Token]) -> bool:
    """Return whether the first of some tokens can only be the beginning of a schedule."""
    if is_keyword(tokens):
        return True
    word = tokens[0].text.lower()
    time = _CLOCK_TIME.fullmatch(word)
    is_plural_weekday = word.endswith("days") and bool(_weekday(word))
    return not tokens[0].is_quoted and (is_plural_weekday or bool(time and (time[3] or ":" in word)))


def is_keyword(tokens: Sequence[Token]) -> bool:
    """Return whether the first of some tokens is a word with which people begin a part of a schedule."""
    if tokens[0].is_quoted:
        return False
    word, following = tokens[0].text.lower(), tokens[1].text.lower() if len(tokens) > 1 else ""
    if word in ("skip", "each"):
        return following == "empty" if word == "skip" else following in _EVERY or bool(_weekday(following))
    is_frequency = word in _FREQUENCIES or word in _UNSUPPORTED
    return is_frequency or (word in ("every", "on", "at", "cron") and following != "") or is_zone_name(word)


def is_weekday(token: Token) -> bool:
    """Return whether a token is the whole name of a weekday, which may be searched for just as well."""
    return not token.is_quoted and token.text.title() in DAY_NAMES


def nearest_part(word: str) -> str:
    """Return the part of a schedule whose spelling is nearly this word; "" for none."""
    word = word.lower()
    if near := get_close_matches(word, [*_FREQUENCIES, *(name.lower() for name in DAY_NAMES)], 1, 0.75):
        return f"on {near[0]}" if _weekday(near[0]) else near[0]
    return nearest_zone(word)


def _parse_frequency(words: list[str]) -> Part | None:
    first, following = words[0], words[1:]
    if first in _UNSUPPORTED:
        raise InvalidArgument(first, *_UNSUPPORTED[first])
    if first in _FREQUENCIES:
        return Part("frequency", _FREQUENCIES[first], 1)
    if first not in ("every", "each") or not following:
        return None
    if following[0] in _EVERY:
        return Part("frequency", _EVERY[following[0]], 2)
    if following[0] in _EVERY_SECOND and len(following) > 1:
        if following[1] in ("week", "weeks"):
            return Part("frequency", EVERY_2_WEEKS, 3)
        if weekday := _weekday(following[1]).lower():
            works = f"{EVERY_2_WEEKS} on {weekday}"
            raise InvalidArgument(" ".join(words[:3]), f"I can't read that; say `{works}`", works)
    weekdays, length = _leading_weekdays(following)
    return Part("days", weekdays, 1 + length) if weekdays else None


def _parse_days(words: list[str]) -> Part | None:
    """Read `on monday and friday`, `on the 15th of each month` or `on the last day`."""
    if words[0] != "on" or len(words) < 2:
        return None
    begin = 2 if words[1] == "the" and len(words) > 2 else 1
    weekdays, length = _leading_weekdays(words[begin:])
    if weekdays:
        return Part("days", weekdays, begin + length)
    day, after = words[begin], words[begin + 1 :]
    if after and (day == "last" or day in _ORDINAL_WORDS) and _weekday(after[0]):
        works = "on last" if day == "last" else f"on {_ORDINAL_WORDS[day]}"
        reason = f"that isn't a day I know; use `monthly {works}`, or every {_weekday(after[0])}"
        raise InvalidArgument(f"on {day} {after[0]}", reason, works)
    of_month = 3 if after[:1] == ["of"] and after[2:3] == ["month"] else 0
    if day == "last":
        is_day = after[:1] == ["day"]
        of_month = of_month or (3 if after[1:2] == ["of"] and after[3:4] == ["month"] else 0)
        return Part("days", "L", begin + 1 + is_day + of_month)
    ordinal = _ORDINAL.fullmatch(day)
    number = int(ordinal[1]) if ordinal else _ORDINAL_WORDS.get(day, 0) if of_month else None
    if number is None:
        raise _unknown_day(" ".join(words[: begin + 1]), day)
    if 1 <= number <= LAST_COMMON_DAY:
        return Part("days", str(number), begin + 1 + of_month)
    reason = "not every month has that day; `on last` is its last day"
    raise InvalidArgument(" ".join(words[: begin + 1]), reason, "on last")


def _unknown_day(argument: str, day: str) -> InvalidArgument:
    near = get_close_matches(day, [name.lower() for name in DAY_NAMES], 1, 0.6)
    if day in _ORDINAL_WORDS:
        works = f"on {_ORDINAL_WORDS[day]}"
        return InvalidArgument(
            argument, f"that isn't a day I know; use `monthly {works}`, or a weekday", works
        )
    example = f"on {near[0]}" if near else ""
    return InvalidArgument(argument, "that isn't a day I know; use a weekday, a number or `last`", example)


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


def _parse_time(words: list[str]) -> Part | None:
    if words[0] != "at" or len(words) < 2:
        return None
    clock = _leading_clock_time(words[1:], "at ")
    if clock is None:
        raise InvalidArgument(f"at {words[1]}", "that isn't a time of day", "")
    return Part("time", clock[0], 1 + clock[1])


def _leading_clock_time(words: list[str], before: str = "") -> tuple[str, int] | None:
    """Return the time of day that words begin with, as `9:30`, and how many words it takes.

    Raises InvalidArgument for a time that no clock shows; its argument begins with `before`.
    """
    length, text = 1, words[0].replace("a.m", "am").replace("p.m", "pm").rstrip(".")
    suffix = words[1].replace(".", "") if len(words) > 1 else ""
    if suffix in ("am", "pm", "o'clock"):
        length, text = 2, text + suffix.removeprefix("o'clock")
    match = _CLOCK_TIME.fullmatch({"noon": "12:00", "midnight": "0:00"}.get(text, text))
    if match is None:
        return None
    hour, minute, am_or_pm = int(match[1]), int(match[2] or 0), match[3]
    is_possible = 1 <= hour <= 12 if am_or_pm else hour <= 23
    if not is_possible or minute > 59:
        works = f"at {hour}:{minute:02}" if am_or_pm == "pm" and 12 < hour < 24 and minute < 60 else ""
        raise InvalidArgument(before + " ".join(words[:length]), "there is no such time", works)
    if am_or_pm:
        hour = hour % 12 + (12 if am_or_pm == "pm" else 0)
    return f"{hour}:{minute:02}", length


def _parse_skip_empty(words: list[str]) -> Part | None:
    return Part("skip_empty", True, 2) if words[:2] == ["skip", "empty"] else None


def _parse_cron(words: list[str], tokens: Sequence[Token]) -> Part | None:
    if words[0] != "cron" or len(words) < 2:
        return None
    if tokens[1].is_quoted:
        return Part("cron", tokens[1].text, 2)
    fields = words[1:6]
    if len(fields) == 5 and all(_CRON_FIELD.fullmatch(field) for field in fields):
        return Part("cron", " ".join(fields), 6)
    raise InvalidArgument("cron", "a cron expression has five fields, in quotes", 'cron "0 9 * * 1-5"')


def _parse_zone(tokens: Sequence[Token]) -> Part | None:
    zone = leading_zone([token.text for token in tokens])
    return Part("zone", *zone) if zone else None


def _parse_bare(words: list[str], tokens: Sequence[Token], before: ScheduleWords) -> Part | None:
    """Read what people leave `on` and `at` out of: `weekly mondays 9am London`."""
    weekdays, length = _leading_weekdays(words)
    if weekdays:
        return Part("days", weekdays, length)
    by_day_of_month = before.frequency in BY_DAY_OF_MONTH and not before.days
    if by_day_of_month and (part := _bare_day(words)):
        return part
    if clock := _bare_time(words, before):
        return clock
    zone = leading_city([token.text for token in tokens])
    return Part("zone", *zone) if zone else None


def _bare_day(words: list[str]) -> Part | None:
    """Read a day of the month; a mere number may be an hour as well."""
    if words[0] == "last":
        part = _parse_days(["on", *words])
        return part._replace(length=part.length - 1) if part else None
    ordinal = _ORDINAL.fullmatch(words[0])
    number = int(ordinal[1]) if ordinal else 0
    if not ordinal or not 1 <= number <= LAST_COMMON_DAY or words[1:2] in (["am"], ["pm"], ["o'clock"]):
        return None
    if not ordinal[2] and number <= 23:
        raise InvalidArgument(words[0], "is that a day or a time?", f"on {number}", f"at {number}:00")
    return Part("days", str(number), 1)


def _bare_time(words: list[str], before: ScheduleWords) -> Part | None:
    """Read a time of day; a mere number is an hour only after a frequency or a day."""
    is_number = words[0].isdigit() and words[1:2] not in (["am"], ["pm"], ["o'clock"])
    if is_number and not (before.frequency or before.days):
        return None
    clock = _leading_clock_time(words)
    return Part("time", *clock) if clock else None
