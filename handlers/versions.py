"""The history of an item."""

import asyncio
from typing import Literal

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.errors import FigshareError
from bot.figshare.models import ArticleComplete, Collection
from bot.items.lookup import Subject, fetch_subject
from bot.language.references import Reference
from bot.reply import Button, DoesNotExist, Line, Link, Reply, Rows, Text
from bot.text import cut, formatted_day, parse_day, plain

# How many versions are shown with their dates, each of which takes a request, and how many on a page.
_DATED_VERSIONS, _VERSIONS_PER_PAGE = 10, 110


@command(
    "versions <reference>",
    task="Look at",
    examples=("versions 5616445", "versions 10.6084/m9.figshare.5616445"),
    kinds=("article", "collection"),
    words="version, history, revision, revisions, changelog, update, updates, updated, changes, "
    "changed, edits, edited, latest version, newer version, newest version, older versions",
)
async def versions(bot: Bot, question: Question, reference: Reference) -> Reply:
    """The history of an item or collection: the newest ten versions with dates, the rest as links."""
    subject = await fetch_subject(bot, reference)
    if subject.kind not in ("article", "collection"):
        raise DoesNotExist(
            f"{subject.kind.capitalize()}s have no versions.", "Only items and collections have them."
        )
    path: Literal["articles", "collections"] = "articles" if subject.kind == "article" else "collections"
    numbers = [row.version for row in reversed(await bot.figshare.versions(subject.id, path))]
    first = (question.page - 1) * _VERSIONS_PER_PAGE
    page = numbers[first : first + _VERSIONS_PER_PAGE]
    dated = page[:_DATED_VERSIONS] if question.page == 1 else []
    records = await asyncio.gather(*(_record(bot, subject, number) for number in dated))
    rows = tuple(_row(subject, number, record) for number, record in zip(dated, records, strict=True))
    parts: list[Rows | Text] = [Rows(rows)] if rows else []
    if earlier := page[len(dated) :]:
        links: list[Link | str] = []
        for number in earlier:
            links += [Link(f"v{number}", _url(subject, number)), " "]
        parts.append(Text(tuple(links), "Earlier"))
    return Reply(
        (subject.link,),
        tuple(parts) or (Text(("No more versions.",)),),
        footnotes=(_how_many(first, len(page), len(numbers)),),
        buttons=(Button("Card", f"{'item' if path == 'articles' else 'collection'} {subject.id}"),),
        page=question.page,
        has_next_page=len(numbers) > first + _VERSIONS_PER_PAGE,
        subscribable=subject.words,
    )


def _how_many(first: int, shown: int, total: int) -> Line:
    if total == 1:
        return ("The only version.",)
    if shown == total:
        return (f"{total} of {total} versions, newest first.",)
    which = f"{first + 1}–{first + shown}" if shown else "None"
    return (f"{which} of {total} versions, newest first.",)


async def _record(bot: Bot, subject: Subject, number: int) -> ArticleComplete | Collection | FigshareError:
    try:
        if subject.kind == "collection":
            return await bot.figshare.collection(subject.id, number)
        return await bot.figshare.article(subject.id, number)
    except FigshareError as error:
        return error


def _url(subject: Subject, number: int) -> str | None:
    return f"{subject.url}/{number}" if subject.url else None


def _row(
    subject: Subject, number: int, record: ArticleComplete | Collection | FigshareError
) -> tuple[Line, ...]:
    link = Link(f"Version {number}", _url(subject, number), is_strong=True)
    if isinstance(record, FigshareError):
        return ((link, " · date unknown"),)
    published = parse_day(record.published_date)
    title = plain(record.title, 2_000)
    earlier_title = f" · then titled {cut(title, 120)}" if title and title != subject.title else ""
    return ((link, f" · {formatted_day(published) if published else 'date unknown'}{earlier_title}"),)
