"""A new draft: the form, and what is done with its submission."""

import re
from collections.abc import Mapping, Sequence

from bot.bot import Bot
from bot.commands import Interaction, Question, action, command, options
from bot.drafts.accounts import account_of_user, fetch_draft
from bot.drafts.card import card_after_change, draft_card
from bot.drafts.create import CreationUnknown, DraftSubmission, create_draft
from bot.drafts.field_parser import error_at_field, parse_fields
from bot.drafts.form import MAX_CHOICES, MAX_LENGTHS
from bot.drafts.offer import draft_offer, new_draft_form
from bot.figshare.errors import BadRequest
from bot.language.tokens import InvalidArgument, normalize
from bot.reply import Choice, Reply, Text, Value
from bot.text import cut, plain


@command(
    "draft [title]", task="Draft", examples=("draft Counting frogs by ear", "draft Frog calls"), role="writes"
)
async def draft(bot: Bot, question: Question, title: str) -> Reply:
    """Start a draft (opens a form); nothing is written before you press Create."""
    if edit := re.fullmatch(r"edit(?: #?([0-9]{1,12}))?", title, re.IGNORECASE):
        if edit[1] is None:
            raise InvalidArgument(
                "draft edit", "which draft? `drafts` lists them, each with an Edit button", "drafts"
            )
        account = await account_of_user(bot, question.user, question.directory)
        return draft_card(await fetch_draft(account, int(edit[1])))
    return draft_offer(bot, title, Interaction("draft.form", question.user, directory=question.directory))


@action("draft.form", role="writes")
async def open_draft_form(bot: Bot, interaction: Interaction) -> Reply:
    return draft_offer(bot, interaction.private_metadata or interaction.value, interaction)


@action("draft.shortcut", role="writes")
async def open_draft_form_with_message(bot: Bot, interaction: Interaction) -> Reply:
    message = "\n".join(normalize(line) for line in interaction.value.split("\n")).strip()
    values = {"description": cut(message, MAX_LENGTHS["description"])}
    return Reply(
        ("A new draft",),
        (Text(("The form did not open: please choose the shortcut again.",)),),
        form=new_draft_form(bot, values, "", interaction),
        is_private=True,
        keeps_original=True,
    )


@action("draft.create", role="writes")
async def create_draft_from_form(bot: Bot, interaction: Interaction) -> Reply:
    filled = {name: value for name, value in interaction.values.items() if value or name == "title"}
    return await _create(bot, interaction, filled)


@action("draft.title", role="writes")
async def create_draft_with_title(bot: Bot, interaction: Interaction) -> Reply:
    return await _create(bot, interaction, {"title": interaction.value})


@options("draft.categories", role="reads")
async def category_options(bot: Bot, words: str) -> Sequence[Choice]:
    """Return the categories in whose names all the words are, those that begin with them first."""
    typed = words.lower()
    matches = [
        (not name.lower().startswith(typed), name, category.id)
        for category in await bot.figshare.categories()
        if (name := plain(category.title, 300)) and all(word in name.lower() for word in typed.split())
    ]
    return [Choice(cut(name, 75), str(id)) for _, name, id in sorted(matches)[:MAX_CHOICES]]


async def _create(bot: Bot, interaction: Interaction, values: Mapping[str, Value]) -> Reply:
    submission = DraftSubmission(
        interaction.user, interaction.idempotency_key, await parse_fields(bot, values, values)
    )
    account = await account_of_user(bot, interaction.user, interaction.directory)
    try:
        id = await create_draft(bot, account, submission)
    except BadRequest as error:
        raise error_at_field(error) or error from None
    except CreationUnknown as unknown:
        return Reply(
            ("Figshare didn't give a clear answer, so I can't tell whether the draft was created.",),
            (
                Text(
                    (
                        f"What you typed is still here. Please try again in {unknown.retry_after} seconds: "
                        "I'll look for the draft first and won't create a second one.",
                    )
                ),
            ),
            outcome="trouble",
        )
    return await card_after_change(account, id)
