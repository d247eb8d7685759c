"""What the documents of ResourceSync say: sitemaps whose `rs:md` tells what they are."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from bot.figshare.errors import InvalidResponse
from bot.figshare.xml import Element, document, moment, name, text

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
RS = "{http://www.openarchives.org/rs/terms/}"
CHANGES = 10
NEVER = datetime.min.replace(tzinfo=UTC)
_ENTRIES = 1_000
# A change list begins with the oldest: http://www.openarchives.org/rs/1.1/resourcesync#ChangeList
_LATEST = 20_000
_ATTRIBUTES = ("capability", "at", "from", "until", "datetime", "change", "length", "type", "hash")
_LENGTH = re.compile("[0-9]{1,18}")

# Why something could not be had; "left out": enough was asked already.
Trouble = Literal["", "blocked", "unreadable", "missing", "refused", "unreachable", "left out"]


class Resource(Struct, frozen=True, kw_only=True):
    """A resource or a change to one; `changed` is when it changed, `length` is in bytes."""

    url: str
    lastmod: datetime | None = None
    changed: datetime | None = None
    change: str = ""
    length: int | None = None
    type: str = ""
    hash: str = ""
    described_by: str = ""


class Capability(Struct, frozen=True, kw_only=True):
    """Something a source offers, such as a `resourcelist`.

    `count` is the number of resources or changes in it, None where it is unknown; at least that many unless
    `complete`. `trouble` says why it could not be read, in whole or in part.
    """

    capability: str
    url: str
    at: datetime | None = None
    from_: datetime | None = None
    until: datetime | None = None
    count: int | None = None
    complete: bool = False
    up: str = ""
    described_by: str = ""
    trouble: Trouble = ""


class Source(Struct, frozen=True, kw_only=True):
    """What a source offers and its latest changes, newest first; `complete` if all it names was read."""

    url: str
    described_by: str = ""
    capabilities: tuple[Capability, ...] = ()
    changes: tuple[Resource, ...] = ()
    complete: bool = True


class Document(Struct, frozen=True, kw_only=True):
    """What is kept of a document: the newest changes of a change list, only the count of a resource list."""

    url: str
    is_index: bool
    md: Capability
    count: int
    entries: tuple["Entry", ...]


class Entry(Struct, frozen=True):
    md: Capability
    resource: Resource


def newest(changes: Sequence[Resource]) -> list[Resource]:
    """Sort by time, the newest first; of one moment what was listed later is newer."""
    return sorted(changes, key=lambda each: each.changed or NEVER)[::-1][:CHANGES]


def read(body: bytes, url: str, capability: str) -> Document:
    """Read a urlset or sitemapindex; one that does not say what it is, is what the link to it said."""
    root = document(body)
    if root.tag not in (f"{SITEMAP}urlset", f"{SITEMAP}sitemapindex"):
        raise InvalidResponse(f"{name(root)} instead of a sitemap")
    is_index = root.tag == f"{SITEMAP}sitemapindex"
    md = _capability(root, url)
    md = replace(md, capability=md.capability or capability)
    rows = root.findall(f"{SITEMAP}sitemap" if is_index else f"{SITEMAP}url")
    entries: tuple[Entry, ...] = ()
    if is_index or md.capability not in ("resourcelist", "changelist"):
        entries = tuple(_entry(row) for row in rows[:_ENTRIES])
    elif md.capability == "changelist":
        latest = newest([_resource(row) for row in rows[-_LATEST:]])
        entries = tuple(Entry(Capability(capability="", url=each.url), each) for each in reversed(latest))
    return Document(url=url, is_index=is_index, md=md, count=len(rows), entries=entries)


def _entry(row: Element) -> Entry:
    return Entry(_capability(row, text(row, f"{SITEMAP}loc")), _resource(row))


def _capability(element: Element, url: str) -> Capability:
    md = _md(element)
    return Capability(
        capability=md.get("capability", ""),
        url=url,
        at=moment(md.get("at", "")),
        from_=moment(md.get("from", "")),
        until=moment(md.get("until", "")),
        up=_link(element, "up"),
        described_by=_link(element, "describedby"),
    )


def _resource(row: Element) -> Resource:
    md = _md(row)
    lastmod = moment(text(row, f"{SITEMAP}lastmod"))
    length = md.get("length", "")
    return Resource(
        url=text(row, f"{SITEMAP}loc"),
        lastmod=lastmod,
        # A deleted resource has no lastmod, and before 1.1 a change had no datetime.
        changed=moment(md.get("datetime", "")) or lastmod,
        change=md.get("change", ""),
        length=int(length) if _LENGTH.fullmatch(length) else None,
        type=md.get("type", ""),
        hash=md.get("hash", ""),
        described_by=_link(row, "describedby"),
    )


def _md(element: Element) -> Mapping[str, str]:
    found = element.find(f"{RS}md")
    # `attrib` takes time with the square of how many there are.
    return {} if found is None else {key: value for key in _ATTRIBUTES if (value := found.get(key))}


def _link(element: Element, rel: str) -> str:
    return next((each.get("href", "") for each in element.iterfind(f"{RS}ln") if each.get("rel") == rel), "")
