"""Subscribing a channel to a digest: by words, by a form, by a button."""

from collections.abc import Mapping, Sequence
from datetime import date

from bot.bot import Bot
from bot.commands import Interaction, Question, action, command, options
from bot.digests.confirmation import confirmation, with_unverified_note
from bot.digests.duplicates import is_schedule_of, schedule_choice, with_topic
from bot.digests.form import (
    FormContext,
    digest_form,
    form_context,
    schedule_values,
)
from bot.digests.ownership import (
    allowed_subscriber,
    can_post_to,
    direct_message_with,
    require_channel_subscriber,
    subscriptions_of,
)
from bot.digests.resolver import ResolvedTopic, resolve_topic
from bot.digests.submission import DigestSubmission, parse_submission, topic_field_error
from bot.language import topics
from bot.language.schedule_words import ScheduleWords
from bot.language.schedules import Schedule, day_of, offset_zone_label
from bot.language.search import parse_search
from bot.language.time_zones import matching_zones
from bot.language.tokens import MAX_QUESTION_LENGTH, InvalidArgument
from bot.permissions import Directory, Person
from bot.reply import Button, Choice, Code, DoesNotExist, Reply, Text, Value
from bot.storage.rows import Subscription

_MAX_ZONES = 100


def _topic_words(bot: Bot, today: date, text: str) -> str:
    """Return the words for what a digest would be about; raises InvalidArgument."""
    if not text:
        return ""
    topic, schedule_words = topics.parse_subscription(text)
    schedule_words.schedule("UTC", bot.clock())
    if topic.search:
        parse_search(topic.search, today)
    return topic.search or topic.command_words


@command(
    "subscribe <what> [daily/weekdays/weekly/every 2 weeks/monthly/quarterly/yearly] [on monday/15/last] "
    "[at 09:00] [Europe/London] [skip empty]",
    task="Digests",
    examples=("subscribe 5616445", "subscribe search title:frog monthly on last at 17:00 Europe/London"),
    max_length=MAX_QUESTION_LENGTH,
    depends_on_today=True,
    validate=_topic_words,
)
async def subscribe(bot: Bot, question: Question, text: str) -> Reply:
    """Have figures sent to this channel regularly: for references, `ours` or `search …`.

    The schedule can also be a cron expression: `cron "0 9 * * 1-5"`.
    """
    people, person = await allowed_subscriber(question.directory, question.user)
    await require_channel_subscriber(bot, people, person, question.channel)
    if not text:
        return _form_reply(question.channel, Schedule(zone=person.zone))
    submission = DigestSubmission(*topics.parse_subscription(text))
    return await _subscribe(bot, people, person, question.channel, submission, question.today, question.words)


async def _subscribe(
    bot: Bot,
    people: Directory,
    person: Person,
    channel: str,
    submission: DigestSubmission,
    today: date,
    retry_words: str = "",
    *,
    adds_another: bool = False,
) -> Reply:
    """Subscribe a channel, or answer that it already is; `retry_words` are a question that tries again.

    `adds_another` is for a second digest of the same topic, at another time.
    """
    schedule_words = submission.schedule_words
    try:
        schedule = schedule_words.schedule(person.zone, bot.clock())
    except InvalidArgument as error:
        raise topics.with_full_example(error, submission.topic.command_words) from None
    if not await can_post_to(people, channel):
        raise DoesNotExist(
            "I'm not in this conversation, so I haven't subscribed it.",
            "Type /invite @figshare here and subscribe again, or subscribe in our direct message.",
            (Button("Try again", retry_words),) if retry_words else (),
        )
    resolved = await resolve_topic(bot, submission.topic, today)
    if not adds_another and (reply := await _existing_reply(bot, person, channel, resolved, schedule_words)):
        return reply
    subscription, is_new = await _add(bot, channel, person, resolved, schedule)
    if not is_new:
        return confirmation(subscription, bot.clock(), "This channel is already subscribed: ")
    reply = confirmation(subscription, bot.clock(), "Subscribed: ", channel, is_new=True)
    return with_unverified_note(reply, resolved)


async def _existing_reply(
    bot: Bot, person: Person, channel: str, resolved: ResolvedTopic, schedule_words: ScheduleWords
) -> Reply | None:
    """Return the reply where a channel has a digest of this topic already; None where it has none."""
    schedule = schedule_words.schedule(person.zone, bot.clock())
    there = [status.subscription for status in await subscriptions_of(bot).of_channel(channel)]
    existing = with_topic(there, resolved.topic)
    for subscription in existing:
        if is_schedule_of(subscription, schedule, bool(schedule_words.zone)):
            return confirmation(subscription, bot.clock(), "This channel is already subscribed: ")
    if not existing:
        return None
    may_change = (each for each in existing if person.is_admin or each.owner == person.id)
    return schedule_choice(existing, next(may_change, None), channel, resolved.topic.command_words, schedule)


