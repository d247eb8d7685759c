"""The citation of an item, ready to copy."""

import asyncio
import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.bot import Bot
from bot.commands import Alternatives, Question, command
from bot.figshare.errors import FigshareError, TimedOut
from bot.figshare.models import ArticleComplete, Collection
from bot.figshare.xml import indented_xml, parse_xml
from bot.items import citations
from bot.items.citation_facts import own_citation
from bot.items.lookup import Subject, fetch_subject, newer_version, newer_version_footnote
from bot.language import references
from bot.language.references import Reference
from bot.reply import Button, Code, Copy, DoesNotExist, Line, Reply, Text
from bot.text import capitalized

# How many characters one message holds, over several blocks.
_MAX_CITATION_LENGTH = 9_000
# How many authors a citation names that would be too long with all of them.
_MAX_AUTHORS = 20
_STYLES = {"apa": citations.apa, "bibtex": citations.bibtex, "ris": citations.ris, "csl": citations.csl}
_STYLE_NAMES = {
    "apa": "APA",
    "bibtex": "BibTeX",
    "ris": "RIS",
    "csl": "CSL-JSON",
    "datacite": "DataCite XML",
}
# What people name who want a file for it; EndNote and Zotero are words for the command.
_REFERENCE_MANAGERS = {"mendeley", "paperpile", "papers", "citavi", "jabref", "refworks"}


def _existing_styles(words: Sequence[str]) -> Alternatives | None:
    """Return the styles there are, in place of a word that may name another."""
    # `in MLA`, `as MLA`
    length = 2 if words[0].lower() in ("in", "as") and len(words) > 1 else 1
    style = words[length - 1]
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{1,19}", style):
        return None
    if style.lower() in _REFERENCE_MANAGERS:
        return Alternatives(f"{capitalized(style)} reads RIS and BibTeX", ("ris", "bibtex"), length)
    name = style.upper() if len(style) <= 4 else capitalized(style)
    *names, last = (name.removesuffix(" XML") for name in _STYLE_NAMES.values())
    return Alternatives(
        f"I can't cite in {name}. I have {', '.join(names)} and {last}", tuple(_STYLE_NAMES), length
    )


@command(
    "cite <reference>… [apa/bibtex/ris/csl/datacite]",
    task="Cite",
    examples=("cite 5616445", "cite 5616445 bibtex"),
    alternatives=_existing_styles,
    kinds=("article", "collection"),
    words="citation, citations, citing, how to cite, how do i cite, how do we cite, bibliography, "
    "reference list, citation for, quote, bibtex, bib, ris, endnote, zotero, apa, csl, datacite",
    argument_words={"bibtex": "bib", "ris": "endnote, zotero"} | {style: style for style in _STYLE_NAMES},
)
async def cite(bot: Bot, question: Question, requested: list[Reference], style: str | None) -> Reply:
    """The citation, ready to copy: Figshare's own, or APA, BibTeX, RIS, CSL-JSON, DataCite XML.

    Several references give one list, or one file's worth of BibTeX, RIS or CSL-JSON.
    """
    if len(requested) > 1:
        return await _bibliography(bot, question, requested, style)
    subject = await fetch_subject(bot, requested[0])
    citation = await _citation(bot, subject, style, _key(subject))
    notes = [*await newer_version_footnote(bot, subject), *citation.notes]
    if citation.is_shortened:
        notes.append((f"Only the first {_MAX_AUTHORS} authors: they don't all fit into one message.",))
    words = _words_of(subject)
    return Reply(
        (subject.link, f" · {_STYLE_NAMES[style]}" if style else ""),
        (Copy(citation.text),),
        footnotes=tuple(notes),
        buttons=tuple(
            Button(name, f"cite {words} {other}") for other, name in _STYLE_NAMES.items() if other != style
        ),
        subscribable=subject.words,
    )


class _Citation(NamedTuple):
    text: str
    # Whether authors were left out to make it fit.
    is_shortened: bool
    notes: tuple[Line, ...] = ()


async def _citation(bot: Bot, subject: Subject, style: str | None, key: str) -> _Citation:
    article = _citable(subject)
    if style == "datacite":
        note: Line = ("From the repository's OAI-PMH record, in the latest version.",)
        return _Citation(*await _datacite(bot, subject), (note,))
    if style is None and (own := own_citation(article)) and len(own) <= _MAX_CITATION_LENGTH:
        return _Citation(own, False, (("Figshare's own citation.",),))
    return _Citation(*_styled(article, style or "apa", key))


def _words_of(subject: Subject) -> str:
    return subject.words + (f".v{subject.version}" if subject.version else "")


def _key(subject: Subject, kind: str = "") -> str:
    """Return the key of a citation in people's bibliographies: `figshare5616445`, `figshare5616445.v2`."""
    return f"figshare{kind}{subject.id}" + (f".v{subject.version}" if subject.version else "")


