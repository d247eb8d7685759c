"""An item as a citation: APA, BibTeX, RIS or CSL-JSON, from what Figshare says of it."""

import json
import re
from typing import Any

from bot.figshare.models import ArticleComplete
from bot.items.author_names import AuthorName
from bot.items.citation_facts import CitationFacts, citation_facts
from bot.superscripts import Run, unicode_text

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
_TEX_SCRIPTS = {"sup": r"\textsuperscript", "sub": r"\textsubscript"}


def apa(article: ArticleComplete, max_authors: int | None = None, key: str = "") -> str:
    """Return the citation as APA 7 writes it: of more than 20 authors the first 19 and the last.

    It has no `key`. With `max_authors`, "and others" stands for the authors beyond them:
    https://apastyle.apa.org/style-grammar-guidelines/references/examples/data-set-references
    """
    facts = citation_facts(article, max_authors)
    authors = _apa_authors(facts)
    year = f"({facts.published.year if facts.published else 'n.d.'})."
    version = f" (Version {facts.version})" if facts.version else ""
    kind = _APA_TYPES.get(facts.type, facts.type.capitalize())
    title = f"{unicode_text(facts.title)}{version}{f' [{kind}]' if kind else ''}."
    front = f"{_with_full_stop(authors)} {year} {title}" if authors else f"{title} {year}"
    return " ".join(filter(None, (front, facts.publisher and _with_full_stop(facts.publisher), facts.url)))


def bibtex(article: ArticleComplete, max_authors: int | None = None, key: str = "") -> str:
    """Return the citation as a BibTeX `@misc`, which every style knows."""
    facts = citation_facts(article, max_authors, key)
    authors = [_bibtex_name(name) for name in facts.authors] + (["others"] if facts.has_other_authors else [])
    fields = {
        "author": " and ".join(authors),
        "title": f"{{{''.join(map(_tex_run, facts.title))}}}",
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


def ris(article: ArticleComplete, max_authors: int | None = None, key: str = "") -> str:
    """Return the citation as RIS, a tag on each line."""
    facts = citation_facts(article, max_authors, key)
    lines = [("TY", _TYPES.get(facts.type, _OTHER_TYPE)[0]), ("ID", facts.key)]
    lines += [("AU", str(name)) for name in facts.authors]
    if facts.has_other_authors:
        lines.append(
            ("N1", f"and {facts.other_authors} other authors" if facts.other_authors else "and others")
        )
    lines += [("TI", unicode_text(facts.title))]
    if facts.published:
        lines += [("PY", f"{facts.published.year}"), ("DA", facts.published.strftime("%Y/%m/%d"))]
    lines += [("PB", facts.publisher), ("ET", f"{facts.version or ''}"), ("DO", facts.doi)]
    lines += [("UR", facts.url), ("C1", facts.licence), *(("KW", tag) for tag in facts.tags)]
    return "\n".join([*(f"{tag}  - {value}" for tag, value in lines if value), "ER  - "])


def csl(article: ArticleComplete, max_authors: int | None = None, key: str = "") -> str:
    """Return the citation as CSL-JSON, a list of one, as Zotero, Pandoc and citeproc read it."""
    facts = citation_facts(article, max_authors, key)
    day = facts.published
    item: dict[str, Any] = {
        "id": facts.key,
        "type": _TYPES.get(facts.type, _OTHER_TYPE)[1],
        "title": "".join(map(_csl_run, facts.title)),
        "author": _csl_authors(facts),
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


def _apa_authors(facts: CitationFacts) -> str:
    is_long = len(facts.authors) > 20
    names = [_with_initials(name) for name in (facts.authors[:19] if is_long else facts.authors)]
    if facts.has_other_authors:
        return ", ".join([*names, "and others"])
    if is_long:
        return f"{', '.join(names)}, . . . {_with_initials(facts.authors[-1])}"
    return ", ".join(names[:-1]) + ", & " * (len(names) > 1) + "".join(names[-1:])


def _with_initials(name: AuthorName) -> str:
    initials = " ".join(re.sub(r"(\w)\w*\.?", r"\1.", part) for part in name.given.split())
    return ", ".join(filter(None, (name.family, initials, name.suffix)))


def _with_full_stop(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."


def _tex(text: str) -> str:
    return "".join(_TEX.get(char, char) for char in text)


def _tex_run(run: Run) -> str:
    text = _tex(run.text)
    return f"{_TEX_SCRIPTS[run.script]}{{{text}}}" if run.script else text


def _bibtex_name(name: AuthorName) -> str:
    """Return a name as "Family, Jr., Given", in braces where BibTeX would split it."""
    if not name.given:
        return f"{{{_tex(str(name))}}}"
    parts = [_tex(part) for part in (name.family, name.suffix, name.given) if part]
    return ", ".join(f"{{{part}}}" if re.search(r"\band\b|,", part, re.I) else part for part in parts)


def _csl_run(run: Run) -> str:
    # https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html#html-like-formatting-tags
    return f"<{run.script}>{run.text}</{run.script}>" if run.script else run.text


def _csl_authors(facts: CitationFacts) -> list[dict[str, str]]:
    # https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html#name-fields
    authors = [
        {"family": name.family, "given": name.given} | ({"suffix": name.suffix} if name.suffix else {})
        if name.given
        else {"literal": str(name)}
        for name in facts.authors
    ]
    return authors + ([{"literal": "others"}] if facts.has_other_authors else [])
