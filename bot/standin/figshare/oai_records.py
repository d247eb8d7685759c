"""What OAI-PMH tells of the catalogue: one record for each article, and the sets it is in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .library import ITEM_TYPES, Item, Library


@dataclass(frozen=True)
class Record:
    """What OAI-PMH tells of an article: the article itself, or that it went."""

    id: int
    at: datetime
    sets: tuple[str, ...]
    item: Item | None


def records(library: Library) -> list[Record]:
    """Give every record, oldest datestamp first."""
    there = [
        Record(a.id, a.latest, _sets(a.categories, a.institution, a.type, a.latest), a)
        for a in library.articles.values()
    ]
    gone = [
        Record(w.id, w.at, _sets(w.categories, w.institution, w.type, w.at), None)
        for w in library.withdrawn.values()
    ]
    return sorted(there + gone, key=lambda record: (record.at, record.id))


def all_sets(library: Library, known: Sequence[Record]) -> list[tuple[str, str]]:
    """Give (setSpec, setName) in Figshare's order: item types first, then portals."""
    months = sorted({(record.at.year, record.at.month) for record in known})
    return [
        *((f"item_type_{number}", f"Article type: {name}") for number, name in ITEM_TYPES.items()),
        *((f"portal_{i['id']}", str(i["name"])) for i in library.institutions),
        *((f"category_{number}", f"Category: {c['title']}") for number, c in library.categories.items()),
        *((f"month_year_{m:02d}_{y}", f"Month: {m:02d} {y}") for y, m in months),
    ]


def _sets(
    categories: Sequence[int], institution: Mapping[str, object] | None, item_type: int, at: datetime
) -> tuple[str, ...]:
    return (
        *(f"category_{number}" for number in categories),
        *([f"portal_{institution['id']}"] if institution else []),
        f"item_type_{item_type}",
        f"month_year_{at:%m_%Y}",
    )
