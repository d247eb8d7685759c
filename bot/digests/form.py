"""The form of a digest: what it asks, how a digest fills it in, and what was filled in."""

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from bot.digests import what
from bot.digests.schedule import Schedule
from bot.digests.when import Said, read
from bot.form import Choice, Field, Form, Value, WrongFields
from bot.lookup import NoSuch
from bot.words import WrongWord, scan, tidy

LONGEST = 2_900
OFTEN = (
    Choice("Every week", "weekly"),
    Choice("Every day", "daily"),
    Choice("Monday to Friday", "weekdays"),
    Choice("Every month", "monthly"),
)
EMPTY = (Choice("Send it all the same", "no"), Choice("Leave it out", "yes"))


class Carried(msgspec.Struct, frozen=True):
    """What goes with a form: the channel it was asked for in, and the digest that is changed."""

    channel: str = ""
    id: int = 0


def form(
    title: str, does: str, submit: str, filled: Mapping[str, Value], carried: Carried, opener: str
) -> Form:
    """Give the form, filled in."""
    asked = (
        Field(
            "what",
            "What",
            "text",
            needed=True,
            longest=LONGEST,
            hint="Numbers, DOIs or addresses; author 97471; group 1234; ours; or search title:frog",
        ),
        Field("often", "How often", "choice", choices=OFTEN, needed=True),
        Field("on", "On", hint="For a week a day, such as monday; for a month 1 to 28, or last."),
        Field("at", "At", hint="Such as 09:00."),
        Field("zone", "Time zone", hint="Such as Europe/London: for the hour only. Days are Figshare's."),
        Field("empty", "When nothing happened", "choice", choices=EMPTY, needed=True),
        Field("cron", "Or a cron line, in place of how often, on and at", hint="Such as 0 9 * * 1-5"),
    )
    return Form(
        title,
        deed=does,
        submit=submit,
        fields=tuple(replace(each, value=filled.get(each.name, "")) for each in asked),
        kept=msgspec.json.encode(carried).decode(),
        opener=opener,
    )


def shown(schedule: Schedule) -> dict[str, Value]:
    """Give what a form shows of a schedule."""
    often = next((each for each in OFTEN if each.value == schedule.often), OFTEN[0])
    return {
        "often": (often,),
        "on": schedule.on,
        "at": schedule.time,
        "zone": schedule.zone,
        "empty": (EMPTY[schedule.skip_empty],),
        "cron": "" if schedule.often else schedule.cron,
    }


def filled(told: Mapping[str, Value]) -> tuple[what.What, Said]:
    """Read what was filled in; raises WrongFields."""
    wrong: dict[str, str] = {}

    def reading(name: str, words: str) -> Said:
        try:
            found = read(scan(words)) if words else Said()
        except WrongWord as error:
            wrong[name] = f"{error.why.capitalize()}. This works: {error.example}."
            return Said()
        if found is None:
            wrong[name] = "I don't understand that."
        return found or Said()

    cron, often, on = _text(told, "cron"), _chosen(told, "often"), _text(told, "on")
    at, zone = _text(told, "at"), _text(told, "zone")
    said = Said(
        often="" if cron else often,
        on="" if cron else reading("on", f"on {on}" if on else "").on,
        at="" if cron else reading("at", f"at {at}" if at else "").at,
        zone=reading("zone", zone).zone,
        cron=reading("cron", f'cron "{cron}"' if cron else "").cron,
        skip_empty=_chosen(told, "empty") == "yes",
    )
    if zone and not said.zone:
        wrong.setdefault("zone", "I know no such time zone. This works: Europe/London.")
    try:
        if not wrong:
            said.schedule("UTC")
    except WrongWord as error:
        wrong["cron" if cron else "on"] = f"{_plain(error)}. This works: {error.example}."
    wanted = what.What()
    try:
        wanted = what.of(tidy(_text(told, "what")))
    except WrongWord as error:
        wrong["what"] = f"{_plain(error)}. This works: {error.example.removeprefix('subscribe ')}."
    if wrong:
        raise WrongFields(wrong)
    return wanted, said


def _text(told: Mapping[str, Value], name: str) -> str:
    value = told.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _chosen(told: Mapping[str, Value], name: str) -> str:
    value = told.get(name, "")
    return value[0].value if value and not isinstance(value, str) else ""


def _plain(wrong: WrongWord) -> str:
    return f"{wrong.word}: {wrong.why}" if wrong.word else wrong.why


def at_what(wrong: NoSuch | WrongWord) -> WrongFields:
    """Say at the field for what is to be subscribed what is wrong with it."""
    said = _plain(wrong) if isinstance(wrong, WrongWord) else f"{wrong.what} {wrong.why}"
    return WrongFields({"what": said.replace("`", "")})


def carried(value: str) -> Carried:
    """Read what a button or a form carries: a digest's number, or that and the channel."""
    if value.isdigit():
        return Carried("", int(value))
    return msgspec.json.decode(value or b"{}", type=Carried)
