"""Requests to Figshare's four APIs: the one place that speaks HTTP and decides what an answer means."""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
import stamina

from bot.figshare.encoding import ACCEPTED, unpacked
from bot.figshare.errors import (
    BadRequest,
    BlockedByFirewall,
    FigshareError,
    InvalidResponse,
    NotAllowed,
    NotFound,
    OutcomeUnknown,
    TooManyRequests,
    Unreachable,
)

T = TypeVar("T")
Clean = Callable[[bytes], bytes]
log = logging.getLogger(__name__)

JSON_LIMIT = 8_000_000
XML_LIMIT = 2_000_000
_LONGEST_ERROR = 64_000
_ATTEMPTS = 3
# No connection was made, or none was free: nothing of the request can have left.
_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """Seconds an answer serves: as it is, while a newer one is fetched, and when none can be had."""

    max_age: float
    stale_while_revalidate: float
    stale_if_error: float


class Request(msgspec.Struct, frozen=True):
    """A question to one of the four APIs, or with Transport.write a change; `token` opens what is private."""

    api: str
    url: str
    params: tuple[tuple[str, str], ...] = ()
    method: str = "GET"
    body: bytes | None = None
    auth: tuple[str, str] | None = None
    # keeps apart what is asked at the same address and decoded in another way
    purpose: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url})"

    @property
    def key(self) -> str:
        """Name what is asked; two requests with one name have one answer."""
        who = self.auth[0] if self.auth else ""
        asked = f"{self.method} {self.url}?{urlencode(self.params) if self.params else ''}"
        return f"{asked} {who} {(self.body or b'').decode()} {self.purpose}"


@dataclass(frozen=True, slots=True)
class Written:
    """What Figshare answered to a change it made; the body may hold a private link, so it has no repr."""

    status: int
    location: str
    body: bytes = field(repr=False)


class Cache(Protocol):
    """What keeps answers, so that one request serves everybody who asks the same."""

    async def answer(
        self, key: str, fetch: Callable[[], Awaitable[bytes]], decode: Callable[[bytes], T], life: CachePolicy
    ) -> T:
        """Give the decoded answer under this key."""


class Limiter(Protocol):
    """What keeps us polite."""

    async def acquire(self, host: str) -> None:
        """Wait until a request to this host may leave."""

    def pause(self, host: str, seconds: float) -> None:
        """Leave a host alone for a while."""


class Transport:
    """Fetches through a cache and a limiter, over one pool of connections."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        cache: Cache,
        limiter: Limiter,
        observe: Callable[[str, str, float], None] = lambda api, status, seconds: None,
        redact: Callable[[bytes], bytes] = lambda body: body,
    ) -> None:
        self._http, self._cache, self._limiter, self._observe = http, cache, limiter, observe
        self._redact = redact

    async def fetch(self, request: Request, decode: Callable[[bytes], T], life: CachePolicy) -> T:
        """Give the answer to a request, stored or new; raises only FigshareError, with `api` set."""
        if request.token:
            raise ValueError("what a token opens is not for everybody: use read")
        # not `with _naming`: this is what every stored answer passes through
        try:
            return await self._cache.answer(request.key, lambda: self.send(request), _readable(decode), life)
        except FigshareError as error:
            error.api = error.api or request.api
            raise

    async def read(self, request: Request, decode: Callable[[bytes], T]) -> T:
        """Give an answer that is somebody's own: asked for each time, never stored, never shared."""
        with _naming(request.api):
            return _readable(decode)(await self.send(request))

    async def write(self, request: Request) -> Written:
        """Make a change at Figshare, once; asked again only while no connection can be made.

        Raises Unknown when the request left and no clear answer came: look before asking again. Every other
        FigshareError says that nothing was changed. Being cancelled leaves the outcome as unknown as Unknown.
        """
        host = urlsplit(request.url).netloc
        with _naming(request.api):
            async for attempt in _attempts():
                with attempt:
                    await self._limiter.acquire(host)
                    return await self._write_once(request, host)
        raise AssertionError

    async def send(self, request: Request) -> bytes:
        """Ask Figshare itself, up to three times where a try may help."""
        host = urlsplit(request.url).netloc
        async for attempt in _attempts():
            with attempt:
                await self._limiter.acquire(host)
                return await self._once(request, host, _whole)
        raise AssertionError

    async def _write_once(self, request: Request, host: str) -> Written:
        try:
            return await self._once(request, host, _told)
        except Unreachable as error:
            if isinstance(error.__cause__, _NEVER_LEFT):
                raise
            raise OutcomeUnknown(str(error)) from error

    async def _once(
        self, request: Request, host: str, take: Callable[[httpx.Response, int, Clean], Awaitable[T]]
    ) -> T:
        limit = XML_LIMIT if request.api in ("oai", "resourcesync") else JSON_LIMIT
        began, status = time.perf_counter(), "error"
        try:
            async with self._http.stream(
                request.method,
                request.url,
                params=request.params or None,
                content=request.body,
                headers=_headers(request),
                auth=request.auth,
            ) as response:
                status = str(response.status_code)
                return await take(response, limit, partial(self._clean, request, response.status_code))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            status = type(error).__name__
            raise Unreachable(f"{status}: {error}") from error
        except (TooManyRequests, BlockedByFirewall) as error:
            self._limiter.pause(host, error.retry_after if isinstance(error, TooManyRequests) else 1.0)
            raise
        finally:
            self._observe(request.api, status, time.perf_counter() - began)
            log.debug("asked figshare", extra={"api": request.api, "status": status})

    def _clean(self, request: Request, status: int, body: bytes) -> bytes:
        """Return a body without our secrets: an error may repeat them, and whatever answers one."""
        if status >= 300:
            # An error says little; more than this is not read.
            return self._redact(body[:_LONGEST_ERROR])
        # OAI-PMH has its errors in good answers.
        if request.token or request.auth or (request.api == "oai" and b"error" in body):
            return self._redact(body)
        return body


