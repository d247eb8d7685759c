"""ResourceSync 1.1: what a portal's source offers to those who mirror it, and what changed last.

http://www.openarchives.org/rs/1.1/resourcesync. A source description leads to capability lists, these to
resource and change lists; what a document is, its `rs:md@capability` says and never its name.
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
from bot.figshare.resourcesync_documents import Capability, Resource, Source, Trouble

# For one question; a source may hold thousands of documents.
DOCUMENTS = 12
CAPABILITIES = 20
PARTS = 3

_LIFE = CachePolicy(max_age=3_600, stale_while_revalidate=7_200, stale_if_error=604_800)
_NOT_IN_ADDRESS = re.compile(r"[\s\\\x00-\x20\x7f]")


class _LeftOut(FigshareError):
    """Raise when a question has asked enough."""


class ResourceSync:
    """The configured sources; whatever is typed or linked, no other host is ever asked."""

    def __init__(self, transport: Transport, urls: Sequence[str], *, patience: float = 12.0) -> None:
        self._transport, self._urls, self._patience = transport, tuple(urls), patience

    @property
    def hosts(self) -> tuple[str, ...]:
        """Give the hosts that may be asked."""
        return tuple(dict.fromkeys(_host(urlsplit(url)) for url in self._urls))

    async def source(self, address: str | None = None) -> Source:
        """Give what a portal offers and its latest changes, in at most `DOCUMENTS` requests.

        `address` is a host or an address on it; without one it is the first that is configured. Raises
        Refused for a host that is not configured and FigshareError where even the description can't be had;
        what else fails is told by the capability it belongs to.
        """
        try:
            return await self._source(address)
        except FigshareError as error:
            error.api = error.api or "resourcesync"
            raise

    async def _source(self, address: str | None) -> Source:
        visit = _Visit(self._transport, self._urls, self._patience)
        entry = self._entry(address)
        description = await visit.read(entry, entry)
        if not description.md.capability:
            raise InvalidResponse("no rs:md capability in the document")
        named, complete = await self._capabilities(visit, description)
        # The latest changes are worth more than the number of resources, and the bound is small.
        order = sorted(range(len(named)), key=lambda at: named[at].capability != "changelist")
        changes: list[Resource] = []
        for at in order:
            named[at], found = await visit.capability(named[at], description.url)
            changes += found
        return Source(
            url=description.url,
            described_by=description.md.described_by,
            capabilities=tuple(named),
            changes=tuple(documents.newest(changes)),
            complete=complete and all(each.complete or not _is_list(each) for each in named),
        )

    async def _capabilities(self, visit: "_Visit", top: documents.Document) -> tuple[list[Capability], bool]:
        """Give the capabilities of all capability lists; a list that can't be had stands for its own."""
        if top.md.capability not in ("description", "capabilitylist"):
            return [top.md], True
        lists = [entry.md for entry in top.entries] if top.md.capability == "description" else [top.md]
        named: dict[str, Capability] = {}
        for each in lists:
            if each.capability != "capabilitylist":
                named.setdefault(each.url, each)
                continue
            try:
                content = await visit.read(each.url, top.url, "capabilitylist")
            except FigshareError as error:
                named[each.url] = replace(each, trouble=_trouble(error))
                continue
            for entry in content.entries:
                if entry.md.capability not in ("", "capabilitylist", "description"):
                    named.setdefault(entry.md.url, entry.md)
        return list(named.values())[:CAPABILITIES], len(named) <= CAPABILITIES

    def _entry(self, address: str | None) -> str:
        if not self._urls:
            raise BadRequest("no ResourceSync source is configured")
        typed = (address or "").strip().strip("<>")
        if not typed:
            return self._urls[0]
        asked = _allowed(typed if "://" in typed else f"https://{typed}", self._urls, any_port=True)
        return next(
            (url for url in self._urls if url == asked),
            next(url for url in self._urls if _host(urlsplit(url)) == _host(urlsplit(asked))),
        )


