"""When a digest comes and which days it counts.

Moments are in a time zone; days are Figshare's, which are UTC's.
"""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim
from msgspec import Struct

# Every month has it.
LAST_DAY = 28
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


class Schedule(Struct, frozen=True):
    """When a digest comes and which days it counts.

    Moments are in a time zone; days are Figshare's, which are UTC's.
    """

    cron: str = "0 9 * * 1"
    zone: str = "UTC"
    skip_empty: bool = False

    def after(self, moment: float) -> float:
        """Give the next slot after a moment, in seconds since 1970.

        A local time that exists twice counts the first time; one that does not exist is the next that does.
        """
        for found in self._from(moment):
            # Within the hour that comes again its first time is over.
            if found.timestamp() > moment:
                return found.timestamp()
        raise AssertionError("a cron line goes on for ever")

    def following(self, since: date, moment: float) -> float:
        """Give the next slot after a moment that has a whole day to count from a day on."""
        return self.after(max(moment, end_of(since) - 1.0))

    def until(self, moment: float) -> float:
        """Give the newest slot that is not after a moment."""
        at = datetime.fromtimestamp(moment, UTC)
        # backwards in steps: only forwards is daylight saving read as it is for `after`
        for days in (2, 9, 40, 400, 1_600):
            found, following = None, self.after((at - timedelta(days=days)).timestamp())
            while following <= moment:
                found, following = following, self.after(following)
            if found is not None:
                return found
        # It comes so seldom that a week before it says as much.
        return moment - 7 * 86_400

    def next(self, moment: float, count: int) -> list[float]:
        """Give the next slots after a moment."""
        found: list[float] = []
        while len(found) < count:
            found.append(self.after(found[-1] if found else moment))
        return found

    def _from(self, moment: float) -> CronSim:
        return CronSim(self.cron, datetime.fromtimestamp(moment, ZoneInfo(self.zone)))

    @property
    def often(self) -> str:
        """Name it by how often it comes: `weekly`; nothing for any other, such as twice a week."""
        match self.cron.split()[2:]:
            case ["*", "*", "*"]:
                return "daily"
            case ["*", "*", "1-5"]:
                return "weekdays"
            case ["*", "*", day] if day in "0123456":
                return "weekly"
            case [day, "*", "*"] if day == "L" or (day.isdigit() and int(day) <= LAST_DAY):
                return "monthly"
        return ""

    @property
    def time(self) -> str:
        """Write its time of day: `09:00`."""
        minute, hour = self.cron.split()[:2]
        return f"{int(hour):02}:{int(minute):02}"

    @property
    def on(self) -> str:
        """Write its days as `subscribe` reads them: `monday`, `monday and thursday`, `15`, `last`."""
        day, month, weekday = self.cron.split()[2:]
        if self.often == "monthly":
            return "last" if day == "L" else day
        if (day, month) == ("*", "*") and re.fullmatch("[0-6](,[0-6])*", weekday):
            days = [DAYS[number].lower() for number in sorted({*map(int, weekday.split(","))})]
            return " and ".join(filter(None, (", ".join(days[:-1]), days[-1])))
        return ""

    @property
    def label(self) -> str:
        """Write it for people: `every Monday at 09:00 (Europe/London)`."""
        match self.often:
            case "daily":
                said = f"every day at {self.time}"
            case "weekdays":
                said = f"Monday to Friday at {self.time}"
            case "monthly" if self.on == "last":
                said = f"on the last day of each month at {self.time}"
            case "monthly":
                said = f"on day {self.on} of each month at {self.time}"
            case _ if self.on:
                said = f"every {self.on.title().replace(' And ', ' and ')} at {self.time}"
            case _:
                said = re.sub(r"([23]?1|22|23)th\b", _ordinal, self._from(0).explain())
                said = said[:1].lower() + said[1:]
        return f"{said} ({self.zone}){', left out when nothing happened' if self.skip_empty else ''}"

    @property
    def words(self) -> str:
        """Write it as `subscribe` reads it."""
        on = f" on {self.on}" if self.on else ""
        known = f"{self.often}{on}".strip()
        when = f"{known} at {self.time}" if known else f'cron "{self.cron}"'
        return f"{when} {self.zone}{' skip empty' if self.skip_empty else ''}"


def _ordinal(found: re.Match[str]) -> str:
    # CronSim says 31th.
    return found[1] + {"1": "st", "2": "nd", "3": "rd"}[found[1][-1]]


def day_of(moment: float) -> date:
    """Give the day that it is for Figshare."""
    return datetime.fromtimestamp(moment, UTC).date()


def end_of(day: date) -> float:
    """Give the moment at which a day is over for Figshare."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() + 86_400


def window(since: date, slot: float) -> tuple[date, date]:
    """Give the first and last day that a digest of this slot counts: whole days only, at least one."""
    last = day_of(slot) - timedelta(days=1)
    return min(since, last), last


def before(first: date, last: date) -> tuple[date, date]:
    """Give as many days that go before."""
    length = last - first + timedelta(days=1)
    return first - length, first - timedelta(days=1)
