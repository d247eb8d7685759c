"""Changing a digest in a form."""

from bot.bot import Bot
from bot.commands import Interaction, action
from bot.digests import resolver
from bot.digests.confirmation import confirmed, with_doubt
from bot.digests.form import Carried, at_what, carried, filled, shown
from bot.digests.form import form as filled_in
from bot.digests.ownership import gone, kept, owned, pressed
from bot.language.schedules import day_of
from bot.language.tokens import InvalidArgument
from bot.reply import DoesNotExist, InvalidFields, Reply, Text
from bot.storage.rows import Exists


@action("digest.change", role="")
async def change(bot: Bot, interaction: Interaction) -> Reply:
    was = carried(interaction)
    if was.id:
        it, _ = await owned(bot, interaction.people, interaction.user, was.id, was.channel)
    else:
        it, _ = await pressed(bot, interaction)
    where, now = (
        Carried(it.channel, it.id, was.asked_in or interaction.channel),
        {"what": it.what, **shown(it.schedule), **interaction.values},
    )
    return Reply(
        ("The form did not open.",),
        (Text(("Please press the button again.",)),),
        form=filled_in("Change digest", "digest.save", "Save", now, where, "digest.change"),
        is_private=True,
        keeps_original=True,
    )


@action("digest.save", role="")
async def save(bot: Bot, interaction: Interaction) -> Reply:
    where = carried(interaction)
    it, _ = await owned(bot, interaction.people, interaction.user, where.id, where.channel)
    wanted, said = filled(interaction.values, it.schedule)
    schedule = said.schedule(it.schedule.zone)
    try:
        named = await resolver.resolve(bot, wanted, day_of(bot.clock()))
        changed = await kept(bot).change(it, named.what.words, named.title, named.what.weight, schedule)
    except (DoesNotExist, InvalidArgument) as wrong:
        raise at_what(wrong) from None
    except Exists:
        raise InvalidFields({"what": "This channel has just that digest already."}) from None
    if changed is None:
        raise gone(it)
    return with_doubt(confirmed(changed, bot.clock(), "Changed: ", where.asked_in), named)
