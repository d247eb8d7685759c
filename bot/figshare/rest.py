"""Figshare's REST API v2, as far as it needs no token: items, files, search, collections, projects."""

from typing import Any, Literal, TypeVar

import msgspec

from bot.figshare.client import CachePolicy, Request, Transport
from bot.figshare.errors import NotFound
from bot.figshare.known_authors import KnownAuthors
from bot.figshare.models import (
    Article,
    ArticleComplete,
    Category,
    Collection,
    File,
    License,
    Project,
    Version,
    decode_json,
)

T = TypeVar("T")
SearchEndpoint = Literal["articles", "collections", "projects"]

_RECORD = CachePolicy(max_age=600, stale_while_revalidate=3_600, stale_if_error=604_800)
_LIST = CachePolicy(max_age=300, stale_while_revalidate=900, stale_if_error=86_400)
_TAXONOMY = CachePolicy(max_age=86_400, stale_while_revalidate=604_800, stale_if_error=2_592_000)
ROW_TYPES: dict[SearchEndpoint, Any] = {
    "articles": list[Article],
    "collections": list[Collection],
    "projects": list[Project],
}


class Figshare:
    """The public part of https://docs.figshare.com; answers are cached and shared.

    Every method raises FigshareError: NotFound where there is no such public record, BadRequest where
    Figshare rejects a parameter, and otherwise what prevented an answer. Pages are counted from 1, and `size`
    is the number of rows on one. `known_authors` has the authors whom the records named.
    """

    def __init__(self, transport: Transport, url: str) -> None:
        self._transport, self.url = transport, url.rstrip("/")
        self.known_authors = KnownAuthors()

    async def article(self, id: int, version: int | None = None) -> ArticleComplete:
        """Return a public item, in its latest version or another: https://docs.figshare.com/#public_article."""
        return await self._get(_article_path(id, version), ArticleComplete, _RECORD)

    async def versions(
        self, id: int, endpoint: Literal["articles", "collections"] = "articles"
    ) -> list[Version]:
        """Return the versions, oldest first; raises NotFound where there are none.

        https://docs.figshare.com/#public_article_versions, https://docs.figshare.com/#collection_versions.
        """
        versions = await self._get(f"/{endpoint}/{id}/versions", list[Version], _RECORD)
        if not versions:
            raise NotFound("no versions")
        return sorted(versions, key=lambda version: version.version)

    async def files(self, id: int, version: int | None = None, page: int = 1, size: int = 10) -> list[File]:
        """Return a page of an item's files, sizes in bytes: https://docs.figshare.com/#public_article_files."""
        path = _article_path(id, version) + "/files"
        return await self._get(path, list[File], _RECORD, page=page, page_size=size)

    async def search(self, endpoint: SearchEndpoint, body: dict[str, Any]) -> list[Any]:
        """Return the rows of a search, each id once, as `ROW_TYPES` says; Figshare reports no total.

        `body` is that of https://docs.figshare.com/#articles_search.
        """
        url = f"{self.url}/{endpoint}/search"
        request = Request("rest", url, method="POST", body=msgspec.json.encode(body))
        row_type = ROW_TYPES[endpoint]
        rows = await self._transport.get_cached(request, lambda body: decode_json(body, row_type), _LIST)
        return list({row.id: row for row in rows}.values())

    async def articles(self, **filters: object) -> list[Article]:
        """Return the items that match filters (`doi`, `group`, …): https://docs.figshare.com/#articles_list."""
        return await self._get("/articles", list[Article], _LIST, **filters)

    async def collections(self, **filters: object) -> list[Collection]:
        """Return the collections that match filters (`doi`, …): https://docs.figshare.com/#collections_list."""
        return await self._get("/collections", list[Collection], _LIST, **filters)

    async def collection(self, id: int, version: int | None = None) -> Collection:
        """Return a public collection: https://docs.figshare.com/#collection_details."""
        path = f"/collections/{id}" if version is None else f"/collections/{id}/versions/{version}"
        return await self._get(path, Collection, _RECORD)

    async def project(self, id: int) -> Project:
        """Return a public project: https://docs.figshare.com/#project_details."""
        return await self._get(f"/projects/{id}", Project, _RECORD)

    async def members(
        self, endpoint: Literal["collections", "projects"], id: int, page: int = 1, size: int = 10
    ) -> list[Article]:
        """Return a page of the items in a collection or project.

        https://docs.figshare.com/#collection_articles, https://docs.figshare.com/#project_articles.
        """
        return await self._get(f"/{endpoint}/{id}/articles", list[Article], _LIST, page=page, page_size=size)

    async def categories(self) -> list[Category]:
        """Return the whole taxonomy: https://docs.figshare.com/#categories_list."""
        return await self._get("/categories", list[Category], _TAXONOMY)

    async def licenses(self) -> list[License]:
        """Return the licences everybody may use; portals have more: https://docs.figshare.com/#licenses_list."""
        return await self._get("/licenses", list[License], _TAXONOMY)

    async def _get(self, path: str, kind: type[T], policy: CachePolicy, **params: object) -> T:
        query = tuple((name, str(value)) for name, value in params.items() if value is not None)
        request = Request("rest", self.url + path, query)
        return await self._transport.get_cached(request, lambda body: self._decode(body, kind), policy)

    def _decode(self, body: bytes, kind: type[T]) -> T:
        answer = decode_json(body, kind)
        # Here, since an answer from the cache isn't decoded again and so costs nothing more.
        if isinstance(answer, ArticleComplete | Collection):
            self.known_authors.add(answer.authors or ())
        return answer


def _article_path(id: int, version: int | None) -> str:
    return f"/articles/{id}" if version is None else f"/articles/{id}/versions/{version}"
