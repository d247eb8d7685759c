"""Which slice of a list Figshare answers with, and with which words it refuses a wrong question."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

T = TypeVar("T")

NGINX = {"Server": "nginx"}


class Refusal(Exception):
    """An answer of Figshare that is an error: a status and the body that goes with it."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body

    @classmethod
    def unknown(cls, what: str = "ArticleVersion") -> Refusal:
        return cls(404, {"message": f"Entity not found: {what}", "code": "EntityNotFound"})

    @classmethod
    def bad(cls, message: str) -> Refusal:
        return cls(400, {"message": message, "code": "BadRequest"})

    @classmethod
    def unprocessable(cls, message: str) -> Refusal:
        return cls(422, {"message": message, "code": "UnprocessableEntity", "data": None})


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    sent = orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)
    return Response(sent, status, {**NGINX, **(headers or {})}, media_type="application/json")


async def refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return json_answer(refusal.body, refusal.status)


async def not_routed(request: Request, error: Exception) -> Response:
    """Answer an unknown path, or a known one with the wrong method, with Pyramid's HTML."""
    assert isinstance(error, HTTPException)
    usual = request.method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
    if error.status_code == 405 and not usual:
        return HTMLResponse("<html><head><title>405 Not Allowed</title></head></html>", 405, NGINX)
    if error.status_code == 405:
        return not_found("predicate mismatch for view ArticlesView (request_method = GET,HEAD)")
    return not_found()


def not_found(why: str = "") -> Response:
    page = (
        "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n"
        f"  The resource could not be found.<br/><br/>\n{why}\n\n\n </body>\n</html>"
    )
    return HTMLResponse(page, 404, NGINX)


@dataclass
class Window:
    """How far a list may be read; Figshare's own documents differ about it, so it can be set."""

    rows: int = 9000
    status: int = 400
    page_size: int = 1000


@dataclass(frozen=True)
class Paging:
    offset: int
    limit: int

    def slice(self, rows: Sequence[T]) -> Sequence[T]:
        return rows[self.offset : self.offset + self.limit]

    def cursor(self, rows: Sequence[object]) -> dict[str, str]:
        """Give the header that asks for what follows; absent when nothing does."""
        following = self.offset + self.limit
        if following >= len(rows):
            return {}
        return {"X-Cursor": base64.urlsafe_b64encode(f"after={following}".encode()).decode()}


@dataclass(frozen=True)
class Asked:
    """The parameters of a question: of the query string and, in a search, of the JSON body."""

    values: Mapping[str, Any]
    cursor: str = ""
    window: Window = field(default_factory=Window)

    def text(self, name: str) -> str:
        value = self.values.get(name)
        return "" if value is None else str(value)

    def number(self, name: str) -> int | None:
        text = self.text(name)
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise Refusal.unprocessable(f"Invalid value received for {name}") from None

    def paging(self) -> Paging:
        page, page_size = self.number("page"), self.number("page_size")
        limit, offset = self.number("limit"), self.number("offset")
        by_page = page is not None or page_size is not None
        if by_page and (limit is not None or offset is not None):
            raise Refusal.unprocessable("Use either page and page_size or limit and offset")
        if self.cursor and (offset is not None or page is not None):
            raise Refusal.unprocessable("offset is not allowed with X-Cursor")
        size = page_size if page_size is not None else limit if limit is not None else 10
        if not 1 <= size <= self.window.page_size:
            raise Refusal.unprocessable(
                f"{'page_size' if by_page else 'limit'} must be 1..{self.window.page_size}"
            )
        start = self._after() if self.cursor else (page - 1) * size if page is not None else offset or 0
        if start < 0:
            raise Refusal.unprocessable(f"Invalid value received for {'page' if by_page else 'offset'}")
        if start + size > self.window.rows and start:
            body = {"message": "Max page reached. Please narrow down your search"}
            raise Refusal(self.window.status, body)
        return Paging(start, size)

    def _after(self) -> int:
        try:
            return int(base64.urlsafe_b64decode(self.cursor).decode().removeprefix("after="))
        except ValueError:
            raise Refusal.bad("Invalid cursor") from None


async def asked(request: Request) -> Asked:
    """Read the parameters of a request; a POST may put them in its body, its query string or both."""
    values: dict[str, Any] = dict(request.query_params)
    if request.method == "POST":
        sent = await request.body()
        try:
            told = orjson.loads(sent) if sent.strip() else {}
        except orjson.JSONDecodeError:
            raise Refusal.bad("Bad data: The request body is not valid JSON.") from None
        if not isinstance(told, dict):
            raise Refusal.bad("Bad data: The request body must be an object.")
        values |= told
    return Asked(values, request.headers.get("X-Cursor", ""), request.app.state.window)
