"""ResourceSync 1.1: what a portal's source offers to those who mirror it, and what changed last.

http://www.openarchives.org/rs/1.1/resourcesync. A source description links to capability lists, and these to
resource lists and change lists. Only its `rs:md` says what kind a document is, never its name.
"""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from msgspec.structs import replace

from bot.figshare import resourcesync_documents as documents
from bot.figshare.client import CachePolicy, Request, Transport
from bot.figshare.errors import (
    BadRequest,
    BlockedByFirewall,
    FigshareError,
    InvalidResponse,
    NotAllowed,
    NotFound,
    TooManyRequests,
)
from bot.figshare.resourcesync_documents import Capability, ReadProblem, Resource, Source

# For one call; a source may hold thousands of documents.
MAX_DOCUMENTS = 12
MAX_CAPABILITIES = 20
MAX_PARTS = 3

_POLICY = CachePolicy(max_age=3_600, stale_while_revalidate=7_200, stale_if_error=604_800)
_NOT_IN_URL = re.compile(r"[\s\\\x00-\x20\x7f]")


class _BoundReached(FigshareError):
    """Raised when a call has read as many documents, or taken as long, as it may."""


class ResourceSync:
    """The configured sources; only their hosts get requests, whatever people type or documents link to."""

    def __init__(self, transport: Transport, urls: Sequence[str], *, time_limit: float = 12.0) -> None:
        self._transport, self._urls, self._time_limit = transport, tuple(urls), time_limit

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the hosts of the configured sources."""
        return tuple(dict.fromkeys(_host(urlsplit(url)) for url in self._urls))

    async def source(self, address: str | None = None) -> Source:
        """Return what a portal offers and its latest changes, in at most `MAX_DOCUMENTS` requests.

        `address` is a host or a URL on it; without one it is the first that is configured. Raises BadRequest
        for a host that is not configured, and FigshareError where even the description can't be read. A
        capability that can't be read has a `problem`.
        """
        try:
            return await self._source(address)
        except FigshareError as error:
            error.api = error.api or "resourcesync"
            raise

    async def _source(self, address: str | None) -> Source:
        reader = _Reader(self._transport, self._urls, self._time_limit)
        entry_url = self._entry_url(address)
        description = await reader.document(entry_url, entry_url)
        if not description.md.capability:
            raise InvalidResponse("no rs:md capability in the document")
        capabilities, is_complete = await _capabilities(reader, description)
        changes: list[Resource] = []
        # Change lists are read first: people want the changes more than the number of resources, and few
        # documents may be read.
        indexes = range(len(capabilities))
        for index in sorted(indexes, key=lambda index: capabilities[index].capability != "changelist"):
            capabilities[index], latest = await reader.capability(capabilities[index], description.url)
            changes += latest
        return Source(
            url=description.url,
            described_by=description.md.described_by,
            capabilities=tuple(capabilities),
            changes=tuple(documents.newest_changes(changes)),
            is_complete=is_complete
            and all(capability.is_complete or not _is_list(capability) for capability in capabilities),
        )

    def _entry_url(self, address: str | None) -> str:
        if not self._urls:
            raise BadRequest("no ResourceSync source is configured")
        typed = (address or "").strip().strip("<>")
        if not typed:
            return self._urls[0]
        url = _configured_url(typed if "://" in typed else f"https://{typed}", self._urls, any_port=True)
        if url in self._urls:
            return url
        return next(source for source in self._urls if _host(urlsplit(source)) == _host(urlsplit(url)))


class _Reader:
    """Reads the documents of one call, until as many have been read or as much time has passed as allowed."""

    def __init__(self, transport: Transport, urls: Sequence[str], time_limit: float) -> None:
        self._transport, self._urls, self._documents_left = transport, urls, MAX_DOCUMENTS
        self._deadline = asyncio.get_running_loop().time() + time_limit

    async def document(self, link: str, base: str, capability: str = "") -> documents.Document:
        """Return the document behind a link in the document at `base`, which names its capability."""
        url = _configured_url(link, self._urls, base)
        is_late = asyncio.get_running_loop().time() > self._deadline
        # The first document is read even after the deadline.
        if not self._documents_left or (is_late and self._documents_left < MAX_DOCUMENTS):
            raise _BoundReached("as many documents or seconds as allowed")
        self._documents_left -= 1
        document = await self._transport.get_cached(
            Request("resourcesync", url),
            lambda body: documents.parse_document(body, url, capability),
            _POLICY,
        )
        if capability and document.md.capability != capability:
            raise InvalidResponse(f"{document.md.capability} instead of {capability}")
        return document

    async def capability(self, capability: Capability, base: str) -> tuple[Capability, list[Resource]]:
        """Return a resource list or change list with what is in it; dumps and archives are not read."""
        if capability.problem or not _is_list(capability):
            return capability, []
        try:
            document = await self.document(capability.url, base, capability.capability)
        except FigshareError as error:
            return replace(capability, problem=_read_problem(error)), []
        described = replace(
            capability,
            snapshot_at=document.md.snapshot_at or capability.snapshot_at,
            from_=document.md.from_ or capability.from_,
            until=document.md.until or capability.until,
            up=document.md.up,
            described_by=document.md.described_by or capability.described_by,
        )
        if document.is_index:
            return await self._parts(described, document)
        return replace(described, count=document.count, is_complete=True), _changes(document)

    async def _parts(
        self, capability: Capability, index: documents.Document
    ) -> tuple[Capability, list[Resource]]:
        """Return a list that is cut into several documents, with what is in the newest of them."""
        parts = sorted(index.entries, key=_newest_time)[::-1]
        count: int | None = None
        changes: list[Resource] = []
        problem: ReadProblem = ""
        for part in parts[:MAX_PARTS]:
            try:
                document = await self.document(part.md.url, index.url, capability.capability)
                if document.is_index:
                    raise InvalidResponse("an index in an index")
            except FigshareError as error:
                problem = _read_problem(error)
                continue
            count = (count or 0) + document.count
            changes += _changes(document)
        is_complete = not problem and len(parts) <= MAX_PARTS
        return replace(capability, count=count, is_complete=is_complete, problem=problem), changes


async def _capabilities(reader: _Reader, top: documents.Document) -> tuple[list[Capability], bool]:
    """Return the capabilities of all capability lists, and whether there are no more.

    A capability list that can't be read is among them itself, in place of the capabilities it would list.
    """
    if top.md.capability not in ("description", "capabilitylist"):
        return [top.md], True
    lists = [entry.md for entry in top.entries] if top.md.capability == "description" else [top.md]
    by_url: dict[str, Capability] = {}
    for capability in lists:
        if capability.capability != "capabilitylist":
            by_url.setdefault(capability.url, capability)
            continue
        try:
            document = await reader.document(capability.url, top.url, "capabilitylist")
        except FigshareError as error:
            by_url[capability.url] = replace(capability, problem=_read_problem(error))
            continue
        for entry in document.entries:
            if entry.md.capability not in ("", "capabilitylist", "description"):
                by_url.setdefault(entry.md.url, entry.md)
    return list(by_url.values())[:MAX_CAPABILITIES], len(by_url) <= MAX_CAPABILITIES


def _is_list(capability: Capability) -> bool:
    return capability.capability in ("resourcelist", "changelist", "capabilitylist")


def _changes(document: documents.Document) -> list[Resource]:
    if document.md.capability != "changelist":
        return []
    return [entry.resource for entry in document.entries]


def _newest_time(part: documents.Entry) -> datetime:
    md = part.md
    return md.until or md.from_ or part.resource.lastmod or md.snapshot_at or documents.NEVER


def _read_problem(error: FigshareError) -> ReadProblem:
    match error:
        case BlockedByFirewall() | TooManyRequests():
            return "blocked"
        case InvalidResponse():
            return "unreadable"
        case NotFound():
            return "missing"
        case BadRequest() | NotAllowed():
            return "refused"
        case _BoundReached():
            return "left out"
    return "unreachable"


def _configured_url(address: str, urls: Sequence[str], base: str = "", any_port: bool = False) -> str:
    """Return an address with scheme and host as configured; raises BadRequest if its host is not."""
    try:
        split = urlsplit(urljoin(base, address))
        port = _port(split)
    except ValueError:
        raise BadRequest("that is not a valid URL") from None
    if split.scheme not in ("http", "https") or not split.hostname or _NOT_IN_URL.search(address):
        raise BadRequest("only plain http and https URLs can be read")
    if "@" in split.netloc:
        raise BadRequest("a URL with a user name in it is never read")
    for url in urls:
        source = urlsplit(url)
        if source.hostname == split.hostname and (port == _port(source) or (any_port and port is None)):
            # Built from what is configured, so that http becomes https and no trick in the host survives.
            return urlunsplit((source.scheme, _host(source), split.path or "/", split.query, ""))
    configured = ", ".join(dict.fromkeys(_host(urlsplit(url)) for url in urls))
    raise BadRequest(f"“{split.hostname[:100]}” isn't one of the portals set up here: {configured}")


def _host(split: SplitResult) -> str:
    return split.netloc.rpartition("@")[2].lower()


def _port(split: SplitResult) -> int | None:
    return None if split.port in (80, 443) else split.port
