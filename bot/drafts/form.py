"""The fields of a draft's form, and how an existing draft fills them in."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from bot.figshare.item_types import ITEM_TYPES
from bot.figshare.models import Author, Funding, License, RelatedMaterial
from bot.figshare.private import Group, PrivateArticle
from bot.language.private_links import without_private_links
from bot.reply import Choice, Field, Value
from bot.text import MAX_HTML_LENGTH, cut, paragraphs, plain, safe, unescaped

# Slack allows 3,000 characters in a field, but all fields together must fit into one message: what was typed
# is sent back in it when a form can't be shown again. A title may be longer than Figshare's 1,000 characters,
# so that people can see and shorten it.
MAX_LENGTHS = {
    "title": 1_500,
    "description": 2_900,
    "authors": 1_200,
    "keywords": 800,
    "references": 1_200,
    "funding": 600,
}
# https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element
MAX_CHOICES = 100
# The only markup that a text field can hold and give back; any other would be lost by editing.
_PARAGRAPH_TAGS = re.compile(r"</?(?:p|br|div)\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<[a-z/!]", re.IGNORECASE)
_RETIRED_TYPES = {"fileset"}


@dataclass(frozen=True, slots=True)
class Choices:
    """The licences and groups that Figshare lets this account choose."""

    licences: Sequence[License] = ()
    groups: Sequence[Group] = ()


def form_fields(
    values: Mapping[str, Value], choices: Choices, *, only: Sequence[str] = ()
) -> tuple[Field, ...]:
    """Return the fields of the form, filled in with `values`; with `only`, just the fields of these names.

    A menu with nothing to choose from is left out.
    """
    types = sorted(name for name in ITEM_TYPES.values() if name not in _RETIRED_TYPES)
    licences = _menu((plain(licence.name, 300), licence.value) for licence in choices.licences)
    groups = _menu((plain(group.name, 300), group.id) for group in choices.groups)
    fields = [
        Field("title", "Title", required=True, hint="3 to 1,000 characters. The rest can follow."),
        Field("type", "Type", "choice", choices=tuple(Choice(name.capitalize(), name) for name in types)),
        Field("description", "Description", "text"),
        Field(
            "authors",
            "Authors",
            "text",
            hint="One per line: a name, an ORCID, or both. You (the account owner) are always included.",
        ),
        Field("categories", "Categories", "search", options_action="draft.categories"),
        Field("keywords", "Keywords", "text", hint="Separated by commas or line breaks."),
        Field("licence", "Licence", "choice", choices=licences),
        Field("references", "Paper and references", "text", hint="One per line: a DOI or a URL."),
        Field("funding", "Funding", "text", hint="One per line."),
        Field("group", "Group", "choice", choices=groups),
    ]
    filled = (_with_value(field, values.get(field.name, "")) for field in fields)
    return tuple(
        field
        for field in filled
        if (not only or field.name in only) and (field.kind != "choice" or field.choices)
    )


def _with_value(field: Field, value: Value) -> Field:
    if field.kind != "choice":
        return replace(field, value=value, max_length=MAX_LENGTHS.get(field.name, field.max_length))
    if not value or isinstance(value, str):
        return field
    chosen = value[0]
    for choice in field.choices:
        if choice.value == chosen.value:
            return replace(field, value=(choice,))
    # What the draft holds may not be among what this account can choose.
    return replace(field, value=(chosen,), choices=(chosen, *field.choices))


def field_values(draft: PrivateArticle) -> dict[str, Value]:
    """Return what the form shows of a draft, by field name.

    A field is left out when a form can't hold its value without loss: one that is too long, has other markup
    than paragraphs, or contains a private link.
    """
    licence = draft.license
    values: dict[str, Value] = {
        "title": " ".join(safe(unescaped(draft.title or "")).split()),
        "type": _one_choice(safe(draft.defined_type_name or "").replace("_", " "), draft.defined_type_name),
        "authors": "\n".join(author_line(author) for author in draft.authors or () if author),
        "categories": tuple(
            Choice(cut(plain(category.title, 300), 75) or str(category.id), str(category.id))
            for category in draft.categories or ()
            if category
        ),
        "keywords": ", ".join(safe(tag) for tag in draft.tags or () if tag),
        "licence": _one_choice(plain(licence.name), licence.value) if licence else (),
        "references": "\n".join(material_line(material) for material in related_materials(draft)),
        "funding": "\n".join(grant_line(grant) for grant in draft.funding_list or () if grant),
        "group": _one_choice(str(draft.group_id or ""), draft.group_id or None),
    }
    if (description := _typed_lines(draft.description or "")) is not None:
        values["description"] = description
    return {name: value for name, value in values.items() if _fits(value, MAX_LENGTHS.get(name, MAX_CHOICES))}


def _fits(value: Value, max_length: int) -> bool:
    """Return whether a form can hold a text of so many characters, or so many choices."""
    # A private link is shown without its hash, and would be saved without it.
    text = value if isinstance(value, str) else ""
    return len(value) <= max_length and without_private_links(text) == text


def _typed_lines(html: str) -> str | None:
    """Return the lines that `as_html` makes this HTML of, or None when it has other markup or is too long."""
    if len(html) > MAX_HTML_LENGTH or _TAG.search(_PARAGRAPH_TAGS.sub("", html)):
        return None
    return paragraphs(html)


def as_html(text: str) -> str:
    """Return typed lines as the HTML that Figshare takes, a paragraph for each line."""
    lines = [line.strip() for line in text.split("\n")]
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line)


def author_line(author: Author) -> str:
    """Return an author as a line of the form."""
    return " ".join(filter(None, (plain(author.full_name), safe(author.orcid_id or ""))))


def related_materials(draft: PrivateArticle) -> list[RelatedMaterial]:
    """Return what a draft refers to; older drafts have only the URLs in `references`."""
    if draft.related_materials:
        return [material for material in draft.related_materials if material and material.identifier]
    return [RelatedMaterial(identifier=url) for url in draft.references or () if url]


def material_line(material: RelatedMaterial) -> str:
    """Return a reference as a line of the form."""
    return safe(material.identifier or "")


def grant_line(grant: Funding) -> str:
    """Return a grant as a line of the form."""
    return " ".join(safe(grant.title or grant.grant_code or str(grant.id)).split())


def fingerprint(value: Value) -> str:
    """Return a short hash of a field's value, by which a change is noticed.

    It ignores empty lines, repeated spaces and the order of choices, which a form may change by itself.
    """
    lines = value.split("\n") if isinstance(value, str) else sorted(choice.value for choice in value)
    normalized = "\n".join(filter(None, (" ".join(line.split()) for line in lines)))
    return hashlib.sha256(normalized.encode()).hexdigest()[:8]


def _one_choice(label: str, value: object) -> Value:
    return (Choice(cut(label, 75) or str(value), str(value)),) if value not in (None, "") else ()


def _menu(entries: Iterable[tuple[str, int | None]]) -> tuple[Choice, ...]:
    choices = [Choice(cut(label, 75), str(value)) for label, value in entries if label and value is not None]
    return tuple(choices[:MAX_CHOICES])
