"""Changing a digest: by words, in a form, or to a schedule that somebody asked for instead."""

from collections.abc import Mapping

from bot.bot import Bot
from bot.commands import Interaction, InvalidValue, Question, action, command, parse_id
from bot.digests.changes import changed_schedule, parse_change
from bot.digests.confirmation import confirmation, with_unverified_note
from bot.digests.form import (
    FormContext,
    digest_form,
    form_context,
    schedule_values,
)
from bot.digests.ownership import (
    changeable_subscription,
    deleted_meanwhile,
    require_topic_change,
    subscription_of_button,
    subscriptions_of,
)
from bot.digests.resolver import resolve_topic
from bot.digests.submission import parse_submission, topic_field_error
from bot.language.schedule_parser import schedule_pieces
from bot.language.schedules import Schedule, day_of
from bot.language.tokens import LARGEST_ROW_ID, MAX_QUESTION_LENGTH, InvalidArgument, positive_int, tokenize
from bot.reply import Button, Code, DoesNotExist, Form, InvalidFields, Reply, Text, Value
from bot.storage.rows import AlreadySubscribed, Subscription


@command(
    "change <N> [what] [daily/weekdays/weekly/every 2 weeks/monthly/quarterly/yearly] [on monday/15/last] "
    "[at 09:00] [Europe/London] [skip empty]",
    task="Digests",
    examples=("subscriptions", "change 3 at 10:00"),
    max_length=MAX_QUESTION_LENGTH,
    depends_on_today=True,
)
async def change(bot: Bot, question: Question, text: str) -> Reply:
    """Change a digest: what and when, in the words of `subscribe`; alone it opens the form."""
    number, _, words = text.strip().partition(" ")
    id = positive_int(number.lstrip("#"))
    if id is None or id > LARGEST_ROW_ID:
        reason = "`change` needs the number of a digest; `subscriptions` lists them"
        raise InvalidArgument(number, reason, "subscriptions")
    subscription, person = await changeable_subscription(
        bot, question.directory, question.user, id, question.channel
    )
    if not words.strip():
        return _form_reply(subscription, question.channel)
    topic, schedule_words = parse_change(words.strip(), subscription.id)
    schedule = changed_schedule(subscription.schedule, schedule_words, bot.clock())
    if topic is None:
        return await _reschedule(bot, subscription, schedule, question.channel)
    resolved = await resolve_topic(bot, topic, question.today)
    if resolved.topic.command_words != subscription.topic:
        await require_topic_change(bot, question.directory, person, subscription)
    try:
        changed = await subscriptions_of(bot).change(
            subscription, resolved.topic.command_words, resolved.title, resolved.topic.weight, schedule
        )
    except AlreadySubscribed:
        raise _already_subscribed(subscription.id) from None
    if changed is None:
        raise deleted_meanwhile(subscription)
    return with_unverified_note(confirmation(changed, bot.clock(), "Changed: ", question.channel), resolved)


async def _reschedule(bot: Bot, subscription: Subscription, schedule: Schedule, channel: str) -> Reply:
    try:
        changed = await subscriptions_of(bot).change(
            subscription, subscription.topic, subscription.title, subscription.weight, schedule
        )
    except AlreadySubscribed:
        raise _already_subscribed(subscription.id) from None
    if changed is None:
        raise deleted_meanwhile(subscription)
    return confirmation(changed, bot.clock(), "Changed: ", channel)


def _already_subscribed(id: int) -> DoesNotExist:
    return DoesNotExist(
        f"This channel already has a digest like that, so I haven't changed digest {id}.",
        "`subscriptions` lists them.",
    )


@action("digest.reschedule", role="")
async def change_to_offered_schedule(bot: Bot, interaction: Interaction) -> Reply:
    number, _, words = interaction.value.partition(" ")
    subscription, _ = await changeable_subscription(
        bot,
        interaction.directory,
        interaction.user,
        parse_id(number, LARGEST_ROW_ID),
        interaction.channel,
        or_own=True,
    )
    schedule_words, pieces = schedule_pieces(tokenize(words))
    if not pieces or any(piece.part is None for piece in pieces):
        raise InvalidValue
    schedule = schedule_words.schedule(subscription.schedule.zone, bot.clock())
    schedule = schedule.in_weeks_of(subscription.schedule)
    return await _reschedule(bot, subscription, schedule, interaction.channel)


def _form_reply(subscription: Subscription, reply_channel: str) -> Reply:
    """Return the form of a digest, and what to type where no form can open."""
    id = subscription.id
    return Reply(
        (f"Change digest {id}: ", subscription.title),
        (
            Text((subscription.schedule.label,), "Schedule"),
            Text(("Say what changes: ", Code(f"change {id} at 10:00"), ", or fill in the form.")),
        ),
        buttons=(Button("Fill in the form", action="digest.change", value=str(id), style="primary"),),
        form=_filled_form(subscription, FormContext(subscription.channel, id, reply_channel), {}),
        is_private=True,
        keeps_original=True,
    )


def _filled_form(subscription: Subscription, context: FormContext, typed: Mapping[str, Value]) -> Form:
    values = {"what": subscription.topic, **schedule_values(subscription.schedule), **typed}
    return digest_form("Change digest", "digest.save", "Save", values, context, "digest.change")


@action("digest.change", role="")
async def open_change_form(bot: Bot, interaction: Interaction) -> Reply:
    # A form that is opened again names its digest; a button carries it as its value.
    previous = form_context(interaction)
    if previous.id:
        subscription, _ = await changeable_subscription(
            bot, interaction.directory, interaction.user, previous.id, previous.channel
        )
    else:
        subscription, _ = await subscription_of_button(bot, interaction)
    reply_channel = previous.reply_channel or interaction.channel
    context = FormContext(subscription.channel, subscription.id, reply_channel)
    return Reply(
        ("The form didn't open.",),
        (Text(("Please press the button again.",)),),
        form=_filled_form(subscription, context, interaction.values),
        is_private=True,
        keeps_original=True,
    )


@action("digest.save", role="")
async def save_changes(bot: Bot, interaction: Interaction) -> Reply:
    context = form_context(interaction)
    subscription, person = await changeable_subscription(
        bot, interaction.directory, interaction.user, context.id, context.channel
    )
    submission = parse_submission(interaction.values, subscription.schedule)
    schedule = submission.schedule_words.schedule(subscription.schedule.zone, bot.clock())
    schedule = schedule.in_weeks_of(subscription.schedule)
    try:
        resolved = await resolve_topic(bot, submission.topic, day_of(bot.clock()))
        if resolved.topic.command_words != subscription.topic:
            await require_topic_change(bot, interaction.directory, person, subscription)
        changed = await subscriptions_of(bot).change(
            subscription, resolved.topic.command_words, resolved.title, resolved.topic.weight, schedule
        )
    except (DoesNotExist, InvalidArgument) as error:
        raise topic_field_error(error) from None
    except AlreadySubscribed:
        raise InvalidFields({"what": "This channel already has that digest."}) from None
    if changed is None:
        raise deleted_meanwhile(subscription)
    reply = confirmation(changed, bot.clock(), "Changed: ", context.reply_channel)
    return with_unverified_note(reply, resolved)
