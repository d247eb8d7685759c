"""An item as a citation: APA, BibTeX, RIS or CSL-JSON, from what Figshare says of it."""

import json
import re
from typing import Any

from bot.figshare.models import ArticleComplete
from bot.items.citation_facts import AuthorName, citation_facts

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
_OTHER_TYPE = ("GEN", "document")
_APA_TYPES = {"dataset": "Data set", "software": "Computer software", "code": "Computer software"}

# BibTeX counts a brace even after a backslash, so braces are written by name.
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
} | {char: f"\\{char}" for char in "&%$#_"}


def apa(article: ArticleComplete, max_authors: int | None = None) -> str:
    """Return the citation as APA 7 writes it: of more than 20 authors the first 19 and the last.

    With `max_authors`, "and others" stands for the authors beyond them:
    https://apastyle.apa.org/style-grammar-guidelines/references/examples/data-set-references
    """
    facts = citation_facts(article, max_authors)
    names = [_with_initials(name) for name in facts.authors]
    if facts.other_authors:
        authors = ", ".join(names) + ", and others"
    elif len(names) > 20:
        authors = f"{', '.join(names[:19])}, . . . {names[-1]}"
    else:
        authors = ", ".join(names[:-1]) + ", & " * (len(names) > 1) + "".join(names[-1:])
    year = f"({facts.published.year if facts.published else 'n.d.'})."
    version = f" (Version {facts.version})" if facts.version else ""
    kind = _APA_TYPES.get(facts.type, facts.type.capitalize())
    title = f"{facts.title}{version}{f' [{kind}]' if kind else ''}."
    front = f"{_with_full_stop(authors)} {year} {title}" if authors else f"{title} {year}"
    return f"{front} {_with_full_stop(facts.publisher)} {facts.url}".rstrip()


def bibtex(article: ArticleComplete, max_authors: int | None = None) -> str:
    """Return the citation as a BibTeX `@misc`, which every style knows; all versions have the same key."""
    facts = citation_facts(article, max_authors)
    authors = [_bibtex_name(name) for name in facts.authors] + (["others"] if facts.other_authors else [])
    fields = {
        "author": " and ".join(authors),
        "title": f"{{{_tex(facts.title)}}}",
        "year": str(facts.published.year) if facts.published else "",
        "publisher": _tex(facts.publisher),
        "howpublished": _tex(facts.type.capitalize()),
        "version": str(facts.version or ""),
        "note": _tex(facts.licence),
        "keywords": ", ".join(f"{{{_tex(tag)}}}" if "," in tag else _tex(tag) for tag in facts.tags),
        "doi": facts.doi,
        "url": facts.url,
    }
    lines = (f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{{facts.key},\n" + ",\n".join(lines) + "\n}"


def ris(article: ArticleComplete, max_authors: int | None = None) -> str:
    """Return the citation as RIS, a tag on each line."""
    facts = citation_facts(article, max_authors)
    lines = [("TY", _TYPES.get(facts.type, _OTHER_TYPE)[0]), ("ID", facts.key)]
    lines += [("AU", str(name)) for name in facts.authors]
    if facts.other_authors:
        lines.append(("N1", f"and {facts.other_authors} other authors"))
    lines += [("TI", facts.title)]
    if facts.published:
        lines += [("PY", f"{facts.published.year}"), ("DA", facts.published.strftime("%Y/%m/%d"))]
    lines += [("PB", facts.publisher), ("ET", f"{facts.version or ''}"), ("DO", facts.doi)]
    lines += [("UR", facts.url), ("C1", facts.licence), *(("KW", tag) for tag in facts.tags)]
    return "\n".join([*(f"{tag}  - {value}" for tag, value in lines if value), "ER  - "])


def csl(article: ArticleComplete, max_authors: int | None = None) -> str:
    """Return the citation as CSL-JSON, a list of one, as Zotero, Pandoc and citeproc read it."""
    facts = citation_facts(article, max_authors)
    authors = [
        {"family": name.family, "given": name.given} if name.given else {"literal": name.family}
        for name in facts.authors
    ]
    day = facts.published
    item: dict[str, Any] = {
        "id": facts.key,
        "type": _TYPES.get(facts.type, _OTHER_TYPE)[1],
        "title": facts.title,
        "author": authors + ([{"literal": "others"}] if facts.other_authors else []),
        "issued": {"date-parts": [[day.year, day.month, day.day]]} if day else None,
        "publisher": facts.publisher,
        "genre": facts.type,
        "version": str(facts.version or ""),
        "DOI": facts.doi,
        "URL": facts.url,
        "note": facts.licence,
        "keyword": ", ".join(facts.tags),
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=2)


def _with_initials(name: AuthorName) -> str:
    initials = [re.sub(r"(\w)\w*\.?", r"\1.", part) for part in name.given.split()]
    return f"{name.family}, {' '.join(initials)}" if initials else name.family


def _with_full_stop(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."


def _tex(text: str) -> str:
    return "".join(_TEX.get(char, char) for char in text)


def _bibtex_name(name: AuthorName) -> str:
    """Return a name in braces where BibTeX would split it: an organisation, or one with `and` or a comma."""
    if not name.given:
        return f"{{{_tex(name.family)}}}"
    halves = [_tex(half) for half in (name.family, name.given)]
    return ", ".join(f"{{{half}}}" if re.search(r"\band\b|,", half, re.I) else half for half in halves)