class _Visit:
    """The documents read for one question."""

    def __init__(self, transport: Transport, urls: Sequence[str], patience: float) -> None:
        self._transport, self._urls, self._left = transport, urls, DOCUMENTS
        self._until = asyncio.get_running_loop().time() + patience

    async def read(self, link: str, base: str, capability: str = "") -> documents.Document:
        """Give the document behind a link in the document at `base`, which says what it is to be."""
        url = _allowed(link, self._urls, base)
        late = asyncio.get_running_loop().time() > self._until
        if not self._left or (late and self._left < DOCUMENTS):
            raise _LeftOut("enough was asked")
        self._left -= 1
        request = Request("resourcesync", url)
        found = await self._transport.fetch(
            request, lambda body: documents.read(body, url, capability), _LIFE
        )
        if capability and found.md.capability != capability:
            raise InvalidResponse(f"{found.md.capability} instead of {capability}")
        return found

    async def capability(self, named: Capability, base: str) -> tuple[Capability, list[Resource]]:
        """Read a resource list or change list; dumps and archives are only named."""
        if named.trouble or not _is_list(named):
            return named, []
        try:
            top = await self.read(named.url, base, named.capability)
        except FigshareError as error:
            return replace(named, trouble=_trouble(error)), []
        known = replace(
            named,
            at=top.md.at or named.at,
            from_=top.md.from_ or named.from_,
            until=top.md.until or named.until,
            up=top.md.up,
            described_by=top.md.described_by or named.described_by,
        )
        if not top.is_index:
            return replace(known, count=top.count, complete=True), _changes(top)
        return await self._parts(known, top)

    async def _parts(self, known: Capability, index: documents.Document) -> tuple[Capability, list[Resource]]:
        """Add up the newest parts of a list that is cut into several."""
        parts = sorted(index.entries, key=_age)[::-1]
        count: int | None = None
        changes: list[Resource] = []
        trouble: Trouble = ""
        for part in parts[:PARTS]:
            try:
                content = await self.read(part.md.url, index.url, known.capability)
                if content.is_index:
                    raise InvalidResponse("an index in an index")
            except FigshareError as error:
                trouble = _trouble(error)
                continue
            count = (count or 0) + content.count
            changes += _changes(content)
        whole = not trouble and len(parts) <= PARTS
        return replace(known, count=count, complete=whole, trouble=trouble), changes


def _is_list(named: Capability) -> bool:
    return named.capability in ("resourcelist", "changelist", "capabilitylist")


def _changes(content: documents.Document) -> list[Resource]:
    return [entry.resource for entry in content.entries] if content.md.capability == "changelist" else []


def _age(part: documents.Entry) -> datetime:
    md = part.md
    return md.until or md.from_ or part.resource.lastmod or md.at or documents.NEVER


def _trouble(error: FigshareError) -> Trouble:
    match error:
        case BlockedByFirewall() | TooManyRequests():
            return "blocked"
        case InvalidResponse():
            return "unreadable"
        case NotFound():
            return "missing"
        case BadRequest() | NotAllowed():
            return "refused"
        case _LeftOut():
            return "left out"
    return "unreachable"


def _allowed(address: str, urls: Sequence[str], base: str = "", any_port: bool = False) -> str:
    """Give the address as it may be asked, with scheme and host as configured; raises Refused."""
    try:
        split = urlsplit(urljoin(base, address))
        port = _port(split)
    except ValueError:
        raise BadRequest("not an address") from None
    if split.scheme not in ("http", "https") or not split.hostname or _NOT_IN_ADDRESS.search(address):
        raise BadRequest("only a plain http or https address can be asked")
    if "@" in split.netloc:
        raise BadRequest("an address with a user name in it is never asked")
    for url in urls:
        own = urlsplit(url)
        if own.hostname == split.hostname and (port == _port(own) or (any_port and port is None)):
            # Built from what is configured, so that http becomes https and no trick in the host survives.
            return urlunsplit((own.scheme, _host(own), split.path or "/", split.query, ""))
    configured = ", ".join(dict.fromkeys(_host(urlsplit(url)) for url in urls))
    raise BadRequest(f"{split.hostname[:100]} is not configured; configured: {configured}")


def _host(split: SplitResult) -> str:
    return split.netloc.rpartition("@")[2].lower()


def _port(split: SplitResult) -> int | None:
    return None if split.port in (80, 443) else split.port
