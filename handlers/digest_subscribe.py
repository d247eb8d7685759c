"""Subscribing a channel to a digest: by words, by a form, by a button."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date

from msgspec.structs import replace

from bot.bot import Bot
from bot.commands import Interaction, Question, action, command
from bot.digests import resolver
from bot.digests.confirmation import confirmed, with_doubt
from bot.digests.form import Carried, at_what, carried, filled, shown
from bot.digests.form import form as filled_in
from bot.digests.ownership import direct, is_open, kept, subscriber
from bot.language import topics
from bot.language.schedule_parser import ScheduleWords
from bot.language.schedules import Schedule, day_of
from bot.language.tokens import LONGEST, InvalidArgument
from bot.permissions import Directory, Person
from bot.reply import Button, Code, DoesNotExist, Reply, Text, Value
from bot.storage.rows import Subscription


@command(
    "subscribe <what> [daily/weekdays/weekly/monthly] [on monday/15/last] [at 09:00] [Europe/London] "
    "[skip empty]",
    task="Digests",
    examples=("subscribe 5616445", "subscribe search title:frog monthly on last at 17:00 Europe/London"),
    max_length=LONGEST,
    depends_on_today=True,
)
async def subscribe(bot: Bot, question: Question, text: str) -> Reply:
    """A digest for this channel, of references, `ours` or `search …`; when, also by `cron "0 9 * * 1-5"`."""
    people, person = await subscriber(question.people, question.user)
    if not text:
        return _offered(question.channel, Schedule(zone=person.zone))
    return await _subscribed(
        bot, people, person, question.channel, topics.parse_subscription(text), question.today, question.words
    )


async def _subscribed(
    bot: Bot,
    people: Directory,
    person: Person,
    channel: str,
    words: tuple[topics.Topic, ScheduleWords],
    today: date,
    again: str = "",
) -> Reply:
    wanted, said = words
    try:
        schedule = said.schedule(person.zone)
    except InvalidArgument as wrong:
        raise topics.with_full_example(wrong, wanted.words) from None
    if not await is_open(people, channel):
        raise DoesNotExist(
            "I am not in this conversation, so nothing was kept.",
            "Type /invite @figshare here and subscribe again, or subscribe in our direct message.",
            (Button("Try again", again),) if again else (),
        )
    named = await resolver.resolve(bot, wanted, today)
    found, is_new = await _alike(bot, channel, named.what, schedule, bool(said.zone)), False
    if found is None:
        found, is_new = await kept(bot).add(
            channel, person.id, person.name, named.what.words, named.title, named.what.weight, schedule
        )
    if not is_new:
        return confirmed(found, bot.clock(), "That is subscribed here already: ")
    return with_doubt(confirmed(found, bot.clock(), "Subscribed: ", channel, is_new=True), named)


async def _alike(
    bot: Bot, channel: str, wanted: topics.Topic, schedule: Schedule, is_zone_said: bool
) -> Subscription | None:
    """Find a digest of the same, in whatever order it was named; without a zone in whatever zone."""
    for listed in await kept(bot).of_channel(channel):
        it = listed.subscription
        with suppress(InvalidArgument):
            other = replace(it.schedule, zone=it.schedule.zone if is_zone_said else schedule.zone)
            if other == schedule and topics.parse_topic(it.what).same == wanted.same:
                return it
    return None


@action("digest.weekly", role="")
async def weekly(bot: Bot, interaction: Interaction) -> Reply:
    people, person = await subscriber(interaction.people, interaction.user)
    channel = await direct(people, interaction.user)
    named = await resolver.resolve(bot, topics.parse_topic(interaction.value), day_of(bot.clock()))
    made, is_new = await kept(bot).add(
        channel,
        interaction.user,
        person.name,
        named.what.words,
        named.title,
        named.what.weight,
        Schedule(zone=person.zone),
    )
    opening = "It comes to our direct message: " if is_new else "That is in our direct message already: "
    return with_doubt(confirmed(made, bot.clock(), opening, is_new=is_new), named)


@action("digest.form", role="")
async def form(bot: Bot, interaction: Interaction) -> Reply:
    _, person = await subscriber(interaction.people, interaction.user)
    return _offered(
        carried(interaction).channel or interaction.channel, Schedule(zone=person.zone), interaction.values
    )


@action("digest.create", role="")
async def create(bot: Bot, interaction: Interaction) -> Reply:
    people, person = await subscriber(interaction.people, interaction.user)
    words = filled(interaction.values)
    try:
        return await _subscribed(
            bot, people, person, carried(interaction).channel, words, day_of(bot.clock())
        )
    except (DoesNotExist, InvalidArgument) as wrong:
        raise at_what(wrong) from None


def _offered(channel: str, schedule: Schedule, told: Mapping[str, Value] | None = None) -> Reply:
    now = {**shown(schedule), "on": "", **(told or {})}
    return Reply(
        ("A new digest",),
        (
            Text(("Say what and when: ", Code("subscribe 5616445 weekly on monday at 09:00"))),
            Text(("Or ", Code("subscribe search title:frog daily"), ", or fill in the form.")),
        ),
        buttons=(Button("Fill in the form", action="digest.form", style="primary"),),
        form=filled_in("New digest", "digest.create", "Subscribe", now, Carried(channel), "digest.form"),
        is_shareable=False,
        keeps_original=True,
    )
