"""Drafts at Figshare, written with somebody's token; nothing here can make one public."""

import re
from collections.abc import AsyncGenerator, Container
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, TypeVar

import msgspec

from bot.figshare.client import Request, Transport
from bot.figshare.errors import InvalidResponse, NotADraft, OutcomeUnknown
from bot.figshare.models import Article, License, Number, decode_json
from bot.figshare.private import DraftFields, Group, Institution, PrivateArticle, PrivateLink, ShortAccount
from bot.figshare.responses import WriteResponse
from bot.text import safe_url, unescaped

T = TypeVar("T")

_PAGE_SIZE = 100
_MAX_PAGES = 10
# Figshare's clock may differ from ours by so much, and its dates have whole seconds.
_CLOCK_SKEW = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class DraftPage:
    """A page of drafts, and whether more follow."""

    rows: list[Article]
    has_next_page: bool


@dataclass(frozen=True, slots=True)
class AccountMatch:
    """The account that has an address: `id` to act for it, `user_id` to name its owner as an author."""

    id: int
    user_id: int | None
    name: str


class _WriteBody(msgspec.Struct, frozen=True):
    """The fields that an answer to any change may have; no answer has them all."""

    entity_id: Number | None = None
    location: str | None = None
    doi: str | None = None
    html_location: str | None = None
    warnings: list[str | None] | None = None


