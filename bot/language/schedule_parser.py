"""The words that say when a digest comes."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from zoneinfo import available_timezones

from cronsim import CronSim, CronSimError
from msgspec import Struct
from msgspec.structs import replace

from bot.language.schedules import DAYS, LAST_DAY, Schedule
from bot.language.tokens import InvalidArgument, Token, tokenize

EXAMPLE = "weekly on monday at 09:00 Europe/London"
ONCE_A_DAY = "Figshare counts by day, so a digest comes at most once a day"
_FREQUENCIES = ("daily", "weekdays", "weekly", "monthly")
_TIME = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?(am|pm)?")
_ORDINAL = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?")
_AREAS = "Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Etc|Europe|Indian|Pacific|US"
_ZONE = re.compile(rf"(?:{_AREAS})/[a-z0-9_+/-]+|utc|gmt", re.IGNORECASE)
_LONGEST_PIECE = 6
# the day, every day of the week with `and` between them
_MOST_WORDS_OF_A_PIECE = 2 + 2 * len(DAYS)
_PIECES = 6
_OF_THESE = "daily, weekdays, weekly, monthly, or a cron line"
_SECOND = ("other", "second", "two", "2")
_OTHERS = {
    "hourly": "daily",
    "fortnightly": 'cron "0 9 1,15 * *"',
    "biweekly": 'cron "0 9 1,15 * *"',
    "quarterly": 'cron "0 9 1 */3 *"',
    "yearly": 'cron "0 9 1 1 *"',
    "annually": 'cron "0 9 1 1 *"',
}
_DAY_NUMBERS = {name[:3].upper(): str(number) for number, name in enumerate(DAYS)}
_EVERY = {"day": "daily", "weekday": "weekdays", "week": "weekly", "month": "monthly"}
_FIELDS = re.compile(r"[0-9a-z*,/#-]+", re.IGNORECASE)
# CronSim reads any digits by `int`, which takes those of other scripts and refuses thousands of them.
_LARGE = re.compile(r"[0-9]{5}")


class ScheduleWords(Struct, frozen=True):
    """What schedule words say; what they leave open is empty."""

    often: str = ""
    on: str = ""
    at: str = ""
    zone: str = ""
    cron: str = ""
    skip_empty: bool = False

    def schedule(self, zone: str) -> Schedule:
        """Fill in what is left open: weekly, Monday, 09:00, and this zone; raises InvalidArgument."""
        zone = self.zone or zone
        if self.cron:
            if said := self.often or self.on or self.at:
                raise InvalidArgument(_spelled(said), "a cron line says that already", f'cron "{self.cron}"')
            return Schedule(_checked(self.cron), zone, self.skip_empty)
        by_month = self.on == "L" or self.on.isdigit()
        often = self.often or ("monthly" if by_month else "weekly")
        if self.on and often != ("monthly" if by_month else "weekly"):
            on = f"on {_spelled(self.on)}"
            wanted = f"{'monthly' if by_month else 'weekly'} {on}"
            raise InvalidArgument(often, f"`{on}` does not go with it", wanted)
        hour, minute = (self.at or "9:00").split(":")
        weekdays = ",".join(str(number) for number, day in enumerate(DAYS) if day in self.on.split())
        days = {
            "daily": "* * *",
            "weekdays": "* * 1-5",
            "weekly": f"* * {weekdays or 1}",
            "monthly": f"{self.on or 1} * *",
        }[often]
        return Schedule(f"{int(minute)} {int(hour)} {days}", zone, self.skip_empty)


def read(words: Sequence[Token]) -> tuple[ScheduleWords, int]:
    """Read the schedule words that words begin with, and say how many those are; raises InvalidArgument."""
    said, at = ScheduleWords(), 0
    while at < len(words):
        found = _piece(words[at : at + _MOST_WORDS_OF_A_PIECE])
        if found is None:
            break
        (name, value), took = found
        if getattr(said, name):
            raise InvalidArgument(words[at].text, "a schedule says that once", "weekly on monday at 09:00")
        said = replace(said, **{name: value})
        at += took
    return said, at


def ending(words: Sequence[Token]) -> tuple[int, ScheduleWords]:
    """Find the longest run of schedule words at the end: where it begins and what it says.

    Raises InvalidArgument when what is nearly one stands right before it, or at the end.
    """
    # Each piece stands once: what is before so many words is none of the schedule.
    for at in range(max(len(words) - _PIECES * _MOST_WORDS_OF_A_PIECE, 0), len(words) + 1):
        try:
            said, took = read(words[at:])
        except InvalidArgument:
            continue
        if at + took == len(words):
            break
    for before in range(max(at - _LONGEST_PIECE, 0), at):
        try:
            _piece(words[before:at])
        except InvalidArgument as nearly:
            if len(tokenize(nearly.argument)) == at - before:
                raise
    return at, said


def meant(word: str) -> str:
    """Write what somebody means who leaves out the word before it."""
    said = word.lower()
    if _weekday(said):
        return f"on {said}"
    return f"at {said}" if _TIME.fullmatch(said) and not said.isdigit() else EXAMPLE


Piece = tuple[tuple[str, object], int]


def _piece(words: Sequence[Token]) -> Piece | None:
    first = words[0]
    if first.quoted:
        return None
    readers: tuple[Callable[[str, list[str], Sequence[Token]], Piece | None], ...] = (
        _often,
        _on,
        _at,
        _skip,
        _cron,
        _zone,
    )
    texts = [word.text.lower() for word in words]
    return next((found for each in readers if (found := each(texts[0], texts[1:], words))), None)


def _often(word: str, rest: list[str], words: Sequence[Token]) -> Piece | None:
    if word in _OTHERS:
        raise InvalidArgument(word, ONCE_A_DAY if word == "hourly" else _OF_THESE, _OTHERS[word])
    if word == "every" and rest:
        if rest[0] in _EVERY:
            return ("often", _EVERY[rest[0]]), 2
        if rest[0] in _SECOND and rest[1:2] in (["week"], ["weeks"]):
            raise InvalidArgument(f"every {rest[0]} {rest[1]}", _OF_THESE, _OTHERS["biweekly"])
        days, took = _weekdays(rest)
        if days:
            return ("on", days), 1 + took
    return (("often", word), 1) if word in _FREQUENCIES else None


def _on(word: str, rest: list[str], words: Sequence[Token]) -> Piece | None:
    if word != "on" or not rest:
        return None
    the = rest[0] == "the" and len(rest) > 1
    day, after = rest[the], rest[1 + the : 2 + the]
    if day == "last":
        if after and _weekday(after[0]):
            raise InvalidArgument(
                f"on last {after[0]}", "of a month its last day only, or a cron line", "on last"
            )
        return ("on", "L"), (3 if after == ["day"] else 2) + the
    days, took = _weekdays(rest[the:])
    if days:
        return ("on", days), 1 + the + took
    if found := _ORDINAL.fullmatch(day):
        if 1 <= int(found[1]) <= LAST_DAY:
            return ("on", str(int(found[1]))), 2 + the
        raise InvalidArgument(
            f"on {day}", "not a day of every month; `on last` is the last of each", "on last"
        )
    near = get_close_matches(day, [name.lower() for name in DAYS], 1, 0.6)
    raise InvalidArgument(
        f"on {day}", "a day of the week, a number or `last`", f"on {near[0] if near else 'monday'}"
    )


def _weekdays(said: list[str]) -> tuple[str, int]:
    """Read the days of the week that words begin with, and say how many words those are."""
    found, took = dict[str, None](), 0
    for at, word in enumerate(said):
        if day := _weekday(word):
            found[day], took = None, at + 1
        elif word != "and":
            break
    return " ".join(found), took


def _weekday(said: str) -> str:
    names = [name for name in DAYS if said.removesuffix("s") in (name.lower(), name[:3].lower())]
    return names[0] if names else ""


def _at(word: str, rest: list[str], words: Sequence[Token]) -> Piece | None:
    if word != "at" or not rest:
        return None
    took, said = 2, rest[0]
    if rest[1:2] in (["am"], ["pm"], ["o'clock"]):
        took, said = 3, said + rest[1].removeprefix("o'clock")
    found = _TIME.fullmatch({"noon": "12:00", "midnight": "0:00"}.get(said, said))
    if found is None:
        raise InvalidArgument(
            f"at {rest[0]}", "no time of day; what is in quotes is searched for", "at 09:00"
        )
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        if not 1 <= hour <= 12:
            raise InvalidArgument(f"at {said}", "there is no such time", "at 9am")
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise InvalidArgument(f"at {said}", "there is no such time", "at 09:00")
    return ("at", f"{hour}:{minute:02}"), took


def _skip(word: str, rest: list[str], words: Sequence[Token]) -> Piece | None:
    return (("skip_empty", True), 2) if word == "skip" and rest[:1] == ["empty"] else None


def _cron(word: str, rest: list[str], words: Sequence[Token]) -> Piece | None:
    if word != "cron" or not rest:
        return None
    if words[1].quoted:
        return ("cron", words[1].text), 2
    if len(rest) >= 5 and all(_FIELDS.fullmatch(field) for field in rest[:5]):
        return ("cron", " ".join(rest[:5])), 6
    raise InvalidArgument("cron", "five fields in quotes", 'cron "0 9 * * 1-5"')


def _zone(word: str, rest: list[str], words: Sequence[Token]) -> Piece | None:
    if not _ZONE.fullmatch(word):
        return None
    known = _zones()
    if word in known:
        return ("zone", known[word]), 1
    near = get_close_matches(word, known, 1, 0.5)
    raise InvalidArgument(
        words[0].text, "I know no such time zone", known[near[0]] if near else "Europe/London"
    )


@cache
def _zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


def _spelled(on: str) -> str:
    return "last" if on == "L" else on.lower().replace(" ", " and ")


def _checked(cron: str) -> str:
    """Give a cron line that means one moment a day at most; raises InvalidArgument."""
    line = " ".join(cron.upper().split())
    try:
        if line.count(" ") != 4:
            raise CronSimError("it has five fields")
        if _LARGE.search(line) or not line.isascii():
            raise CronSimError("its numbers are small ones")
        read = CronSim(line, datetime(2026, 1, 1, tzinfo=UTC))
        next(read)
    except (CronSimError, StopIteration) as error:
        raise InvalidArgument(
            cron, f"no cron line ({str(error) or 'it never comes'})", 'cron "0 9 * * 1-5"'
        ) from None
    if len(read.hours) != 1 or len(read.minutes) != 1:
        raise InvalidArgument(cron, ONCE_A_DAY, 'cron "0 9 * * 1-5"')
    # `09` and `*/60` are one moment too, and MON and 1 one day
    days = re.sub("|".join(_DAY_NUMBERS), lambda found: _DAY_NUMBERS[found[0]], line.split()[4])
    return " ".join([str(*read.minutes), str(*read.hours), *line.split()[2:4], days])
