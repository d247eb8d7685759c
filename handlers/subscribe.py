"""Subscribing a channel to a digest: by words, by a form, by a button."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import msgspec

from bot.bot import Bot
from bot.commands import Ask, command
from bot.deeds import Act, deed
from bot.digests import what
from bot.digests.rights import direct, is_open, kept, owned, subscriber
from bot.digests.schedule import Schedule, window
from bot.digests.subscription import Exists, Subscription
from bot.digests.when import Said, read
from bot.form import Choice, Field, Form, Value, WrongFields
from bot.lookup import NoSuch
from bot.periods import Period
from bot.reply import Button, Code, Reply, Text
from bot.roles import Directory
from bot.text import day
from bot.words import WrongWord, scan, tidy

LONGEST = 2_900
OFTEN = (
    Choice("Every week", "weekly"),
    Choice("Every day", "daily"),
    Choice("Monday to Friday", "weekdays"),
    Choice("Every month", "monthly"),
)
EMPTY = (Choice("Send it all the same", "no"), Choice("Leave it out", "yes"))


STOP = "Stop this digest? Its number is not used again."
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Carried(msgspec.Struct, frozen=True):
    """What goes with a form: the channel it was asked for in, and the digest that is changed."""

    channel: str = ""
    id: int = 0


@command(
    "subscribe <what> [daily/weekdays/weekly/monthly] [on monday/15/last] [at 09:00] [Europe/London] "
    "[skip empty]",
    task="Digests",
    examples=("subscribe 5616445", "subscribe search title:frog monthly on last at 17:00 Europe/London"),
)
async def subscribe(bot: Bot, ask: Ask, text: str) -> Reply:
    """A digest for this channel, of references, `ours` or `search …`: weekly, unless you say when."""
    people, person = await subscriber(ask.people, ask.user)
    if not text:
        return _offered(ask.channel, Schedule(zone=person.zone))
    wanted, said = what.split(text)
    return await _subscribed(bot, ask.user, people, ask.channel, wanted, said, ask.today, ask.words)


async def _subscribed(
    bot: Bot,
    user: str,
    people: Directory,
    channel: str,
    wanted: what.What,
    said: Said,
    today: date,
    again: str = "",
) -> Reply:
    _, person = await subscriber(people, user)
    schedule = said.schedule(person.zone)
    if not await is_open(people, channel):
        raise NoSuch(
            "I am not in this conversation, so nothing was kept.",
            "Type /invite @figshare here and subscribe again, or subscribe in our direct message.",
            (Button("Try again", again),) if again else (),
        )
    named = await what.named(bot, wanted, today)
    made, is_new = await kept(bot).add(
        channel, user, person.name, named.what.words, named.title, named.what.weight, schedule
    )
    if not is_new:
        return confirmed(made, bot.clock(), "That comes here already: ")
    reply = confirmed(made, bot.clock(), "Subscribed: ", public=True)
    if named.unchecked:
        reply = reply.with_notes(("Figshare did not answer just now, so I took the numbers at their word.",))
    return reply


def confirmed(
    it: Subscription, now: float, opening: str, *, public: bool = False, aside: bool = False
) -> Reply:
    """Repeat a whole subscription as it was understood, with the next three dates."""
    following = it.schedule.next(now, 3)
    first = window(it.since, following[0])
    value = str(it.id)
    return Reply(
        (opening, it.title),
        (
            Text((it.schedule.label,), "Comes"),
            Text((Code(it.what),), "Of"),
            Text((" · ".join(local(each, it.schedule.zone) for each in following),), "Next"),
            Text(
                (f"{Period(*first).label}: whole days, as Figshare counts them, in UTC",), "The first counts"
            ),
        ),
        notes=(
            (
                f"Digest {it.id}, set up by {it.owner_name}. ",
                Code("subscriptions"),
                " lists those of a channel.",
            ),
        ),
        buttons=(
            Button("Send a test now", deed="digest.send", value=value),
            Button("Change", deed="digest.change", value=value),
            Button("Stop", deed="digest.stop", value=value, confirm=STOP),
        ),
        public=public,
        aside=aside,
    )


def local(moment: float, zone: str) -> str:
    """Write a moment in the time zone of a digest: `Mon 30 Nov 2026, 09:00`."""
    at = datetime.fromtimestamp(moment, ZoneInfo(zone))
    return f"{_WEEKDAYS[at.weekday()]} {day(at)}, {at:%H:%M}"


@deed("digest.weekly", role="")
async def weekly(bot: Bot, act: Act) -> Reply:
    people, person = await subscriber(act.people, act.user)
    channel = await direct(people, act.user)
    named = await what.named(bot, what.of(act.value), _today(bot))
    made, is_new = await kept(bot).add(
        channel,
        act.user,
        person.name,
        named.what.words,
        named.title,
        named.what.weight,
        Schedule(zone=person.zone),
    )
    opening = "It comes to our direct message: " if is_new else "That comes to our direct message already: "
    return confirmed(made, bot.clock(), opening, aside=True)


@deed("digest.form", role="")
async def form(bot: Bot, act: Act) -> Reply:
    _, person = await subscriber(act.people, act.user)
    carried = _carried(act.value)
    return _offered(carried.channel or act.channel, Schedule(zone=person.zone), act.told)


@deed("digest.create", role="")
async def create(bot: Bot, act: Act) -> Reply:
    people, _ = await subscriber(act.people, act.user)
    wanted, said = _filled(act.told)
    try:
        return await _subscribed(
            bot, act.user, people, _carried(act.value).channel, wanted, said, _today(bot)
        )
    except (NoSuch, WrongWord) as wrong:
        raise _at_what(wrong) from None


@deed("digest.change", role="")
async def change(bot: Bot, act: Act) -> Reply:
    it, _ = await owned(bot, act.people, act.user, _carried(act.value).id)
    filled = {"what": it.what, **_shown(it.schedule), **act.told}
    return Reply(
        ("The form did not open.",),
        (Text(("Please press the button again.",)),),
        form=_form(
            "Change digest", "digest.save", "Save", filled, Carried(it.channel, it.id), "digest.change"
        ),
        private=True,
        aside=True,
    )


@deed("digest.save", role="")
async def save(bot: Bot, act: Act) -> Reply:
    it, _ = await owned(bot, act.people, act.user, _carried(act.value).id)
    wanted, said = _filled(act.told)
    schedule = said.schedule(it.schedule.zone)
    try:
        named = await what.named(bot, wanted, _today(bot))
        changed = await kept(bot).change(it.id, named.what.words, named.title, named.what.weight, schedule)
    except (NoSuch, WrongWord) as wrong:
        raise _at_what(wrong) from None
    except Exists:
        raise WrongFields({"what": "This channel has just that digest already."}) from None
    if changed is None:
        raise NoSuch(f"There is no digest {it.id} any more.", "Somebody stopped it meanwhile.")
    return confirmed(changed, bot.clock(), "Changed: ", public=True)


def _offered(channel: str, schedule: Schedule, told: Mapping[str, Value] | None = None) -> Reply:
    carried = Carried(channel)
    return Reply(
        ("A new digest",),
        (
            Text(("Say what and when: ", Code("subscribe 5616445 weekly on monday at 09:00"))),
            Text(("Or ", Code("subscribe search title:frog daily"), ", or fill in the form.")),
        ),
        buttons=(
            Button(
                "Fill in the form",
                deed="digest.form",
                value=msgspec.json.encode(carried).decode(),
                style="primary",
            ),
        ),
        form=_form(
            "New digest",
            "digest.create",
            "Subscribe",
            {**_shown(schedule), **(told or {})},
            carried,
            "digest.form",
        ),
        private=True,
        aside=True,
    )


def _form(
    title: str, does: str, submit: str, filled: Mapping[str, Value], carried: Carried, opener: str
) -> Form:
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


def _shown(schedule: Schedule) -> dict[str, Value]:
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


def _filled(told: Mapping[str, Value]) -> tuple[what.What, Said]:
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


def _at_what(wrong: NoSuch | WrongWord) -> WrongFields:
    said = _plain(wrong) if isinstance(wrong, WrongWord) else f"{wrong.what} {wrong.why}"
    return WrongFields({"what": said.replace("`", "")})


def _carried(value: str) -> Carried:
    """Read what a button or a form carries: a digest's number, or that and the channel."""
    if value.isdigit():
        return Carried("", int(value))
    return msgspec.json.decode(value or b"{}", type=Carried)


def _today(bot: Bot) -> date:
    return datetime.fromtimestamp(bot.clock(), UTC).date()