async def _add(
    bot: Bot, channel: str, person: Person, resolved: ResolvedTopic, schedule: Schedule
) -> tuple[Subscription, bool]:
    """Add a subscription and return it with True; one that is there already is returned with False."""
    topic = resolved.topic
    return await subscriptions_of(bot).add(
        channel, person.id, person.name, topic.command_words, resolved.title, topic.weight, schedule
    )


# For a button below an answer, which offers the same every week as a direct message.
@action("digest.weekly", role="")
async def subscribe_direct_message(bot: Bot, interaction: Interaction) -> Reply:
    people, person = await allowed_subscriber(interaction.directory, interaction.user)
    channel = await direct_message_with(people, interaction.user)
    resolved = await resolve_topic(bot, topics.parse_topic(interaction.value), day_of(bot.clock()))
    there = [status.subscription for status in await subscriptions_of(bot).of_channel(channel)]
    if existing := with_topic(there, resolved.topic):
        return confirmation(existing[0], bot.clock(), "You already get this as a direct message: ")
    subscription, is_new = await _add(bot, channel, person, resolved, Schedule(zone=person.zone))
    opening = (
        "You'll get it as a direct message: " if is_new else "You already get this as a direct message: "
    )
    reply = confirmation(subscription, bot.clock(), opening, is_new=is_new)
    return with_unverified_note(reply, resolved)


@action("digest.both", role="")
async def subscribe_at_another_time_too(bot: Bot, interaction: Interaction) -> Reply:
    people, person = await allowed_subscriber(interaction.directory, interaction.user)
    channel, _, words = interaction.value.partition(" ")
    if not channel.isupper():
        # A button of an earlier version begins with the topic.
        channel, words = interaction.channel, interaction.value
    if channel != interaction.channel:
        raise DoesNotExist(
            "That question is about another conversation.",
            "I haven't subscribed this one. Subscribe there again, and I'll ask you there.",
        )
    await require_channel_subscriber(bot, people, person, channel)
    submission = DigestSubmission(*topics.parse_subscription(words))
    return await _subscribe(bot, people, person, channel, submission, day_of(bot.clock()), adds_another=True)


@action("digest.form", role="")
async def open_digest_form(bot: Bot, interaction: Interaction) -> Reply:
    people, person = await allowed_subscriber(interaction.directory, interaction.user)
    channel = form_context(interaction).channel or interaction.channel
    await require_channel_subscriber(bot, people, person, channel)
    return _form_reply(channel, Schedule(zone=person.zone), interaction.values)


@options("digest.zones", role="")
async def zone_options(bot: Bot, words: str) -> Sequence[Choice]:
    """Return the time zones that somebody may mean."""
    labels = map(offset_zone_label, matching_zones(words, _MAX_ZONES))
    return [Choice(label, label) for label in labels]


@action("digest.create", role="")
async def create_digest_from_form(bot: Bot, interaction: Interaction) -> Reply:
    people, person = await allowed_subscriber(interaction.directory, interaction.user)
    channel = form_context(interaction).channel
    await require_channel_subscriber(bot, people, person, channel)
    submission = parse_submission(interaction.values)
    try:
        return await _subscribe(bot, people, person, channel, submission, day_of(bot.clock()))
    except (DoesNotExist, InvalidArgument) as error:
        raise topic_field_error(error) from None


def _form_reply(channel: str, schedule: Schedule, typed: Mapping[str, Value] | None = None) -> Reply:
    """Return the form, with what was typed into it before, and what to type where no form can open."""
    values = {**schedule_values(schedule), "weekdays": "", **(typed or {})}
    context = FormContext(channel)
    return Reply(
        ("A new digest",),
        (
            Text(("Say what and when: ", Code("subscribe 5616445 weekly on monday at 09:00"))),
            Text(("Or ", Code("subscribe search title:frog daily"), ", or fill in the form.")),
        ),
        buttons=(Button("Fill in the form", action="digest.form", style="primary"),),
        form=digest_form("New digest", "digest.create", "Subscribe", values, context, "digest.form"),
        is_shareable=False,
        keeps_original=True,
    )
