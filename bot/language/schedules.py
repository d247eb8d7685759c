"""When a digest comes and which days it covers.

An occurrence is a moment at which a digest comes, reckoned in the schedule's time zone and given in seconds
since 1970. Days are Figshare's, which are days in UTC.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim
from msgspec import Struct
from msgspec.structs import replace

# The last day that every month has.
LAST_COMMON_DAY = 28
DAY_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_WEEK = 7 * 86_400
# The months of `*/3`, and those at the end of which a quarter ends.
QUARTER_STARTS, QUARTER_ENDS = "*/3", "3,6,9,12"
EVERY_2_WEEKS = "every 2 weeks"


class Schedule(Struct, frozen=True):
    """When a digest comes: a cron line in a time zone, once a day at most.

    Cron can't say "every 2 weeks". That is the cron line of every week with a sixth word, `even` or `odd`:
    the weeks, Monday to Sunday and numbered from the one that began on Monday 1 January of the year 1, in
    which it comes.
    """

    cron: str = "0 9 * * 1"
    zone: str = "UTC"
    skip_empty: bool = False

    def next_after(self, moment: float) -> float:
        """Return the next occurrence after a moment.

        Of a local time that exists twice, when clocks are set back, the first counts. For one that does not
        exist, when clocks are set forward, the next that does is taken.
        """
        for occurrence in self._occurrences_from(moment):
            # Within the repeated hour CronSim gives the first of the two moments, which may have passed.
            if occurrence.timestamp() > moment:
                return occurrence.timestamp()
        raise AssertionError("a cron line goes on for ever")

    def next_after_day(self, since: date, moment: float) -> float:
        """Return the next occurrence after a moment that has a whole day to cover from the day `since` on."""
        return self.next_after(max(moment, end_of_day(since) - 1.0))

    def latest_before(self, moment: float) -> float:
        """Return the newest occurrence that is not after a moment.

        A schedule without an occurrence in four years gives the moment a week before.
        """
        now = datetime.fromtimestamp(moment, UTC)
        # Start ever earlier and walk forwards, so that `next_after` alone decides what a change of the
        # clock means.
        for days in (2, 9, 40, 400, 1_600):
            latest, following = None, self.next_after((now - timedelta(days=days)).timestamp())
            while following <= moment:
                latest, following = following, self.next_after(following)
            if latest is not None:
                return latest
        return moment - _WEEK

    def upcoming(self, moment: float, count: int) -> list[float]:
        """Return the next occurrences after a moment."""
        occurrences: list[float] = []
        while len(occurrences) < count:
            occurrences.append(self.next_after(occurrences[-1] if occurrences else moment))
        return occurrences

    def every_2_weeks_from(self, moment: float) -> "Schedule":
        """Return this schedule of every week as one of every 2 weeks that begins after a moment."""
        first = datetime.fromtimestamp(self.next_after(moment), ZoneInfo(self.zone))
        return replace(self, cron=f"{self.cron} {_parity_of_week(first)}")

    def in_weeks_of(self, other: "Schedule") -> "Schedule":
        """Return this schedule in the same weeks as another, where both come every 2 weeks."""
        if {self.frequency, other.frequency} != {EVERY_2_WEEKS}:
            return self
        return replace(self, cron=f"{self._weekly_cron} {other.cron.split()[5]}")

    def _occurrences_from(self, moment: float) -> Iterator[datetime]:
        occurrences = CronSim(self._weekly_cron, datetime.fromtimestamp(moment, ZoneInfo(self.zone)))
        parity = "".join(self.cron.split()[5:])
        return (each for each in occurrences if not parity or _parity_of_week(each) == parity)

    @property
    def _weekly_cron(self) -> str:
        """Return the five fields that cron knows."""
        return " ".join(self.cron.split()[:5])

    @property
    def frequency(self) -> str:
        """Return a frequency in the words of `subscribe`; "" for any other, such as twice a week."""
        match self.cron.split()[2:]:
            case ["*", "*", "*"]:
                return "daily"
            case ["*", "*", "1-5"]:
                return "weekdays"
            case ["*", "*", day] if day in "0123456":
                return "weekly"
            case ["*", "*", _, "even" | "odd"]:
                return EVERY_2_WEEKS
            case [day, month, "*"] if day == "L" or (day.isdigit() and int(day) <= LAST_COMMON_DAY):
                return _MONTHLY_FREQUENCIES.get((month, day == "L"), "")
        return ""

    @property
    def time(self) -> str:
        """Return the time of day: `09:00`."""
        minute, hour = self.cron.split()[:2]
        return f"{int(hour):02}:{int(minute):02}"

    @property
    def days(self) -> str:
        """Return the days as `subscribe` reads them, or "": `monday`, `monday and thursday`, `15`, `last`."""
        day, month, weekday = self.cron.split()[2:5]
        if self.frequency in ("monthly", "quarterly", "yearly"):
            return "last" if day == "L" else day
        if (day, month) == ("*", "*") and re.fullmatch("[0-6](,[0-6])*", weekday):
            names = [DAY_NAMES[number].lower() for number in sorted({*map(int, weekday.split(","))})]
            return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
        return ""

    @property
    def zone_label(self) -> str:
        """Return the time zone as people write it: `Europe/London`, `UTC+1`."""
        return offset_zone_label(self.zone)

    @property
    def label(self) -> str:
        """Return the schedule as it is written for people: `every Monday at 09:00 (Europe/London)`."""
        skipped = ", skipped when there is no activity" if self.skip_empty else ""
        return f"{self._recurrence_label} ({self.zone_label}){skipped}"

    @property
    def _recurrence_label(self) -> str:
        match self.frequency:
            case "daily":
                return f"every day at {self.time}"
            case "weekdays":
                return f"Monday to Friday at {self.time}"
            case "monthly" if self.days == "last":
                return f"on the last day of each month at {self.time}"
            case "monthly":
                return f"on day {self.days} of each month at {self.time}"
            case "quarterly" | "yearly":
                return f"{_long_label(self.frequency, self.days)} at {self.time}"
        if self.days:
            every = "every 2 weeks on" if self.frequency == EVERY_2_WEEKS else "every"
            return f"{every} {self.days.title().replace(' And ', ' and ')} at {self.time}"
        explanation = CronSim(self.cron, datetime.fromtimestamp(0, UTC)).explain()
        explanation = re.sub(r"([23]?1|22|23)th\b", _ordinal, explanation)
        return explanation[:1].lower() + explanation[1:]

    @property
    def command_words(self) -> str:
        """Return the words that `subscribe` reads as this schedule, on whatever day it reads them."""
        days = f" on {self.days}" if self.days else ""
        regular = f"{self.frequency}{days}".strip()
        # `every 2 weeks` alone begins with the next such day, which may be in the other week.
        needs_cron = not regular or self.frequency == EVERY_2_WEEKS
        recurrence = f'cron "{self.cron}"' if needs_cron else f"{regular} at {self.time}"
        return f"{recurrence} {self.zone_label}{' skip empty' if self.skip_empty else ''}"


# The frequencies of a day of the month, by the months and by whether that day is the month's last.
_MONTHLY_FREQUENCIES = {
    ("*", False): "monthly",
    ("*", True): "monthly",
    (QUARTER_STARTS, False): "quarterly",
    (QUARTER_ENDS, True): "quarterly",
    ("1", False): "yearly",
    ("12", True): "yearly",
}


def _long_label(frequency: str, day: str) -> str:
    """Return the days of a quarterly or yearly schedule, written for people."""
    if frequency == "yearly":
        return f"on {'31 December' if day == 'last' else f'{day} January'} each year"
    if day in ("1", "last"):
        return f"on the {'first' if day == '1' else 'last'} day of each quarter"
    return f"on day {day} of January, April, July and October"


def _parity_of_week(day: date) -> str:
    return "odd" if (day.toordinal() - 1) // 7 % 2 else "even"


def offset_zone_label(zone: str) -> str:
    """Return `UTC+1` for `Etc/GMT-1`, whose sign is turned round, and any other time zone as it is."""
    offset = re.fullmatch(r"Etc/GMT([+-])([0-9]{1,2})", zone)
    return f"UTC{'-' if offset[1] == '+' else '+'}{offset[2]}" if offset else zone


def _ordinal(match: re.Match[str]) -> str:
    # CronSim writes 31th.
    return match[1] + {"1": "st", "2": "nd", "3": "rd"}[match[1][-1]]


def day_of(moment: float) -> date:
    """Return the day at Figshare on which a moment lies."""
    return datetime.fromtimestamp(moment, UTC).date()


def end_of_day(day: date) -> float:
    """Return the moment at which a day at Figshare is over."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() + 86_400


def digest_window(since: date, occurrence: float) -> tuple[date, date]:
    """Return the first and last day that the digest of an occurrence covers: whole days, at least one."""
    last = day_of(occurrence) - timedelta(days=1)
    return min(since, last), last


def last_whole_window(schedule: Schedule, moment: float) -> tuple[date, date]:
    """Return the days between the last two occurrences before a moment, all of them over."""
    latest = schedule.latest_before(moment)
    return digest_window(day_of(schedule.latest_before(latest - 1)), latest)


def preceding_days(first: date, last: date) -> tuple[date, date]:
    """Return the first and last of as many days right before these."""
    length = last - first + timedelta(days=1)
    return first - length, first - timedelta(days=1)
