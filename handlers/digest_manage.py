"""What is done with one digest: paused, resumed, sent now, adopted, deleted."""

from bot.bot import Bot
from bot.commands import Interaction, Question, action, command, parse_id
from bot.digests.confirmation import confirmation, public_in_its_channel
from bot.digests.ownership import (
    allowed_subscriber,
    can_post_to,
    changeable_subscription,
    deleted_meanwhile,
    owner_has_left,
    require_channel_subscriber,
    subscription_of_button,
    subscriptions_of,
)
from bot.language import topics
from bot.language.tokens import LARGEST_ROW_ID, InvalidArgument
from bot.permissions import Directory, PermissionDenied, Person
from bot.reply import Button, DoesNotExist, Reply, Text
from bot.storage.rows import Subscription


@command("unsubscribe <N>", task="Digests", examples=("subscriptions", "unsubscribe 3"))
async def unsubscribe(bot: Bot, question: Question, id: int) -> Reply:
    """Delete a digest (its owner and workspace admins only)."""
    return await _delete(bot, *await _subscription_of_question(bot, question, id), question.channel)


@command("pause <N>", task="Digests", examples=("subscriptions", "pause 4"))
async def pause(bot: Bot, question: Question, id: int) -> Reply:
    """Pause a digest."""
    return await _pause(bot, *await _subscription_of_question(bot, question, id), question.channel)


@command("resume <N>", task="Digests", examples=("subscriptions", "resume 4"))
async def resume(bot: Bot, question: Question, id: int) -> Reply:
    """Resume a paused digest."""
    subscription, _ = await _subscription_of_question(bot, question, id)
    return await _resume(bot, subscription, question.directory, question.channel)


@command("send <N>", task="Digests", examples=("subscriptions", "send 5"))
async def send(bot: Bot, question: Question, id: int) -> Reply:
    """Send a digest now, marked as a test; its schedule stays as it is."""
    subscription, _ = await _subscription_of_question(bot, question, id)
    return await _send(bot, subscription, question.directory)


@action("digest.stop", role="")
async def press_stop(bot: Bot, interaction: Interaction) -> Reply:
    return await _delete(bot, *await subscription_of_button(bot, interaction), interaction.channel)


@action("digest.pause", role="")
async def press_pause(bot: Bot, interaction: Interaction) -> Reply:
    return await _pause(bot, *await subscription_of_button(bot, interaction), interaction.channel)


@action("digest.resume", role="")
async def press_resume(bot: Bot, interaction: Interaction) -> Reply:
    subscription, _ = await subscription_of_button(bot, interaction)
    return await _resume(bot, subscription, interaction.directory, interaction.channel)


@action("digest.send", role="")
async def press_send(bot: Bot, interaction: Interaction) -> Reply:
    subscription, _ = await subscription_of_button(bot, interaction)
    return await _send(bot, subscription, interaction.directory)


@action("digest.adopt", role="")
async def press_adopt(bot: Bot, interaction: Interaction) -> Reply:
    people, person = await allowed_subscriber(interaction.directory, interaction.user)
    subscriptions = subscriptions_of(bot)
    subscription = await subscriptions.get(parse_id(interaction.value, LARGEST_ROW_ID))
    if subscription is None or subscription.channel != interaction.channel:
        raise DoesNotExist("That digest no longer exists here.", "`subscriptions` lists the ones there are.")
    await require_channel_subscriber(bot, people, person, subscription.channel)
    owner_name = subscription.owner_name
    if await owner_has_left(people, subscription):
        adopted = await subscriptions.adopt(subscription, interaction.user, person.name)
        if adopted is not None:
            return Reply(
                (f"{person.name} now owns digest {subscription.id}: ", subscription.title),
                public_in=subscription.channel,
            )
        # Somebody else adopted it at the same moment.
        owner_name = (await subscriptions.get(subscription.id) or subscription).owner_name
    raise PermissionDenied(f"Digest {subscription.id} already has an owner.", f"{owner_name} owns it.")


async def _subscription_of_question(bot: Bot, question: Question, id: int) -> tuple[Subscription, Person]:
    return await changeable_subscription(bot, question.directory, question.user, id, question.channel)


async def _delete(bot: Bot, subscription: Subscription, person: Person, channel: str) -> Reply:
    if not await subscriptions_of(bot).remove(subscription.id):
        raise deleted_meanwhile(subscription)
    words = f"subscribe {subscription.topic} {subscription.schedule.command_words}"
    reply = Reply(
        (f"Deleted digest {subscription.id}: ", subscription.title),
        (Text((f"Deleted by {person.name}. Its schedule was {subscription.schedule.label}.",)),),
        buttons=(Button("Subscribe again", words),) if _means_same_digest(words, subscription) else (),
    )
    return public_in_its_channel(reply, subscription, channel)


def _means_same_digest(words: str, subscription: Subscription) -> bool:
    """Return whether a command means this digest; an open quote in a search would swallow the schedule."""
    try:
        topic, schedule_words = topics.parse_subscription(words.removeprefix("subscribe "))
        schedule = schedule_words.schedule("UTC", 0.0)
    except InvalidArgument:
        return False
    return (topic.command_words, schedule) == (subscription.topic, subscription.schedule)


async def _pause(bot: Bot, subscription: Subscription, person: Person, channel: str) -> Reply:
    if subscription.state == "paused":
        return confirmation(subscription, bot.clock(), "It's already paused: ")
    if await subscriptions_of(bot).pause(subscription.id) is None:
        raise deleted_meanwhile(subscription)
    reply = Reply(
        (f"Paused digest {subscription.id}: ", subscription.title),
        (Text((f"Paused by {person.name}. No digests until it's resumed.",)),),
        buttons=(Button("Resume", action="digest.resume", value=str(subscription.id)),),
    )
    return public_in_its_channel(reply, subscription, channel)


async def _resume(bot: Bot, subscription: Subscription, people: Directory | None, channel: str) -> Reply:
    await _check_channel(subscription, people)
    if subscription.state == "active":
        return confirmation(subscription, bot.clock(), "It's already active: ")
    resumed = await subscriptions_of(bot).resume(subscription)
    if resumed is None:
        raise deleted_meanwhile(subscription)
    return confirmation(resumed, bot.clock(), "Resumed: ", channel)


async def _send(bot: Bot, subscription: Subscription, people: Directory | None) -> Reply:
    await _check_channel(subscription, people)
    if not await subscriptions_of(bot).send_now(subscription):
        return Reply((f"A test of digest {subscription.id} is already on its way.",), keeps_original=True)
    return Reply(
        (f"A test of digest {subscription.id} is on its way.",),
        (Text(("I'll send it as soon as Figshare has answered. The schedule stays the same.",)),),
        keeps_original=True,
    )


async def _check_channel(subscription: Subscription, people: Directory | None) -> None:
    """Raise DoesNotExist where the bot is not in a digest's channel."""
    if people is not None and not await can_post_to(people, subscription.channel):
        raise DoesNotExist(
            f"I can't deliver digest {subscription.id}: I'm not in its channel.",
            "Type /invite @figshare there first. I've kept the digest.",
        )
