"""What a citation is made of: an item's metadata in plain text, and its authors' names in their parts.

The year is that of the first publication, as in Figshare's own citation; the DOI names the version.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.figshare.item_types import ITEM_TYPES
from bot.figshare.models import ArticleComplete, Author
from bot.items.author_names import AuthorName, author_name, cited_names, is_et_al
from bot.superscripts import Run, unicode_text
from bot.text import parse_day, plain, plain_runs, safe_url

# A citation with more authors or tags, or with longer names, fits into no message.
_MAX_AUTHORS, _MAX_TAGS, _MAX_NAME = 1_000, 200, 500
# Since 2017 a citation ends with a type and a URL; before, "10.6084/… Retrieved: 17 02, Mar 15, 2016 (GMT)".
_END_OF_CITATION = re.compile(r"\.? (?:https?://\S+|10\.[0-9]{4,9}/\S+(?: Retrieved: .*)?)$")
_YEAR = re.compile(r" \((?:[0-9]{4}|n\.d\.)\)[.:]? ")
_TYPES = frozenset(ITEM_TYPES.values()) | {"code", "collection", "fileset", "metadata", "paper", "project"}
_HANDLES = "https://hdl.handle.net/"
_NOT_IN_A_URL = re.compile(r"[\s{}\\<>\"]")


@dataclass(frozen=True, slots=True)
class CitationFacts:
    """The facts that all styles share; a field that Figshare doesn't know is empty or None."""

    key: str
    title: list[Run]
    authors: list[AuthorName]
    # how many authors there are beyond `authors`, as far as it is known
    other_authors: int
    has_other_authors: bool
    published: date | None
    type: str
    publisher: str
    doi: str
    url: str
    version: int | None
    licence: str
    tags: list[str]


def citation_facts(article: ArticleComplete, max_authors: int | None, key: str = "") -> CitationFacts:
    """Return the facts of an item; with `max_authors`, only so many authors and the number of the others.

    Without a `key`, all versions of an item have the same.
    """
    rows = [author for author in article.authors or () if author and (author.full_name or author.last_name)]
    authors = [author for author in rows if not is_et_al(author)]
    names = _author_names(article, authors, max_authors)
    # A DOI and a URL hold no spaces and no braces, whatever was typed into them.
    doi = _without_spaces(article.doi).removeprefix("https://doi.org/")
    public_url = _without_spaces(article.url_public_html)
    timeline, licence = article.timeline, article.license
    other_authors = len(authors) - len(names) if max_authors else 0
    return CitationFacts(
        key=key or f"figshare{article.id}",
        title=plain_runs(article.title) or [Run("Untitled")],
        authors=names,
        other_authors=other_authors,
        has_other_authors=other_authors > 0 or len(authors) < len(rows),
        published=parse_day(timeline.first_online if timeline else None) or parse_day(article.published_date),
        type=plain(article.defined_type_name).lower().replace("_", " "),
        publisher=publisher(article),
        doi=doi,
        url=f"https://doi.org/{doi}" if doi else _handle_url(article) or safe_url(public_url) or "",
        version=article.version or None,
        licence=plain(licence.name) if licence else "",
        tags=[text for tag in (article.tags or ())[:_MAX_TAGS] if (text := plain(tag, _MAX_NAME))],
    )


def _without_spaces(text: str | None) -> str:
    return _NOT_IN_A_URL.sub("", plain(text))


def _handle_url(article: ArticleComplete) -> str:
    handle = _without_spaces(article.handle).removeprefix(_HANDLES)
    return (safe_url(_HANDLES + handle) or "") if handle else ""


def own_citation(article: ArticleComplete) -> str:
    """Return Figshare's own citation in plain text, with the superscripts that Figshare may have lost.

    One without an address gets that of the item's handle, if it has only a handle.
    """
    citation, title = plain(article.citation), plain_runs(article.title)
    if citation and not article.doi and not _END_OF_CITATION.search(citation):
        citation = f"{citation} {_handle_url(article)}".rstrip()
    bare_title = "".join(run.text for run in title)
    if any(run.script for run in title) and bare_title in citation:
        return citation.replace(bare_title, unicode_text(title), 1)
    return citation


def publisher(article: ArticleComplete) -> str:
    """Return the publisher named in Figshare's own citation, the portal: there is no field for it.

    The citation is "Authors (year). Title. Publisher. Type. URL". Each of these may contain full stops, so
    the title tells where the publisher begins; without it only a single full stop does. Where that can't be
    told the publisher is "", rather than a piece of its name.
    """
    # Without an address, it ends with the full stop of its last part.
    cited = _END_OF_CITATION.sub("", plain(article.citation)).removesuffix(".")
    front, _, kind = cited.rpartition(". ")
    if front and _is_type(kind, article):
        cited = front
    _, year, cited = cited.partition(match[0]) if (match := _YEAR.search(cited)) else ("", "", "")
    if not year:
        return ""
    title = plain_runs(article.title)
    for spelled in {unicode_text(title), "".join(run.text for run in title)}:
        if spelled and cited.casefold().startswith(f"{spelled}. ".casefold()):
            return cited[len(spelled) + 2 :].strip()
    pieces = cited.split(". ")
    return pieces[1].strip() if len(pieces) == 2 else ""


def _is_type(text: str, article: ArticleComplete) -> bool:
    kind = text.lower().strip()
    return kind in _TYPES or kind == plain(article.defined_type_name).lower().replace("_", " ")


def _author_names(
    article: ArticleComplete, authors: Sequence[Author], max_authors: int | None
) -> list[AuthorName]:
    """Return the names of the authors who are shown: the first ones, or without a limit also the last."""
    cited = cited_names(plain(article.citation))
    last = len(authors) - 1
    if max_authors:
        indexes = list(range(min(max_authors, len(authors))))
    else:
        indexes = [*range(min(last, _MAX_AUTHORS)), *([last] if authors else [])]
    names = (author_name(authors[index], cited) for index in indexes)
    return [name for name in names if name is not None]
