"""The portals' ResourceSync 1.1: source description, capability lists, resource lists, change lists.

Of Figshare's documents only one path is known, `/figshareresourcesync/<portal>/cresourcelist-<n>.xml`;
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
from .representations import API, timestamp
from .responses import html_not_found
from .xml import XmlElement, add_element, root_element

SITEMAP_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
RS_NAMESPACE = "http://www.openarchives.org/rs/terms/"
SOURCE_DESCRIPTION = "/.well-known/resourcesync"
# A list of more resources than this is split into parts below an index.
PART_SIZE = 5


class ResourceSyncApi:
    def __init__(self, library: Library, now: Callable[[], datetime]) -> None:
        self.library = library
        self.now = now

    def routes(self) -> list[Route]:
        return [
            Route(SOURCE_DESCRIPTION, self.description),
            Route("/figshareresourcesync/{portal}/{document}.xml", self.document),
        ]

    async def description(self, request: Request) -> Response:
        root = _root("urlset", capability="description")
        for institution in self.library.institutions:
            address = f"{_base(request)}/figshareresourcesync/{institution['string_id']}/capabilitylist.xml"
            _entry(root, "url", address, capability="capabilitylist")
        return _xml_response(root)

    async def document(self, request: Request) -> Response:
        portal = self.library.portal(request.path_params["portal"])
        name, _, number = request.path_params["document"].partition("-")
        if portal is None:
            return html_not_found()
        address = f"{_base(request)}/figshareresourcesync/{portal['string_id']}"
        if name == "capabilitylist":
            return _xml_response(self.capability_list(address, _base(request)))
        if name == "resourcelist":
            return _xml_response(self.resource_list(portal, address))
        if name == "changelist":
            return _xml_response(self.change_list(portal, address))
        parts = self.parts(portal)
        if name == "cresourcelist" and number.isdecimal() and int(number) < len(parts):
            return _xml_response(self.part(parts[int(number)], address))
        return html_not_found()

    def capability_list(self, address: str, base: str) -> XmlElement:
        root = _root("urlset", up=f"{base}{SOURCE_DESCRIPTION}", capability="capabilitylist")
        _entry(root, "url", f"{address}/resourcelist.xml", capability="resourcelist")
        _entry(root, "url", f"{address}/changelist.xml", capability="changelist")
        return root

    def resource_list(self, portal: Seed, address: str) -> XmlElement:
        parts = self.parts(portal)
        if len(parts) < 2:
            return self.part(parts[0] if parts else [], address)
        moment = timestamp(self.now())
        root = _root("sitemapindex", up=f"{address}/capabilitylist.xml", capability="resourcelist", at=moment)
        for number in range(len(parts)):
            _entry(
                root, "sitemap", f"{address}/cresourcelist-{number}.xml", capability="resourcelist", at=moment
            )
        return root

    def part(self, items: Iterable[Item], address: str) -> XmlElement:
        moment = timestamp(self.now())
        root = _root("urlset", up=f"{address}/capabilitylist.xml", capability="resourcelist", at=moment)
        for item in items:
            entry = _entry(root, "url", item.page, lastmod=timestamp(item.latest), type="text/html")
            _link(entry, "describedby", f"{API}/articles/{item.id}")
        return root

    def change_list(self, portal: Seed, address: str) -> XmlElement:
        """Return the changes of the items of a portal, oldest first as the standard requires."""
        changes = []
        for item in self.items(portal):
            for number, moment in enumerate(item.versions):
                changes.append((moment, item.page, "updated" if number else "created"))
        for withdrawn in self.library.withdrawn.values():
            if withdrawn.institution == portal:
                changes.append(
                    (withdrawn.withdrawn_at, f"https://{portal['host']}/articles/{withdrawn.id}", "deleted")
                )
        changes.sort()
        start = changes[0][0] if changes else self.now() - timedelta(days=30)
        root = _root(
            "urlset",
            up=f"{address}/capabilitylist.xml",
            capability="changelist",
            **{"from": timestamp(start)},
        )
        for moment, page, change in changes:
            _entry(root, "url", page, lastmod=timestamp(moment), change=change, datetime=timestamp(moment))
        return root

    def parts(self, portal: Seed) -> list[list[Item]]:
        items = self.items(portal)
        return [items[start : start + PART_SIZE] for start in range(0, len(items), PART_SIZE)]

    def items(self, portal: Seed) -> list[Item]:
        return [item for item in self.library.articles.values() if item.institution == portal]


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _root(name: str, *, up: str = "", **md: str) -> XmlElement:
    root = root_element(SITEMAP_NAMESPACE, name, rs=RS_NAMESPACE)
    if up:
        _link(root, "up", up)
    etree.SubElement(root, f"{{{RS_NAMESPACE}}}md", md)
    return root


def _link(parent: XmlElement, rel: str, href: str) -> None:
    etree.SubElement(parent, f"{{{RS_NAMESPACE}}}ln", {"rel": rel, "href": href})


def _entry(root: XmlElement, name: str, location: str, *, lastmod: str = "", **md: str) -> XmlElement:
    entry = etree.SubElement(root, f"{{{SITEMAP_NAMESPACE}}}{name}")
    add_element(entry, f"{{{SITEMAP_NAMESPACE}}}loc", location)
    if lastmod:
        add_element(entry, f"{{{SITEMAP_NAMESPACE}}}lastmod", lastmod)
    etree.SubElement(entry, f"{{{RS_NAMESPACE}}}md", md)
    return entry


def _xml_response(root: XmlElement) -> Response:
    document = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return Response(document, media_type="application/xml", headers={"Server": "nginx"})
