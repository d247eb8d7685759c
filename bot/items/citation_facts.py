"""What a citation is made of: an item's metadata in plain text, and its authors' names in two parts.

The year is that of the first publication, as in Figshare's own citation; the DOI names the version.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.figshare.models import ArticleComplete, Author
from bot.text import parse_day, plain, safe_url

# A citation with more authors or tags, or with longer names, fits into no message.
_MAX_AUTHORS, _MAX_TAGS, _MAX_NAME = 1_000, 200, 500
_NOT_IN_A_URL = re.compile(r"[\s{}\\<>\"]")


@dataclass(frozen=True, slots=True)
class AuthorName:
    """A person's name; without a given name, an organisation or a single name."""

    family: str
    given: str = ""

    def __str__(self) -> str:
        return f"{self.family}, {self.given}" if self.given else self.family


@dataclass(frozen=True, slots=True)
class CitationFacts:
    """The facts that all styles share; a field that Figshare doesn't know is empty or None."""

    key: str
    title: str
    authors: list[AuthorName]
    # how many authors there are beyond `authors`
    other_authors: int
    published: date | None
    type: str
    publisher: str
    doi: str
    url: str
    version: int | None
    licence: str
    tags: list[str]


def citation_facts(article: ArticleComplete, max_authors: int | None) -> CitationFacts:
    """Return the facts of an item; with `max_authors`, only so many authors and the number of the others."""
    authors = [
        author for author in article.authors or () if author and (author.full_name or author.last_name)
    ]
    names = _author_names(article, authors, max_authors)
    # A DOI and a URL hold no spaces and no braces, whatever was typed into them.
    doi = _NOT_IN_A_URL.sub("", plain(article.doi).removeprefix("https://doi.org/"))
    public_url = _NOT_IN_A_URL.sub("", plain(article.url_public_html))
    timeline, licence = article.timeline, article.license
    return CitationFacts(
        key=f"figshare{article.id}",
        title=plain(article.title) or "Untitled",
        authors=names,
        other_authors=len(authors) - len(names) if max_authors else 0,
        published=parse_day(timeline.first_online if timeline else None) or parse_day(article.published_date),
        type=plain(article.defined_type_name).lower().replace("_", " "),
        publisher=_publisher(article),
        doi=doi,
        url=f"https://doi.org/{doi}" if doi else safe_url(public_url) or "",
        version=article.version or None,
        licence=plain(licence.name) if licence else "",
        tags=[text for tag in (article.tags or ())[:_MAX_TAGS] if (text := plain(tag, _MAX_NAME))],
    )


def _publisher(article: ArticleComplete) -> str:
    """Return the publisher named in Figshare's own citation, the portal: there is no field for it."""
    match = re.search(r"\. ([^.]{2,80})\. [^.]{2,60}\. https?://\S+$", plain(article.citation))
    return match[1] if match else "figshare"


def _author_names(
    article: ArticleComplete, authors: Sequence[Author], max_authors: int | None
) -> list[AuthorName]:
    """Return the names of the authors who are shown: the first ones, or without a limit also the last."""
    # Figshare's citation is "Family, Given; Family, Given (2025): …".
    cited = re.split(r" \((?:[0-9]{4}|n\.d\.)\)", plain(article.citation))[0].split("; ")
    if len(cited) != len(authors):
        cited = [""] * len(authors)
    last = len(authors) - 1
    if max_authors:
        indexes = list(range(min(max_authors, len(authors))))
    else:
        indexes = [*range(min(last, _MAX_AUTHORS)), *([last] if authors else [])]
    names = (_author_name(authors[index], cited[index]) for index in indexes)
    return [name for name in names if name is not None]


def _author_name(author: Author, cited: str) -> AuthorName | None:
    """Return a name from its own fields, else as Figshare's citation splits it, else split at a guess."""
    family, full_name = plain(author.last_name, _MAX_NAME), plain(author.full_name, _MAX_NAME)
    if family:
        return AuthorName(family, plain(author.first_name, _MAX_NAME))
    if cited and set(_words(cited)) == set(_words(full_name)):
        return _split_at_comma(cited)
    if not full_name:
        return None
    if "," in full_name:
        return _split_at_comma(full_name)
    given, _, family = full_name.rpartition(" ")
    return AuthorName(family, given)


def _words(name: str) -> list[str]:
    return re.findall(r"\w+", name.lower())


def _split_at_comma(name: str) -> AuthorName:
    family, _, given = name.partition(",")
    return AuthorName(family.strip(), given.strip())
