"""From a reference to its subject on Figshare: fetched, and checked to be what was meant."""

import asyncio
import re

from msgspec import Struct
from msgspec.structs import replace

from bot.bot import Bot
from bot.figshare.errors import FigshareError, NotFound
from bot.figshare.models import Article, ArticleComplete, Collection, Project
from bot.figshare.stats import SubjectKind
from bot.language import references
from bot.language.references import Reference
from bot.reply import Button, DoesNotExist, Line, Link
from bot.text import cut, plain, safe_url

_WHY_UNKNOWN = "It may be private, withdrawn or mistyped."
_VERSION_SUFFIX = re.compile(r"\.v[0-9]+$")


class Subject(Struct, frozen=True):
    """What a question is about; Figshare publishes no records of authors and groups."""

    kind: SubjectKind
    id: int
    title: str
    url: str | None
    version: int | None = None
    record: ArticleComplete | Collection | Project | None = None
    portal: str = ""  # for a group, the portal whose statistics are asked
    is_ours: bool = False
    has_items: bool = False  # Figshare has counted public items of a group, so that the group exists

    @property
    def link(self) -> Link:
        """Return the title as a link."""
        return Link(self.title, self.url)

    @property
    def words(self) -> str:
        """Return the words that name the subject in a question, without its version."""
        return str(self.id) if self.kind == "article" else f"{self.kind} {self.id}"

    @property
    def topic(self) -> str:
        """Return the words that subscribe to the subject; a digest of `ours` has more than its group."""
        return "ours" if self.is_ours else self.words

    @property
    def zero_caveat(self) -> str:
        """Return what a 0 may mean besides 0; empty when there is a record, so that the subject exists.

        The statistics service answers 0 for ids that it doesn't know, and a portal's for other portals'.
        """
        if self.record is not None or self.is_ours or (self.has_items and not self.portal):
            return ""
        return f"not a group of {self.portal}" if self.portal else "unknown to Figshare"

    @property
    def zero_explanation(self) -> str:
        """Return `zero_caveat` as a sentence that stands alone; empty when that is."""
        if not self.zero_caveat:
            return ""
        if self.has_items:
            return f"{self.portal} has no counts for this group, which may belong to another portal."
        source, noun = (self.portal, "groups") if self.portal else ("Figshare", "numbers")
        return f"{source} answers 0 for {noun} it doesn't know, so please check {self.id}."


async def fetch_subject(bot: Bot, reference: Reference) -> Subject:
    """Return what a reference means; raises DoesNotExist, or FigshareError when Figshare can't be asked."""
    if reference.is_private:
        raise DoesNotExist(
            "That's a private link, so I can't show anything.",
            "Only people who open the link themselves can see its item.",
        )
    match reference.kind:
        case "author":
            return await _author(bot, reference)
        case "group":
            return _group(bot, reference)
        case "collection":
            return _collection_subject(await _collection(bot, reference), reference.version)
        case "project":
            return _project_subject(await _project(bot, reference))
    return _article_subject(await _article(bot, reference), reference.version)


def _article_subject(article: ArticleComplete, version: int | None = None) -> Subject:
    """Return an item as a subject."""
    url = safe_url(article.url_public_html) or safe_url(article.figshare_url)
    title = plain(article.title, 2_000) or f"item {article.id}"
    return Subject("article", article.id, title, url, version, article)


def _collection_subject(collection: Collection, version: int | None = None) -> Subject:
    """Return a collection as a subject."""
    url = (
        safe_url(collection.figshare_url)
        or safe_url(collection.url_public_html)
        or f"https://figshare.com/collections/_/{collection.id}"
    )
    title = plain(collection.title, 2_000) or f"collection {collection.id}"
    return Subject("collection", collection.id, title, url, version, collection)


def _project_subject(project: Project) -> Subject:
    """Return a project as a subject."""
    url = safe_url(project.figshare_url) or f"https://figshare.com/projects/_/{project.id}"
    title = plain(project.title, 2_000) or f"project {project.id}"
    return Subject("project", project.id, title, url, None, project)


def _is_same_doi(doi: str, other: str | None) -> bool:
    """Return whether two DOIs name the same record, whatever the version."""
    return _VERSION_SUFFIX.sub("", doi.lower()) == _VERSION_SUFFIX.sub("", (other or "").lower())


async def _article(bot: Bot, reference: Reference) -> ArticleComplete:
    try:
        if reference.id is not None:
            article = await bot.figshare.article(reference.id, reference.version)
            if reference.doi is None or _is_same_doi(reference.doi, article.doi):
                return article
    except NotFound:
        if reference.doi is None:
            raise await _no_such_article(bot, reference) from None
    if row := await _search_article(bot, reference):
        return await bot.figshare.article(row.id, reference.version)
    raise DoesNotExist(
        f"There is no item with {references.label(reference)} on Figshare.",
        "It may be private, withdrawn or in another repository. You can also use its URL or number.",
    )


