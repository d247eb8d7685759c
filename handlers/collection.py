"""A collection or project: its card and the items in it."""

from typing import Literal

from msgspec.structs import replace

from bot.bot import Bot
from bot.commands import Ask, command
from bot.figshare.models import Collection, Project
from bot.items import cards
from bot.items.counts import RAW, counts, figures
from bot.items.lookup import NoSuch, a_kind, subject
from bot.language.references import Reference
from bot.reply import Button, Part, Reply, Rows, Text

PAGE = 5


@command(
    "collection <reference>",
    task="Look at",
    examples=("collection 4000001", "10.6084/m9.figshare.c.4000001.v2"),
)
async def collection(bot: Bot, ask: Ask, asked: Reference) -> Reply:
    """The card of a collection and the first items in it."""
    return await members(bot, ask, _as(asked, "collection"))


@command("project <reference>", task="Look at", examples=("project 113166", "search projects frog"))
async def project(bot: Bot, ask: Ask, asked: Reference) -> Reply:
    """The card of a project and the first items in it."""
    return await members(bot, ask, _as(asked, "project"))


async def members(bot: Bot, ask: Ask, asked: Reference) -> Reply:
    """Answer with the card and a page of the items of a collection or project."""
    thing = await subject(bot, asked)
    found = thing.record
    of: Literal["collections", "projects"] = "collections" if isinstance(found, Collection) else "projects"
    rows = await bot.figshare.members(of, thing.id, ask.page, PAGE)
    parts: list[Part] = []
    if ask.page == 1:
        counted = await counts(bot, thing.kind, thing.id, ("views", "downloads"), None)
        counted.pop("cites", None)
        parts += cards.collection(found) if isinstance(found, Collection) else ()
        parts += cards.project(found) if isinstance(found, Project) else ()
        parts.append(Text((*figures(counted), " · all time")))
    if rows:
        parts.append(Rows(tuple(cards.row(each) for each in rows), first=(ask.page - 1) * PAGE + 1))
    else:
        parts.append(Text(("No more items." if ask.page > 1 else "No public items in it.",)))
    return Reply(
        (thing.link,),
        tuple(parts),
        notes=(
            *((("The items are today's, whatever the version.",),) if thing.version else ()),
            (f"{RAW}.",),
        ),
        buttons=(Button("Statistics", f"stats {thing.words}"),),
        page=ask.page,
        more=len(rows) == PAGE,
        digest=thing.words,
    )


def _as(asked: Reference, kind: Literal["collection", "project"]) -> Reference:
    if asked.kind not in (None, kind) and not asked.private:
        raise NoSuch(
            f"That leads to {a_kind(asked.kind)}, not to a {kind}.",
            f"A {kind}'s number or address works here.",
            (Button("Show it", f"{asked.kind} {asked.id}"),) if asked.id else (),
        )
    return replace(asked, kind=kind)
