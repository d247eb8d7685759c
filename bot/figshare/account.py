"""Drafts at Figshare, written with somebody's token; nothing here can make one public."""

import re
from collections.abc import AsyncGenerator, Container
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, TypeVar

import msgspec

from bot.figshare.client import Request, Transport, Written
from bot.figshare.errors import InvalidResponse, NotADraft, OutcomeUnknown
from bot.figshare.models import Article, License, Number, decoded
from bot.figshare.private import Fields, Group, PrivateArticle, PrivateLink, ShortAccount
from bot.text import unescaped, web

T = TypeVar("T")

_ROWS = 100
_PAGES = 10
# Figshare's clock is not ours, and its dates have no fractions.
_SKEW = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Drafts:
    """A page of drafts, and whether more follow."""

    rows: list[Article]
    more: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody's account: `id` to act for it, `user_id` to name it as an author."""

    id: int
    user_id: int | None
    name: str


class _Answer(msgspec.Struct, frozen=True):
    entity_id: Number | None = None
    location: str | None = None
    doi: str | None = None
    html_location: str | None = None
    warnings: list[str | None] | None = None


class Account:
    """The private part of https://docs.figshare.com; every call raises FigshareError, a change also Unknown.

    The token goes into the Authorization header and nowhere else. With `impersonate`, an account id, an
    institution's administrator acts for somebody else: https://docs.figshare.com/#impersonation.
    """

    def __init__(self, transport: Transport, url: str, token: str, impersonate: int | None = None) -> None:
        # a header with anything else fails below, in an error that quotes it
        if not re.fullmatch(r"[!-~]+", token):
            raise ValueError("a Figshare token is one word of printable ASCII")
        self._transport, self._url, self._token = transport, url.rstrip("/"), token
        self.impersonate = impersonate

    def acting_for(self, account: int) -> "Account":
        """Give the account an administrator acts for."""
        return Account(self._transport, self._url, self._token, account)

    async def drafts(self, page: int = 1, size: int = 10) -> Drafts:
        """Give a page of the drafts, newest first: https://docs.figshare.com/#private_articles_list.

        Figshare lists what is public among them, so the pages are cut here, from the newest thousand items.
        """
        found: list[Article] = []
        async with aclosing(self._newest()) as rows:
            async for row in rows:
                if not row.published_date:
                    found.append(row)
                if len(found) > page * size:
                    break
        return Drafts(found[(page - 1) * size : page * size], len(found) > page * size)

    async def draft(self, id: int) -> PrivateArticle:
        """Give an item of the account, public or not: https://docs.figshare.com/#private_article_details."""
        return await self._read(f"/account/articles/{id}", PrivateArticle)

    async def create(self, fields: Fields) -> int:
        """Make a draft and give its id; only a title is needed: https://docs.figshare.com/#private_article_create.

        After Unknown ask `find_twin` before trying again.
        """
        written = await self._write("POST", "/account/articles", fields)
        answer = _answer(written)
        if answer.entity_id:
            return answer.entity_id
        for location in (answer.location, written.location):
            if told := re.search("/articles/([0-9]{1,15})/?$", location or ""):
                return int(told[1])
        _unclear(written)

    async def edit(self, id: int, changed: Fields) -> list[str]:
        """Change these fields of a draft and give Figshare's warnings; raises NotADraft before it writes.

        PATCH, since PUT resets what it is not told, and with it what others changed meanwhile:
        https://docs.figshare.com/#private_article_partial_update.
        """
        if not msgspec.to_builtins(changed):
            return []
        await self._own_draft(id)
        written = await self._write("PATCH", f"/account/articles/{id}", changed)
        if written.status != 205:
            _unclear(written)
        return [warning for warning in _answer(written).warnings or [] if warning]

    async def delete(self, id: int) -> None:
        """Delete a draft, raising NotADraft before it writes: https://docs.figshare.com/#private_article_delete.

        After Unknown ask `draft`: NotFound says that it is gone.
        """
        await self._own_draft(id)
        written = await self._write("DELETE", f"/account/articles/{id}")
        if written.status != 204:
            _unclear(written)

    async def reserve_doi(self, id: int) -> str:
        """Reserve the DOI a draft will have and give it: https://docs.figshare.com/#private_article_reserve_doi.

        After Unknown ask `draft`: its `doi` says whether one is reserved.
        """
        written = await self._write("POST", f"/account/articles/{id}/reserve_doi")
        return _answer(written).doi or _unclear(written)

    async def private_link(self, id: int, expires: datetime | None = None) -> str:
        """Make a link that opens the item to whoever has it, for 365 days unless told otherwise, and give it.

        After Unknown ask `private_links`: https://docs.figshare.com/#private_article_private_link_create.
        """
        until = {"expires_date": f"{expires.astimezone(UTC):%Y-%m-%d %H:%M:%S}"} if expires else {}
        written = await self._write("POST", f"/account/articles/{id}/private_links", until)
        return web(_answer(written).html_location) or _unclear(written)

    async def private_links(self, id: int) -> list[PrivateLink]:
        """Give an item's private links: https://docs.figshare.com/#private_article_private_link."""
        return await self._read(f"/account/articles/{id}/private_links", list[PrivateLink])

    async def licenses(self) -> list[License]:
        """Give everybody's licences and the institution's: https://docs.figshare.com/#private_licenses_list."""
        return await self._read("/account/licenses", list[License])

    async def groups(self) -> list[Group]:
        """Give the groups the token's owner administers, whoever it acts for; NotAllowed if there are none.

        https://docs.figshare.com/#private_institution_groups_list.
        """
        request = Request("rest", f"{self._url}/account/institution/groups", token=self._token)
        return await self._transport.read(request, lambda body: decoded(body, list[Group]))

    async def account_for(self, email: str) -> Found | None:
        """Give the one active account with exactly this address, or None; for administrators.

        https://docs.figshare.com/#private_institution_accounts_search.
        """
        if not email:
            return None
        body = msgspec.json.encode({"email": email, "is_active": 1, "page": 1, "page_size": _ROWS})
        at = f"{self._url}/account/institution/accounts/search"
        request = Request("rest", at, method="POST", body=body, token=self._token)
        rows = await self._transport.read(request, lambda answer: decoded(answer, list[ShortAccount]))
        # The documentation doesn't say that the search is exact.
        same = {row.id: row for row in rows if row.active == 1 and _same_address(row.email or "", email)}
        if len(same) != 1:
            return None
        (row,) = same.values()
        return Found(row.id, row.user_id, f"{row.first_name or ''} {row.last_name or ''}".strip())

    async def find_twin(
        self, title: str, since: datetime, known: Container[int] = ()
    ) -> PrivateArticle | None:
        """Give the draft an earlier attempt to create one left behind: the same title, made after `since`.

        `known` are the ids of drafts that come from elsewhere. A request whose answer is late may still be
        carried out: None soon after a timeout proves nothing.
        """
        async with aclosing(self._newest()) as rows:
            async for row in rows:
                made = _moment(row.created_date)
                if made is not None and made < since - _SKEW:
                    return None
                if row.published_date or row.id in known or _plain(row.title) != _plain(title):
                    continue
                twin = await self.draft(row.id)
                made = _moment(twin.created_date) or made
                if twin.is_draft and made is not None and made >= since - _SKEW:
                    return twin
        return None

    async def _own_draft(self, id: int) -> None:
        if not (await self.draft(id)).is_draft:
            raise NotADraft(id)

    async def _newest(self) -> AsyncGenerator[Article, None]:
        # recorded lists begin with the newest; no parameter orders them
        seen: set[int] = set()
        length = _ROWS
        for page in range(1, _PAGES + 1):
            rows = await self._read("/account/articles", list[Article], page=page, page_size=_ROWS)
            if page == 1:
                # some lists behind a token have ten rows whatever is asked for
                length = min(max(len(rows), 10), _ROWS)
            for row in rows:
                if row.id not in seen:
                    seen.add(row.id)
                    yield row
            if len(rows) < length:
                return

    async def _read(self, path: str, kind: type[T], **params: int) -> T:
        given = params if self.impersonate is None else {**params, "impersonate": self.impersonate}
        query = tuple((name, str(value)) for name, value in given.items())
        request = Request("rest", self._url + path, query, token=self._token)
        return await self._transport.read(request, lambda body: decoded(body, kind))

    async def _write(self, method: str, path: str, told: Fields | dict[str, str] | None = None) -> Written:
        body: dict[str, Any] = {} if told is None else msgspec.to_builtins(told)
        query: tuple[tuple[str, str], ...] = ()
        if self.impersonate is not None and method == "DELETE":
            query = (("impersonate", str(self.impersonate)),)
        elif self.impersonate is not None:
            body["impersonate"] = self.impersonate
        sent = msgspec.json.encode(body) if body else None
        return await self._transport.write(
            Request("rest", self._url + path, query, method=method, body=sent, token=self._token)
        )


def _answer(written: Written) -> _Answer:
    try:
        return decoded(written.body, _Answer)
    except InvalidResponse:
        return _Answer()


def _unclear(written: Written) -> NoReturn:
    error = OutcomeUnknown(f"HTTP {written.status} without what it should say")
    error.api = "rest"
    raise error


def _same_address(one: str, other: str) -> bool:
    # lower() makes an ASCII k of the Kelvin sign: two people's addresses must not become one
    return one == other or (one.isascii() and other.isascii() and one.lower() == other.lower())


def _plain(title: str | None) -> str:
    return " ".join(unescaped(title or "").split())


def _moment(text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
