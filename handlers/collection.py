"""A collection or project: its card and the items in it."""

from typing import Literal

from msgspec.structs import replace

from bot.bot import Bot
from bot.commands import Question, command
from bot.items.lookup import a_kind
from bot.items.members import members
from bot.language.references import Reference
from bot.reply import Button, DoesNotExist, Reply


@command(
    "collection <reference>",
    task="Look at",
    examples=("collection 4000001", "10.6084/m9.figshare.c.4000001.v2"),
)
async def collection(bot: Bot, question: Question, asked: Reference) -> Reply:
    """The card of a collection and the first items in it."""
    return await members(bot, question, _as(asked, "collection"))


@command("project <reference>", task="Look at", examples=("project 113166", "search projects frog"))
async def project(bot: Bot, question: Question, asked: Reference) -> Reply:
    """The card of a project and the first items in it."""
    return await members(bot, question, _as(asked, "project"))


def _as(asked: Reference, kind: Literal["collection", "project"]) -> Reference:
    if asked.kind not in (None, kind) and not asked.private:
        raise DoesNotExist(
            f"That leads to {a_kind(asked.kind)}, not to a {kind}.",
            f"A {kind}'s number or address works here.",
            (Button("Show it", f"{asked.kind} {asked.id}"),) if asked.id else (),
        )
    return replace(asked, kind=kind)
