"""What a submitted form says, and the sentence beside each field that can't be taken."""

import pytest

from bot.commands import InvalidValue
from bot.digests.form import EMPTY_CHOICES, FREQUENCIES, FormContext, digest_form, schedule_values
from bot.digests.submission import parse_submission
from bot.language.schedules import Schedule
from bot.reply import Choice, InvalidFields
from tests.support.clock import NOON


def values(often="weekly", **fields):
    frequency = next(choice for choice in FREQUENCIES if choice.value == often)
    return {"what": "5616445", "often": (frequency,), "empty": (EMPTY_CHOICES[0],), **fields}


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule(),
        Schedule("30 17 * * 1,4", "Europe/London", skip_empty=True),
        Schedule("0 9 L * *"),
        Schedule("0 9 15 * *"),
        Schedule("0 7 * * *"),
        Schedule("0 7 * * 1-5"),
        Schedule("0 9 1,15 * *", "America/Lima"),
        Schedule("0 9 * * 1,4 even", "Etc/GMT-1"),
        Schedule("0 9 * * 1,4 odd"),
        Schedule("0 9 15 */3 *"),
        Schedule("0 9 L 3,6,9,12 *"),
        Schedule("0 9 1 1 *"),
        Schedule("0 9 L 12 *"),
    ],
)
def test_submission_of_shown_values_is_the_same_schedule(schedule):
    shown = {"what": "5616445", **schedule_values(schedule)}
    submitted = parse_submission(shown, schedule).schedule_words.schedule("UTC", NOON.timestamp())
    assert submitted.in_weeks_of(schedule) == schedule


@pytest.mark.parametrize(
    ("field", "text", "ending"),
    [
        ("on", "frday", "This works: friday."),
        ("on", "31", "This works: last."),
        ("on", "monday at 25", "A day, such as monday, 15 or last."),
        ("on", "monday on friday", "A day, such as monday, 15 or last."),
        ("on", "monday frogs", "A day, such as monday, 15 or last."),
        ("at", "25", "A time, such as 09:00."),
        ("at", "13 pm", "This works: 13:00."),
        ("at", "9 daily", "A time, such as 09:00."),
        ("zone", "Europe/Lodnon", "A time zone, such as Europe/London."),
        ("zone", "at 25", "A time zone, such as Europe/London."),
        ("zone", "daily", "A time zone, such as Europe/London."),
        ("cron", "* * * * *", "This works: 0 9 * * 1-5."),
        ("cron", 'every "day"', "This works: 0 9 * * 1-5."),
        ("what", "frogs", "Such as 5616445, or search title:frog."),
    ],
)
def test_invalid_field_is_explained_with_its_own_example(field, text, ending):
    with pytest.raises(InvalidFields) as error:
        parse_submission(values(**{field: text}))
    assert list(error.value.errors) == [field]
    assert error.value.errors[field].endswith(ending)
    assert "`" not in error.value.errors[field]


def test_all_invalid_fields_are_named_at_once():
    with pytest.raises(InvalidFields) as error:
        parse_submission(values("monthly", what="", on="monday", at="25", zone="Nowhere"))
    assert set(error.value.errors) == {"what", "on", "at", "zone"}


def test_shown_cron_line_does_not_outweigh_another_frequency():
    shown = Schedule("0 9 1,15 * *")
    filled = values("daily", cron=shown.cron, at="8")
    assert parse_submission(filled, shown).schedule_words.schedule("UTC", NOON.timestamp()) == Schedule(
        "0 8 * * *"
    )
    assert parse_submission(filled).schedule_words.schedule("UTC", NOON.timestamp()) == shown


def test_frequency_that_the_form_does_not_offer_is_refused():
    with pytest.raises(InvalidValue):
        parse_submission({"what": "5616445", "often": (Choice("Hourly", "hourly"),)})


def test_choice_with_an_earlier_label_is_shown_with_todays():
    chosen = {"often": (Choice("By the cron line below", "cron"),), "empty": (Choice("Leave it out", "yes"),)}
    form = digest_form("New digest", "digest.create", "Subscribe", chosen, FormContext(), "digest.form")
    shown = {field.name: field.value for field in form.fields}
    assert shown["often"] == (FREQUENCIES[-1],) and shown["empty"] == (EMPTY_CHOICES[1],)


def test_form_of_an_earlier_version_is_read_and_shown_again():
    typed = values("weekly", on="Monday, thursday", at="9:30", zone="europe/paris")
    schedule = parse_submission(typed).schedule_words.schedule("UTC", NOON.timestamp())
    assert schedule == Schedule("30 9 * * 1,4", "Europe/Paris")
    form = digest_form("New digest", "digest.create", "Subscribe", typed, FormContext(), "digest.form")
    shown = {field.name: field.value for field in form.fields}
    assert [choice.value for choice in shown["weekdays"]] == ["monday", "thursday"]
    assert [choice.value for choice in shown["zone"]] == ["europe/paris"]


def test_day_that_the_form_does_not_offer_is_refused():
    with pytest.raises(InvalidValue):
        parse_submission(values("weekly", weekdays=(Choice("Someday", "someday"),)))
