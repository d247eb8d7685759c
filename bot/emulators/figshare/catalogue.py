"""Which items a list or a search answers with, and in which order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .counts import DailyCounts
from .library import Item, ItemKind, Library
from .parameters import Parameters
from .responses import ErrorResponse
from .search import InvalidSearch, SearchDocument, search_predicate

SORT_FIELDS = {
    "article": {"published_date", "created_date", "modified_date", "views", "shares", "downloads", "cites"},
    "collection": {"published_date", "modified_date", "views", "shares", "cites"},
    "project": {"published_date", "modified_date", "views"},
}


@dataclass
class Catalogue:
    library: Library
    counts: DailyCounts
    _documents: dict[tuple[ItemKind, int, int], SearchDocument] = field(default_factory=dict)

    def items(self, kind: ItemKind) -> list[Item]:
        shelf = {
            "article": self.library.articles,
            "collection": self.library.collections,
            "project": self.library.projects,
        }
        return list(shelf[kind].values())

    def listed(self, kind: ItemKind, parameters: Parameters) -> list[Item]:
        """Return the items as the public lists do; they ignore `search_for` without a word."""
        return self.ordered(kind, _filtered(self.items(kind), parameters), parameters, "published_date")

    def search_results(self, kind: ItemKind, parameters: Parameters) -> list[Item]:
        """Return the items that a search finds, filtered and ordered."""
        try:
            matches = search_predicate(parameters.text("search_for"))
        except InvalidSearch as error:
            raise ErrorResponse.bad_request(f"Invalid search_for: {error}") from None
        items = [item for item in self.items(kind) if matches(self.document(item))]
        project = parameters.number("project_id")
        if project is not None:
            items = [item for item in items if self.library.project_of(item) == project]
        return self.ordered(kind, _filtered(items, parameters), parameters, "created_date")

    def ordered(self, kind: ItemKind, items: list[Item], parameters: Parameters, default: str) -> list[Item]:
        order = parameters.text("order")
        direction = parameters.text("order_direction") or "desc"
        if order and order not in SORT_FIELDS[kind]:
            raise ErrorResponse(400, {"message": "Invalid value received for order"})
        if direction not in {"asc", "desc"}:
            raise ErrorResponse(400, {"message": "Invalid value received for order_direction"})
        order = order or default
        if order.endswith("_date"):
            return sorted(items, key=lambda item: (item.latest, item.id), reverse=direction == "desc")
        return sorted(
            items, key=lambda item: (self.counts.total([item], order), item.id), reverse=direction == "desc"
        )

    def document(self, item: Item) -> SearchDocument:
        key = (item.kind, item.id, len(item.versions))
        if key not in self._documents:
            self._documents[key] = SearchDocument(_fields(self.library, item), item.latest)
        return self._documents[key]


def _filtered(items: Iterable[Item], parameters: Parameters) -> list[Item]:
    doi, handle, resource_doi = (parameters.text(name).lower() for name in ("doi", "handle", "resource_doi"))
    group, institution, item_type = (
        parameters.number(name) for name in ("group", "institution", "item_type")
    )
    since = [_instant(parameters, name) for name in ("published_since", "modified_since")]

    def wanted(item: Item) -> bool:
        return (
            (not doi or doi in dois(item))
            and (not handle or handle == item.handle.lower())
            and (not resource_doi or resource_doi == item.seed.get("resource", ["", ""])[1].lower())
            and (group is None or group == item.group)
            and (institution is None or institution == (item.institution or {}).get("id"))
            and (item_type is None or item_type == item.type)
            and all(moment is None or item.latest >= moment for moment in since)
        )

    return [item for item in items if wanted(item)]


def dois(item: Item) -> set[str]:
    """Return every DOI an item was published under, one for each version."""
    return {item.doi(number).lower() for number in range(1, len(item.versions) + 1)} - {""}


def _instant(parameters: Parameters, name: str) -> datetime | None:
    text = parameters.text(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise ErrorResponse.unprocessable(f"Invalid value received for {name}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _fields(library: Library, item: Item) -> dict[str, list[str]]:
    seed = item.seed
    resource_title, resource_doi = seed.get("resource", ["", ""])
    licence = library.licences[seed.get("licence", 1)] if item.kind == "article" else {"name": ""}
    project = library.projects.get(library.project_of(item) or 0) if item.kind == "article" else None
    return {
        "title": [item.title],
        "description": [str(seed.get("about", "")), "Sample data"],
        "tag": list(seed.get("tags", [])),
        "category": [str(library.categories[number]["title"]) for number in item.categories],
        "author": [person.name for person in item.authors],
        "orcid": [person.orcid for person in item.authors if person.orcid],
        "item_type": [item.kind, item.type_name],
        "extension": [file.name.rpartition(".")[2] for file in item.files if "." in file.name],
        "references": list(seed.get("references", [])),
        "doi": [doi for doi in (item.doi(),) if doi],
        "institution": [str(item.institution["string_id"])] if item.institution else [],
        "group": [str(item.group)] if item.group else [],
        "project": [project.title, str(project.id)] if project else [],
        "licence": [str(licence["name"])],
        "resource_title": [resource_title],
        "resource_doi": [resource_doi],
        "resource_link": [f"https://doi.org/{resource_doi}"] if resource_doi else [],
    }
