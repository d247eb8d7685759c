"""What the words after `change N` say about a digest; what they leave out stays as it is."""

from msgspec.structs import replace

from bot.language.schedule_parser import schedule_pieces
from bot.language.schedule_words import BY_DAY_OF_MONTH, BY_WEEKDAY, ScheduleWords
from bot.language.schedules import Schedule
from bot.language.tokens import InvalidArgument, tokenize
from bot.language.topics import Topic, parse_subscription


def parse_change(text: str, id: int) -> tuple[Topic | None, ScheduleWords]:
    """Return the topic and the schedule that the words name; the topic is None where they name none.

    Raises InvalidArgument.
    """
    tokens = tokenize(text)
    schedule, pieces = schedule_pieces(tokens)
    unread = [piece for piece in pieces if piece.part is None]
    if not unread:
        return None, schedule
    if pieces[0].part is None:
        return parse_subscription(text)
    words = schedule.command_words
    error = unread[0].error
    raise InvalidArgument(
        error.argument if error else tokens[unread[0].start].text,
        error.reason if error else "I don't understand this word in `change`",
        f"change {id} {words}" if words else "help change",
    )


def changed_schedule(current: Schedule, words: ScheduleWords, now: float) -> Schedule:
    """Return a schedule with the parts that the words name in place of its own.

    A day goes with its frequency: `monthly` drops the weekday of a weekly digest, and `on friday` makes a
    monthly one weekly. Raises InvalidArgument for words that contradict each other.
    """
    zone, skip_empty = words.zone or current.zone, words.skip_empty or current.skip_empty
    if words.cron:
        return replace(words, zone=zone, skip_empty=skip_empty).schedule(zone, now)
    if not (words.frequency or words.days):
        cron = current.cron
        if words.time:
            hour, minute = words.time.split(":")
            cron = " ".join((str(int(minute)), str(int(hour)), *cron.split()[2:]))
        return Schedule(cron, zone, skip_empty)
    days, frequency = words.days or _days(current), words.frequency
    if not frequency:
        current_frequency = current.frequency or "weekly"
        frequency = current_frequency if current_frequency in _frequencies(days) else ""
    elif not words.days and frequency not in _frequencies(days):
        days = ""
    changed = ScheduleWords(frequency, days, words.time or current.time, zone, "", skip_empty)
    return changed.schedule(zone, now).in_weeks_of(current)


def _days(schedule: Schedule) -> str:
    """Return the days of a schedule as `ScheduleWords` has them."""
    if schedule.days == "last":
        return "L"
    return schedule.days.title().replace(" And ", " ").replace(",", "")


def _frequencies(days: str) -> tuple[str, ...]:
    """Return the frequencies that go with these days."""
    if not days:
        return ()
    return BY_DAY_OF_MONTH if days == "L" or days.isdigit() else BY_WEEKDAY
