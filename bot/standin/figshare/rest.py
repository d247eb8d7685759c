"""The public half of Figshare's REST API v2: items, versions, files, collections, projects, lists, search."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from . import containers, shapes
from .finding import Catalogue
from .library import Item, Kind
from .paging import Asked, Paging, Refusal, asked, json_answer

Row = Callable[[Item], shapes.Json]


class Rest:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.library = catalogue.library

    def routes(self) -> list[Route]:
        get = [
            ("/articles", self.articles),
            ("/articles/{id:int}", self.article),
            ("/articles/{id:int}/versions", self.versions),
            ("/articles/{id:int}/versions/{version:int}", self.article),
            ("/articles/{id:int}/versions/{version:int}/files", self.files),
            ("/articles/{id:int}/files", self.files),
            ("/articles/{id:int}/files/{file:int}", self.file),
            ("/file/download/{file:int}", self.download),
            ("/collections", self.collections),
            ("/collections/{id:int}", self.collection),
            ("/collections/{id:int}/versions", self.collection_versions),
            ("/collections/{id:int}/versions/{version:int}", self.collection),
            ("/collections/{id:int}/articles", self.collection_articles),
            ("/projects", self.projects),
            ("/projects/{id:int}", self.project),
            ("/projects/{id:int}/articles", self.project_articles),
            ("/categories", self.categories),
            ("/licenses", self.licenses),
            ("/item_types", self.item_types),
        ]
        post = [
            ("/articles/search", self.search_articles),
            ("/collections/search", self.search_collections),
            ("/projects/search", self.search_projects),
        ]
        return [
            *(Route(path, endpoint, methods=["POST"]) for path, endpoint in post),
            *(Route(path, endpoint) for path, endpoint in get),
        ]

    async def articles(self, request: Request) -> Response:
        return await self.listed(request, "article", lambda item: shapes.article_row(self.library, item))

    async def collections(self, request: Request) -> Response:
        return await self.listed(request, "collection", containers.collection_row)

    async def projects(self, request: Request) -> Response:
        return await self.listed(request, "project", containers.project_row)

    async def search_articles(self, request: Request) -> Response:
        def row(item: Item) -> shapes.Json:
            return shapes.article_row(self.library, item, searched=True)

        return await self.listed(request, "article", row, searched=True)

    async def search_collections(self, request: Request) -> Response:
        return await self.listed(request, "collection", containers.collection_row, searched=True)

    async def search_projects(self, request: Request) -> Response:
        return await self.listed(request, "project", containers.project_row, searched=True)

    async def listed(self, request: Request, kind: Kind, row: Row, *, searched: bool = False) -> Response:
        question = await asked(request)
        paging = question.paging()
        items = (self.catalogue.found if searched else self.catalogue.listed)(kind, question)
        return json_answer([row(item) for item in paging.slice(items)], headers=paging.cursor(items))

    async def article(self, request: Request) -> Response:
        item = self.known_article(request)
        return json_answer(shapes.article(self.library, item, _version(request, item)))

    async def versions(self, request: Request) -> Response:
        # recorded: a withdrawn article had an empty list here, an unknown one a 404
        if request.path_params["id"] in self.library.withdrawn:
            return json_answer([])
        return json_answer(_versions(self.known_article(request, "article")))

    async def files(self, request: Request) -> Response:
        item = self.known_article(request)
        _version(request, item)
        paging = (await asked(request)).paging()
        return json_answer([shapes.file(file) for file in paging.slice(item.files)])

    async def file(self, request: Request) -> Response:
        wanted = request.path_params["file"]
        for file in self.known_article(request).files:
            if file.id == wanted:
                return json_answer(shapes.file(file))
        raise Refusal.unknown("File")

    async def download(self, request: Request) -> Response:
        wanted = request.path_params["file"]
        for item in self.library.articles.values():
            for file in item.files:
                if file.id == wanted and not file.link:
                    at = f"https://s3-eu-west-1.amazonaws.com/pfigshare-u-files/{file.id}/{file.name}"
                    return RedirectResponse(at, 302)
        raise Refusal.unknown("File")

    async def collection(self, request: Request) -> Response:
        item = self.known_collection(request)
        return json_answer(containers.collection(self.library, item, _version(request, item)))

    async def collection_versions(self, request: Request) -> Response:
        return json_answer(_versions(self.known_collection(request)))

    async def collection_articles(self, request: Request) -> Response:
        return self.articles_in(self.known_collection(request), await asked(request))

    async def project(self, request: Request) -> Response:
        return json_answer(containers.project(self.known_project(request)))

    async def project_articles(self, request: Request) -> Response:
        return self.articles_in(self.known_project(request), await asked(request))

    def articles_in(self, item: Item, question: Asked) -> Response:
        paging: Paging = question.paging()
        inside = self.library.articles_of(item)
        return json_answer([shapes.article_row(self.library, article) for article in paging.slice(inside)])

    async def categories(self, request: Request) -> Response:
        return json_answer([containers.category(self.library, number) for number in self.library.categories])

    async def licenses(self, request: Request) -> Response:
        # the portals' own licences are not in the public list
        return json_answer([row for number, row in self.library.licences.items() if number < 10])

    async def item_types(self, request: Request) -> Response:
        return json_answer(containers.item_types())

    def known_article(self, request: Request, what: str = "ArticleVersion") -> Item:
        item = self.library.articles.get(request.path_params["id"])
        if item is None:
            raise Refusal.unknown(what)
        return item

    def known_collection(self, request: Request) -> Item:
        item = self.library.collections.get(request.path_params["id"])
        if item is None:
            raise Refusal.unknown("CollectionVersion")
        return item

    def known_project(self, request: Request) -> Item:
        item = self.library.projects.get(request.path_params["id"])
        if item is None:
            raise Refusal.unknown("Project")
        return item


def _version(request: Request, item: Item) -> int | None:
    version: int | None = request.path_params.get("version")
    if version is not None and not 1 <= version <= len(item.versions):
        raise Refusal.unknown(f"{item.kind.capitalize()}Version")
    return version


def _versions(item: Item) -> list[shapes.Json]:
    at = f"{shapes.API}/{item.kind}s/{item.id}/versions"
    return [{"version": number, "url": f"{at}/{number}"} for number in range(1, len(item.versions) + 1)]
