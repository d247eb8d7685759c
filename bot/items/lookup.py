"""From a reference to the thing on Figshare: fetched, and checked to be what was meant."""

import asyncio
import re
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from bot.bot import Bot
from bot.figshare.errors import FigshareError, NotFound
from bot.figshare.models import Article, ArticleComplete, Collection, Project
from bot.figshare.stats import SubjectKind
from bot.language import references
from bot.language.references import Reference
from bot.reply import Button, DoesNotExist, Line, Link
from bot.text import parsed_day, plain, web

_VERSION = re.compile(r"\.v[0-9]+$")


class Subject(Struct, frozen=True):
    """What a question is about; Figshare publishes no record of authors and groups."""

    kind: SubjectKind
    id: int
    title: str
    url: str | None
    version: int | None = None
    record: ArticleComplete | Collection | Project | None = None
    portal: str = ""  # the one whose statistics were asked, for a group

    @property
    def link(self) -> Link:
        """Give the title as a link."""
        return Link(self.title, self.url)

    @property
    def words(self) -> str:
        """Give words that lead here again."""
        return str(self.id) if self.kind == "article" else f"{self.kind} {self.id}"

    @property
    def doubt(self) -> str:
        """Say what a 0 may mean besides 0, where Figshare does not say that this exists."""
        if self.record is not None:
            return ""
        return f"not a group of {self.portal}" if self.portal else "unknown to Figshare"


async def subject(bot: Bot, reference: Reference) -> Subject:
    """Find what a reference means; raises DoesNotExist, or FigshareError when Figshare can't be asked."""
    if reference.private:
        raise DoesNotExist(
            "That is a private link, so there is nothing to show.",
            "Figshare shows its item only to people who open the link themselves.",
        )
    match reference.kind:
        case "author":
            return await _author(bot, reference)
        case "group":
            return _group(bot, reference)
        case "collection":
            return of_collection(await _collection(bot, reference), reference.version)
        case "project":
            return of_project(await _project(bot, reference))
    return of_article(await _article(bot, reference), reference.version)


def of_article(found: ArticleComplete, version: int | None = None) -> Subject:
    """Give the subject of an item."""
    url = web(found.url_public_html) or web(found.figshare_url)
    return Subject("article", found.id, plain(found.title, 2_000) or f"item {found.id}", url, version, found)


def of_collection(found: Collection, version: int | None = None) -> Subject:
    """Give the subject of a collection."""
    url = (
        web(found.figshare_url)
        or web(found.url_public_html)
        or f"https://figshare.com/collections/_/{found.id}"
    )
    return Subject(
        "collection", found.id, plain(found.title, 2_000) or f"collection {found.id}", url, version, found
    )


def of_project(found: Project) -> Subject:
    """Give the subject of a project."""
    url = web(found.figshare_url) or f"https://figshare.com/projects/_/{found.id}"
    return Subject("project", found.id, plain(found.title, 2_000) or f"project {found.id}", url, None, found)


def a_kind(kind: str) -> str:
    """Write `a project`, `an author`."""
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def same_doi(asked: str, found: str | None) -> bool:
    """Tell whether two DOIs name the same thing, whatever its version."""
    return _VERSION.sub("", asked.lower()) == _VERSION.sub("", (found or "").lower())


async def _article(bot: Bot, reference: Reference) -> ArticleComplete:
    try:
        if reference.id is not None:
            found = await bot.figshare.article(reference.id, reference.version)
            if reference.doi is None or same_doi(reference.doi, found.doi):
                return found
    except NotFound:
        if reference.doi is None:
            raise await _no_item(bot, reference) from None
    if row := await _row(bot, reference):
        return await bot.figshare.article(row.id, reference.version)
    raise DoesNotExist(
        f"Figshare knows no item with {references.label(reference)}.",
        "It may belong to another repository, be private or withdrawn. Its address or number works too.",
    )


async def _row(bot: Bot, reference: Reference) -> Article | None:
    if reference.handle:
        rows = await bot.figshare.articles(handle=reference.handle)
        return next((row for row in rows if (row.handle or "").lower() == reference.handle.lower()), None)
    if not reference.doi:
        return None
    for doi in _spellings(reference.doi, reference.version):
        for row in await bot.figshare.articles(doi=doi):
            if same_doi(reference.doi, row.doi):
                return row
    return None


def _spellings(doi: str, version: int | None) -> tuple[str, ...]:
    # Figshare compares DOIs as a whole: without a version, the first one is the likeliest.
    return (f"{doi}.v{version}",) if version else (doi, f"{doi}.v1")


