"""An item as a citation: APA, BibTeX, RIS or CSL-JSON, from what Figshare says of it.

The year is that of the first publication, as in Figshare's own citation; the DOI names the version.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from bot.figshare.models import Author, License, Timeline
from bot.text import parsed_day, plain, web


class Citable(Protocol):
    """What a citation needs of an item; `ArticleComplete` has it."""

    @property
    def id(self) -> int: ...
    @property
    def title(self) -> str | None: ...
    @property
    def authors(self) -> Sequence[Author | None] | None: ...
    @property
    def doi(self) -> str | None: ...
    @property
    def url_public_html(self) -> str | None: ...
    @property
    def published_date(self) -> str | None: ...
    @property
    def timeline(self) -> Timeline | None: ...
    @property
    def defined_type_name(self) -> str | None: ...
    @property
    def license(self) -> License | None: ...
    @property
    def version(self) -> int | None: ...
    @property
    def tags(self) -> Sequence[str | None] | None: ...
    @property
    def citation(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class _Name:
    """A person, or with no given name an organisation or a single name."""

    family: str
    given: str = ""

    def __str__(self) -> str:
        return f"{self.family}, {self.given}" if self.given else self.family


@dataclass(frozen=True, slots=True)
class _Source:
    """The same facts for all four styles, in plain text of one line each."""

    key: str
    title: str
    names: list[_Name]
    # how many authors there are beyond `names`
    others: int
    day: date | None
    type: str
    publisher: str
    doi: str
    url: str
    version: int | None
    licence: str
    tags: list[str]


# https://github.com/citation-style-language/schema/blob/v1.0.2/schemas/input/csl-data.json and, for RIS,
# https://refdb.sourceforge.net/manual-0.9.6/sect1-ris-format.html with the later types all readers know
_TYPES = {
    "figure": ("FIGURE", "graphic"),
    "media": ("VIDEO", "motion_picture"),
    "dataset": ("DATA", "dataset"),
    "fileset": ("DATA", "dataset"),
    "journal contribution": ("JOUR", "article-journal"),
    "presentation": ("SLIDE", "speech"),
    "thesis": ("THES", "thesis"),
    "software": ("COMP", "software"),
    "code": ("COMP", "software"),
    "online resource": ("ELEC", "webpage"),
    "preprint": ("UNPB", "article"),
    "book": ("BOOK", "book"),
    "monograph": ("BOOK", "book"),
    "conference contribution": ("CPAPER", "paper-conference"),
    "chapter": ("CHAP", "chapter"),
    "peer review": ("GEN", "review"),
    "report": ("RPRT", "report"),
    "standard": ("STAND", "standard"),
    "composition": ("MUSIC", "musical_score"),
}
# A citation of more fits into no message.
_MOST_AUTHORS, _MOST_TAGS, _LONGEST_NAME = 1_000, 200, 500
_OTHER_TYPE = ("GEN", "document")
_APA_TYPES = {"dataset": "Data set", "software": "Computer software", "code": "Computer software"}

# a brace counts for BibTeX even after a backslash, so it is named
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
} | {char: f"\\{char}" for char in "&%$#_"}


def apa(article: Citable, limit: int | None = None) -> str:
    """Cite as APA 7 does: of more than 20 authors the first 19 and the last; `limit` says "and others".

    https://apastyle.apa.org/style-grammar-guidelines/references/examples/data-set-references
    """
    source = _source(article, limit)
    is_long = not source.others and len(source.names) > 20
    shown = [*source.names[:19], source.names[-1]] if is_long else source.names
    names = [_initialled(name) for name in shown]
    if source.others:
        authors = ", ".join(names) + ", and others"
    elif is_long:
        authors = f"{', '.join(names[:19])}, . . . {names[-1]}"
    else:
        authors = ", ".join(names[:-1]) + ", & " * (len(names) > 1) + "".join(names[-1:])
    year = f"({source.day.year if source.day else 'n.d.'})."
    version = f" (Version {source.version})" if source.version else ""
    kind = _APA_TYPES.get(source.type, source.type.capitalize())
    title = f"{source.title}{version}{f' [{kind}]' if kind else ''}."
    front = f"{_ended(authors)} {year} {title}" if authors else f"{title} {year}"
    return f"{front} {_ended(source.publisher)} {source.url}".rstrip()


def bibtex(article: Citable, limit: int | None = None) -> str:
    """Cite as a BibTeX `@misc`, which every style knows; the key is the item's, whatever its version."""
    source = _source(article, limit)
    authors = [_bibtex_name(name) for name in source.names] + (["others"] if source.others else [])
    fields = {
        "author": " and ".join(authors),
        "title": f"{{{_tex(source.title)}}}",
        "year": str(source.day.year) if source.day else "",
        "publisher": _tex(source.publisher),
        "howpublished": _tex(source.type.capitalize()),
        "version": str(source.version or ""),
        "note": _tex(source.licence),
        "keywords": ", ".join(f"{{{_tex(tag)}}}" if "," in tag else _tex(tag) for tag in source.tags),
        "doi": source.doi,
        "url": source.url,
    }
    lines = (f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{{source.key},\n" + ",\n".join(lines) + "\n}"


def ris(article: Citable, limit: int | None = None) -> str:
    """Cite as RIS, one tag a line."""
    source = _source(article, limit)
    lines = [("TY", _TYPES.get(source.type, _OTHER_TYPE)[0]), ("ID", source.key)]
    lines += [("AU", str(name)) for name in source.names]
    if source.others:
        lines.append(("N1", f"and {source.others} other authors"))
    lines += [("TI", source.title)]
    if source.day:
        lines += [("PY", f"{source.day.year}"), ("DA", source.day.strftime("%Y/%m/%d"))]
    lines += [("PB", source.publisher), ("ET", f"{source.version or ''}"), ("DO", source.doi)]
    lines += [("UR", source.url), ("C1", source.licence), *(("KW", tag) for tag in source.tags)]
    return "\n".join([*(f"{tag}  - {value}" for tag, value in lines if value), "ER  - "])


def csl(article: Citable, limit: int | None = None) -> str:
    """Cite as CSL-JSON, a list of one, as Zotero, Pandoc and citeproc read it."""
    source = _source(article, limit)
    authors = [
        {"family": name.family, "given": name.given} if name.given else {"literal": name.family}
        for name in source.names
    ]
    day = source.day
    item: dict[str, Any] = {
        "id": source.key,
        "type": _TYPES.get(source.type, _OTHER_TYPE)[1],
        "title": source.title,
        "author": authors + ([{"literal": "others"}] if source.others else []),
        "issued": {"date-parts": [[day.year, day.month, day.day]]} if day else None,
        "publisher": source.publisher,
        "genre": source.type,
        "version": str(source.version or ""),
        "DOI": source.doi,
        "URL": source.url,
        "note": source.licence,
        "keyword": ", ".join(source.tags),
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=2)


def _source(article: Citable, limit: int | None) -> _Source:
    authors = [one for one in article.authors or () if one and (one.full_name or one.last_name)]
    shown = _names(article, authors, limit)
    # a DOI and an address hold no spaces and no braces, whatever was typed into them
    doi = re.sub(r"[\s{}\\<>\"]", "", plain(article.doi).removeprefix("https://doi.org/"))
    page = re.sub(r"[\s{}\\<>\"]", "", plain(article.url_public_html))
    timeline, licence = article.timeline, article.license
    return _Source(
        key=f"figshare{article.id}",
        title=plain(article.title) or "Untitled",
        names=shown,
        others=len(authors) - len(shown) if limit else 0,
        day=parsed_day(timeline.first_online if timeline else None) or parsed_day(article.published_date),
        type=plain(article.defined_type_name).lower().replace("_", " "),
        publisher=_publisher(article),
        doi=doi,
        url=f"https://doi.org/{doi}" if doi else web(page) or "",
        version=article.version or None,
        licence=plain(licence.name) if licence else "",
        tags=[tag for each in (article.tags or ())[:_MOST_TAGS] if (tag := plain(each, _LONGEST_NAME))],
    )


def _publisher(article: Citable) -> str:
    """Take the publisher from Figshare's own citation, which names the portal; there is no field for it."""
    found = re.search(r"\. ([^.]{2,80})\. [^.]{2,60}\. https?://\S+$", plain(article.citation))
    return found[1] if found else "figshare"


def _names(article: Citable, authors: Sequence[Author], limit: int | None) -> list[_Name]:
    """Give names in halves: from their fields, else as Figshare's own citation puts them, else guessed.

    With a limit give the first so many; of thousands without one, the first and the last.
    """
    cited = re.split(r" \((?:[0-9]{4}|n\.d\.)\)", plain(article.citation))[0].split("; ")
    names = []
    last = len(authors) - 1
    for n in (
        range(min(limit, last + 1))
        if limit
        else [*range(min(last, _MOST_AUTHORS)), *([last] if authors else [])]
    ):
        said = authors[n].first_name, authors[n].last_name, authors[n].full_name
        given, family, full = (plain(each, _LONGEST_NAME) for each in said)
        if family:
            names.append(_Name(family, given))
        elif len(cited) == len(authors) and set(_letters(cited[n])) == set(_letters(full)):
            names.append(_Name(*_halves(cited[n])))
        elif full:
            given, _, family = full.rpartition(" ")
            names.append(_Name(*_halves(full)) if "," in full else _Name(family, given))
    return names


def _letters(name: str) -> list[str]:
    return re.findall(r"\w+", name.lower())


def _halves(name: str) -> tuple[str, str]:
    family, _, given = name.partition(",")
    return family.strip(), given.strip()


def _initialled(name: _Name) -> str:
    parts = [re.sub(r"(\w)\w*\.?", r"\1.", part) for part in name.given.split()]
    return f"{name.family}, {' '.join(parts)}" if parts else name.family


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."


def _tex(text: str) -> str:
    return "".join(_TEX.get(char, char) for char in text)


def _bibtex_name(name: _Name) -> str:
    """Keep names whole that BibTeX would cut: organisations, and those with `and` or a comma in them."""
    if not name.given:
        return f"{{{_tex(name.family)}}}"
    halves = [_tex(half) for half in (name.family, name.given)]
    return ", ".join(f"{{{half}}}" if re.search(r"\band\b|,", half, re.I) else half for half in halves)
