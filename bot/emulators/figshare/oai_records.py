"""The records of OAI-PMH, one for each article, and the sets they are in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .item_types import TYPE_NAMES
from .library import Item, Library


@dataclass(frozen=True)
class OaiRecord:
    """An article, or the fact that it was withdrawn."""

    id: int
    datestamp: datetime
    sets: tuple[str, ...]
    item: Item | None


def oai_records(library: Library) -> list[OaiRecord]:
    """Return every record, oldest datestamp first."""
    published = [
        OaiRecord(a.id, a.latest, _sets(a.categories, a.institution, a.type, a.latest), a)
        for a in library.articles.values()
    ]
    withdrawn = [
        OaiRecord(w.id, w.withdrawn_at, _sets(w.categories, w.institution, w.type, w.withdrawn_at), None)
        for w in library.withdrawn.values()
    ]
    return sorted(published + withdrawn, key=lambda record: (record.datestamp, record.id))


def all_sets(library: Library, records: Sequence[OaiRecord]) -> list[tuple[str, str]]:
    """Return (setSpec, setName) in Figshare's order: item types first, then portals."""
    months = sorted({(record.datestamp.year, record.datestamp.month) for record in records})
    return [
        *((f"item_type_{number}", f"Article type: {name}") for number, name in TYPE_NAMES.items()),
        *((f"portal_{i['id']}", str(i["name"])) for i in library.institutions),
        *((f"category_{number}", f"Category: {c['title']}") for number, c in library.categories.items()),
        *((f"month_year_{m:02d}_{y}", f"Month: {m:02d} {y}") for y, m in months),
    ]


def _sets(
    categories: Sequence[int], institution: Mapping[str, object] | None, item_type: int, datestamp: datetime
) -> tuple[str, ...]:
    return (
        *(f"category_{number}" for number in categories),
        *([f"portal_{institution['id']}"] if institution else []),
        f"item_type_{item_type}",
        f"month_year_{datestamp:%m_%Y}",
    )