async def _no_item(bot: Bot, reference: Reference) -> DoesNotExist:
    offers: tuple[Button, ...] = ()
    if reference.version is not None:
        try:
            await bot.figshare.article(reference.id or 0)
            return DoesNotExist(
                f"Item {reference.id} has no public version {reference.version}.",
                "This lists the ones it has:",
                (Button(f"versions {reference.id}", f"versions {reference.id}"),),
            )
        except FigshareError:
            pass
    if reference.kind is None and reference.id is not None:
        others = await asyncio.gather(
            bot.figshare.collection(reference.id), bot.figshare.project(reference.id), return_exceptions=True
        )
        offers = tuple(
            Button(f"{kind} {reference.id}", f"{kind} {reference.id}")
            for kind, other in zip(("collection", "project"), others, strict=True)
            if not isinstance(other, BaseException)
        )
    why = "It may be private, withdrawn or never have existed: Figshare does not tell which."
    if offers:
        why = "But there is " + " and ".join(f"a {each.label}" for each in offers) + ":"
    return DoesNotExist(f"Figshare knows no public item {reference.id}.", why, offers)


async def _collection(bot: Bot, reference: Reference) -> Collection:
    try:
        if reference.id is not None:
            found = await bot.figshare.collection(reference.id, reference.version)
            if reference.doi is None or same_doi(reference.doi, found.doi):
                return found
    except NotFound:
        pass
    if reference.doi:
        for doi in _spellings(reference.doi, reference.version):
            for row in await bot.figshare.collections(doi=doi):
                if same_doi(reference.doi, row.doi):
                    return await bot.figshare.collection(row.id, reference.version)
    raise DoesNotExist(
        f"Figshare knows no public {references.label(replace(reference, kind='collection'))}.",
        "It may be private, withdrawn or never have existed.",
    )


async def _project(bot: Bot, reference: Reference) -> Project:
    try:
        return await bot.figshare.project(reference.id or 0)
    except NotFound:
        raise DoesNotExist(
            f"Figshare knows no public project {reference.id}.",
            "It may be private, removed or never have existed.",
        ) from None


async def _author(bot: Bot, reference: Reference) -> Subject:
    if reference.id is not None:
        return Subject(
            "author", reference.id, f"author {reference.id}", f"https://figshare.com/authors/_/{reference.id}"
        )
    body = {
        "search_for": f':orcid: "{reference.orcid}"',
        "order": "published_date",
        "order_direction": "desc",
    }
    for row in await bot.figshare.search("articles", {**body, "page": 1, "page_size": 5}):
        for author in (await bot.figshare.article(row.id)).authors or ():
            if author and author.id and (author.orcid_id or "").upper().endswith(reference.orcid or "?"):
                name = plain(author.full_name, 1_000) or f"author {author.id}"
                return Subject("author", author.id, name, f"https://figshare.com/authors/_/{author.id}")
    raise DoesNotExist(
        f"I found no author with ORCID {reference.orcid} on a public item.",
        "Their number works too: it stands at the end of their Figshare page's address.",
    )


def _group(bot: Bot, reference: Reference) -> Subject:
    portal = bot.settings.figshare_portal
    ours = reference.id is not None and reference.id == bot.settings.figshare_group
    title = f"group {reference.id}" + (f" ({portal})" if ours and portal else "")
    return Subject("group", reference.id or 0, title, None, portal=portal)


async def newer(bot: Bot, thing: Subject) -> tuple[Line, ...]:
    """Say that there is a newer version than the one asked for, where that is known."""
    if thing.version is None:
        return ()
    try:
        latest = (await bot.figshare.article(thing.id)).version
    except FigshareError:
        return ()
    return ((f"Newer: v{latest}.",),) if latest and latest > thing.version else ()


# Figshare's service began in 2011: https://figshare.com/features
BEGINNING = date(2011, 1, 1)


def first_day(thing: Subject) -> date:
    """Give the day from which an all-time series is worth asking for."""
    record = thing.record
    known = []
    if isinstance(record, ArticleComplete | Collection) and record.timeline is not None:
        known = [parsed_day(record.timeline.posted), parsed_day(record.timeline.first_online)]
    if isinstance(record, Project):
        known = [parsed_day(record.created_date), parsed_day(record.published_date)]
    return max(min((day for day in known if day), default=BEGINNING), BEGINNING)
