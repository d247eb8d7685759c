"""The form of a digest: what it asks, how a digest fills it in, and what was filled in."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import msgspec

from bot.commands import Interaction, InvalidValue, decoded
from bot.language import topics
from bot.language.schedule_parser import ScheduleWords, read
from bot.language.schedules import Schedule
from bot.language.tokens import LARGEST_ROW, InvalidArgument, normalize, tokenize
from bot.reply import Choice, DoesNotExist, Field, Form, InvalidFields, Value

LONGEST = 2_900
OFTEN = (
    Choice("Every week", "weekly"),
    Choice("Every day", "daily"),
    Choice("Monday to Friday", "weekdays"),
    Choice("Every month", "monthly"),
    Choice("By the cron line below", "cron"),
)
_FOR = {"weekly": "For every week a day, such as monday.", "monthly": "For every month 1 to 28, or last."}
_EXAMPLES = {"zone": "A time zone, such as Europe/London.", "at": "A time, such as 09:00."}
_EXAMPLES |= {"on": "A day, such as monday, 15 or last.", "cron": "Five fields, such as 0 9 * * 1-5."}
EMPTY = (Choice("Send it all the same", "no"), Choice("Leave it out", "yes"))


class Carried(msgspec.Struct, frozen=True):
    """What goes with a form: a digest's channel, its number when it is changed, and where that was asked."""

    channel: str = ""
    id: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_ROW)] = 0
    asked_in: str = ""


def form(
    title: str, does: str, submit: str, filled: Mapping[str, Value], carried: Carried, opener: str
) -> Form:
    """Give the form, filled in."""
    asked = (
        Field(
            "what",
            "What",
            "text",
            required=True,
            max_length=LONGEST,
            hint="Numbers, DOIs or addresses; author 97471; group 1234; ours; or search title:frog",
        ),
        Field("often", "How often", "choice", choices=OFTEN, required=True),
        Field("on", "On", hint="For a week monday, or monday and thursday; for a month 1 to 28, or last."),
        Field("at", "At", hint="Such as 09:00."),
        Field("zone", "Time zone", hint="Such as Europe/London: for the hour only. Days are Figshare's."),
        Field("empty", "When nothing happened", "choice", choices=EMPTY, required=True),
        Field("cron", "Or a cron line, in place of how often, on and at", hint="Such as 0 9 * * 1-5"),
    )
    return Form(
        title,
        submit_action=does,
        submit_label=submit,
        fields=tuple(replace(each, value=filled.get(each.name, "")) for each in asked),
        private_metadata=msgspec.json.encode(carried).decode(),
        reopen_action=opener,
    )


def shown(schedule: Schedule) -> dict[str, Value]:
    """Give what a form shows of a schedule."""
    named = schedule.often or ("weekly" if schedule.on else "cron")
    often = next((each for each in OFTEN if each.value == named), OFTEN[0])
    return {
        "often": (often,),
        "on": schedule.on,
        "at": schedule.time,
        "zone": schedule.zone,
        "empty": (EMPTY[schedule.skip_empty],),
        "cron": schedule.cron if named == "cron" else "",
    }


def filled(told: Mapping[str, Value], was: Schedule | None = None) -> tuple[topics.Topic, ScheduleWords]:
    """Read what was filled in; `was` is what the form showed. Raises InvalidFields, or InvalidValue."""
    wrong: dict[str, str] = {}
    cron, often = _text(told, "cron"), _chosen(told, "often")
    if often and often not in {each.value for each in OFTEN}:
        raise InvalidValue
    if was is not None and cron == was.cron and often != "cron":
        # Somebody chose another kind, and left the line that stood there.
        cron = ""
    if often == "cron" and not cron:
        wrong["cron"] = _EXAMPLES["cron"]
    parts = {"zone": _text(told, "zone")}
    if cron:
        parts["cron"] = f'cron "{cron}"'
    else:
        parts["at"] = f"at {at}" if (at := _text(told, "at")) else ""
        # For every day there is nothing to choose.
        parts["on"] = f"on {on}" if often in ("weekly", "monthly") and (on := _text(told, "on")) else ""
    said = ScheduleWords("" if cron or often == "cron" else often, skip_empty=_chosen(told, "empty") == "yes")
    for name, words in parts.items():
        if words:
            said = msgspec.structs.replace(said, **{name: _read(name, words, wrong)})
    if not wrong and said.on and (said.on == "L" or said.on.isdigit()) != (often == "monthly"):
        wrong["on"] = _FOR[often]
    try:
        if not wrong:
            said.schedule("UTC")
    except InvalidArgument as error:
        wrong["cron" if cron else "on"] = _at_field(error)
    wanted = topics.Topic()
    try:
        wanted = topics.parse_topic(normalize(_text(told, "what")))
    except InvalidArgument as error:
        wrong["what"] = f"{_plain(error)}. Such as 5616445, or search title:frog."
    if wrong:
        raise InvalidFields(wrong)
    return wanted, said


def _read(name: str, words: str, wrong: dict[str, str]) -> str:
    """Read one field, which may say nothing of the others."""
    try:
        found = tokenize(words)
        said, took = read(found)
    except InvalidArgument as error:
        wrong[name] = _at_field(error)
        return ""
    value = str(getattr(said, name))
    if took < len(found) or said != msgspec.structs.replace(ScheduleWords(), **{name: value}):
        wrong[name] = _EXAMPLES[name]
    return value


def _at_field(wrong: InvalidArgument) -> str:
    """Say it with an example that can be typed into the field."""
    example = re.sub(r'^(?:at|cron|(?:(?:weekly|monthly) )?on) |"', "", wrong.example)
    return f"{_plain(wrong)}. This works: {example}."


def _text(told: Mapping[str, Value], name: str) -> str:
    value = told.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _chosen(told: Mapping[str, Value], name: str) -> str:
    value = told.get(name, "")
    return value[0].value if value and not isinstance(value, str) else ""


def _plain(wrong: InvalidArgument) -> str:
    return wrong.title.replace("`", "")


def at_what(wrong: DoesNotExist | InvalidArgument) -> InvalidFields:
    """Say at the field for what is to be subscribed what is wrong with it."""
    said = _plain(wrong) if isinstance(wrong, InvalidArgument) else f"{wrong.title} {wrong.detail}"
    return InvalidFields({"what": said.replace("`", "")})


def carried(interaction: Interaction) -> Carried:
    """Return what the form kept, nothing for a plain button; raises InvalidValue for another form's."""
    return decoded(interaction.private_metadata or "{}", Carried)
