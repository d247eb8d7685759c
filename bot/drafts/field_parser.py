"""The parser of a draft's form: typed values become Figshare's fields, or an error at each wrong field."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from bot.bot import Bot
from bot.commands import InvalidValue, parse_id
from bot.drafts.form import as_html, author_line, grant_line, material_line, related_materials
from bot.figshare.errors import BadRequest
from bot.figshare.models import RelatedMaterial
from bot.figshare.private import DraftAuthor, DraftFields, DraftGrant, PrivateArticle
from bot.items.lookup import fetch_subject
from bot.language import references
from bot.language.private_links import PRIVATE_LINK
from bot.language.references import Reference
from bot.reply import DoesNotExist, InvalidFields, Value
from bot.text import cut, safe

_DOI = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.[0-9]{4,9}/\S+)", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s.]+\.[^\s]+", re.IGNORECASE)
_ORCID_START = re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-")
_MAX_AUTHORS = 100
_MAX_TITLE = 1_000


class _InvalidField(Exception):
    """Raised when a field's value can't be taken; its text is shown at the field."""


async def parse_fields(
    bot: Bot, values: Mapping[str, Value], names: Iterable[str], draft: PrivateArticle | None = None
) -> DraftFields:
    """Return the named fields as Figshare takes them.

    Authors, references and grants that stand unchanged in `draft` keep their ids, so that Figshare doesn't
    count them as new ones. Raises InvalidFields with every wrong field, and InvalidValue for a field that no
    form of ours has.
    """
    parsed: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name in names:
        if name not in _PARSERS:
            raise InvalidValue
        try:
            if PRIVATE_LINK in _text(values[name]):
                raise _InvalidField("A private link is a key, so I don't pass it on. Please leave it out.")
            parsed |= await _PARSERS[name](bot, values[name], draft)
        except _InvalidField as error:
            errors[name] = str(error)
    if errors:
        raise InvalidFields(errors)
    return DraftFields(**parsed)


def error_at_field(error: BadRequest) -> InvalidFields | None:
    """Return Figshare's refusal as an error at the field that its message names, or None."""
    message = str(error)
    words = set(re.findall(r"\w+", message))
    name = next((name for wire_name, name in _NAME_BY_WIRE_NAME.items() if wire_name in words), None)
    return InvalidFields({name: f"Figshare says: {cut(safe(message), 200)}"}) if name else None


async def _title(bot: Bot, value: Value, draft: PrivateArticle | None) -> dict[str, Any]:
    title = " ".join(safe(_text(value)).split())
    if not 3 <= len(title) <= _MAX_TITLE:
        length = f"has {len(title):,}" if title else "is empty"
        raise _InvalidField(f"A title has 3 to 1,000 characters; this one {length}.")
    return {"title": title}


async def _description(bot: Bot, value: Value, draft: PrivateArticle | None) -> dict[str, Any]:
    return {"description": as_html(_text(value))}


async def _authors(bot: Bot, value: Value, draft: PrivateArticle | None) -> dict[str, Any]:
    known_ids = {author_line(author): author.id for author in (draft and draft.authors) or () if author}
    lines = _lines(value)
    if len(lines) > _MAX_AUTHORS:
        raise _InvalidField(f"A form takes at most {_MAX_AUTHORS} authors; this one has {len(lines)}.")
    authors = [
        DraftAuthor(id=known_ids[line]) if known_ids.get(line) is not None else await _author(bot, line)
        for line in lines
    ]
    return {"authors": authors}


async def _author(bot: Bot, line: str) -> DraftAuthor:
    name, orcid = _split_orcid(line.rstrip(" )."))
    if not orcid:
        if re.fullmatch(r"[0-9\W]+", line):
            raise _InvalidField(f"“{line}” is neither a name nor an ORCID such as 0000-0002-1825-0097.")
        return DraftAuthor(name=line)
    reference = references.parse_reference(orcid)
    if reference is None or reference.orcid is None:
        raise _InvalidField(f"“{orcid}” isn't a valid ORCID: a digit may be wrong.")
    if name:
        return DraftAuthor(name=name, orcid_id=reference.orcid)
    try:
        author = await fetch_subject(bot, Reference("author", orcid=reference.orcid))
    except DoesNotExist:
        raise _InvalidField(
            f"Nobody on Figshare has the ORCID {reference.orcid}: put the name in front of it."
        ) from None
    return DraftAuthor(id=author.id)


