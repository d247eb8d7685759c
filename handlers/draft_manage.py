"""What is done with one draft: shown, deleted, given a DOI or a private link."""

import re

from bot.bot import Bot
from bot.commands import Interaction, Question, action, command, number
from bot.drafts.accounts import account_for, own_draft
from bot.drafts.card import called, card, card_of, delete_button
from bot.drafts.create import traced
from bot.drafts.offer import offered
from bot.figshare.errors import NotFound, OutcomeUnknown
from bot.reply import Button, Link, Reply, Text
from bot.text import web


@command(
    "draft delete <id>",
    task="Draft",
    examples=("draft delete 31400003", "draft delete 31400006"),
    role="writes",
)
async def draft_delete(bot: Bot, question: Question, text: str) -> Reply:
    """Delete a draft, after asking back; what is public can't be deleted."""
    if not re.fullmatch(r"[0-9]{1,12}", text):
        # Anything but one number is the title of a new one.
        return offered(
            bot, f"delete {text}".strip(), Interaction("draft.form", question.user, people=question.people)
        )
    found = await own_draft(await account_for(bot, question.user, question.people), int(text))
    return Reply(
        ("Delete this draft?",),
        (Text((called(found),), "Title"), Text((f"Draft {found.id}. This can't be undone.",))),
        buttons=(
            delete_button(found, asks=False),
            Button("Show it", action="draft.card", value=str(found.id)),
        ),
        is_private=True,
    )


@action("draft.card", role="reads")
async def show(bot: Bot, interaction: Interaction) -> Reply:
    return card(
        await own_draft(
            await account_for(bot, interaction.user, interaction.people), number(interaction.value)
        )
    )


@action("draft.reserve", role="writes")
async def reserve(bot: Bot, interaction: Interaction) -> Reply:
    account = await account_for(bot, interaction.user, interaction.people)
    found = await own_draft(account, number(interaction.value))
    if not found.doi:
        async with traced(bot).record(interaction.user, "reserve", found.id):
            try:
                await account.reserve_doi(found.id)
            except OutcomeUnknown:
                if not (await account.draft(found.id)).doi:
                    raise
    return await card_of(account, found.id)


@action("draft.link", role="writes")
async def link(bot: Bot, interaction: Interaction) -> Reply:
    account = await account_for(bot, interaction.user, interaction.people)
    found = await own_draft(account, number(interaction.value))
    before = {each.html_location for each in await account.private_links(found.id)}
    async with traced(bot).record(interaction.user, "link", found.id):
        try:
            made = await account.private_link(found.id)
        except OutcomeUnknown:
            after = [each.html_location for each in await account.private_links(found.id)]
            new_ones = [each for each in after if each and web(each) and each not in before]
            if not new_ones:
                raise
            made = new_ones[0]
    return Reply(
        ("A private link to ", Link(called(found), None)),
        (
            Text((Link(made, made),)),
            Text(("Whoever has it can see the draft, for a year. Only you see this message.",)),
        ),
        is_private=True,
        keeps_original=True,
    )


@action("draft.delete", role="writes")
async def delete(bot: Bot, interaction: Interaction) -> Reply:
    account = await account_for(bot, interaction.user, interaction.people)
    try:
        found = await own_draft(account, number(interaction.value))
    except NotFound:
        return Reply(
            (f"Draft {number(interaction.value)} is gone: it was deleted before, or never existed.",),
            is_private=True,
        )
    async with traced(bot).record(interaction.user, "delete", found.id):
        try:
            await account.delete(found.id)
        except OutcomeUnknown:
            try:
                await account.draft(found.id)
            except NotFound:
                pass
            else:
                raise
        except NotFound:
            pass
    return Reply((f"Deleted: “{called(found)}”, draft {found.id}.",), is_private=True)
