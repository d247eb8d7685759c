"""What is done with one draft: shown, deleted, given a DOI or a private link."""

import re

from bot.bot import Bot
from bot.commands import Act, Ask, command, deed, number
from bot.drafts.accounts import account_for, own_draft
from bot.drafts.card import called, card, card_of, delete_button
from bot.drafts.create import traced
from bot.drafts.offer import offered
from bot.figshare.errors import NotFound, Unknown
from bot.reply import Button, Link, Reply, Text
from bot.text import web


@command(
    "draft delete <id>",
    task="Draft",
    examples=("draft delete 31400003", "draft delete 31400006"),
    role="writes",
)
async def draft_delete(bot: Bot, ask: Ask, text: str) -> Reply:
    """Delete a draft, after asking back; what is public can't be deleted."""
    if not re.fullmatch(r"[0-9]{1,12}", text):
        # Anything but one number is the title of a new one.
        return offered(bot, f"delete {text}".strip(), Act("draft.form", ask.user, people=ask.people))
    found = await own_draft(await account_for(bot, ask.user, ask.people), int(text))
    return Reply(
        ("Delete this draft?",),
        (Text((called(found),), "Title"), Text((f"Draft {found.id}. This can't be undone.",))),
        buttons=(
            delete_button(found, asks=False),
            Button("Show it", deed="draft.card", value=str(found.id)),
        ),
        private=True,
    )


@deed("draft.card", role="reads")
async def show(bot: Bot, act: Act) -> Reply:
    return card(await own_draft(await account_for(bot, act.user, act.people), number(act.value)))


@deed("draft.reserve", role="writes")
async def reserve(bot: Bot, act: Act) -> Reply:
    account = await account_for(bot, act.user, act.people)
    found = await own_draft(account, number(act.value))
    if not found.doi:
        async with traced(bot).of(act.user, "reserve", found.id):
            try:
                await account.reserve_doi(found.id)
            except Unknown:
                if not (await account.draft(found.id)).doi:
                    raise
    return await card_of(account, found.id)


@deed("draft.link", role="writes")
async def link(bot: Bot, act: Act) -> Reply:
    account = await account_for(bot, act.user, act.people)
    found = await own_draft(account, number(act.value))
    before = {each.html_location for each in await account.private_links(found.id)}
    async with traced(bot).of(act.user, "link", found.id):
        try:
            made = await account.private_link(found.id)
        except Unknown:
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
        private=True,
        aside=True,
    )


@deed("draft.delete", role="writes")
async def delete(bot: Bot, act: Act) -> Reply:
    account = await account_for(bot, act.user, act.people)
    try:
        found = await own_draft(account, number(act.value))
    except NotFound:
        return Reply(
            (f"Draft {number(act.value)} is gone: it was deleted before, or never existed.",), private=True
        )
    async with traced(bot).of(act.user, "delete", found.id):
        try:
            await account.delete(found.id)
        except Unknown:
            try:
                await account.draft(found.id)
            except NotFound:
                pass
            else:
                raise
        except NotFound:
            pass
    return Reply((f"Deleted: “{called(found)}”, draft {found.id}.",), private=True)
