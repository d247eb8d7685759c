"""The public half of Figshare's REST API v2: items, versions, files, collections, projects, lists, search."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import representations
from .catalogue import Catalogue
from .library import Item, ItemKind
from .parameters import Parameters, request_parameters
from .representations import Json
from .responses import ErrorResponse, json_response

# A function that shapes an item as a row of a list.
Shape = Callable[[Item], Json]


class PublicApi:
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
            ("/collections", self.collections),
            ("/collections/{id:int}", self.collection),
            ("/collections/{id:int}/versions", self.collection_versions),
            ("/collections/{id:int}/versions/{version:int}", self.collection),
            ("/collections/{id:int}/articles", self.collection_articles),
            ("/projects/{id:int}", self.project),
            ("/projects/{id:int}/articles", self.project_articles),
            ("/categories", self.categories),
            ("/licenses", self.licenses),
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
        return await self.listed(
            request, "article", lambda item: representations.article_row(self.library, item)
        )

    async def collections(self, request: Request) -> Response:
        return await self.listed(request, "collection", representations.collection_row)

    async def search_articles(self, request: Request) -> Response:
        def row(item: Item) -> Json:
            return representations.article_row(self.library, item, searched=True)

        return await self.listed(request, "article", row, searched=True)

    async def search_collections(self, request: Request) -> Response:
        return await self.listed(request, "collection", representations.collection_row, searched=True)

    async def search_projects(self, request: Request) -> Response:
        return await self.listed(request, "project", representations.project_row, searched=True)

    async def listed(
        self, request: Request, kind: ItemKind, shape: Shape, *, searched: bool = False
    ) -> Response:
        parameters = await request_parameters(request)
        page = parameters.page()
        items = (self.catalogue.search_results if searched else self.catalogue.listed)(kind, parameters)
        return json_response([shape(item) for item in page.of(items)])

    async def article(self, request: Request) -> Response:
        item = self.known_article(request)
        return json_response(representations.article_detail(self.library, item, _version(request, item)))

    async def versions(self, request: Request) -> Response:
        # Recorded: a withdrawn article had an empty list here, an unknown one a 404.
        if request.path_params["id"] in self.library.withdrawn:
            return json_response([])
        return json_response(_versions(self.known_article(request, "article")))

    async def files(self, request: Request) -> Response:
        item = self.known_article(request)
        _version(request, item)
        page = (await request_parameters(request)).page()
        return json_response([representations.file_object(file) for file in page.of(item.files)])

    async def collection(self, request: Request) -> Response:
        item = self.known_collection(request)
        return json_response(representations.collection_detail(self.library, item, _version(request, item)))

    async def collection_versions(self, request: Request) -> Response:
        return json_response(_versions(self.known_collection(request)))

    async def collection_articles(self, request: Request) -> Response:
        return self.articles_in(self.known_collection(request), await request_parameters(request))

    async def project(self, request: Request) -> Response:
        return json_response(representations.project_detail(self.known_project(request)))

    async def project_articles(self, request: Request) -> Response:
        return self.articles_in(self.known_project(request), await request_parameters(request))

    def articles_in(self, item: Item, parameters: Parameters) -> Response:
        articles = parameters.page().of(self.library.articles_of(item))
        return json_response([representations.article_row(self.library, article) for article in articles])

    async def categories(self, request: Request) -> Response:
        return json_response(
            [representations.category_object(self.library, number) for number in self.library.categories]
        )

    async def licenses(self, request: Request) -> Response:
        # The licences of portals are not in the public list.
        return json_response([row for number, row in self.library.licences.items() if number < 10])

    def known_article(self, request: Request, entity: str = "ArticleVersion") -> Item:
        item = self.library.articles.get(request.path_params["id"])
        if item is None:
            raise ErrorResponse.not_found(entity)
        return item

    def known_collection(self, request: Request) -> Item:
        item = self.library.collections.get(request.path_params["id"])
        if item is None:
            raise ErrorResponse.not_found("CollectionVersion")
        return item

    def known_project(self, request: Request) -> Item:
        item = self.library.projects.get(request.path_params["id"])
        if item is None:
            raise ErrorResponse.not_found("Project")
        return item


def _version(request: Request, item: Item) -> int | None:
    version: int | None = request.path_params.get("version")
    if version is not None and not 1 <= version <= len(item.versions):
        raise ErrorResponse.not_found(f"{item.kind.capitalize()}Version")
    return version


def _versions(item: Item) -> list[Json]:
    address = f"{representations.API}/{item.kind}s/{item.id}/versions"
    return [{"version": number, "url": f"{address}/{number}"} for number in range(1, len(item.versions) + 1)]
