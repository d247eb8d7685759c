"""What is done with one draft: shown, deleted, given a DOI or a private link."""

import re

from bot.bot import Bot
from bot.commands import Interaction, Question, action, command, parse_id
from bot.drafts.accounts import account_of_user, audit_log_of, fetch_draft
from bot.drafts.card import card_after_change, delete_button, draft_card, draft_title
from bot.drafts.offer import draft_offer
from bot.figshare.account import Account
from bot.figshare.errors import NotFound, OutcomeUnknown
from bot.figshare.private import PrivateArticle
from bot.language.tokens import InvalidArgument
from bot.reply import Button, DoesNotExist, Link, Reply, Text
from bot.text import safe_url


@command(
    "draft delete <id>",
    task="Draft",
    examples=("draft delete 31400003", "draft delete 31400006"),
    role="writes",
)
async def draft_delete(bot: Bot, question: Question, text: str) -> Reply:
    """Delete a draft, after confirmation. Public items can't be deleted."""
    if not text:
        raise InvalidArgument(
            "draft delete", "which draft? `drafts` lists them, each with its number", "drafts"
        )
    number = re.fullmatch(r"#?([0-9]{1,12})", text)
    if number is None:
        # Anything but one number is the title of a new draft.
        return draft_offer(
            bot,
            f"delete {text}".strip(),
            Interaction("draft.form", question.user, directory=question.directory),
        )
    draft = await fetch_draft(await account_of_user(bot, question.user, question.directory), int(number[1]))
    return Reply(
        ("Delete this draft?",),
        (Text((draft_title(draft),), "Title"), Text((f"Draft {draft.id}. This can't be undone.",))),
        buttons=(
            delete_button(draft, needs_confirmation=False),
            Button("Show it", action="draft.card", value=str(draft.id)),
        ),
        is_private=True,
    )


@action("draft.card", role="reads")
async def show_draft(bot: Bot, interaction: Interaction) -> Reply:
    _, draft = await _account_and_draft(bot, interaction)
    return draft_card(draft)


@action("draft.reserve", role="writes")
async def reserve_doi(bot: Bot, interaction: Interaction) -> Reply:
    account, draft = await _account_and_draft(bot, interaction)
    if not draft.doi:
        async with audit_log_of(bot).record(interaction.user, "reserve", draft.id):
            try:
                await account.reserve_doi(draft.id)
            except OutcomeUnknown:
                if not (await account.draft(draft.id)).doi:
                    raise
    return await card_after_change(account, draft.id)


@action("draft.link", role="writes")
async def create_private_link(bot: Bot, interaction: Interaction) -> Reply:
    account, draft = await _account_and_draft(bot, interaction)
    earlier = {link.html_location for link in await account.private_links(draft.id)}
    async with audit_log_of(bot).record(interaction.user, "link", draft.id):
        try:
            url = await account.private_link(draft.id)
        except OutcomeUnknown:
            urls = [link.html_location for link in await account.private_links(draft.id)]
            created = next((url for url in urls if url and safe_url(url) and url not in earlier), None)
            if created is None:
                raise
            url = created
    return Reply(
        ("A private link to ", Link(draft_title(draft), None)),
        (
            Text((Link(url, url),)),
            Text(("Anyone with this link can see the draft for one year. Only you can see this message.",)),
        ),
        is_private=True,
        keeps_original=True,
    )


@action("draft.delete", role="writes")
async def delete_draft(bot: Bot, interaction: Interaction) -> Reply:
    account = await account_of_user(bot, interaction.user, interaction.directory)
    try:
        draft = await fetch_draft(account, parse_id(interaction.value))
    except DoesNotExist:
        return Reply(
            (f"Draft {parse_id(interaction.value)} is gone: it was deleted earlier, or never existed.",),
            is_private=True,
        )
    async with audit_log_of(bot).record(interaction.user, "delete", draft.id):
        try:
            await account.delete(draft.id)
        except OutcomeUnknown:
            try:
                await account.draft(draft.id)
            except NotFound:
                pass
            else:
                raise
        except NotFound:
            pass
    return Reply((f"Deleted: “{draft_title(draft)}”, draft {draft.id}.",), is_private=True)


async def _account_and_draft(bot: Bot, interaction: Interaction) -> tuple[Account, PrivateArticle]:
    """Return the user's account and the draft that the button names; raises as `fetch_draft` does."""
    account = await account_of_user(bot, interaction.user, interaction.directory)
    return account, await fetch_draft(account, parse_id(interaction.value))
