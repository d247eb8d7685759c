"""Changing a digest in a form."""

from bot.bot import Bot
from bot.commands import Interaction, action
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
from bot.language.schedules import day_of
from bot.language.tokens import InvalidArgument
from bot.reply import DoesNotExist, InvalidFields, Reply, Text
from bot.storage.rows import AlreadySubscribed


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
    values = {"what": subscription.topic, **schedule_values(subscription.schedule), **interaction.values}
    return Reply(
        ("The form didn't open.",),
        (Text(("Please press the button again.",)),),
        form=digest_form("Change digest", "digest.save", "Save", values, context, "digest.change"),
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