class Account:
    """The private part of https://docs.figshare.com; nothing it returns is stored or shared.

    Every method raises FigshareError: NotFound where the account has no such item, NotAllowed where the token
    does not allow it. A change also raises OutcomeUnknown, and its docstring says how to find out what
    happened. The token goes into the Authorization header and nowhere else. With `impersonate`, an account
    id, an institution's administrator acts for somebody else: https://docs.figshare.com/#impersonation.
    """

    def __init__(self, transport: Transport, url: str, token: str, impersonate: int | None = None) -> None:
        # Any other token would fail when it is sent as a header, with an error that quotes it.
        if not re.fullmatch(r"[!-~]+", token):
            raise ValueError("a Figshare token is one word of printable ASCII")
        self._transport, self._url, self._token = transport, url.rstrip("/"), token
        self.impersonate = impersonate

    def acting_for(self, account_id: int) -> "Account":
        """Return the account for which this administrator acts."""
        return Account(self._transport, self._url, self._token, account_id)

    async def drafts(self, page: int = 1, size: int = 10) -> DraftPage:
        """Return a page of the drafts, newest first: https://docs.figshare.com/#private_articles_list.

        Figshare lists public items among them, so the pages are cut here, from the newest thousand items.
        """
        drafts: list[Article] = []
        async with aclosing(self._newest_items()) as items:
            async for item in items:
                if not item.published_date:
                    drafts.append(item)
                if len(drafts) > page * size:
                    break
        return DraftPage(drafts[(page - 1) * size : page * size], len(drafts) > page * size)

    async def draft(self, id: int) -> PrivateArticle:
        """Return an item of the account, public or not: https://docs.figshare.com/#private_article_details."""
        return await self._read(f"/account/articles/{id}", PrivateArticle)

    async def create(self, fields: DraftFields) -> int:
        """Create a draft and return its id: https://docs.figshare.com/#private_article_create.

        Only the title is required. After OutcomeUnknown call `find_duplicate` before trying again.
        """
        response = await self._write("POST", "/account/articles", fields)
        body = _decode_write_body(response)
        if body.entity_id:
            return body.entity_id
        for location in (body.location, response.location):
            if match := re.search("/articles/([0-9]{1,15})/?$", location or ""):
                return int(match[1])
        _raise_outcome_unknown(response)

    async def edit(self, id: int, changes: DraftFields) -> list[str]:
        """Change fields of a draft and return Figshare's warnings; raises NotADraft before it writes.

        It uses PATCH, since PUT resets every field that it is not given, also those that others have changed:
        https://docs.figshare.com/#private_article_partial_update. After OutcomeUnknown call `draft` and
        compare its fields.
        """
        if not msgspec.to_builtins(changes):
            return []
        await self._require_draft(id)
        response = await self._write("PATCH", f"/account/articles/{id}", changes)
        if response.status != 205:
            _raise_outcome_unknown(response)
        return [warning for warning in _decode_write_body(response).warnings or [] if warning]

    async def delete(self, id: int) -> None:
        """Delete a draft; raises NotADraft before it writes: https://docs.figshare.com/#private_article_delete.

        After OutcomeUnknown call `draft`: NotFound says that it is gone.
        """
        await self._require_draft(id)
        response = await self._write("DELETE", f"/account/articles/{id}")
        if response.status != 204:
            _raise_outcome_unknown(response)

    async def reserve_doi(self, id: int) -> str:
        """Reserve the DOI of a draft and return it: https://docs.figshare.com/#private_article_reserve_doi.

        After OutcomeUnknown call `draft`: its `doi` says whether one is reserved.
        """
        response = await self._write("POST", f"/account/articles/{id}/reserve_doi")
        return _decode_write_body(response).doi or _raise_outcome_unknown(response)

    async def private_link(self, id: int, expires: datetime | None = None) -> str:
        """Create a link that opens the item for everybody who has it, and return its URL.

        Without `expires` it is valid for 365 days. After OutcomeUnknown call `private_links`:
        https://docs.figshare.com/#private_article_private_link_create.
        """
        fields = {"expires_date": f"{expires.astimezone(UTC):%Y-%m-%d %H:%M:%S}"} if expires else {}
        response = await self._write("POST", f"/account/articles/{id}/private_links", fields)
        return safe_url(_decode_write_body(response).html_location) or _raise_outcome_unknown(response)

    async def private_links(self, id: int) -> list[PrivateLink]:
        """Return an item's private links: https://docs.figshare.com/#private_article_private_link."""
        return await self._read(f"/account/articles/{id}/private_links", list[PrivateLink])

    async def licenses(self) -> list[License]:
        """Return everybody's licences and the institution's: https://docs.figshare.com/#private_licenses_list."""
        return await self._read("/account/licenses", list[License])

    async def institution(self) -> Institution:
        """Return the institution of the token's own account; raises NotAllowed if it has none.

        https://docs.figshare.com/#private_institution_details
        """
        request = Request("rest", f"{self._url}/account/institution", token=self._token)
        return await self._transport.get(request, lambda body: decode_json(body, Institution))

    async def groups(self) -> list[Group]:
        """Return the groups that the token's own account administers; raises NotAllowed if there are none.

        https://docs.figshare.com/#private_institution_groups_list takes no `impersonate`.
        """
        request = Request("rest", f"{self._url}/account/institution/groups", token=self._token)
        return await self._transport.get(request, lambda body: decode_json(body, list[Group]))

    async def account_for(self, email: str) -> AccountMatch | None:
        """Return the one active account with exactly this e-mail address, if there is one.

        Only an administrator's token allows it: https://docs.figshare.com/#private_institution_accounts_search.
        """
        if not email:
            return None
        body = msgspec.json.encode({"email": email, "is_active": 1, "page": 1, "page_size": _PAGE_SIZE})
        url = f"{self._url}/account/institution/accounts/search"
        request = Request("rest", url, method="POST", body=body, token=self._token)
        rows = await self._transport.get(request, lambda body: decode_json(body, list[ShortAccount]))
        # The documentation doesn't say whether the search finds only exact matches.
        matches = {
            row.id: row for row in rows if row.active == 1 and _is_same_address(row.email or "", email)
        }
        if len(matches) != 1:
            return None
        (match,) = matches.values()
        name = f"{match.first_name or ''} {match.last_name or ''}".strip()
        return AccountMatch(match.id, match.user_id, name)

    async def find_duplicate(
        self, title: str, since: datetime, known: Container[int] = ()
    ) -> PrivateArticle | None:
        """Return the draft that an earlier attempt to create one left: the same title, created after `since`.

        `known` holds the ids of drafts that come from elsewhere. Figshare may still carry out a request whose
        answer is late, so None soon after a timeout proves nothing.
        """
        earliest = since - _CLOCK_SKEW
        async with aclosing(self._newest_items()) as items:
            async for item in items:
                created = _parse_datetime(item.created_date)
                if created is not None and created < earliest:
                    return None
                if item.published_date or item.id in known or _comparable(item.title) != _comparable(title):
                    continue
                duplicate = await self.draft(item.id)
                created = _parse_datetime(duplicate.created_date) or created
                if duplicate.is_draft and created is not None and created >= earliest:
                    return duplicate
        return None

    async def _require_draft(self, id: int) -> None:
        if not (await self.draft(id)).is_draft:
            raise NotADraft(id)

    async def _newest_items(self) -> AsyncGenerator[Article, None]:
        """Yield the newest thousand items, public ones too, newest first, each once."""
        # Recorded lists begin with the newest; no parameter orders them.
        seen: set[int] = set()
        full_page = _PAGE_SIZE
        for page in range(1, _MAX_PAGES + 1):
            rows = await self._read("/account/articles", list[Article], page=page, page_size=_PAGE_SIZE)
            if page == 1:
                # Some lists behind a token have ten rows, whatever the request asks for.
                full_page = min(max(len(rows), 10), _PAGE_SIZE)
            for row in rows:
                if row.id not in seen:
                    seen.add(row.id)
                    yield row
            if len(rows) < full_page:
                return

    async def _read(self, path: str, kind: type[T], **params: int) -> T:
        if self.impersonate is not None:
            params["impersonate"] = self.impersonate
        query = tuple((name, str(value)) for name, value in params.items())
        request = Request("rest", self._url + path, query, token=self._token)
        return await self._transport.get(request, lambda body: decode_json(body, kind))

    async def _write(
        self, method: str, path: str, fields: DraftFields | dict[str, str] | None = None
    ) -> WriteResponse:
        content: dict[str, Any] = {} if fields is None else msgspec.to_builtins(fields)
        query: tuple[tuple[str, str], ...] = ()
        if self.impersonate is not None and method == "DELETE":
            query = (("impersonate", str(self.impersonate)),)
        elif self.impersonate is not None:
            content["impersonate"] = self.impersonate
        body = msgspec.json.encode(content) if content else None
        return await self._transport.write(
            Request("rest", self._url + path, query, method=method, body=body, token=self._token)
        )


def _decode_write_body(response: WriteResponse) -> _WriteBody:
    try:
        return decode_json(response.body, _WriteBody)
    except InvalidResponse:
        # The change is made, whatever its body says: what is missing in it is noticed where it is needed.
        return _WriteBody()


def _raise_outcome_unknown(response: WriteResponse) -> NoReturn:
    error = OutcomeUnknown(f"HTTP {response.status} without what it should say")
    error.api = "rest"
    raise error


def _is_same_address(one: str, other: str) -> bool:
    # lower() turns the Kelvin sign into an ASCII k, which would make two people's addresses the same.
    return one == other or (one.isascii() and other.isascii() and one.lower() == other.lower())


def _comparable(title: str | None) -> str:
    """Return a title without HTML entities and extra spaces, in which Figshare's copy may differ."""
    return " ".join(unescaped(title or "").split())


def _parse_datetime(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
