"""The documents of ResourceSync as values: sitemaps whose `rs:md` says what kind each is."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from bot.figshare.errors import InvalidResponse
from bot.figshare.xml import XmlElement, child_text, local_name, parse_datetime, parse_xml

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
RS = "{http://www.openarchives.org/rs/terms/}"
MAX_CHANGES = 10
NEVER = datetime.min.replace(tzinfo=UTC)
_MAX_ENTRIES = 1_000
# A change list begins with the oldest: http://www.openarchives.org/rs/1.1/resourcesync#ChangeList
_MAX_CHANGE_ROWS = 20_000
_MD_ATTRIBUTES = ("capability", "at", "from", "until", "datetime", "change", "length", "type", "hash")
_LENGTH = re.compile("[0-9]{1,18}")

# Why something could not be read; "left out" when the bound on requests was reached before.
ReadProblem = Literal["", "blocked", "unreadable", "missing", "refused", "unreachable", "left out"]


class Resource(Struct, frozen=True, kw_only=True):
    """A resource or a change to one; times are UTC, `length` is in bytes."""

    url: str
    lastmod: datetime | None = None
    changed_at: datetime | None = None
    change: str = ""
    length: int | None = None
    type: str = ""
    hash: str = ""
    described_by: str = ""


class Capability(Struct, frozen=True, kw_only=True):
    """Something a source offers, such as a `resourcelist`.

    `count` is the number of resources or changes in it, None where it is unknown; unless `is_complete` there
    are at least that many. `problem` says why it could not be read, in whole or in part. `snapshot_at`,
    `from_` and `until` are the times `at`, `from` and `until` of its `rs:md`, in UTC.
    """

    capability: str
    url: str
    snapshot_at: datetime | None = None
    from_: datetime | None = None
    until: datetime | None = None
    count: int | None = None
    is_complete: bool = False
    up: str = ""
    described_by: str = ""
    problem: ReadProblem = ""


class Source(Struct, frozen=True, kw_only=True):
    """What a source offers and its latest changes, newest first; `is_complete` if all of it was read."""

    url: str
    described_by: str = ""
    capabilities: tuple[Capability, ...] = ()
    changes: tuple[Resource, ...] = ()
    is_complete: bool = True


class Document(Struct, frozen=True, kw_only=True):
    """A document: its own `rs:md`, how many rows it has, and some of them.

    Of a change list these are the newest changes, of a resource list none.
    """

    url: str
    is_index: bool
    md: Capability
    count: int
    entries: tuple["Entry", ...]


class Entry(Struct, frozen=True):
    """A row of a document, as a link to another document and as a resource."""

    md: Capability
    resource: Resource


def newest_changes(changes: Sequence[Resource]) -> list[Resource]:
    """Return the newest changes, newest first; of two at the same time, the one listed later is newer."""
    return sorted(changes, key=lambda change: change.changed_at or NEVER)[::-1][:MAX_CHANGES]


def parse_document(body: bytes, url: str, capability: str) -> Document:
    """Return a urlset or sitemapindex; raises InvalidResponse for any other document.

    Where the document doesn't say what it is, it is the `capability` that the link to it named.
    """
    root = parse_xml(body)
    if root.tag not in (f"{SITEMAP}urlset", f"{SITEMAP}sitemapindex"):
        raise InvalidResponse(f"{local_name(root)} instead of a sitemap")
    is_index = root.tag == f"{SITEMAP}sitemapindex"
    md = _capability(root, url)
    md = replace(md, capability=md.capability or capability)
    rows = root.findall(f"{SITEMAP}sitemap" if is_index else f"{SITEMAP}url")
    entries: tuple[Entry, ...] = ()
    if is_index or md.capability not in ("resourcelist", "changelist"):
        entries = tuple(
            Entry(_capability(row, child_text(row, f"{SITEMAP}loc")), _resource(row))
            for row in rows[:_MAX_ENTRIES]
        )
    elif md.capability == "changelist":
        changes = newest_changes([_resource(row) for row in rows[-_MAX_CHANGE_ROWS:]])
        entries = tuple(
            Entry(Capability(capability="", url=change.url), change) for change in reversed(changes)
        )
    return Document(url=url, is_index=is_index, md=md, count=len(rows), entries=entries)


def _capability(element: XmlElement, url: str) -> Capability:
    md = _md_attributes(element)
    return Capability(
        capability=md.get("capability", ""),
        url=url,
        snapshot_at=parse_datetime(md.get("at", "")),
        from_=parse_datetime(md.get("from", "")),
        until=parse_datetime(md.get("until", "")),
        up=_link(element, "up"),
        described_by=_link(element, "describedby"),
    )


def _resource(row: XmlElement) -> Resource:
    md = _md_attributes(row)
    lastmod = parse_datetime(child_text(row, f"{SITEMAP}lastmod"))
    length = md.get("length", "")
    return Resource(
        url=child_text(row, f"{SITEMAP}loc"),
        lastmod=lastmod,
        # A deleted resource has no lastmod, and before version 1.1 a change had no datetime.
        changed_at=parse_datetime(md.get("datetime", "")) or lastmod,
        change=md.get("change", ""),
        length=int(length) if _LENGTH.fullmatch(length) else None,
        type=md.get("type", ""),
        hash=md.get("hash", ""),
        described_by=_link(row, "describedby"),
    )


def _md_attributes(element: XmlElement) -> Mapping[str, str]:
    md = element.find(f"{RS}md")
    # `attrib` would take time with the square of the number of attributes.
    return {} if md is None else {name: value for name in _MD_ATTRIBUTES if (value := md.get(name))}


def _link(element: XmlElement, rel: str) -> str:
    links = element.iterfind(f"{RS}ln")
    return next((link.get("href", "") for link in links if link.get("rel") == rel), "")
