"""A new draft: the form, and what becomes of it."""

from collections.abc import Sequence

from bot.bot import Bot
from bot.commands import Interaction, Question, action, command, options
from bot.drafts import field_parser
from bot.drafts.accounts import account_for
from bot.drafts.card import card_of
from bot.drafts.create import CreationUnknown, create_draft
from bot.drafts.form import LONGEST
from bot.drafts.offer import _form, offered
from bot.figshare.errors import BadRequest
from bot.figshare.private import Fields
from bot.language.tokens import normalize
from bot.reply import Choice, Reply, Text
from bot.text import cut, plain

MOST_OFFERED = 100


@command(
    "draft [title]", task="Draft", examples=("draft Counting frogs by ear", "draft Frog calls"), role="writes"
)
async def draft(bot: Bot, question: Question, title: str) -> Reply:
    """A form for a new draft with this title; nothing is written before you press Create."""
    return offered(bot, title, Interaction("draft.form", question.user, people=question.people))


@action("draft.form", role="writes")
async def form(bot: Bot, interaction: Interaction) -> Reply:
    return offered(bot, interaction.private_metadata or interaction.value, interaction)


@action("draft.shortcut", role="writes")
async def shortcut(bot: Bot, interaction: Interaction) -> Reply:
    lines = "\n".join(normalize(line) for line in interaction.value.split("\n")).strip()
    reply = offered(bot, "", interaction)
    return Reply(
        reply.title,
        (Text(("The form did not open: please choose the shortcut again.",)),),
        form=_form(bot, {"description": cut(lines, LONGEST["description"])}, "", interaction),
        is_private=True,
        keeps_original=True,
    )


@action("draft.create", role="writes")
async def create(bot: Bot, interaction: Interaction) -> Reply:
    names = [name for name, value in interaction.values.items() if value or name == "title"]
    written = await field_parser.read(bot, interaction.values, names)
    return await _create(bot, interaction, written)


@action("draft.title", role="writes")
async def create_with_title(bot: Bot, interaction: Interaction) -> Reply:
    return await _create(
        bot, interaction, await field_parser.read(bot, {"title": interaction.value}, ["title"])
    )


@options("draft.categories", role="reads")
async def categories(bot: Bot, words: str) -> Sequence[Choice]:
    """Give the categories in whose names all the words are, those that begin with them first."""
    wanted = words.lower().split()
    found = [
        (not name.lower().startswith(words.lower()), name, each.id)
        for each in await bot.figshare.categories()
        if (name := plain(each.title, 300)) and all(word in name.lower() for word in wanted)
    ]
    return [Choice(cut(name, 75), str(id)) for _, name, id in sorted(found)[:MOST_OFFERED]]


async def _create(bot: Bot, interaction: Interaction, written: Fields) -> Reply:
    account = await account_for(bot, interaction.user, interaction.people)
    try:
        id = await create_draft(bot, account, interaction.user, interaction.idempotency_key, written)
    except BadRequest as error:
        raise field_parser.refused(error) or error from None
    except CreationUnknown as unsure:
        return Reply(
            ("Figshare did not answer clearly, so I don't know whether the draft was made.",),
            (
                Text(
                    (
                        f"What you typed is still here. Please try again in {unsure.again} seconds: "
                        "I look for the draft first and make no second one.",
                    )
                ),
            ),
            outcome="trouble",
        )
    return await card_of(account, id)
