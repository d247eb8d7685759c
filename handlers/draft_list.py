"""The drafts there are: the list, each one's card and what its buttons do, and the log."""

import asyncio
import re

from bot.bot import Bot
from bot.commands import Act, Ask, command, deed, number
from bot.drafts.card import called, card, delete_button
from bot.drafts.create import traced
from bot.figshare.errors import NotFound, Unknown
from bot.figshare.models import Article
from bot.items.cards import title
from bot.permissions import CantSay, Directory
from bot.reply import Button, Code, Line, Link, Moment, Reply, Rows, Strong, Text
from bot.text import cut, day, parsed_day, web
from handlers import draft_create as new
from handlers.draft_edit import own_draft

SIZE, LOG_SIZE = 5, 20
LABEL = 40


@command("drafts", task="Draft", examples=("drafts", "help drafts"), role="reads")
async def drafts(bot: Bot, ask: Ask) -> Reply:
    """The drafts of the account, newest first."""
    account = await bot.accounts.of(ask.user, ask.people)
    found = await account.drafts(ask.page, SIZE)
    if not found.rows:
        what = "There are no more drafts." if ask.page > 1 else "There are no drafts in this account."
        return Reply((what,), page=ask.page, private=True)
    return Reply(
        ("Drafts, newest first",),
        (Rows(tuple(_row(each) for each in found.rows), first=(ask.page - 1) * SIZE + 1),),
        buttons=tuple(
            Button(cut(called(each), LABEL), deed="draft.card", value=str(each.id)) for each in found.rows
        ),
        page=ask.page,
        more=found.more,
        private=True,
    )


def _row(found: Article) -> tuple[Line, ...]:
    changed = parsed_day(found.modified_date or found.created_date)
    when = f" · changed {day(changed)}" if changed else ""
    return ((Strong(title(found.title, f"draft {found.id}")),), (f"draft {found.id}{when}",))


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
        return new.offered(bot, f"delete {text}".strip(), Act("draft.form", ask.user, people=ask.people))
    found = await own_draft(await bot.accounts.of(ask.user, ask.people), int(text))
    return Reply(
        ("Delete this draft?",),
        (Text((called(found),), "Title"), Text((f"Draft {found.id}. This can't be undone.",))),
        buttons=(
            delete_button(found, asks=False),
            Button("Show it", deed="draft.card", value=str(found.id)),
        ),
        private=True,
    )


@command("drafts log", task="Draft", examples=("drafts log", "help drafts log"), role="reads")
async def drafts_log(bot: Bot, ask: Ask) -> Reply:
    """Who created, edited, reserved, linked and deleted which draft, and when."""
    rows, more = await traced(bot).rows(ask.page, LOG_SIZE)
    if not rows:
        return Reply(("Nothing was written yet.",), page=ask.page, private=True)
    names = await _names({row.who for row in rows}, ask.people)
    lines: list[tuple[Line, ...]] = [
        (
            (
                Moment(row.at),
                f"  {row.what} ",
                Code(str(row.draft)) if row.draft else "–",
                f" by {names[row.who]}: {row.outcome}",
            ),
        )
        for row in rows
    ]
    return Reply(
        ("What was written at Figshare, newest first",),
        (Rows(tuple(lines)),),
        page=ask.page,
        more=more,
        private=True,
    )


async def _names(ids: set[str], people: Directory | None) -> dict[str, str]:
    """Give names for ids: mentions would ping everybody in the log."""

    async def name(id: str) -> str:
        try:
            return (await people.person(id)).name or id if people is not None else id
        except CantSay:
            return id

    return dict(zip(ids, await asyncio.gather(*map(name, ids)), strict=True))


@deed("draft.card", role="reads")
async def show(bot: Bot, act: Act) -> Reply:
    return card(await own_draft(await bot.accounts.of(act.user, act.people), number(act.value)))


@deed("draft.reserve", role="writes")
async def reserve(bot: Bot, act: Act) -> Reply:
    account = await bot.accounts.of(act.user, act.people)
    found = await own_draft(account, number(act.value))
    if not found.doi:
        async with traced(bot).of(act.user, "reserve", found.id):
            try:
                await account.reserve_doi(found.id)
            except Unknown:
                if not (await account.draft(found.id)).doi:
                    raise
    return await new.card_of(account, found.id)


@deed("draft.link", role="writes")
async def link(bot: Bot, act: Act) -> Reply:
    account = await bot.accounts.of(act.user, act.people)
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
    account = await bot.accounts.of(act.user, act.people)
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
