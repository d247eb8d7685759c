"""The private half of Figshare's REST API v2: drafts in memory, opened by a token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import count

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import representations
from .accounts import AccountHolder, acting_holder, administrator, token_holder
from .drafts import Draft, checked_fields, empty_fields, groups, licences, link_expiry
from .library import Item, Library
from .parameters import json_body, request_parameters
from .representations import Json
from .responses import NGINX, ErrorResponse, json_response

FIRST_DRAFT = 31_400_003
# An endpoint, with the account that the request acts for and the body.
Endpoint = Callable[[Request, AccountHolder, Json], Awaitable[Response]]


class PrivateApi:
    """Answers below /account with the drafts that were written; nothing here makes a draft public."""

    def __init__(self, library: Library, now: Callable[[], datetime]) -> None:
        self.library, self.now = library, now
        self.drafts: dict[int, Draft] = {}
        self._numbers = count(FIRST_DRAFT, 3)

    def routes(self) -> list[Route]:
        endpoints: list[tuple[str, str, Endpoint]] = [
            ("GET", "", self.holder),
            ("GET", "/articles", self.articles),
            ("POST", "/articles", self.create),
            ("GET", "/articles/{id:int}", self.article),
            ("PUT", "/articles/{id:int}", self.replace),
            ("PATCH", "/articles/{id:int}", self.change),
            ("DELETE", "/articles/{id:int}", self.delete),
            ("POST", "/articles/{id:int}/reserve_doi", self.reserve_doi),
            ("GET", "/articles/{id:int}/private_links", self.links),
            ("POST", "/articles/{id:int}/private_links", self.link),
            ("GET", "/licenses", self.licenses),
            ("GET", "/institution", self.institution),
            ("GET", "/institution/groups", self.groups),
            ("POST", "/institution/accounts/search", self.accounts),
        ]
        return [
            Route(f"/account{path}", _with_token(endpoint), methods=[method])
            for method, path, endpoint in endpoints
        ]

    async def holder(self, request: Request, holder: AccountHolder, body: Json) -> Response:
        return json_response(holder.detail())

    async def articles(self, request: Request, holder: AccountHolder, body: Json) -> Response:
        page = (await request_parameters(request)).page()
        rows = [draft.row() for draft in self.drafts.values() if draft.holder.id == holder.id]
        rows += [representations.article_row(self.library, item) for item in self.public(holder)]
        rows.sort(key=lambda row: int(row["id"]), reverse=True)
        return json_response(page.of(rows))

    async def create(self, request: Request, holder: AccountHolder, body: Json) -> Response:
        if "title" not in body:
            raise ErrorResponse.bad_request("Bad data: The field is mandatory.")
        fields = empty_fields(self.library, holder)
        written = checked_fields(self.library, holder, body)
        # The owner of the account is always an author, the first one.
        written["authors"] = fields["authors"] + [
            person for person in written.get("authors", []) if person["id"] != holder.user_id
        ]
        now = self.now()
        draft = Draft(next(self._numbers), holder, fields | written, now, now)
        self.drafts[draft.id] = draft
        address = f"{representations.API}/account/articles/{draft.id}"
        return json_response(
            {"entity_id": draft.id, "location": address, "warnings": []}, 201, {"Location": address}
        )

    async def article(self, request: Request, holder: AccountHolder, body: Json) -> Response:
        article = self.own_article(request, holder)
        if isinstance(article, Draft):
            return json_response(article.detail())
        private = {"curation_status": None, "group_resource_id": None, "account_id": holder.id}
        return json_response(private | representations.article_detail(self.library, article))

    async def replace(self, request: Request, holder: AccountHolder, body: Json) -> Response:
        return self.write(request, holder, body, reset=True)

    async def change(self, request: Request, holder: AccountHolder, body: Json) -> Response:
        return self.write(request, holder, body)

    def write(self, request: Request, holder: AccountHolder, body: Json, *, reset: bool = False) -> Response:
        draft = self.draft(request, holder)
        fields = checked_fields(self.library, holder, body)
        if reset:
            fields = empty_fields(self.library, holder) | {"title": draft.fields["title"]} | fields
        draft.fields |= fields
        draft.modified, draft.status = self.now(), "private"
        address = f"{representations.API}/account/articles/{draft.id}"
        return json_response({"location": address, "warnings": []}, 205, {"Location": address})

    async def delete(self, request: Request, holder: AccountHolder, body: Json) -> Response:
        del self.drafts[self.draft(request, holder).id]
        return Response(status_code=204, headers=NGINX)

    async def reserve_doi(self, request: Request, holder: AccountHolder, body: Json) -> Response:
        draft = self.draft(request, holder)
        draft.doi = draft.doi or f"10.6084/m9.figshare.{draft.id}"
        return json_response({"doi": draft.doi})

    async def links(self, request: Request, holder: AccountHolder, body: Json) -> Response:
        return json_response(self.draft(request, holder).links)

    async def link(self, request: Request, holder: AccountHolder, body: Json) -> Response:
        draft = self.draft(request, holder)
        link = draft.add_link(link_expiry(body, self.now()))
        address = f"{representations.API}/account/articles/{draft.id}/private_links/{link['id']}"
        token = link["html_location"].rpartition("/")[2]
        body = {"location": address, "html_location": link["html_location"], "token": token}
        return json_response(body, 201, {"Location": address})

    async def licenses(self, request: Request, holder: AccountHolder, body: Json) -> Response:
        return json_response(list(licences(self.library, holder).values()))

    async def institution(self, request: Request, holder: AccountHolder, body: Json) -> Response:
        for row in self.library.institutions:
            if row["id"] == holder.institution:
                return json_response({"id": row["id"], "domain": row["host"], "name": row["name"]})
        raise ErrorResponse.forbidden("You do not belong to an institution")

    async def groups(self, request: Request, holder: AccountHolder, body: Json) -> Response:
        if not holder.is_admin:
            raise ErrorResponse.forbidden("You are not an administrator of an institution")
        rows = groups(self.library, holder).values()
        settings = {"resource_id": "", "association_criteria": "", "upload_access": "All Users"}
        return json_response(
            [{name: row[name] for name in ("id", "name", "parent_id")} | settings for row in rows]
        )

    async def accounts(self, request: Request, holder: AccountHolder, body: Json) -> Response:
        admin = administrator(request)
        parameters = await request_parameters(request)
        email, term, active = (parameters.text(name).lower() for name in ("email", "search_for", "is_active"))
        rows = [
            other.summary()
            for other in request.app.state.holders
            if other.institution == admin.institution
            # The documentation does not say that an address is compared as a whole.
            and email in other.email.lower()
            and term in f"{other.name} {other.email}".lower()
            and active in {"", str(other.active)}
        ]
        return json_response(parameters.page().of(rows))

    def public(self, holder: AccountHolder) -> list[Item]:
        return [self.library.articles[number] for number in holder.public if number in self.library.articles]

    def own_article(self, request: Request, holder: AccountHolder) -> Draft | Item:
        """Return the article of the address if it is the holder's."""
        number = request.path_params["id"]
        draft = self.drafts.get(number)
        if draft is not None and draft.holder.id == holder.id:
            return draft
        for item in self.public(holder):
            if item.id == number:
                return item
        raise ErrorResponse.not_found("article")

    def draft(self, request: Request, holder: AccountHolder) -> Draft:
        """Return the draft of the address: what is public is neither deleted nor written to.

        Figshare itself would open a new version for a change.
        """
        article = self.own_article(request, holder)
        if isinstance(article, Draft):
            return article
        raise ErrorResponse.forbidden("Public items can not be deleted or changed")


def _with_token(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        token_holder(request)
        body = await json_body(request)
        return await endpoint(request, acting_holder(request, body), body)

    return answer
