"""Who may have digests, and who may change them."""

from typing import TYPE_CHECKING

from bot.bot import Bot
from bot.commands import Interaction, number
from bot.digests.buttons import adopt
from bot.language.tokens import LARGEST_ROW
from bot.permissions import Directory, DirectoryUnavailable, PermissionDenied, Person
from bot.reply import DoesNotExist
from bot.storage.rows import Subscription

if TYPE_CHECKING:
    from bot.storage.subscriptions import Subscriptions

_OUTSIDE = {
    "stranger": "People of other workspaces may ask here, but not have or change digests.",
    "bot": "Bots may not subscribe.",
    "gone": "This account may not subscribe.",
}


def needs_slack() -> PermissionDenied:
    """Refuse what can't be had from a terminal."""
    return PermissionDenied("This needs Slack.", "Digests come to a channel or a direct message there.")


def kept(bot: Bot) -> "Subscriptions":
    """Give the subscriptions; raises PermissionDenied where there is no database for them."""
    if bot.subscriptions is None:
        raise needs_slack()
    return bot.subscriptions


async def subscriber(people: Directory | None, user: str) -> tuple[Directory, Person]:
    """Give who asks for a digest; raises PermissionDenied for whoever may not have one."""
    if people is None:
        raise needs_slack()
    person = await _person(people, user)
    if person.membership in _OUTSIDE:
        raise PermissionDenied(_OUTSIDE[person.membership], "Somebody of this workspace can.")
    return people, person


async def is_open(people: Directory, channel: str) -> bool:
    """Tell whether digests can come to a channel; raises PermissionDenied when Slack does not say."""
    try:
        return await people.is_open(channel)
    except DirectoryUnavailable as error:
        raise _unclear(error) from None


async def direct(people: Directory, user: str) -> str:
    """Give the direct message with somebody; raises PermissionDenied when Slack does not say."""
    try:
        return await people.direct(user)
    except DirectoryUnavailable as error:
        raise _unclear(error) from None


async def owned(
    bot: Bot, people: Directory | None, user: str, id: int, channel: str, *, or_own: bool = False
) -> tuple[Subscription, Person]:
    """Give a digest that somebody may change from a conversation, and who they are.

    It is one of that conversation, with `or_own` also one of theirs: that others exist nobody learns here.
    Raises DoesNotExist, or PermissionDenied naming who may change it: its owner and the workspace's admins.
    """
    subscriptions = kept(bot)
    directory, person = await subscriber(people, user)
    it = await subscriptions.one(id)
    if it is None or not (it.channel == channel or (or_own and it.owner == user)):
        raise DoesNotExist(
            f"There is no digest {id} here.",
            "`subscriptions` lists the digests of a channel, with their numbers.",
        )
    if user == it.owner or person.is_admin:
        return it, person
    owner = await _person(directory, it.owner)
    if owner.membership == "gone":
        who = f"{it.owner_name}, who set it up, has left: workspace admins can, or whoever adopts it."
        raise PermissionDenied(f"You may not change digest {id}.", who, buttons=(adopt(id),))
    who = f"{owner.name or it.owner_name}, who set it up, and workspace admins can: please ask there."
    raise PermissionDenied(f"You may not change digest {id}.", who)


async def pressed(bot: Bot, interaction: Interaction) -> tuple[Subscription, Person]:
    """Give the digest of a button as `owned` does; one's own buttons work wherever they stand."""
    return await owned(
        bot,
        interaction.people,
        interaction.user,
        number(interaction.value, LARGEST_ROW),
        interaction.channel,
        or_own=True,
    )


async def has_left(people: Directory, it: Subscription) -> bool:
    """Tell whether the owner of a digest has left; raises PermissionDenied when Slack does not say."""
    return (await _person(people, it.owner)).membership == "gone"


async def _person(people: Directory, user: str) -> Person:
    try:
        return await people.person(user)
    except DirectoryUnavailable as error:
        raise _unclear(error) from None


def gone(it: Subscription) -> DoesNotExist:
    """Say that a digest was ended meanwhile."""
    return DoesNotExist(f"There is no digest {it.id} any more.", "Somebody ended it meanwhile.")


def _unclear(error: DirectoryUnavailable) -> PermissionDenied:
    if str(error) == "missing_scope":
        what = "Slack does not let me look into this conversation."
        return PermissionDenied(
            what, "Whoever runs me can reinstall the app with its newest manifest.", "trouble"
        )
    if str(error) == "is_archived":
        return PermissionDenied(
            "That channel is archived.", "Unarchive it and try again; nothing was changed."
        )
    return PermissionDenied(
        "Slack did not answer me just now.", "Nothing was changed. Please try again in a minute.", "trouble"
    )
