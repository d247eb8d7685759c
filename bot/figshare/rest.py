"""Figshare's REST API v2, as far as it needs no token: items, files, search, collections, projects."""

from typing import Any, Literal, TypeVar

import msgspec

from bot.figshare.client import CachePolicy, Request, Transport
from bot.figshare.errors import NotFound
from bot.figshare.models import (
    Article,
    ArticleComplete,
    Category,
    Collection,
    File,
    License,
    Project,
    Version,
    decoded,
)

T = TypeVar("T")
Searched = Literal["articles", "collections", "projects"]

_RECORD = CachePolicy(max_age=600, stale_while_revalidate=3_600, stale_if_error=604_800)
_LIST = CachePolicy(max_age=300, stale_while_revalidate=900, stale_if_error=86_400)
_TAXONOMY = CachePolicy(max_age=86_400, stale_while_revalidate=604_800, stale_if_error=2_592_000)
ROWS: dict[Searched, Any] = {
    "articles": list[Article],
    "collections": list[Collection],
    "projects": list[Project],
}


class Figshare:
    """The public part of https://docs.figshare.com; every call raises FigshareError, NotFound among them."""

    def __init__(self, transport: Transport, url: str) -> None:
        self._transport, self.url = transport, url.rstrip("/")

    async def _get(self, path: str, kind: type[T], life: CachePolicy, **params: object) -> T:
        given = tuple((name, str(value)) for name, value in params.items() if value is not None)
        request = Request("rest", self.url + path, given)
        return await self._transport.fetch(request, lambda body: decoded(body, kind), life)

    async def article(self, id: int, version: int | None = None) -> ArticleComplete:
        """Give the public item, its latest version or the one asked for: https://docs.figshare.com/#public_article."""
        path = f"/articles/{id}" if version is None else f"/articles/{id}/versions/{version}"
        return await self._get(path, ArticleComplete, _RECORD)

    async def versions(self, id: int, of: Literal["articles", "collections"] = "articles") -> list[Version]:
        """Give the versions, oldest first; none is NotFound: https://docs.figshare.com/#public_article_versions."""
        found = await self._get(f"/{of}/{id}/versions", list[Version], _RECORD)
        if not found:
            raise NotFound("no versions")
        return sorted(found, key=lambda each: each.version)

    async def files(self, id: int, version: int | None = None, page: int = 1, size: int = 10) -> list[File]:
        """Give a page of an item's files, sizes in bytes: https://docs.figshare.com/#public_article_files."""
        path = f"/articles/{id}" if version is None else f"/articles/{id}/versions/{version}"
        return await self._get(path + "/files", list[File], _RECORD, page=page, page_size=size)

    async def search(self, what: Searched, body: dict[str, Any]) -> list[Any]:
        """Give the rows of a search, each id once; Figshare tells no total: https://docs.figshare.com/#articles_search."""
        request = Request("rest", f"{self.url}/{what}/search", method="POST", body=msgspec.json.encode(body))
        rows = await self._transport.fetch(request, lambda answer: decoded(answer, ROWS[what]), _LIST)
        return list({row.id: row for row in rows}.values())

    async def articles(self, **filters: object) -> list[Article]:
        """Give the items a filter (`doi`, `handle`, `group`, …) leaves: https://docs.figshare.com/#articles_list."""
        return await self._get("/articles", list[Article], _LIST, **filters)

    async def collections(self, **filters: object) -> list[Collection]:
        """Give the collections a filter (`doi`, …) leaves: https://docs.figshare.com/#collections_list."""
        return await self._get("/collections", list[Collection], _LIST, **filters)

    async def collection(self, id: int, version: int | None = None) -> Collection:
        """Give a public collection: https://docs.figshare.com/#collection_details."""
        path = f"/collections/{id}" if version is None else f"/collections/{id}/versions/{version}"
        return await self._get(path, Collection, _RECORD)

    async def project(self, id: int) -> Project:
        """Give a public project: https://docs.figshare.com/#project_details."""
        return await self._get(f"/projects/{id}", Project, _RECORD)

    async def members(
        self, of: Literal["collections", "projects"], id: int, page: int = 1, size: int = 10
    ) -> list[Article]:
        """Give a page of the items in a collection or project: https://docs.figshare.com/#collection_articles."""
        return await self._get(f"/{of}/{id}/articles", list[Article], _LIST, page=page, page_size=size)

    async def categories(self) -> list[Category]:
        """Give the whole taxonomy: https://docs.figshare.com/#categories_list."""
        return await self._get("/categories", list[Category], _TAXONOMY)

    async def licenses(self) -> list[License]:
        """Give the licences everybody may use; portals have more: https://docs.figshare.com/#licenses_list."""
        return await self._get("/licenses", list[License], _TAXONOMY)
