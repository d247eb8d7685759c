"""The private half of Figshare's REST API v2: drafts in memory, opened by a token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import count
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import shapes
from .accounts import Holder, administrator, asking, forbidden, owner
from .drafts import Draft, checked, empty, groups, licences, until
from .library import Item, Library
from .paging import NGINX, Refusal, asked, json_answer, not_found

FIRST = 31_400_003
EVERY = ["GET", "POST", "PUT", "PATCH", "DELETE"]
Json = dict[str, Any]
# what is done with somebody's drafts, and with what was told in the body
Act = Callable[[Request, Holder, Json], Awaitable[Response]]


class Account:
    """Keeps what is written; nothing here makes a draft public."""

    def __init__(self, library: Library, now: Callable[[], datetime]) -> None:
        self.library, self.now = library, now
        self.drafts: dict[int, Draft] = {}
        self._numbers = count(FIRST, 3)

    def routes(self) -> list[Route]:
        acts: list[tuple[str, str, Act]] = [
            ("GET", "", self.holder),
            ("GET", "/articles", self.listed),
            ("POST", "/articles", self.create),
            ("GET", "/articles/{id:int}", self.article),
            ("PUT", "/articles/{id:int}", self.replace),
            ("PATCH", "/articles/{id:int}", self.change),
            ("DELETE", "/articles/{id:int}", self.delete),
            ("POST", "/articles/{id:int}/reserve_doi", self.reserve_doi),
            ("GET", "/articles/{id:int}/private_links", self.links),
            ("POST", "/articles/{id:int}/private_links", self.link),
            ("GET", "/licenses", self.licenses),
            ("GET", "/institution/groups", self.groups),
            ("POST", "/institution/accounts/search", self.accounts),
        ]
        known = [Route(f"/account{path}", _opened(act), methods=[method]) for method, path, act in acts]
        return [
            *known,
            Route("/account", self.elsewhere, methods=EVERY),
            Route("/account/{rest:path}", self.elsewhere, methods=EVERY),
        ]

    async def elsewhere(self, request: Request) -> Response:
        """Ask for a token before telling that there is nothing."""
        asking(request)
        return not_found(f"predicate mismatch for view AccountView (request_method = {request.method})")

    async def holder(self, request: Request, holder: Holder, told: Json) -> Response:
        return json_answer(holder.whole())

    async def listed(self, request: Request, holder: Holder, told: Json) -> Response:
        paging = (await asked(request)).paging()
        rows = [draft.row() for draft in self.drafts.values() if draft.holder.id == holder.id]
        rows += [shapes.article_row(self.library, item) for item in self.public(holder)]
        rows.sort(key=lambda row: int(row["id"]), reverse=True)
        return json_answer(paging.slice(rows))

    async def create(self, request: Request, holder: Holder, told: Json) -> Response:
        if "title" not in told:
            raise Refusal.bad("Bad data: The field is mandatory.")
        fields = empty(self.library, holder)
        given = checked(self.library, holder, told)
        # the token's owner is always an author, the first one
        given["authors"] = fields["authors"] + [
            person for person in given.get("authors", []) if person["id"] != holder.user_id
        ]
        now = self.now()
        draft = Draft(next(self._numbers), holder, fields | given, now, now)
        self.drafts[draft.id] = draft
        at = f"{shapes.API}/account/articles/{draft.id}"
        return json_answer({"entity_id": draft.id, "location": at, "warnings": []}, 201, {"Location": at})

    async def article(self, request: Request, holder: Holder, told: Json) -> Response:
        found = self.found(request, holder)
        if isinstance(found, Draft):
            return json_answer(found.whole())
        private = {"curation_status": None, "group_resource_id": None, "account_id": holder.id}
        return json_answer(private | shapes.article(self.library, found))

    async def replace(self, request: Request, holder: Holder, told: Json) -> Response:
        return self.written(request, holder, told, reset=True)

    async def change(self, request: Request, holder: Holder, told: Json) -> Response:
        return self.written(request, holder, told)

    def written(self, request: Request, holder: Holder, told: Json, *, reset: bool = False) -> Response:
        draft = self.draft(request, holder)
        fields = checked(self.library, holder, told)
        if reset:
            fields = empty(self.library, holder) | {"title": draft.fields["title"]} | fields
        draft.fields |= fields
        draft.modified, draft.status = self.now(), "private"
        at = f"{shapes.API}/account/articles/{draft.id}"
        return json_answer({"location": at, "warnings": []}, 205, {"Location": at})

    async def delete(self, request: Request, holder: Holder, told: Json) -> Response:
        del self.drafts[self.draft(request, holder).id]
        return Response(status_code=204, headers=NGINX)

    async def reserve_doi(self, request: Request, holder: Holder, told: Json) -> Response:
        draft = self.draft(request, holder)
        draft.doi = draft.doi or f"10.6084/m9.figshare.{draft.id}"
        return json_answer({"doi": draft.doi})

    async def links(self, request: Request, holder: Holder, told: Json) -> Response:
        return json_answer(self.draft(request, holder).links)

    async def link(self, request: Request, holder: Holder, told: Json) -> Response:
        draft = self.draft(request, holder)
        made = draft.link(until(told, self.now()))
        at = f"{shapes.API}/account/articles/{draft.id}/private_links/{made['id']}"
        token = made["html_location"].rpartition("/")[2]
        body = {"location": at, "html_location": made["html_location"], "token": token}
        return json_answer(body, 201, {"Location": at})

    async def licenses(self, request: Request, holder: Holder, told: Json) -> Response:
        return json_answer(list(licences(self.library, holder).values()))

    async def groups(self, request: Request, holder: Holder, told: Json) -> Response:
        if not holder.is_admin:
            raise forbidden("You are not an administrator of an institution")
        rows = groups(self.library, holder).values()
        said = {"resource_id": "", "association_criteria": "", "upload_access": "All Users"}
        return json_answer(
            [{"id": r["id"], "name": r["name"], "parent_id": r["parent_id"]} | said for r in rows]
        )

    async def accounts(self, request: Request, holder: Holder, told: Json) -> Response:
        admin = administrator(request)
        question = await asked(request)
        email, term, active = (question.text(name).lower() for name in ("email", "search_for", "is_active"))
        rows = [
            other.short()
            for other in request.app.state.holders
            if other.institution == admin.institution
            # the documentation does not say that an address is compared as a whole
            and email in other.email.lower()
            and term in f"{other.name} {other.email}".lower()
            and active in {"", str(other.active)}
        ]
        return json_answer(question.paging().slice(rows))

    def public(self, holder: Holder) -> list[Item]:
        return [self.library.articles[number] for number in holder.public if number in self.library.articles]

    def found(self, request: Request, holder: Holder) -> Draft | Item:
        """Give what the address names if it is the holder's."""
        number = request.path_params["id"]
        draft = self.drafts.get(number)
        if draft is not None and draft.holder.id == holder.id:
            return draft
        for item in self.public(holder):
            if item.id == number:
                return item
        raise Refusal.unknown("article")

    def draft(self, request: Request, holder: Holder) -> Draft:
        """Give the draft the address names: what is public is neither deleted nor written to.

        Figshare itself would open a new version for a change.
        """
        found = self.found(request, holder)
        if isinstance(found, Draft):
            return found
        raise forbidden("Public items can not be deleted or changed")


def _opened(act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        asking(request)
        told = await _told(request)
        return await act(request, owner(request, told), told)

    return answer


async def _told(request: Request) -> Json:
    sent = await request.body()
    try:
        told = orjson.loads(sent) if sent.strip() else {}
    except orjson.JSONDecodeError:
        raise Refusal.bad("Bad data: The request body is not valid JSON.") from None
    if not isinstance(told, dict):
        raise Refusal.bad("Bad data: The request body must be an object.")
    return told