async def _bibliography(bot: Bot, question: Question, requested: list[Reference], style: str | None) -> Reply:
    """Return the citations as one text, whole ones only; what has none says why in a line of its own."""
    results = await asyncio.gather(*(_entry(bot, each, style) for each in requested))
    # Two references may name the same version of the same item, which is cited once.
    entries = list({entry.identity: entry for entry in results if isinstance(entry, _Entry)}.values())
    problems = [result for result in results if not isinstance(result, _Entry)]
    count = _fitting(entries)
    shown, left_out, suffix = entries[:count], entries[count:], f" {style}" if style else ""
    notes = list(dict.fromkeys(note for entry in shown for note in entry.citation.notes))
    if any(entry.citation.is_shortened for entry in shown):
        notes.append((f"Of long lists only the first {_MAX_AUTHORS} authors.",))
    is_retryable = any(reason in (_NOT_YET, _UNKNOWN) for _, reason in problems)
    buttons: list[Button] = []
    if left_out:
        buttons.append(Button("Cite the others", f"cite {_all_words(left_out)}{suffix}"))
    if is_retryable:
        buttons.append(Button("Try again", question.words))
    if shown:
        others = {other: name for other, name in _STYLE_NAMES.items() if other != style}
        buttons += [Button(name, f"cite {_all_words(shown)} {other}") for other, name in others.items()]
    heading = f"{count} citation{'' if count == 1 else 's'}"
    return Reply(
        (heading + (f" · {_STYLE_NAMES[style]}" if style else ""),),
        (
            *((Copy(_joined([entry.citation.text for entry in shown], style)),) if shown else ()),
            *((Text((f"The other {len(left_out)} don't fit into this message.",)),) if left_out else ()),
            *(Text((Code(references.label(reference)), f": {reason}")) for reference, reason in problems),
        ),
        footnotes=tuple(notes),
        buttons=tuple(buttons),
        outcome="ok" if shown else "trouble" if is_retryable else "wrong",
    )


def _fitting(entries: list["_Entry"]) -> int:
    """Return how many citations fit into one message: whole ones, and one at least."""
    length = 0
    for count, entry in enumerate(entries):
        length += len(entry.citation.text) + 2
        if length > _MAX_CITATION_LENGTH and count:
            return count
    return len(entries)


def _all_words(entries: list["_Entry"]) -> str:
    return " ".join(entry.words for entry in entries)


class _Entry(NamedTuple):
    identity: object  # equal for two references to the same citation
    words: str
    citation: _Citation


_NOT_YET, _UNKNOWN = "not yet: Figshare hasn't answered", "unknown: Figshare couldn't be asked"


async def _entry(bot: Bot, reference: Reference, style: str | None) -> _Entry | tuple[Reference, str]:
    """Return the citation of a reference and the words that ask for it again, or why there is none."""
    try:
        subject = await fetch_subject(bot, reference)
        # In a list, a collection may stand beside an item of the same number.
        key = _key(subject, ".c." if subject.kind == "collection" else "")
        words, citation = _words_of(subject), await _citation(bot, subject, style, key)
        if newer := await newer_version(bot, subject):
            citation = citation._replace(notes=((f"Newer than {words}: v{newer}.",), *citation.notes))
        # DataCite has only the latest version.
        version = None if style == "datacite" else _citable(subject).version or subject.version
        return _Entry((subject.kind, subject.id, version), words, citation)
    except DoesNotExist as error:
        return reference, error.title
    except FigshareError as error:
        return reference, _NOT_YET if isinstance(error, TimedOut) else _UNKNOWN


def _joined(texts: list[str], style: str | None) -> str:
    """Return citations as one text that programs read as they read one."""
    if style == "csl":
        # Each is a list of one, with its brackets on lines of their own.
        return "[\n" + ",\n".join(text.removeprefix("[\n").removesuffix("\n]") for text in texts) + "\n]"
    return "\n\n".join(text.rstrip("\n") for text in texts)


def _citable(subject: Subject) -> ArticleComplete:
    """Return an item, or a collection as if it were one; raises DoesNotExist for anything else."""
    match subject.record:
        case ArticleComplete() as article:
            return article
        case Collection() as collection:
            return ArticleComplete(
                id=collection.id,
                title=collection.title,
                authors=collection.authors,
                doi=collection.doi,
                url_public_html=subject.url,
                published_date=collection.published_date,
                timeline=collection.timeline,
                defined_type_name="collection",
                version=collection.version,
                citation=collection.citation,
            )
    raise DoesNotExist(
        f"{subject.kind.capitalize()}s have no citation.", "Only items and collections have one."
    )


def _styled(article: ArticleComplete, style: str, key: str) -> tuple[str, bool]:
    """Return the citation, and whether authors were left out to make it fit."""
    citation = _STYLES[style](article, None, key)
    if len(citation) <= _MAX_CITATION_LENGTH:
        return citation, False
    return _STYLES[style](article, _MAX_AUTHORS, key), True


async def _datacite(bot: Bot, subject: Subject) -> tuple[str, bool]:
    """Return the DataCite record, and whether creators were left out to make it fit."""
    if subject.kind != "article":
        raise DoesNotExist("OAI-PMH has only items.", "Use another style for a collection.")
    xml = (await bot.oai.record(bot.oai.identifier(subject.id), "oai_datacite")).xml
    if len(xml) <= _MAX_CITATION_LENGTH:
        return xml, False
    root = parse_xml(xml.encode())
    creators = [element for element in root.iter() if str(element.tag).endswith("}creator")]
    for creator in creators[_MAX_AUTHORS:]:
        parent = creator.getparent()
        if parent is not None:
            parent.remove(creator)
    return indented_xml(root), True
