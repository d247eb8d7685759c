"""A new draft: the form, and what becomes of it."""

import asyncio
from collections.abc import Mapping, Sequence

from bot.bot import Bot
from bot.commands import Act, Ask, command, deed, offers
from bot.drafts import field_parser
from bot.drafts.card import card
from bot.drafts.create import Unsure, create_draft
from bot.drafts.form import LONGEST, Choices, fields
from bot.figshare.account import Account
from bot.figshare.errors import FigshareError, Refused
from bot.figshare.private import Fields
from bot.language.tokens import WrongWord, tidy
from bot.reply import Button, Choice, Form, Line, Reply, Text, Value
from bot.text import cut, plain

# The form comes without what Figshare has not told by then.
PATIENCE = 4.0
MOST_OFFERED = 100


@command(
    "draft [title]", task="Draft", examples=("draft Counting frogs by ear", "draft Frog calls"), role="writes"
)
async def draft(bot: Bot, ask: Ask, title: str) -> Reply:
    """A form for a new draft with this title; nothing is written before you press Create."""
    return offered(bot, title, Act("draft.form", ask.user, people=ask.people))


def offered(bot: Bot, title: str, act: Act) -> Reply:
    """Give the form of a new draft, and the buttons that stand where none can open."""
    if len(title) > LONGEST["title"]:
        raise WrongWord("", "a title has at most 1,000 characters", "draft Counting frogs by ear")
    buttons = [Button("Fill in and create", deed="draft.form", value=title, style="primary")]
    if title:
        buttons.append(Button("Create with the title alone", deed="draft.title", value=title))
    return Reply(
        ("A new draft",),
        (Text((title,), "Title") if title else Text(("It has no title yet.",)),),
        notes=(("Nothing is written to Figshare before you press Create.",),),
        buttons=tuple(buttons),
        form=_form(bot, {"title": title} | dict(act.told), title, act),
        private=True,
        aside=True,
    )


@deed("draft.form", role="writes")
async def form(bot: Bot, act: Act) -> Reply:
    return offered(bot, act.kept or act.value, act)


@deed("draft.shortcut", role="writes")
async def shortcut(bot: Bot, act: Act) -> Reply:
    lines = "\n".join(tidy(line) for line in act.value.split("\n")).strip()
    reply = offered(bot, "", act)
    return Reply(
        reply.title,
        (Text(("The form did not open: please choose the shortcut again.",)),),
        form=_form(bot, {"description": cut(lines, LONGEST["description"])}, "", act),
        private=True,
        aside=True,
    )


@deed("draft.create", role="writes")
async def create(bot: Bot, act: Act) -> Reply:
    names = [name for name, value in act.told.items() if value or name == "title"]
    written = await field_parser.read(bot, act.told, names)
    return await _create(bot, act, written)


@deed("draft.title", role="writes")
async def create_with_title(bot: Bot, act: Act) -> Reply:
    return await _create(bot, act, await field_parser.read(bot, {"title": act.value}, ["title"]))


@offers("draft.categories", role="reads")
async def categories(bot: Bot, words: str) -> Sequence[Choice]:
    """Give the categories in whose names all the words are, those that begin with them first."""
    wanted = words.lower().split()
    found = [
        (not name.lower().startswith(words.lower()), name, each.id)
        for each in await bot.figshare.categories()
        if (name := plain(each.title, 300)) and all(word in name.lower() for word in wanted)
    ]
    return [Choice(cut(name, 75), str(id)) for _, name, id in sorted(found)[:MOST_OFFERED]]


def _form(bot: Bot, filled: Mapping[str, Value], kept: str, act: Act) -> Form:
    async def fill() -> Form:
        account = await bot.accounts.of(act.user, act.people)
        found, said = await choices(bot, account)
        return Form(
            "New draft",
            deed="draft.create",
            submit="Create",
            fields=fields(filled, found),
            said=said,
            kept=kept,
            opener="draft.form",
        )

    return Form("New draft", deed="draft.create", fill=fill)


async def choices(bot: Bot, account: Account) -> tuple[Choices, tuple[Line, ...]]:
    """Give what the account may choose, and what to say when Figshare does not tell in time."""
    licences, groups = await asyncio.gather(
        asyncio.wait_for(account.licenses(), PATIENCE),
        asyncio.wait_for(account.groups(), PATIENCE),
        return_exceptions=True,
    )
    for each in (licences, groups):
        if isinstance(each, BaseException) and not isinstance(each, FigshareError | TimeoutError):
            raise each
    # Only institutions have groups: it is no news when Figshare tells none.
    found = Choices(
        () if isinstance(licences, BaseException) else licences,
        () if isinstance(groups, BaseException) else groups,
    )
    if found.licences:
        return found, ()
    return found, (("Figshare did not tell me its licences just now: choose one later, with Edit.",),)


async def _create(bot: Bot, act: Act, written: Fields) -> Reply:
    account = await bot.accounts.of(act.user, act.people)
    try:
        id = await create_draft(bot, account, act.user, act.key, written)
    except Refused as error:
        raise field_parser.refused(error) or error from None
    except Unsure as unsure:
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


async def card_of(account: Account, id: int) -> Reply:
    """Give the card of a draft that was just written to; that was done, even if Figshare does not show it."""
    try:
        return card(await account.draft(id))
    except FigshareError:
        return Reply(
            (f"It is done: draft {id}.",),
            (Text(("Figshare does not show it just now.",)),),
            buttons=(Button("Show it", deed="draft.card", value=str(id)),),
            private=True,
        )
