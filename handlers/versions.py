"""The history of an item."""

import asyncio

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.errors import FigshareError
from bot.figshare.models import ArticleComplete, Collection
from bot.items.lookup import Subject, a_kind, subject
from bot.language.references import Reference
from bot.reply import Button, DoesNotExist, Line, Link, Reply, Rows, Text
from bot.text import cut, day, parsed_day, plain

DATED = 10


@command(
    "versions <reference>",
    task="Look at",
    examples=("versions 5616445", "versions 10.6084/m9.figshare.5616445"),
)
async def versions(bot: Bot, question: Question, asked: Reference) -> Reply:
    """The history of an item or collection: the newest ten versions with dates, the rest as links."""
    thing = await subject(bot, asked)
    if thing.kind not in ("article", "collection"):
        raise DoesNotExist(
            f"{a_kind(thing.kind).capitalize()} has no versions.", "Items and collections have."
        )
    of = "articles" if thing.kind == "article" else "collections"
    numbers = [each.version for each in reversed(await bot.figshare.versions(thing.id, of))]  # type: ignore[arg-type]
    found = await asyncio.gather(*(_version(bot, thing, number) for number in numbers[:DATED]))
    parts: list[Rows | Text] = [
        Rows(tuple(_row(thing, n, one) for n, one in zip(numbers, found, strict=False)))
    ]
    if rest := numbers[DATED:]:
        links: list[Link | str] = []
        for number in rest[:100]:
            links += [Link(f"v{number}", _url(thing, number)), " "]
        parts.append(Text(tuple(links), "Earlier"))
    return Reply(
        (thing.link,),
        tuple(parts),
        footnotes=(
            (
                f"{len(numbers)} of {len(numbers)} versions, newest first."
                if len(numbers) > 1
                else "The only version.",
            ),
        ),
        buttons=(Button("Card", f"{'item' if of == 'articles' else 'collection'} {thing.id}"),),
        subscribable=thing.words,
    )


async def _version(bot: Bot, thing: Subject, number: int) -> ArticleComplete | Collection | FigshareError:
    try:
        if thing.kind == "collection":
            return await bot.figshare.collection(thing.id, number)
        return await bot.figshare.article(thing.id, number)
    except FigshareError as error:
        return error


def _url(thing: Subject, number: int) -> str | None:
    return f"{thing.url}/{number}" if thing.url else None


def _row(
    thing: Subject, number: int, found: ArticleComplete | Collection | FigshareError
) -> tuple[Line, ...]:
    link = Link(f"Version {number}", _url(thing, number), strong=True)
    if isinstance(found, FigshareError):
        return ((link, " · date unknown"),)
    published = parsed_day(found.published_date)
    title = plain(found.title, 2_000)
    changed = f" · then titled {cut(title, 120)}" if title and title != thing.title else ""
    return ((link, f" · {day(published) if published else 'date unknown'}{changed}"),)
