"""What is done with one digest: paused, resumed, sent now, adopted, deleted."""

from collections.abc import Sequence

from bot.bot import Bot
from bot.commands import Interaction, Question, action, command, parse_id
from bot.digests.confirmation import confirmation, public_in_its_channel
from bot.digests.duplicates import means_subscription
from bot.digests.ownership import (
    allowed_subscriber,
    can_post_to,
    changeable_subscription,
    changeable_subscriptions,
    deleted_meanwhile,
    owner_has_left,
    require_channel_subscriber,
    subscription_of_button,
    subscriptions_of,
)
from bot.language.parameters import ALL_DIGESTS
from bot.language.tokens import LARGEST_ROW_ID
from bot.permissions import Directory, PermissionDenied, Person
from bot.reply import Button, DoesNotExist, Reply, Text
from bot.storage.rows import Subscription
from bot.text import plural


@command("stop <N>", task="Digests", examples=("subscriptions", "stop 3"))
async def stop(bot: Bot, question: Question, id: int) -> Reply:
    """Delete a digest (its owner and workspace admins only)."""
    return await _delete(bot, *await _subscription_of_question(bot, question, id), question.channel)


@command("unsubscribe <N>", task="Digests", examples=("subscriptions", "unsubscribe 3"))
async def unsubscribe(bot: Bot, question: Question, id: int) -> Reply:
    """Delete a digest, as `stop` does."""
    return await _delete(bot, *await _subscription_of_question(bot, question, id), question.channel)


@command("pause <N/all>", task="Digests", examples=("subscriptions", "pause 4"))
async def pause(bot: Bot, question: Question, id: int) -> Reply:
    """Pause a digest, or all digests of this channel."""
    if id == ALL_DIGESTS:
        return await _pause_all(bot, question)
    return await _pause(bot, *await _subscription_of_question(bot, question, id), question.channel)


@command("resume <N/all>", task="Digests", examples=("subscriptions", "resume 4"))
async def resume(bot: Bot, question: Question, id: int) -> Reply:
    """Resume a paused digest, or all of this channel's."""
    if id == ALL_DIGESTS:
        return await _resume_all(bot, question)
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
    words = f"{subscription.topic} {subscription.schedule.command_words}"
    # The button subscribes the conversation that it stands in.
    can_undo = channel == subscription.channel and means_subscription(
        words, subscription.topic, subscription.schedule
    )
    reply = Reply(
        (f"Deleted digest {subscription.id}: ", subscription.title),
        (Text((f"Deleted by {person.name}. Its schedule was {subscription.schedule.label}.",)),),
        buttons=(Button("Subscribe again", f"subscribe {words}"),) if can_undo else (),
    )
    return public_in_its_channel(reply, subscription, channel)


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


async def _pause_all(bot: Bot, question: Question) -> Reply:
    """Pause every digest of a channel that the person may change."""
    own, others, person = await changeable_subscriptions(
        bot, question.directory, question.user, question.channel
    )
    paused = [each for each in own if each.state == "active"]
    for subscription in paused:
        await subscriptions_of(bot).pause(subscription.id)
    if not paused:
        return _nothing_to_do("active", others)
    return Reply(
        (f"Paused {plural(len(paused), 'digest')}: {_numbers(paused)}",),
        (Text((f"Paused by {person.name}. No digests until they're resumed.",)), *_left_alone(others)),
        buttons=(Button("Resume all", "resume all"),),
        public_in=question.channel,
    )


async def _resume_all(bot: Bot, question: Question) -> Reply:
    """Resume every paused or stopped digest of a channel that the person may change."""
    own, others, person = await changeable_subscriptions(
        bot, question.directory, question.user, question.channel
    )
    resting = [each for each in own if each.state != "active"]
    if not resting:
        return _nothing_to_do("paused", others)
    await _check_channel(resting[0], question.directory)
    for subscription in resting:
        await subscriptions_of(bot).resume(subscription)
    return Reply(
        (f"Resumed {plural(len(resting), 'digest')}: {_numbers(resting)}",),
        (Text((f"Resumed by {person.name}. Each will be sent on its next date.",)), *_left_alone(others)),
        buttons=(Button("Pause all", "pause all"), Button("List them", "subscriptions")),
        public_in=question.channel,
    )


def _nothing_to_do(state: str, others: Sequence[Subscription]) -> Reply:
    return Reply(
        (f"None of the digests here that you can change is {state}.",),
        tuple(_left_alone(others)),
        buttons=(Button("List them", "subscriptions"),),
        keeps_original=True,
    )


def _left_alone(others: Sequence[Subscription]) -> list[Text]:
    """Return a line about the digests that only their owners and admins can change."""
    if not others:
        return []
    owners = ", ".join(dict.fromkeys(each.owner_name for each in others))
    stays = "Digest {} stays as it is" if len(others) == 1 else "Digests {} stay as they are"
    return [Text((f"{stays.format(_numbers(others))}: {owners} or a workspace admin can change that.",))]


def _numbers(subscriptions: Sequence[Subscription]) -> str:
    return ", ".join(str(each.id) for each in subscriptions)


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
