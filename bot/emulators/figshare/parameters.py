"""The parameters of a request to Figshare, and the page of a list that they ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from starlette.requests import Request

from .responses import ErrorResponse

T = TypeVar("T")

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 10, 1000
# How far a list may be read; Figshare's own documents differ about it.
MAX_ROWS = 9000


@dataclass(frozen=True)
class PageRange:
    start: int
    size: int

    def of(self, rows: Sequence[T]) -> Sequence[T]:
        return rows[self.start : self.start + self.size]


@dataclass(frozen=True)
class Parameters:
    """The parameters of the query string and, in a search, of the JSON body."""

    values: Mapping[str, Any]

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
            raise ErrorResponse.unprocessable(f"Invalid value received for {name}") from None

    def page(self) -> PageRange:
        number, size = self.number("page"), self.number("page_size")
        number, size = 1 if number is None else number, DEFAULT_PAGE_SIZE if size is None else size
        if not 1 <= size <= MAX_PAGE_SIZE:
            raise ErrorResponse.unprocessable(f"page_size must be 1..{MAX_PAGE_SIZE}")
        if number < 1:
            raise ErrorResponse.unprocessable("Invalid value received for page")
        if number > 1 and number * size > MAX_ROWS:
            raise ErrorResponse(400, {"message": "Max page reached. Please narrow down your search"})
        return PageRange((number - 1) * size, size)


async def request_parameters(request: Request) -> Parameters:
    """Return the parameters of a request; a POST may have them in its body, its query string or both."""
    values: dict[str, Any] = dict(request.query_params)
    if request.method == "POST":
        values |= await json_body(request)
    return Parameters(values)


async def json_body(request: Request) -> dict[str, Any]:
    """Return the object in the body of a request, an empty one where there is no body."""
    content = await request.body()
    try:
        body = orjson.loads(content) if content.strip() else {}
    except orjson.JSONDecodeError:
        raise ErrorResponse.bad_request("Bad data: The request body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise ErrorResponse.bad_request("Bad data: The request body must be an object.")
    return body
