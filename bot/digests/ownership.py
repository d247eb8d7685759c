"""Who may have digests, and who may change them.

Every function here that asks Slack raises PermissionDenied when Slack doesn't answer: nothing is changed on a
guess. Pressing a button is checked exactly as typing the command is.
"""

from typing import TYPE_CHECKING

from bot.bot import Bot
from bot.commands import Interaction, parse_id
from bot.digests.buttons import adopt_button
from bot.language.tokens import LARGEST_ROW_ID
from bot.permissions import Directory, DirectoryUnavailable, Membership, PermissionDenied, Person
from bot.reply import DoesNotExist
from bot.storage.rows import Subscription

if TYPE_CHECKING:
    from bot.storage.subscriptions import Subscriptions

_WHY_EXCLUDED: dict[Membership, str] = {
    "external": "People from other workspaces can ask questions here but can't subscribe or change digests.",
    "bot": "Bots can't subscribe.",
    "deactivated": "This account can't subscribe.",
}


def slack_required() -> PermissionDenied:
    """Return the refusal for a terminal, which has no channels."""
    return PermissionDenied("This needs Slack.", "Digests are sent to a channel or a direct message there.")


def subscriptions_of(bot: Bot) -> "Subscriptions":
    """Return the subscriptions; raises PermissionDenied where there is no database."""
    if bot.subscriptions is None:
        raise slack_required()
    return bot.subscriptions


async def allowed_subscriber(people: Directory | None, user: str) -> tuple[Directory, Person]:
    """Return the person who asks for a digest; raises PermissionDenied if they may not have one."""
    if people is None:
        raise slack_required()
    person = await _person(people, user)
    if person.membership in _WHY_EXCLUDED:
        raise PermissionDenied(_WHY_EXCLUDED[person.membership], "Someone in this workspace can.")
    return people, person


async def require_channel_subscriber(bot: Bot, people: Directory, person: Person, channel: str) -> None:
    """Raise PermissionDenied where SUBSCRIBE_USERS names others, but in a person's own direct message."""
    if bot.settings.subscribe_users and not channel.startswith("D"):
        await bot.channel_subscribers.require(person.id, people, "writes")


async def require_topic_change(
    bot: Bot, people: Directory | None, person: Person, subscription: Subscription
) -> None:
    """Raise PermissionDenied unless an owner may still subscribe the channel; admins change any digest."""
    if people is not None and not person.is_admin:
        await require_channel_subscriber(bot, people, person, subscription.channel)


async def can_post_to(people: Directory, channel: str) -> bool:
    """Return whether digests can be posted to a channel; raises PermissionDenied when Slack doesn't say."""
    try:
        return await people.can_read_channel(channel)
    except DirectoryUnavailable as error:
        raise _directory_error(error) from None


async def direct_message_with(people: Directory, user: str) -> str:
    """Return the channel id of the direct message with a person; raises PermissionDenied."""
    try:
        return await people.direct(user)
    except DirectoryUnavailable as error:
        raise _directory_error(error) from None


async def changeable_subscription(
    bot: Bot, people: Directory | None, user: str, id: int, channel: str, *, or_own: bool = False
) -> tuple[Subscription, Person]:
    """Return a digest that a person may change from a conversation, and that person.

    It belongs to that conversation or, with `or_own`, to that person. Any other is answered as one that
    doesn't exist (DoesNotExist), so that nobody learns of the digests of private channels. Its owner and the
    admins of the workspace may change it; others get PermissionDenied, which names them.
    """
    subscriptions = subscriptions_of(bot)
    directory, person = await allowed_subscriber(people, user)
    subscription = await subscriptions.get(id)
    if subscription is None or not (
        subscription.channel == channel or (or_own and subscription.owner == user)
    ):
        raise DoesNotExist(
            f"There is no digest {id} here.",
            "`subscriptions` lists the digests of a channel, with their numbers.",
        )
    if user == subscription.owner or person.is_admin:
        return subscription, person
    title = f"You can't change digest {id}."
    owner, owner_name = await _person(directory, subscription.owner), subscription.owner_name
    if owner.membership == "deactivated":
        detail = (
            f"{owner_name}, who set it up, has left. Workspace admins can change it; anyone can adopt it."
        )
        raise PermissionDenied(title, detail, buttons=(adopt_button(id),))
    detail = f"{owner.name or owner_name}, who set it up, and workspace admins can. Please ask one of them."
    raise PermissionDenied(title, detail)


async def changeable_subscriptions(
    bot: Bot, people: Directory | None, user: str, channel: str
) -> tuple[list[Subscription], list[Subscription], Person]:
    """Return the digests of a conversation that a person may change, the others, and that person.

    Raises DoesNotExist where there are none at all.
    """
    _, person = await allowed_subscriber(people, user)
    there = [status.subscription for status in await subscriptions_of(bot).of_channel(channel)]
    if not there:
        raise DoesNotExist("No digests here yet.", "`subscribe 5616445` gets one every Monday.")
    own = [each for each in there if person.is_admin or each.owner == user]
    return own, [each for each in there if each not in own], person


async def subscription_of_button(bot: Bot, interaction: Interaction) -> tuple[Subscription, Person]:
    """Return the digest of a button as `changeable_subscription` does.

    One's own buttons work in any conversation. Raises InvalidValue too.
    """
    return await changeable_subscription(
        bot,
        interaction.directory,
        interaction.user,
        parse_id(interaction.value, LARGEST_ROW_ID),
        interaction.channel,
        or_own=True,
    )


async def owner_has_left(people: Directory, subscription: Subscription) -> bool:
    """Return whether a digest's owner has left the workspace; raises PermissionDenied."""
    return (await _person(people, subscription.owner)).membership == "deactivated"


async def _person(people: Directory, user: str) -> Person:
    try:
        return await people.person(user)
    except DirectoryUnavailable as error:
        raise _directory_error(error) from None


def deleted_meanwhile(subscription: Subscription) -> DoesNotExist:
    """Return the error for a digest that was there a moment ago."""
    return DoesNotExist(f"Digest {subscription.id} no longer exists.", "Someone has just deleted it.")


def _directory_error(error: DirectoryUnavailable) -> PermissionDenied:
    if str(error) == "missing_scope":
        title = "Slack doesn't let me look into this conversation."
        detail = "Ask the person who runs this bot to reinstall the app with its newest manifest."
        return PermissionDenied(title, detail, outcome="trouble")
    if str(error) == "is_archived":
        return PermissionDenied(
            "That channel is archived.", "Unarchive it and try again; nothing was changed."
        )
    return PermissionDenied(
        "Slack isn't responding right now.",
        "Nothing was changed. Please try again in a minute.",
        outcome="trouble",
    )
