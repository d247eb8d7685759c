"""The form of a digest: its fields, and their values for an existing digest."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import msgspec
from msgspec import Struct

from bot.commands import Interaction, decode_metadata
from bot.language.schedules import DAY_NAMES, LAST_COMMON_DAY, Schedule
from bot.language.tokens import LARGEST_ROW_ID
from bot.reply import Choice, Field, Form, Value

# Slack takes 3,000 characters in a text field.
_MAX_TOPIC_LENGTH = 2_900
FREQUENCIES = (
    Choice("Every week", "weekly"),
    Choice("Every day", "daily"),
    Choice("Monday to Friday", "weekdays"),
    Choice("Every 2 weeks", "every 2 weeks"),
    Choice("Every month", "monthly"),
    Choice("Every quarter", "quarterly"),
    Choice("Every year", "yearly"),
    Choice("More: by the cron expression below", "cron"),
)
WEEKDAYS = tuple(Choice(name, name.lower()) for name in (*DAY_NAMES[1:], DAY_NAMES[0]))
MONTH_DAYS = (
    *(Choice(f"Day {number}", str(number)) for number in range(1, LAST_COMMON_DAY + 1)),
    Choice("The last day", "last"),
)
_SEND, _SKIP = Choice("Send anyway", "no"), Choice("Skip it", "yes")
EMPTY_CHOICES = (_SEND, _SKIP)


class FormContext(Struct, frozen=True):
    """What a form carries: the digest's channel, its number when it is changed, and where to reply.

    Forms that were opened by an earlier version carry it as JSON: the stored names stay.
    """

    channel: str = ""
    id: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_ROW_ID)] = 0
    reply_channel: str = msgspec.field(name="asked_in", default="")


def digest_form(
    title: str,
    submit_action: str,
    submit_label: str,
    values: Mapping[str, Value],
    context: FormContext,
    reopen_action: str,
) -> Form:
    """Return the form with these values, by field name."""
    fields = (
        Field(
            "what",
            "What",
            "text",
            required=True,
            max_length=_MAX_TOPIC_LENGTH,
            hint="Numbers, DOIs or URLs; author 97471; group 1234; ours; or search title:frog",
        ),
        Field("often", "How often", "choice", choices=FREQUENCIES, required=True),
        Field(
            "weekdays",
            "Days of the week",
            "choices",
            choices=WEEKDAYS,
            hint="For every week and every 2 weeks. Monday if you choose none.",
        ),
        Field(
            "monthday",
            "Day of the month",
            "choice",
            choices=MONTH_DAYS,
            hint="For every month, quarter and year. The first if you choose none.",
        ),
        Field("at", "Time", "time", hint="09:00 if you choose none."),
        Field(
            "zone",
            "Time zone",
            "find",
            options_action="digest.zones",
            hint="Sets the hour only; Figshare counts days in UTC.",
        ),
        Field("empty", "If there's no activity", "choice", choices=EMPTY_CHOICES, required=True),
        Field(
            "cron",
            "More: a cron expression",
            hint="For example 0 9 * * 1-5. It replaces how often, the days and the time.",
        ),
    )
    return Form(
        title,
        submit_action=submit_action,
        submit_label=submit_label,
        fields=tuple(_with_value(field, _shown(values, field.name)) for field in fields),
        private_metadata=msgspec.json.encode(context).decode(),
        reopen_action=reopen_action,
    )


def _shown(values: Mapping[str, Value], name: str) -> Value:
    """Return the value of a field; a form that an earlier version opened has the days in one, as text."""
    value, typed = values.get(name, ""), values.get("on", "")
    if value or not isinstance(typed, str) or name not in ("weekdays", "monthday"):
        return value
    words = typed.lower().replace(",", " ").split()
    offered = WEEKDAYS if name == "weekdays" else MONTH_DAYS
    return tuple(choice for choice in offered if choice.value in words)


def _with_value(field: Field, value: Value) -> Field:
    """Return a field with a value; a choice from an older form gets the label that it has today.

    Slack refuses a form in which a chosen label is not among the labels to choose from.
    """
    if isinstance(value, str):
        if field.kind == "find" and value:
            return replace(field, value=(Choice(value, value),))
        return replace(field, value=value if field.kind in ("line", "text", "time") else "")
    if field.kind == "find":
        return replace(field, value=value)
    values = {choice.value for choice in value}
    return replace(field, value=tuple(choice for choice in field.choices if choice.value in values))


def schedule_values(schedule: Schedule) -> dict[str, Value]:
    """Return the values of the form's fields for a schedule, by field name."""
    frequency = schedule.frequency or ("weekly" if schedule.days else "cron")
    return {
        "often": (next(choice for choice in FREQUENCIES if choice.value == frequency),),
        "weekdays": tuple(choice for choice in WEEKDAYS if choice.value in schedule.days),
        "monthday": tuple(choice for choice in MONTH_DAYS if choice.value == schedule.days),
        "at": schedule.time,
        "zone": (Choice(schedule.zone_label, schedule.zone_label),),
        "empty": (_SKIP if schedule.skip_empty else _SEND,),
        "cron": schedule.cron if frequency == "cron" else "",
    }


def form_context(interaction: Interaction) -> FormContext:
    """Return what a form carries, empty for a plain button; raises InvalidValue for other metadata."""
    return decode_metadata(interaction.private_metadata or "{}", FormContext)
