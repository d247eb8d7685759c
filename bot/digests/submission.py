"""What was typed into the form of a digest, parsed once into a value."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from bot.commands import InvalidValue
from bot.digests.form import FREQUENCIES, MONTH_DAYS, WEEKDAYS
from bot.language import topics
from bot.language.schedule_parser import leading_schedule
from bot.language.schedule_words import BY_WEEKDAY, ScheduleWords
from bot.language.schedules import EVERY_2_WEEKS, Schedule
from bot.language.tokens import InvalidArgument, normalize, tokenize
from bot.language.topics import Topic
from bot.reply import DoesNotExist, InvalidFields, Value

_DAY_NEEDED = {
    "weekly": "For weekly, enter a day, such as Monday.",
    "every 2 weeks": "For every 2 weeks, enter a day, such as Monday.",
    "monthly": "For monthly, enter 1 to 28, or last.",
    "quarterly": "For quarterly, enter 1 to 28, or last.",
    "yearly": "For yearly, enter 1 to 28 for that day of January, or last.",
}


class DigestSubmission(Struct, frozen=True):
    """What a submitted form says: the topic, and the schedule but for a time zone that was left open."""

    topic: Topic
    schedule_words: ScheduleWords


def parse_submission(values: Mapping[str, Value], shown: Schedule | None = None) -> DigestSubmission:
    """Return what a submitted form says; `shown` is the schedule that the form showed when it was opened.

    Each field is parsed alone, by its own parser. Raises InvalidFields with a sentence for each field that
    can't be taken, and InvalidValue for a frequency that the form doesn't offer.
    """
    errors: dict[str, str] = {}
    schedule_words = _schedule_words(values, shown, errors)
    topic = Topic()
    try:
        topic = topics.parse_topic(normalize(_text(values, "what")))
    except InvalidArgument as error:
        errors["what"] = f"{_without_backticks(error.title)}. Such as 5616445, or search title:frog."
    if errors:
        raise InvalidFields(errors)
    return DigestSubmission(topic, schedule_words)


def _schedule_words(
    values: Mapping[str, Value], shown: Schedule | None, errors: dict[str, str]
) -> ScheduleWords:
    """Return what the fields of the schedule say, and add what can't be taken to `errors`."""
    frequency, cron = _choice(values, "often"), _text(values, "cron")
    if frequency and frequency not in {choice.value for choice in FREQUENCIES}:
        raise InvalidValue
    if shown is not None and cron == shown.cron and frequency != "cron":
        # Another frequency was chosen, and the cron line that the form showed was left where it stood.
        cron = ""

    def parse_field(name: str, parser: _FieldParser) -> ScheduleWords:
        # Earlier versions had text fields for what is chosen now.
        text = _text(values, name) or _choice(values, name)
        try:
            return parser.parse(text) if text else ScheduleWords()
        except _InvalidField as error:
            errors[name] = str(error)
            return ScheduleWords()

    # A cron line stands in place of the frequency, the day and the time, whatever else was filled in.
    by_cron = bool(cron) or frequency == "cron"
    has_day = not by_cron and frequency in _DAY_NEEDED
    if by_cron and (error := _cron_error(cron)):
        errors["cron"] = error
    words = ScheduleWords(
        frequency="" if by_cron else frequency,
        days=_chosen_days(values, frequency) or parse_field("on", _DAY).days if has_day else "",
        time="" if by_cron else parse_field("at", _TIME).time,
        zone=parse_field("zone", _ZONE).zone,
        cron=cron,
        skip_empty=_choice(values, "empty") == "yes",
    )
    is_day_of_month = words.days == "L" or words.days.isdigit()
    if words.days and is_day_of_month != (frequency not in ("weekly", EVERY_2_WEEKS)):
        errors["on"] = _DAY_NEEDED[frequency]
    return words


class _InvalidField(Exception):
    """Raised when a field can't be taken; its text, with an example for that field, is shown beside it."""


class _FieldParser(Struct, frozen=True):
    """Parses a field as `subscribe` parses the same words after `prefix`.

    `own_part` returns what of the words is this field's: it may say nothing else. `hint` has an example.
    """

    prefix: str
    own_part: Callable[[ScheduleWords], ScheduleWords]
    hint: str

    def parse(self, text: str) -> ScheduleWords:
        """Return what a field says; raises _InvalidField."""
        tokens = tokenize(self.prefix + text)
        try:
            words, used = leading_schedule(tokens)
        except InvalidArgument as error:
            raise _InvalidField(self._explanation(error)) from None
        if used < len(tokens) or words != self.own_part(words):
            raise _InvalidField(self.hint)
        return words

    def _explanation(self, error: InvalidArgument) -> str:
        example, _ = leading_schedule(tokenize(error.example))
        if not error.example or example != self.own_part(example):
            # There is no example, or it is one for another field.
            return self.hint
        works = error.example.removeprefix(self.prefix)
        return f"{_without_backticks(error.title)}. This works: {works}."


_DAY = _FieldParser("on ", lambda words: ScheduleWords(days=words.days), "A day, such as monday, 15 or last.")
_TIME = _FieldParser("at ", lambda words: ScheduleWords(time=words.time), "A time, such as 09:00.")
_ZONE = _FieldParser("", lambda words: ScheduleWords(zone=words.zone), "A time zone, such as Europe/London.")


def _cron_error(cron: str) -> str:
    """Return what is wrong with a cron line, empty when nothing is."""
    if not cron:
        return "Five fields, such as 0 9 * * 1-5."
    try:
        ScheduleWords(cron=cron).schedule("UTC", 0.0)
    except InvalidArgument as error:
        return f"{_without_backticks(error.title)}. This works: 0 9 * * 1-5."
    return ""


def _text(values: Mapping[str, Value], name: str) -> str:
    value = values.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _choice(values: Mapping[str, Value], name: str) -> str:
    value = values.get(name, "")
    return value[0].value if value and not isinstance(value, str) else ""


def _chosen_days(values: Mapping[str, Value], frequency: str) -> str:
    """Return the days that were chosen for a frequency, as `ScheduleWords` has them; "" for none."""
    name, offered = ("weekdays", WEEKDAYS) if frequency in BY_WEEKDAY else ("monthday", MONTH_DAYS)
    value = values.get(name, "")
    chosen = [choice.value for choice in value] if not isinstance(value, str) else []
    if set(chosen) - {choice.value for choice in offered}:
        raise InvalidValue
    return "L" if chosen == ["last"] else " ".join(chosen).title()


def _without_backticks(text: str) -> str:
    # Slack shows the errors of a form as they are.
    return text.replace("`", "")


def topic_field_error(error: DoesNotExist | InvalidArgument) -> InvalidFields:
    """Return an error of looking up a topic as one of the field that names it."""
    text = error.title if isinstance(error, InvalidArgument) else f"{error.title} {error.detail}"
    return InvalidFields({"what": _without_backticks(text)})
