"""The citation of an item, ready to copy."""

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.models import ArticleComplete, Collection
from bot.figshare.xml import document, pretty
from bot.items import citations
from bot.items.lookup import Subject, a_kind, newer, subject
from bot.language.references import Reference
from bot.reply import Button, Copy, DoesNotExist, Line, Reply
from bot.text import plain

# Over several blocks, a message holds about this much.
LONGEST = 9_000
FIRST_AUTHORS = 20
STYLES = {"apa": citations.apa, "bibtex": citations.bibtex, "ris": citations.ris, "csl": citations.csl}
NAMES = {"apa": "APA", "bibtex": "BibTeX", "ris": "RIS", "csl": "CSL-JSON", "datacite": "DataCite XML"}


@command(
    "cite <reference> [apa/bibtex/ris/csl/datacite]",
    task="Cite",
    examples=("cite 5616445", "cite 5616445 bibtex"),
)
async def cite(bot: Bot, question: Question, asked: Reference, style: str | None) -> Reply:
    """The citation, ready to copy: Figshare's own, or APA, BibTeX, RIS, CSL-JSON, DataCite XML."""
    thing = await subject(bot, asked)
    found = _citable(thing)
    notes: list[Line] = list(await newer(bot, thing))
    if style == "datacite":
        said, cut = await _datacite(bot, thing)
        notes.append(("As the repository gives it by OAI-PMH, in its latest version.",))
    elif style is None and (own := plain(found.citation)) and len(own) <= LONGEST:
        said, cut = own, False
        notes.append(("Figshare's own citation.",))
    else:
        said, cut = _styled(found, style or "apa")
    if cut:
        notes.append((f"Only the first {FIRST_AUTHORS} authors: all of them do not fit into a message.",))
    words = thing.words + (f".v{thing.version}" if thing.version else "")
    return Reply(
        (thing.link, f" · {NAMES[style]}" if style else ""),
        (Copy(said),),
        footnotes=tuple(notes),
        buttons=tuple(Button(NAMES[each], f"cite {words} {each}") for each in NAMES if each != style),
        subscribable=thing.words,
    )


def _citable(thing: Subject) -> ArticleComplete:
    match thing.record:
        case ArticleComplete() as found:
            return found
        case Collection() as found:
            return ArticleComplete(
                id=found.id,
                title=found.title,
                authors=found.authors,
                doi=found.doi,
                url_public_html=thing.url,
                published_date=found.published_date,
                timeline=found.timeline,
                defined_type_name="collection",
                version=found.version,
                citation=found.citation,
            )
    raise DoesNotExist(f"{a_kind(thing.kind).capitalize()} has no citation.", "Items and collections have.")


def _styled(found: ArticleComplete, style: str) -> tuple[str, bool]:
    said = STYLES[style](found)
    return (said, False) if len(said) <= LONGEST else (STYLES[style](found, FIRST_AUTHORS), True)


async def _datacite(bot: Bot, thing: Subject) -> tuple[str, bool]:
    if thing.kind != "article":
        raise DoesNotExist("OAI-PMH knows items only.", "For a collection the other styles work.")
    xml = (await bot.oai.record(bot.oai.identifier(thing.id), "oai_datacite")).xml
    if len(xml) <= LONGEST:
        return xml, False
    root = document(xml.encode())
    creators = [each for each in root.iter() if str(each.tag).endswith("}creator")]
    for each in creators[FIRST_AUTHORS:]:
        parent = each.getparent()
        if parent is not None:
            parent.remove(each)
    return pretty(root), True
