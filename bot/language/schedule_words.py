"""What the words of a schedule say, part by part, and the schedule that they make together."""

from msgspec import Struct
from msgspec.structs import replace

from bot.language.cron import canonical_cron
from bot.language.schedules import (
    DAY_NAMES,
    EVERY_2_WEEKS,
    QUARTER_ENDS,
    QUARTER_STARTS,
    Schedule,
    offset_zone_label,
)
from bot.language.tokens import InvalidArgument

# Frequencies that go with days of the week and with a day of the month; the first goes without saying.
BY_WEEKDAY, BY_DAY_OF_MONTH = ("weekly", EVERY_2_WEEKS), ("monthly", "quarterly", "yearly")


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
            if part := self.frequency or _spelled(self.days) or self.time:
                by_cron = ScheduleWords(cron=self.cron, zone=self.zone, skip_empty=self.skip_empty)
                raise InvalidArgument(part, "the cron expression says that already", by_cron.command_words)
            return Schedule(canonical_cron(self.cron), zone, self.skip_empty)
        frequencies = BY_DAY_OF_MONTH if self.days == "L" or self.days.isdigit() else BY_WEEKDAY
        frequency = self.frequency or frequencies[0]
        if self.days and frequency not in frequencies:
            reason = f"`on {_spelled(self.days)}` doesn't go with it"
            fitting = replace(self, frequency=frequencies[0])
            raise InvalidArgument(frequency, reason, fitting.command_words)
        hour, minute = (self.time or "9:00").split(":")
        cron = f"{int(minute)} {int(hour)} {self._cron_days(frequency)}"
        schedule = Schedule(cron, zone, self.skip_empty)
        return schedule.every_2_weeks_from(now) if frequency == EVERY_2_WEEKS else schedule

    @property
    def command_words(self) -> str:
        """Return the words that are read as these: `weekly on monday at 9:00 Europe/London`."""
        parts = (
            self.frequency,
            f"on {_spelled(self.days)}" if self.days else "",
            f"at {self.time}" if self.time else "",
            f'cron "{self.cron}"' if self.cron else "",
            offset_zone_label(self.zone),
            "skip empty" if self.skip_empty else "",
        )
        return " ".join(filter(None, parts))

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


def _spelled(days: str) -> str:
    """Return days as people type them: `monday and friday`, `last`."""
    return "last" if days == "L" else days.lower().replace(" ", " and ")
