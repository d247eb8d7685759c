"""Which items the statistics add up: the items behind an article, author, collection, group or project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .library import Item, Library, Seed
from .responses import ErrorResponse

SUBJECT_KINDS = ("article", "author", "collection", "group", "project")


def items_of(library: Library, kind: str, id: str, portal: Seed | None) -> list[Item]:
    """Return the items whose counts add up to those of a subject; an unknown subject has none."""
    if kind not in SUBJECT_KINDS:
        raise invalid_parameter("item_type", "Unknown or usupported item type")
    try:
        number = int(id)
    except ValueError:
        raise invalid_parameter("item_id", f"Item id not supported: {id}") from None
    if kind == "author":
        items = [item for item in library.articles.values() if any(a.id == number for a in item.authors)]
    elif kind == "group":
        family = {number, *(g["id"] for g in library.groups.values() if g["parent_id"] == number)}
        items = [item for item in library.articles.values() if item.group in family]
    else:
        item = _items_by_kind(library)[kind].get(number)
        items = [item] if item else []
    return [item for item in items if portal is None or item.institution == portal]


def ranked_ids(library: Library, kind: str, portal: Seed | None) -> list[str]:
    """Return the ids of all subjects of a kind that can appear in a ranking."""
    numbers: Iterable[int]
    if kind == "author":
        authors = {person.id for article in library.articles.values() for person in article.authors}
        # The four hundred authors of one article would fill every ranking.
        numbers = (number for number in authors if number < 9_000_000)
    else:
        numbers = library.groups if kind == "group" else _items_by_kind(library)[kind]
    return [
        str(number) for number in numbers if portal is None or items_of(library, kind, str(number), portal)
    ]


def invalid_parameter(param: str, extra: str) -> ErrorResponse:
    data = {"extra": extra, "invalid_params": param}
    message = f"Invalid or unsupported params: {param}"
    return ErrorResponse(400, {"data": data, "code": "InvalidParams", "message": message})


def _items_by_kind(library: Library) -> dict[str, Mapping[int, Item]]:
    return {
        "article": library.articles,
        "collection": library.collections,
        "project": library.projects,
    }
