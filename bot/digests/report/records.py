"""What a file says of each thing besides its counts: fetched when somebody asks for the file."""

import asyncio
from collections.abc import Iterable, Sequence

from msgspec import Struct

from bot.bot import Bot
from bot.digests.report.facts import Report
from bot.figshare.errors import FigshareError
from bot.figshare.models import ArticleComplete, Author, Collection, Project
from bot.items.cards import displayable_doi
from bot.reply import NOT_ASKED
from bot.text import plain
from bot.upstream.request_context import RequestContext, request_context_of

_MAX_AUTHORS = 100
Key = tuple[str, int]


class RecordFacts(Struct, frozen=True):
    """The DOI, the type and the authors of a thing; None where they could not be fetched."""

    doi: str | None
    type_name: str | None
    authors: str | None


async def fetch_records(
    bot: Bot, report: Report, request_slots: asyncio.Semaphore, patience: float
) -> dict[Key, RecordFacts]:
    """Return what Figshare's records say of the things in a report; those that take longer are left out."""
    keys = {(row.kind, row.id) for row in (*report.listed, *report.members)}
    keys |= {(item.kind, item.id) for item in report.new_items or ()}
    found: dict[Key, RecordFacts] = {}

    async def fetch(key: Key) -> None:
        async with request_slots:
            try:
                facts = await _facts(bot, *key)
            except FigshareError:
                return
        if facts is not None:
            found[key] = facts

    deadline = asyncio.get_running_loop().time() + patience
    with request_context_of(RequestContext("", deadline)):
        await asyncio.gather(*map(fetch, sorted(keys)))
    return found


async def _facts(bot: Bot, kind: str, id: int) -> RecordFacts | None:
    match kind:
        case "article":
            return record_facts(await bot.figshare.article(id))
        case "collection":
            return record_facts(await bot.figshare.collection(id))
        case "project":
            return record_facts(await bot.figshare.project(id))
    return None


def record_facts(record: ArticleComplete | Collection | Project) -> RecordFacts:
    """Return what a file says of a record."""
    if isinstance(record, Project):
        people = [person.name for person in record.collaborators or () if person is not None]
        return RecordFacts(NOT_ASKED, "project", _names(people))
    type_name = record.defined_type_name if isinstance(record, ArticleComplete) else "collection"
    doi = displayable_doi(record.doi) or NOT_ASKED
    return RecordFacts(doi, plain(type_name) or None, _names(_author_names(record.authors or ())))


def _author_names(authors: Sequence[Author | None]) -> Iterable[str | None]:
    return (author.full_name for author in authors if author is not None)


def _names(names: Iterable[str | None]) -> str:
    known = [text for name in names if (text := plain(name))]
    more = f"; and {len(known) - _MAX_AUTHORS} more" if len(known) > _MAX_AUTHORS else ""
    return "; ".join(known[:_MAX_AUTHORS]) + more or NOT_ASKED
