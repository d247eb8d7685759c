"""The portals' ResourceSync 1.1: source description, capability lists, resource lists, change lists.

No document of Figshare's is known but for one path, `/figshareresourcesync/<portal>/cresourcelist-<n>.xml`;
the rest follows http://www.openarchives.org/rs/1.1/resourcesync.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .library import Item, Library, Seed
from .oai_formats import Element, root_element, text
from .paging import not_found
from .shapes import API, stamp

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
RS = "http://www.openarchives.org/rs/terms/"
DESCRIPTION = "/.well-known/resourcesync"
# a list of more resources than this is cut into parts below an index
PART = 5


class ResourceSync:
    def __init__(self, library: Library, now: Callable[[], datetime]) -> None:
        self.library = library
        self.now = now

    def routes(self) -> list[Route]:
        return [
            Route(DESCRIPTION, self.description),
            Route("/figshareresourcesync/{portal}/{document}.xml", self.document),
        ]

    async def description(self, request: Request) -> Response:
        root = _root("urlset", capability="description")
        for institution in self.library.institutions:
            address = f"{_base(request)}/figshareresourcesync/{institution['string_id']}/capabilitylist.xml"
            _entry(root, "url", address, capability="capabilitylist")
        return _answer(root)

    async def document(self, request: Request) -> Response:
        portal = self.library.portal(request.path_params["portal"])
        name, _, number = request.path_params["document"].partition("-")
        if portal is None:
            return not_found()
        at = f"{_base(request)}/figshareresourcesync/{portal['string_id']}"
        if name == "capabilitylist":
            return _answer(self.capability_list(at, _base(request)))
        if name == "resourcelist":
            return _answer(self.resource_list(portal, at))
        if name == "changelist":
            return _answer(self.change_list(portal, at))
        parts = self.parts(portal)
        if name == "cresourcelist" and number.isdecimal() and int(number) < len(parts):
            return _answer(self.part(parts[int(number)], at))
        return not_found()

    def capability_list(self, at: str, base: str) -> Element:
        root = _root("urlset", up=f"{base}{DESCRIPTION}", capability="capabilitylist")
        _entry(root, "url", f"{at}/resourcelist.xml", capability="resourcelist")
        _entry(root, "url", f"{at}/changelist.xml", capability="changelist")
        return root

    def resource_list(self, portal: Seed, at: str) -> Element:
        parts = self.parts(portal)
        if len(parts) < 2:
            return self.part(parts[0] if parts else [], at)
        moment = stamp(self.now())
        root = _root("sitemapindex", up=f"{at}/capabilitylist.xml", capability="resourcelist", at=moment)
        for number in range(len(parts)):
            _entry(root, "sitemap", f"{at}/cresourcelist-{number}.xml", capability="resourcelist", at=moment)
        return root

    def part(self, items: Iterable[Item], at: str) -> Element:
        moment = stamp(self.now())
        root = _root("urlset", up=f"{at}/capabilitylist.xml", capability="resourcelist", at=moment)
        for item in items:
            entry = _entry(root, "url", item.page, lastmod=stamp(item.latest), type="text/html")
            _link(entry, "describedby", f"{API}/articles/{item.id}")
        return root

    def change_list(self, portal: Seed, at: str) -> Element:
        """List what happened to the portal's items, oldest first as the standard wants it."""
        changes = []
        for item in self.items(portal):
            for number, moment in enumerate(item.versions):
                changes.append((moment, item.page, "updated" if number else "created"))
        for gone in self.library.withdrawn.values():
            if gone.institution == portal:
                changes.append((gone.at, f"https://{portal['host']}/articles/{gone.id}", "deleted"))
        changes.sort()
        start = changes[0][0] if changes else self.now() - timedelta(days=30)
        root = _root(
            "urlset", up=f"{at}/capabilitylist.xml", capability="changelist", **{"from": stamp(start)}
        )
        for moment, page, change in changes:
            _entry(root, "url", page, lastmod=stamp(moment), change=change, datetime=stamp(moment))
        return root

    def parts(self, portal: Seed) -> list[list[Item]]:
        items = self.items(portal)
        return [items[start : start + PART] for start in range(0, len(items), PART)]

    def items(self, portal: Seed) -> list[Item]:
        return [item for item in self.library.articles.values() if item.institution == portal]


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _root(name: str, *, up: str = "", **md: str) -> Element:
    root = root_element(SITEMAP, name, rs=RS)
    if up:
        _link(root, "up", up)
    etree.SubElement(root, f"{{{RS}}}md", md)
    return root


def _link(parent: Element, rel: str, href: str) -> None:
    etree.SubElement(parent, f"{{{RS}}}ln", {"rel": rel, "href": href})


def _entry(root: Element, name: str, address: str, *, lastmod: str = "", **md: str) -> Element:
    entry = etree.SubElement(root, f"{{{SITEMAP}}}{name}")
    text(entry, f"{{{SITEMAP}}}loc", address)
    if lastmod:
        text(entry, f"{{{SITEMAP}}}lastmod", lastmod)
    etree.SubElement(entry, f"{{{RS}}}md", md)
    return entry


def _answer(root: Element) -> Response:
    document = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return Response(document, media_type="application/xml", headers={"Server": "nginx"})