def _split_orcid(line: str) -> tuple[str, str]:
    """Return the name in a line and what looks like an ORCID at its end: `Jane Doe (0000-…)`."""
    last_word = line.rpartition(" ")[2]
    match = _ORCID_START.search(last_word)
    if match is None:
        return line, ""
    # The ORCID begins after the last bracket or comma before its digits, or with the word.
    start = max(last_word.rfind(char, 0, match.start()) for char in ",(") + 1
    end_of_name = len(line) - len(last_word) + start
    return line[:end_of_name].strip(" ,("), line[end_of_name:]


async def _categories(bot: Bot, value: Value, draft: PrivateArticle | None) -> dict[str, Any]:
    return {"categories": [parse_id(id) for id in _chosen(value)]}


async def _keywords(bot: Bot, value: Value, draft: PrivateArticle | None) -> dict[str, Any]:
    keywords = (" ".join(word.split()) for word in re.split(r"[,;\n]", safe(_text(value))))
    return {"tags": list(dict.fromkeys(filter(None, keywords)))}


async def _references(bot: Bot, value: Value, draft: PrivateArticle | None) -> dict[str, Any]:
    known = {material_line(material): material for material in (related_materials(draft) if draft else ())}
    return {"related_materials": [known.get(line) or _material(line) for line in _lines(value)]}


def _material(line: str) -> RelatedMaterial:
    if match := _DOI.fullmatch(line):
        return RelatedMaterial(identifier=match[1], identifier_type="DOI")
    if _URL.fullmatch(line):
        return RelatedMaterial(identifier=line, identifier_type="URL")
    raise _InvalidField(f"“{line}” is neither a DOI such as 10.1000/182 nor a URL that begins with https://.")


async def _funding(bot: Bot, value: Value, draft: PrivateArticle | None) -> dict[str, Any]:
    known_ids = {grant_line(grant): grant.id for grant in (draft and draft.funding_list) or () if grant}
    grants = [
        DraftGrant(id=known_ids[line]) if known_ids.get(line) is not None else DraftGrant(title=line)
        for line in _lines(value)
    ]
    return {"funding_list": grants}


async def _type(bot: Bot, value: Value, draft: PrivateArticle | None) -> dict[str, Any]:
    return {"defined_type": chosen[0]} if (chosen := _chosen(value)) else {}


async def _licence(bot: Bot, value: Value, draft: PrivateArticle | None) -> dict[str, Any]:
    return {"license": parse_id(chosen[0])} if (chosen := _chosen(value)) else {}


async def _group(bot: Bot, value: Value, draft: PrivateArticle | None) -> dict[str, Any]:
    return {"group_id": parse_id(chosen[0])} if (chosen := _chosen(value)) else {}


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _lines(value: Value) -> list[str]:
    lines = (" ".join(line.split()) for line in safe(_text(value)).split("\n"))
    return list(dict.fromkeys(filter(None, lines)))


def _chosen(value: Value) -> list[str]:
    return [] if isinstance(value, str) else [choice.value for choice in value]


# By field of the form. Each returns Figshare's field for a value; `draft` is None for a new one.
_PARSERS: dict[str, Callable[[Bot, Value, PrivateArticle | None], Awaitable[dict[str, Any]]]] = {
    "title": _title,
    "type": _type,
    "description": _description,
    "authors": _authors,
    "categories": _categories,
    "keywords": _keywords,
    "licence": _licence,
    "references": _references,
    "funding": _funding,
    "group": _group,
}
# Figshare's names, which its messages use, and those of our form.
_NAME_BY_WIRE_NAME = {
    "title": "title",
    "defined_type": "type",
    "description": "description",
    "authors": "authors",
    "categories": "categories",
    "keywords": "keywords",
    "tags": "keywords",
    "license": "licence",
    "related_materials": "references",
    "references": "references",
    "funding_list": "funding",
    "group_id": "group",
}
