"""When a digest comes and which days it covers.

An occurrence is a moment at which a digest comes, reckoned in the schedule's time zone and given in seconds
since 1970. Days are Figshare's, which are days in UTC.
"""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim
from msgspec import Struct

# The last day that every month has.
LAST_COMMON_DAY = 28
DAY_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_WEEK = 7 * 86_400


class Schedule(Struct, frozen=True):
    """When a digest comes: a cron line in a time zone, once a day at most."""

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

    def _occurrences_from(self, moment: float) -> CronSim:
        return CronSim(self.cron, datetime.fromtimestamp(moment, ZoneInfo(self.zone)))

    @property
    def frequency(self) -> str:
        """Return `daily`, `weekdays`, `weekly` or `monthly`; "" for any other, such as twice a week."""
        match self.cron.split()[2:]:
            case ["*", "*", "*"]:
                return "daily"
            case ["*", "*", "1-5"]:
                return "weekdays"
            case ["*", "*", day] if day in "0123456":
                return "weekly"
            case [day, "*", "*"] if day == "L" or (day.isdigit() and int(day) <= LAST_COMMON_DAY):
                return "monthly"
        return ""

    @property
    def time(self) -> str:
        """Return the time of day: `09:00`."""
        minute, hour = self.cron.split()[:2]
        return f"{int(hour):02}:{int(minute):02}"

    @property
    def days(self) -> str:
        """Return the days as `subscribe` reads them, or "": `monday`, `monday and thursday`, `15`, `last`."""
        day, month, weekday = self.cron.split()[2:]
        if self.frequency == "monthly":
            return "last" if day == "L" else day
        if (day, month) == ("*", "*") and re.fullmatch("[0-6](,[0-6])*", weekday):
            names = [DAY_NAMES[number].lower() for number in sorted({*map(int, weekday.split(","))})]
            return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
        return ""

    @property
    def label(self) -> str:
        """Return the schedule as it is written for people: `every Monday at 09:00 (Europe/London)`."""
        skipped = ", skipped when there is no activity" if self.skip_empty else ""
        return f"{self._recurrence_label} ({self.zone}){skipped}"

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
            case _ if self.days:
                return f"every {self.days.title().replace(' And ', ' and ')} at {self.time}"
        explanation = re.sub(r"([23]?1|22|23)th\b", _ordinal, self._occurrences_from(0).explain())
        return explanation[:1].lower() + explanation[1:]

    @property
    def command_words(self) -> str:
        """Return the words that `subscribe` reads as this schedule."""
        days = f" on {self.days}" if self.days else ""
        regular = f"{self.frequency}{days}".strip()
        recurrence = f"{regular} at {self.time}" if regular else f'cron "{self.cron}"'
        return f"{recurrence} {self.zone}{' skip empty' if self.skip_empty else ''}"


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


def preceding_days(first: date, last: date) -> tuple[date, date]:
    """Return the first and last of as many days right before these."""
    length = last - first + timedelta(days=1)
    return first - length, first - timedelta(days=1)
