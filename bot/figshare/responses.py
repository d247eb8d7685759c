"""What a response of Figshare says: its body, or the exception that its status and headers stand for."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
import msgspec

from bot.figshare.encoding import decompressed
from bot.figshare.errors import (
    BadRequest,
    BlockedByFirewall,
    InvalidResponse,
    NotAllowed,
    NotFound,
    TooManyRequests,
    Unreachable,
)

T = TypeVar("T")
Redact = Callable[[bytes], bytes]

_MAX_MESSAGE = 300
_DEFAULT_RETRY_AFTER = 5.0


@dataclass(frozen=True, slots=True)
class WriteResponse:
    """What Figshare answered to a change it made; the body may hold a private link, so it has no repr."""

    status: int
    location: str
    body: bytes = field(repr=False)


async def read_body(response: httpx.Response, max_bytes: int, redact: Redact) -> bytes:
    """Return the whole body of a good response; raises what its status stands for, or InvalidResponse."""
    body = b"".join([piece async for piece in decompressed(response, max_bytes)])
    return decipher_response(response.status_code, response.headers, redact(body))


async def read_write_response(response: httpx.Response, max_bytes: int, redact: Redact) -> WriteResponse:
    """Return the response to a change; only its status decides whether the change was made.

    If the connection breaks after the status, or the body can't be decompressed, the body is cut off where
    reading it failed.
    """
    body = bytearray()
    with suppress(httpx.HTTPError, httpx.StreamError, InvalidResponse):
        async for piece in decompressed(response, max_bytes):
            body += piece
    content = decipher_response(response.status_code, response.headers, redact(bytes(body)))
    location = redact(response.headers.get("location", "").encode()).decode()
    return WriteResponse(response.status_code, location, content)


def decipher_response(status: int, headers: httpx.Headers, body: bytes) -> bytes:
    """Return the body of a good response, or raise the FigshareError that the response stands for.

    A firewall answers 202 with `x-amzn-waf-action`, or 403 in HTML: neither is from Figshare itself.
    https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html
    """
    is_json = "json" in headers.get("content-type", "")
    if "x-amzn-waf-action" in headers or status == 202:
        raise BlockedByFirewall("202 challenge")
    if 200 <= status < 300:
        return body
    message = _message(body) if is_json else ""
    if status == 429:
        raise TooManyRequests(_retry_after(headers.get("retry-after", "")))
    if status == 401 or (status == 403 and is_json):
        raise NotAllowed(message or str(status))
    if status == 403:
        raise BlockedByFirewall("403 in HTML")
    if status == 404 and is_json:
        raise NotFound(message)
    if status in (400, 422):
        raise BadRequest(message or f"HTTP {status}")
    if status >= 500:
        raise Unreachable(f"HTTP {status}")
    raise InvalidResponse(f"HTTP {status}")


def with_decoding_errors(decode: Callable[[bytes], T]) -> Callable[[bytes], T]:
    """Return a decoder that raises InvalidResponse for every way in which a body can't be decoded."""

    def decoder(body: bytes) -> T:
        try:
            return decode(body)
        except (ValueError, ArithmeticError, msgspec.MsgspecError, RecursionError, MemoryError) as error:
            raise InvalidResponse(f"{type(error).__name__}: {error}") from error

    return decoder


class _ErrorBody(msgspec.Struct):
    message: str = ""


def _message(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_ErrorBody).message[:_MAX_MESSAGE]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, MemoryError):
        return ""


def _retry_after(header: str) -> float:
    # https://www.rfc-editor.org/rfc/rfc9110#field.retry-after also allows a date, which counts as none here.
    return float(header) if header.isascii() and header.isdigit() else _DEFAULT_RETRY_AFTER
