"""What was filled in, as what Figshare takes: each field checked, and named when it is wrong."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from bot.bot import Bot
from bot.commands import InvalidValue, number
from bot.drafts.form import author_line, grant_line, html, material_line, materials
from bot.figshare.errors import BadRequest
from bot.figshare.private import Fields, Grant, Person, PrivateArticle, RelatedMaterial
from bot.items.lookup import subject
from bot.language import references
from bot.language.references import Reference
from bot.reply import DoesNotExist, InvalidFields, Value
from bot.text import cut, safe

_DOI = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.[0-9]{4,9}/\S+)", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s.]+\.[^\s]+", re.IGNORECASE)
_LIKE_AN_ORCID = re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-")
_MOST_AUTHORS = 100
_LONGEST_TITLE = 1_000


class _Wrong(Exception):
    pass


async def read(
    bot: Bot, told: Mapping[str, Value], names: Iterable[str], before: PrivateArticle | None = None
) -> Fields:
    """Return these fields as Figshare takes them; what stays of `before` keeps its ids.

    Raises InvalidFields.
    """
    given: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name in names:
        if name not in _READERS:
            raise InvalidValue
        try:
            if references.PRIVATE_LINK in _text(told[name]):
                raise _Wrong("A private link is a key, so I don't pass it on. Please leave it out.")
            given |= await _READERS[name](bot, told[name], before)
        except _Wrong as error:
            wrong[name] = str(error)
    if wrong:
        raise InvalidFields(wrong)
    return Fields(**given)


def _title(text: str) -> str:
    line = " ".join(safe(text).split())
    if not 3 <= len(line) <= _LONGEST_TITLE:
        count = "is empty" if not line else f"has {len(line):,}"
        raise _Wrong(f"A title has 3 to 1,000 characters; this one {count}.")
    return line


def refused(error: BadRequest) -> InvalidFields | None:
    """Give Figshare's refusal at the field that it names, or nothing."""
    said = str(error)
    named = set(re.findall(r"\w+", said))
    name = next((ours for wire, ours in _WIRE.items() if wire in named), None)
    return InvalidFields({name: f"Figshare says: {cut(safe(said), 200)}"}) if name else None


async def _read_title(bot: Bot, value: Value, before: PrivateArticle | None) -> dict[str, Any]:
    return {"title": _title(_text(value))}


async def _description(bot: Bot, value: Value, before: PrivateArticle | None) -> dict[str, Any]:
    return {"description": html(_text(value))}


async def _authors(bot: Bot, value: Value, before: PrivateArticle | None) -> dict[str, Any]:
    known = {author_line(each): each.id for each in (before.authors if before else None) or () if each}
    lines = _lines(value)
    if len(lines) > _MOST_AUTHORS:
        raise _Wrong(f"{len(lines)} authors are more than a form takes: at most {_MOST_AUTHORS}.")
    people = [
        Person(id=known[line]) if known.get(line) is not None else await _author(bot, line) for line in lines
    ]
    return {"authors": people}


async def _author(bot: Bot, line: str) -> Person:
    name, orcid = _split(line.rstrip(" )."))
    if not orcid:
        if re.fullmatch(r"[0-9\W]+", line):
            raise _Wrong(f"“{line}” is neither a name nor an ORCID such as 0000-0002-1825-0097.")
        return Person(name=line)
    reference = references.reference(orcid)
    if reference is None or reference.orcid is None:
        raise _Wrong(f"“{orcid}” is no ORCID: a digit may be wrong.")
    if name:
        return Person(name=name, orcid_id=reference.orcid)
    try:
        person = await subject(bot, Reference("author", orcid=reference.orcid))
    except DoesNotExist:
        raise _Wrong(
            f"Nobody on Figshare has the ORCID {reference.orcid}: put the name in front of it."
        ) from None
    return Person(id=person.id)


def _split(line: str) -> tuple[str, str]:
    """Split a line into a name and an ORCID, which is what looks like one at its end."""
    word = line.rpartition(" ")[2]
    found = _LIKE_AN_ORCID.search(word)
    if found is None:
        return line, ""
    at = max(word.rfind(before, 0, found.start()) for before in ",(") + 1
    end = len(line) - len(word) + at
    return line[:end].strip(" ,("), line[end:]


async def _categories(bot: Bot, value: Value, before: PrivateArticle | None) -> dict[str, Any]:
    return {"categories": [number(each) for each in _chosen(value)]}


async def _keywords(bot: Bot, value: Value, before: PrivateArticle | None) -> dict[str, Any]:
    words = (" ".join(each.split()) for each in re.split(r"[,;\n]", safe(_text(value))))
    return {"tags": list(dict.fromkeys(filter(None, words)))}


async def _references(bot: Bot, value: Value, before: PrivateArticle | None) -> dict[str, Any]:
    known = {material_line(each): each for each in (materials(before) if before else ())}
    return {"related_materials": [known.get(line) or _material(line) for line in _lines(value)]}


def _material(line: str) -> RelatedMaterial:
    if found := _DOI.fullmatch(line):
        return RelatedMaterial(identifier=found[1], identifier_type="DOI")
    if _WEB.fullmatch(line):
        return RelatedMaterial(identifier=line, identifier_type="URL")
    raise _Wrong(f"“{line}” is neither a DOI such as 10.1000/182 nor an address that begins with https://.")


async def _funding(bot: Bot, value: Value, before: PrivateArticle | None) -> dict[str, Any]:
    known = {grant_line(each): each.id for each in (before.funding_list if before else None) or () if each}
    return {
        "funding_list": [
            Grant(id=known[line]) if known.get(line) is not None else Grant(title=line)
            for line in _lines(value)
        ]
    }


async def _type(bot: Bot, value: Value, before: PrivateArticle | None) -> dict[str, Any]:
    return {"defined_type": chosen[0]} if (chosen := _chosen(value)) else {}


async def _licence(bot: Bot, value: Value, before: PrivateArticle | None) -> dict[str, Any]:
    return {"license": number(chosen[0])} if (chosen := _chosen(value)) else {}


async def _group(bot: Bot, value: Value, before: PrivateArticle | None) -> dict[str, Any]:
    return {"group_id": number(chosen[0])} if (chosen := _chosen(value)) else {}


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _lines(value: Value) -> list[str]:
    lines = (" ".join(line.split()) for line in safe(_text(value)).split("\n"))
    return list(dict.fromkeys(filter(None, lines)))


def _chosen(value: Value) -> list[str]:
    return [] if isinstance(value, str) else [each.value for each in value]


_WIRE = {
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
_READERS: dict[str, Callable[[Bot, Value, PrivateArticle | None], Awaitable[dict[str, Any]]]] = {
    "title": _read_title,
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
