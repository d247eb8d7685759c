"""A collection or project: its card and the items in it."""

from typing import Literal

from msgspec.structs import replace

from bot.bot import Bot
from bot.commands import Question, command
from bot.items.members import members_reply
from bot.language.references import Reference
from bot.reply import Button, Reply, UserError


@command(
    "collection <reference>",
    task="Look at",
    examples=("collection 4000001", "10.6084/m9.figshare.c.4000001.v2"),
    kinds=("collection",),
    words="",
)
async def collection(bot: Bot, question: Question, reference: Reference) -> Reply:
    """The card of a collection and the first items in it."""
    return await members_reply(bot, question, _of_kind(reference, "collection"))


@command(
    "project <reference>",
    task="Look at",
    examples=("project 113166", "search projects frog"),
    kinds=("project",),
    words="",
)
async def project(bot: Bot, question: Question, reference: Reference) -> Reply:
    """The card of a project and the first items in it."""
    return await members_reply(bot, question, _of_kind(reference, "project"))


def _of_kind(reference: Reference, kind: Literal["collection", "project"]) -> Reference:
    """Return the reference with its kind set; raises UserError when it names another kind."""
    if reference.kind not in (None, kind) and not reference.is_private:
        # Not DoesNotExist: the dispatcher would put its button where the number stood in the question.
        raise UserError(
            f"That's {'an author' if reference.kind == 'author' else f'a {reference.kind}'}, not a {kind}.",
            f"Give me a {kind}'s number or URL.",
            (Button("Show it", f"{reference.kind} {reference.id}"),) if reference.id else (),
        )
    return replace(reference, kind=kind)