async def _search_article(bot: Bot, reference: Reference) -> Article | None:
    """Return the item with the reference's handle or DOI."""
    if reference.handle:
        rows = await bot.figshare.articles(handle=reference.handle)
        return next((row for row in rows if (row.handle or "").lower() == reference.handle.lower()), None)
    if not reference.doi:
        return None
    for doi in _doi_spellings(reference.doi, reference.version):
        for row in await bot.figshare.articles(doi=doi):
            if _is_same_doi(reference.doi, row.doi):
                return row
    return None


def _doi_spellings(doi: str, version: int | None) -> tuple[str, ...]:
    # Figshare compares whole DOIs: for one without a version, that of the first version is tried too.
    return (f"{doi}.v{version}",) if version else (doi, f"{doi}.v1")


async def _no_such_article(bot: Bot, reference: Reference) -> DoesNotExist:
    """Return the error for an unknown number, with buttons for what else it may mean."""
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
    buttons: tuple[Button, ...] = ()
    if reference.kind is None and reference.id is not None:
        others = await asyncio.gather(
            bot.figshare.collection(reference.id), bot.figshare.project(reference.id), return_exceptions=True
        )
        buttons = tuple(
            Button(f"{kind} {reference.id}", f"{kind} {reference.id}")
            for kind, other in zip(("collection", "project"), others, strict=True)
            if not isinstance(other, BaseException)
        )
    detail = _WHY_UNKNOWN
    if buttons:
        detail = "But there is " + " and ".join(f"a {button.label}" for button in buttons) + ":"
    return DoesNotExist(f"There is no public item {reference.id} on Figshare.", detail, buttons)


async def _collection(bot: Bot, reference: Reference) -> Collection:
    try:
        if reference.id is not None:
            collection = await bot.figshare.collection(reference.id, reference.version)
            if reference.doi is None or _is_same_doi(reference.doi, collection.doi):
                return collection
    except NotFound:
        pass
    if reference.doi:
        for doi in _doi_spellings(reference.doi, reference.version):
            for row in await bot.figshare.collections(doi=doi):
                if _is_same_doi(reference.doi, row.doi):
                    return await bot.figshare.collection(row.id, reference.version)
    raise DoesNotExist(
        f"There is no public {references.label(replace(reference, kind='collection'))} on Figshare.",
        _WHY_UNKNOWN,
    )


async def _project(bot: Bot, reference: Reference) -> Project:
    try:
        return await bot.figshare.project(reference.id or 0)
    except NotFound:
        raise DoesNotExist(
            f"There is no public project {reference.id} on Figshare.",
            _WHY_UNKNOWN,
        ) from None


async def _author(bot: Bot, reference: Reference) -> Subject:
    if reference.id is not None:
        return _author_subject(reference.id, bot.figshare.known_authors.name(reference.id))
    # The public API has no search for authors, but items list theirs with ORCIDs.
    orcid = reference.orcid or "?"
    search = {
        "search_for": f':orcid: "{orcid}"',
        "order": "published_date",
        "order_direction": "desc",
        "page": 1,
        "page_size": 5,
    }
    for row in await bot.figshare.search("articles", search):
        for author in (await bot.figshare.article(row.id)).authors or ():
            if author and author.id and (author.orcid_id or "").upper().endswith(orcid):
                return _author_subject(author.id, cut(plain(author.full_name, 1_000), 80))
    raise DoesNotExist(
        f"I found no author with ORCID {orcid} on a public item.",
        "You can also use their number, found at the end of their Figshare profile URL.",
    )


def _author_subject(id: int, name: str) -> Subject:
    """Return an author as a subject, with the number beside the name, since names are shared."""
    title = f"{name} (author {id})" if name else f"author {id}"
    return Subject("author", id, title, f"https://figshare.com/authors/_/{id}")


def _group(bot: Bot, reference: Reference) -> Subject:
    portal = bot.settings.figshare_portal
    is_configured = reference.id is not None and reference.id == bot.settings.figshare_group
    title = f"{portal} (group {reference.id})" if is_configured and portal else f"group {reference.id}"
    return Subject("group", reference.id or 0, title, None, portal=portal, is_ours=is_configured)


async def newer_version(bot: Bot, subject: Subject) -> int | None:
    """Return the number of a newer version than the one asked for; None where none is known."""
    if subject.version is None:
        return None
    fetch = bot.figshare.collection if subject.kind == "collection" else bot.figshare.article
    try:
        latest = (await fetch(subject.id)).version
    except FigshareError:
        return None
    return latest if latest and latest > subject.version else None


async def newer_version_footnote(bot: Bot, subject: Subject) -> tuple[Line, ...]:
    """Return the footnote that names a newer version than the one asked for; none where that is unknown."""
    newer = await newer_version(bot, subject)
    return ((f"Newer: v{newer}.",),) if newer else ()
