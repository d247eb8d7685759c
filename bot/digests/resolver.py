"""What a digest is of, looked up on Figshare: each thing by its number, and a title for all of it."""

import asyncio
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from bot.bot import Bot
from bot.figshare.errors import FigshareError
from bot.items.lookup import Subject, subject
from bot.language import references
from bot.language.references import Reference
from bot.language.search import search
from bot.language.tokens import InvalidArgument, tokenize
from bot.language.topics import _SEARCHED, EXAMPLE, Topic
from bot.text import cut, plural

_NOT_OF_A_DIGEST = ("page:", "limit:", "sort:")


_LONGEST_TITLE = 150


# PostgreSQL indexes no more.
_LONGEST_WORDS = 2_000


class ResolvedTopic(Struct, frozen=True):
    """What a digest is of, looked up: each thing by its number, and what to call it all."""

    what: Topic
    title: str
    unchecked: bool = False


async def resolve(bot: Bot, what: Topic, today: date) -> ResolvedTopic:
    """Return a topic with everything in it looked up; numbers that Figshare does not tell now stay unchecked.

    Raises DoesNotExist, InvalidArgument.
    """
    if len(what.words.encode()) > _LONGEST_WORDS:
        raise InvalidArgument("", "that is too long for one digest", EXAMPLE)
    if what.ours:
        bot.need_ours("FIGSHARE_GROUP", "FIGSHARE_PORTAL", "FIGSHARE_INSTITUTION")
        return ResolvedTopic(what, ours(bot))
    if what.search:
        asked = search(what.search, today)
        if asked.ours:
            bot.need_ours("FIGSHARE_INSTITUTION", "FIGSHARE_GROUP")
        for word in tokenize(what.search):
            if not word.quoted and word.text.lower().startswith(_NOT_OF_A_DIGEST):
                raise InvalidArgument(
                    word.text, "a digest has all that is new, the newest first", f"subscribe {_SEARCHED}"
                )
        return ResolvedTopic(what, cut(f"search {what.search}", _LONGEST_TITLE))
    # Ten at once: a long list must not fill the queue to Figshare.
    room = asyncio.Semaphore(10)

    async def look(reference: Reference) -> Subject | Reference:
        async with room:
            try:
                return await subject(bot, reference)
            except FigshareError:
                if reference.id is None:
                    raise
                return reference

    found = await asyncio.gather(*map(look, what.references))
    things = tuple(dict.fromkeys(map(_number, found)))
    titles = [each.title if isinstance(each, Subject) else references.label(each) for each in found]
    title = cut(titles[0], _LONGEST_TITLE)
    if len(things) > 1:
        kinds = {each.kind or "item" for each in things}
        title = plural(len(things), kinds.pop() if len(kinds) == 1 else "thing")
    return ResolvedTopic(Topic(things), title, any(isinstance(each, Reference) for each in found))


def ours(bot: Bot) -> str:
    """Name what is configured as ours."""
    settings = bot.settings
    number = settings.figshare_institution
    return settings.figshare_portal or (
        f"group {settings.figshare_group}" if number is None else f"institution {number}"
    )


def _number(found: Subject | Reference) -> Reference:
    if isinstance(found, Subject):
        return Reference(None if found.kind == "article" else found.kind, found.id)
    return replace(found, version=None, doi=None, kind=None if found.kind == "article" else found.kind)
