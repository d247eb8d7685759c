"""The citation of an item, ready to copy."""

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.models import ArticleComplete, Collection
from bot.figshare.xml import indented_xml, parse_xml
from bot.items import citations
from bot.items.citation_facts import own_citation
from bot.items.lookup import Subject, fetch_subject, newer_version_footnote
from bot.language.references import Reference
from bot.reply import Button, Copy, DoesNotExist, Line, Reply

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


@command(
    "cite <reference> [apa/bibtex/ris/csl/datacite]",
    task="Cite",
    examples=("cite 5616445", "cite 5616445 bibtex"),
)
async def cite(bot: Bot, question: Question, reference: Reference, style: str | None) -> Reply:
    """The citation, ready to copy: Figshare's own, or APA, BibTeX, RIS, CSL-JSON, DataCite XML."""
    subject = await fetch_subject(bot, reference)
    article = _citable(subject)
    notes: list[Line] = list(await newer_version_footnote(bot, subject))
    if style == "datacite":
        citation, is_shortened = await _datacite(bot, subject)
        notes.append(("From the repository's OAI-PMH record, in the latest version.",))
    elif style is None and (own := own_citation(article)) and len(own) <= _MAX_CITATION_LENGTH:
        citation, is_shortened = own, False
        notes.append(("Figshare's own citation.",))
    else:
        citation, is_shortened = _styled(article, style or "apa")
    if is_shortened:
        notes.append((f"Only the first {_MAX_AUTHORS} authors: they don't all fit into one message.",))
    words = subject.words + (f".v{subject.version}" if subject.version else "")
    return Reply(
        (subject.link, f" · {_STYLE_NAMES[style]}" if style else ""),
        (Copy(citation),),
        footnotes=tuple(notes),
        buttons=tuple(
            Button(name, f"cite {words} {other}") for other, name in _STYLE_NAMES.items() if other != style
        ),
        subscribable=subject.words,
    )


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


def _styled(article: ArticleComplete, style: str) -> tuple[str, bool]:
    """Return the citation, and whether authors were left out to make it fit."""
    citation = _STYLES[style](article)
    if len(citation) <= _MAX_CITATION_LENGTH:
        return citation, False
    return _STYLES[style](article, _MAX_AUTHORS), True


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
