"""Whose numbers the statistics add up: the items behind an article, author, collection, group or project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .library import ITEM_TYPES, Item, Library, Seed
from .paging import Refusal

KINDS = ("article", "author", "collection", "group", "project")


def items_of(library: Library, kind: str, id: str, portal: Seed | None) -> list[Item]:
    """Give the items whose numbers add up to what was asked for; an unknown one has none."""
    if kind not in KINDS:
        raise invalid("item_type", "Unknown or usupported item type")
    try:
        number = int(id)
    except ValueError:
        raise invalid("item_id", f"Item id not supported: {id}") from None
    if kind == "author":
        found = [a for a in library.articles.values() if any(person.id == number for person in a.authors)]
    elif kind == "group":
        family = {number, *(g["id"] for g in library.groups.values() if g["parent_id"] == number)}
        found = [a for a in library.articles.values() if a.group in family]
    else:
        item = _shelves(library)[kind].get(number)
        found = [item] if item else []
    return [item for item in found if portal is None or item.institution == portal]


def ids(library: Library, kind: str, portal: Seed | None) -> list[str]:
    """List everything of a kind that can appear in a ranking."""
    numbers: Iterable[int]
    if kind == "author":
        everybody = {person.id for article in library.articles.values() for person in article.authors}
        # the crowd of four hundred would fill every ranking
        numbers = (number for number in everybody if number < 9_000_000)
    else:
        numbers = library.groups if kind == "group" else _shelves(library)[kind]
    return [
        str(number) for number in numbers if portal is None or items_of(library, kind, str(number), portal)
    ]


def narrowed(items: list[Item], path: str, params: Mapping[str, str]) -> list[Item]:
    """Keep the items of the category or item type that `sub_item` and `sub_item_id` name."""
    sub_item = params.get("sub_item")
    if not sub_item:
        return items
    if sub_item not in {"category", "item_type"}:
        raise invalid("sub_item", f"Sub item not supported: {sub_item}")
    if "sub_item_id" not in params:
        data = {"missing_params": "sub_item_id", "parameters": dict(params), "path": path}
        message = "Missing required params: sub_item_id"
        raise Refusal(400, {"data": data, "code": "MissingParams", "message": message})
    wanted = params["sub_item_id"]
    if sub_item == "category":
        return [item for item in items if wanted in map(str, item.categories)]
    return [item for item in items if wanted in {str(item.type), ITEM_TYPES.get(item.type)}]


def invalid(param: str, extra: str) -> Refusal:
    data = {"extra": extra, "invalid_params": param}
    message = f"Invalid or unsupported params: {param}"
    return Refusal(400, {"data": data, "code": "InvalidParams", "message": message})


def _shelves(library: Library) -> dict[str, Mapping[int, Item]]:
    return {
        "article": library.articles,
        "collection": library.collections,
        "project": library.projects,
    }
