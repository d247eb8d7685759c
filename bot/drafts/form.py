"""What the form of a draft asks, and how a draft that exists fills it in."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from bot.figshare.item_types import ITEM_TYPES
from bot.figshare.models import Author, License
from bot.figshare.private import Funding, Group, PrivateArticle, RelatedMaterial
from bot.language.references import without_private_links
from bot.reply import Choice, Field, Value
from bot.text import LONGEST_HTML, cut, paragraphs, plain, safe, unescaped

# Slack lets people type 3,000 characters into a field; all of it together must fit into one message, so
# that it can be given back. More than 1,000 for a title, so that one too long can be seen and shortened.
LONGEST = {
    "title": 1_500,
    "description": 2_900,
    "authors": 1_200,
    "keywords": 800,
    "references": 1_200,
    "funding": 600,
}
MOST_CHOICES = 100
# The paragraphs a form can hold; with any other markup a text would come back poorer than it was.
_PLAIN_HTML = re.compile(r"</?(?:p|br|div)\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<[a-z/!]", re.IGNORECASE)
RETIRED_TYPES = {"fileset"}


@dataclass(frozen=True, slots=True)
class Choices:
    """What Figshare lets this account choose."""

    licences: Sequence[License] = ()
    groups: Sequence[Group] = ()


def fields(filled: Mapping[str, Value], choices: Choices, *, only: Sequence[str] = ()) -> tuple[Field, ...]:
    """Give the fields of the form, filled in; with `only` just these."""
    types = [name for name in ITEM_TYPES.values() if name not in RETIRED_TYPES]
    licences = _choices([(plain(one.name, 300), one.value) for one in choices.licences])
    groups = _choices([(plain(one.name, 300), one.id) for one in choices.groups])
    asked = [
        Field("title", "Title", required=True, hint="3 to 1,000 characters. The rest can follow."),
        Field(
            "type", "Type", "choice", choices=tuple(Choice(name.capitalize(), name) for name in sorted(types))
        ),
        Field("description", "Description", "text"),
        Field(
            "authors",
            "Authors",
            "text",
            hint="One a line: a name, an ORCID, or both. The account's owner is always one.",
        ),
        Field("categories", "Categories", "search", options_action="draft.categories"),
        Field("keywords", "Keywords", "text", hint="Separated by commas or lines."),
        Field("licence", "Licence", "choice", choices=licences),
        Field("references", "Paper and references", "text", hint="One a line: a DOI or an address."),
        Field("funding", "Funding", "text", hint="One a line."),
        Field("group", "Group", "choice", choices=groups),
    ]
    made = (_filled(each, filled.get(each.name, "")) for each in asked if not only or each.name in only)
    return tuple(each for each in made if each.kind != "choice" or each.choices)


def _filled(field: Field, value: Value) -> Field:
    if field.kind != "choice":
        return replace(field, value=value, max_length=LONGEST.get(field.name, field.max_length))
    wanted = value[0] if value and not isinstance(value, str) else None
    known = {each.value: each for each in field.choices}
    if wanted is None:
        return field
    # What a draft has may not be among what this account can choose.
    others = () if wanted.value in known else (wanted,)
    return replace(field, value=(known.get(wanted.value, wanted),), choices=(*others, *field.choices))


def shown(found: PrivateArticle) -> dict[str, Value]:
    """Give what a form shows of a draft; a text with markup that a form can't hold is not in it."""
    values: dict[str, Value] = {
        "title": " ".join(safe(unescaped(found.title or "")).split()),
        "type": _one(safe(found.defined_type_name or "").replace("_", " "), found.defined_type_name),
        "authors": "\n".join(author_line(each) for each in found.authors or () if each),
        "categories": tuple(
            Choice(cut(plain(each.title, 300), 75) or str(each.id), str(each.id))
            for each in found.categories or ()
            if each
        ),
        "keywords": ", ".join(safe(each) for each in found.tags or () if each),
        "licence": _one(plain(found.license.name), found.license.value) if found.license else (),
        "references": "\n".join(material_line(each) for each in materials(found)),
        "funding": "\n".join(grant_line(each) for each in found.funding_list or () if each),
        "group": _one(str(found.group_id or ""), found.group_id or None),
    }
    if (described := _editable(found.description or "")) is not None:
        values["description"] = described
    return {name: value for name, value in values.items() if _fits(value, LONGEST.get(name, 100))}


def _fits(value: Value, longest: int) -> bool:
    # a private link would come back without its hash
    held = value if isinstance(value, str) else ""
    return len(value) <= longest and without_private_links(held) == held


def _editable(html: str) -> str | None:
    if len(html) > LONGEST_HTML or _TAG.search(_PLAIN_HTML.sub("", html)):
        return None
    return paragraphs(html)


def html(text: str) -> str:
    """Write typed lines as the HTML that Figshare takes."""
    lines = [line.strip() for line in text.split("\n")]
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line)


def author_line(author: Author) -> str:
    """Write an author as a form shows one."""
    return " ".join(filter(None, (plain(author.full_name), safe(author.orcid_id or ""))))


def materials(found: PrivateArticle) -> list[RelatedMaterial]:
    """Give what a draft refers to; older ones have addresses only."""
    if found.related_materials:
        return [each for each in found.related_materials if each is not None and each.identifier]
    return [RelatedMaterial(identifier=each) for each in found.references or () if each]


def material_line(material: RelatedMaterial) -> str:
    """Write a reference as a form shows one."""
    return safe(material.identifier or "")


def grant_line(grant: Funding) -> str:
    """Write a grant as a form shows one."""
    return " ".join(safe(grant.title or grant.grant_code or str(grant.id)).split())


def digest(value: Value) -> str:
    """Give a short sign of a value, by which a change is known."""
    lines = value.split("\n") if isinstance(value, str) else sorted(each.value for each in value)
    told = "\n".join(filter(None, (" ".join(line.split()) for line in lines)))
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def _one(label: str, value: object) -> Value:
    return (Choice(cut(label, 75) or str(value), str(value)),) if value not in (None, "") else ()


def _choices(found: Sequence[tuple[str, int | None]]) -> tuple[Choice, ...]:
    given = [Choice(cut(label, 75), str(value)) for label, value in found if label and value is not None]
    return tuple(given[:MOST_CHOICES])