def _headers(request: Request) -> dict[str, str]:
    headers = {"Content-Type": "application/json"} if request.body is not None else {}
    # https://docs.figshare.com also takes it in the query string, where proxies would log it.
    return headers | ({"Authorization": f"token {request.token}"} if request.token else {})


async def _whole(response: httpx.Response, limit: int, clean: Clean) -> bytes:
    body = b"".join([piece async for piece in unpacked(response, limit)])
    return meaning(response.status_code, response.headers, clean(body))


async def _told(response: httpx.Response, limit: int, clean: Clean) -> Written:
    body = bytearray()
    # The status has come: a connection that breaks now, or a body that can't be read, doesn't take back
    # what it says.
    with suppress(httpx.HTTPError, httpx.StreamError, InvalidResponse):
        async for piece in unpacked(response, limit):
            body += piece
    said = meaning(response.status_code, response.headers, clean(bytes(body)))
    location = clean(response.headers.get("location", "").encode()).decode()
    return Written(response.status_code, location, said)


def _readable(decode: Callable[[bytes], T]) -> Callable[[bytes], T]:
    """Let every way in which a body can't be decoded be Unreadable."""

    def read(body: bytes) -> T:
        try:
            return decode(body)
        except (ValueError, ArithmeticError, msgspec.MsgspecError, RecursionError, MemoryError) as error:
            raise InvalidResponse(f"{type(error).__name__}: {error}") from error

    return read


def meaning(status: int, headers: "httpx.Headers", body: bytes) -> bytes:
    """Give the body of a good answer, or raise what a status really says.

    A firewall answers 202 with `x-amzn-waf-action`, or 403 in HTML: neither is Figshare's word.
    """
    is_json = "json" in headers.get("content-type", "")
    if "x-amzn-waf-action" in headers or status == 202:
        raise BlockedByFirewall("202 challenge")
    if 200 <= status < 300:
        return body
    said = _message(body) if is_json else ""
    if status == 429:
        raise TooManyRequests(_seconds(headers.get("retry-after", "")))
    if status == 401 or (status == 403 and is_json):
        raise NotAllowed(said or str(status))
    if status == 403:
        raise BlockedByFirewall("403 in HTML")
    if status == 404 and is_json:
        raise NotFound(said)
    if status in (400, 422):
        raise BadRequest(said or f"HTTP {status}")
    if status >= 500:
        raise Unreachable(f"HTTP {status}")
    raise InvalidResponse(f"HTTP {status}")


class _Said(msgspec.Struct):
    message: str = ""


def _message(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Said).message[:300]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, MemoryError):
        return ""


def _seconds(retry_after: str) -> float:
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 5.0


def _worth_another(error: Exception) -> bool:
    return isinstance(error, Unreachable)


def _attempts() -> AsyncIterator[stamina.Attempt]:
    tries = stamina.retry_context(
        on=_worth_another, attempts=_ATTEMPTS, timeout=None, wait_initial=0.25, wait_max=2.0
    )
    return aiter(tries)


@contextmanager
def _naming(api: str) -> Iterator[None]:
    try:
        yield
    except FigshareError as error:
        error.api = error.api or api
        raise


@asynccontextmanager
async def connections(seconds: float, agent: str, direct: bool = False) -> AsyncIterator[httpx.AsyncClient]:
    """Open the one pool of connections; no redirect is followed, since none of the four APIs needs it.

    This machine is asked past every proxy that the environment names, and when `direct` everybody is.
    """
    limits = httpx.Limits(max_connections=16, max_keepalive_connections=4)
    async with httpx.AsyncClient(
        timeout=httpx.Timeout(seconds, connect=min(seconds, 5.0)),
        headers={"User-Agent": agent, "Accept-Encoding": ACCEPTED},
        follow_redirects=False,
        limits=limits,
        # With a transport of its own httpx reads nothing of proxies, also none that it could not use.
        transport=httpx.AsyncHTTPTransport(limits=limits) if direct else None,
        mounts=dict.fromkeys(("all://127.0.0.1", "all://localhost", "all://[::1]")),
    ) as http:
        yield http
