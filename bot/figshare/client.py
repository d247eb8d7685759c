"""Requests to Figshare's four APIs: the one place that sends HTTP, and the rules for sending it again."""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
import stamina

from bot.figshare.encoding import ACCEPT_ENCODING
from bot.figshare.errors import BlockedByFirewall, FigshareError, OutcomeUnknown, TooManyRequests, Unreachable
from bot.figshare.responses import (
    Redact,
    WriteResponse,
    read_body,
    read_write_response,
    with_decoding_errors,
)

T = TypeVar("T")
log = logging.getLogger(__name__)

MAX_JSON_BYTES = 8_000_000
MAX_XML_BYTES = 2_000_000
_MAX_ERROR_BYTES = 64_000
_ATTEMPTS = 3
_FIREWALL_PAUSE = 1.0
# No connection was made, or none was free: nothing of the request can have reached Figshare.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How long an answer serves, in seconds since it was fetched; the names are those of RFC 9111 and 5861.

    Until `max_age` it serves as it is; until `stale_while_revalidate` it serves while a newer one is fetched;
    until `stale_if_error` it serves only where no newer one can be fetched.
    """

    max_age: float
    stale_while_revalidate: float
    stale_if_error: float


class Request(msgspec.Struct, frozen=True):
    """A request to one of the four APIs: `api` is "rest", "stats", "oai" or "resourcesync".

    `token` is sent as Authorization and opens what is private; `auth` is a user name and password instead.
    `purpose` keeps apart requests that are the same but whose answers are decoded in different ways.
    """

    api: str
    url: str
    params: tuple[tuple[str, str], ...] = ()
    method: str = "GET"
    body: bytes | None = None
    auth: tuple[str, str] | None = None
    purpose: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url})"

    @property
    def key(self) -> str:
        """Return the key in the cache; two requests with one key have one answer."""
        user = self.auth[0] if self.auth else ""
        target = f"{self.method} {self.url}?{urlencode(self.params) if self.params else ''}"
        return f"{target} {user} {(self.body or b'').decode()} {self.purpose}"


class ResponseCache(Protocol):
    """A cache through which one request serves everybody who asks the same."""

    async def get_or_fetch(
        self,
        key: str,
        fetch: Callable[[], Awaitable[bytes]],
        decode: Callable[[bytes], T],
        policy: CachePolicy,
    ) -> T:
        """Return the decoded answer under this key, stored or fetched."""


class RequestLimiter(Protocol):
    """A limiter that keeps the rate Figshare asks for."""

    async def acquire(self, host: str) -> None:
        """Wait until a request to this host may leave."""

    def pause(self, host: str, seconds: float) -> None:
        """Let no request to a host leave for a while."""


class Transport:
    """Sends requests over one pool of connections, through a cache and a rate limiter.

    `observe` is called after each attempt with the API, the status or the name of the error's class, and how
    many seconds it took.
    `redact` removes our secrets from a body.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        cache: ResponseCache,
        limiter: RequestLimiter,
        observe: Callable[[str, str, float], None] = lambda api, status, seconds: None,
        redact: Redact = lambda body: body,
    ) -> None:
        self._http, self._cache, self._limiter, self._observe = http, cache, limiter, observe
        self._redact = redact

    async def get_cached(self, request: Request, decode: Callable[[bytes], T], policy: CachePolicy) -> T:
        """Return the decoded answer to a request, stored or fetched; raises FigshareError, with `api` set.

        Raises ValueError for a request with a token, since stored answers are for everybody: use `get`.
        """
        if request.token:
            raise ValueError("an answer that a token opens is not for everybody: use get")
        # Without `_api_named`, which would slow down every stored answer.
        try:
            return await self._cache.get_or_fetch(
                request.key, lambda: self.request(request), with_decoding_errors(decode), policy
            )
        except FigshareError as error:
            error.api = error.api or request.api
            raise

    async def get(self, request: Request, decode: Callable[[bytes], T]) -> T:
        """Return the decoded answer to a request, never stored and never shared; raises FigshareError."""
        with _api_named(request.api):
            return with_decoding_errors(decode)(await self.request(request))

    async def write(self, request: Request) -> WriteResponse:
        """Make a change at Figshare; only a request that can't have left is sent again.

        Raises OutcomeUnknown when the request left and no clear answer came: find out what happened before
        trying again. Any other FigshareError says that nothing was changed. After a cancellation the outcome
        is unknown as well.
        """
        host = urlsplit(request.url).netloc
        with _api_named(request.api):
            async for attempt in _attempts():
                with attempt:
                    await self._limiter.acquire(host)
                    return await self._attempt_write(request, host)
        raise AssertionError("the last attempt returns or raises")

    async def request(self, request: Request) -> bytes:
        """Return the body of Figshare's answer; a request without an answer is sent up to three times."""
        host = urlsplit(request.url).netloc
        async for attempt in _attempts():
            with attempt:
                await self._limiter.acquire(host)
                return await self._attempt(request, host, read_body)
        raise AssertionError("the last attempt returns or raises")

    async def _attempt_write(self, request: Request, host: str) -> WriteResponse:
        try:
            return await self._attempt(request, host, read_write_response)
        except Unreachable as error:
            if isinstance(error.__cause__, _NEVER_SENT):
                raise
            raise OutcomeUnknown(str(error)) from error

    async def _attempt(
        self, request: Request, host: str, read: Callable[[httpx.Response, int, Redact], Awaitable[T]]
    ) -> T:
        """Send a request once, and return what `read` makes of the response."""
        max_bytes = MAX_XML_BYTES if request.api in ("oai", "resourcesync") else MAX_JSON_BYTES
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
                return await read(response, max_bytes, partial(self._redacted, request, response.status_code))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            status = type(error).__name__
            raise Unreachable(f"{status}: {error}") from error
        except (TooManyRequests, BlockedByFirewall) as error:
            seconds = error.retry_after if isinstance(error, TooManyRequests) else _FIREWALL_PAUSE
            self._limiter.pause(host, seconds)
            raise
        finally:
            self._observe(request.api, status, time.perf_counter() - began)
            log.debug("request to figshare", extra={"api": request.api, "status": status})

    def _redacted(self, request: Request, status: int, body: bytes) -> bytes:
        """Return a body without our secrets, which an error or the answer to a secret may repeat."""
        if status >= 300:
            # An error is short; what comes after this is cut off.
            return self._redact(body[:_MAX_ERROR_BYTES])
        # OAI-PMH reports its errors with status 200.
        if request.token or request.auth or (request.api == "oai" and b"error" in body):
            return self._redact(body)
        return body


def _headers(request: Request) -> dict[str, str]:
    headers = {"Content-Type": "application/json"} if request.body is not None else {}
    # https://docs.figshare.com also takes the token in the query string, where proxies would log it.
    return headers | ({"Authorization": f"token {request.token}"} if request.token else {})


def _attempts() -> AsyncIterator[stamina.Attempt]:
    attempts = stamina.retry_context(
        on=Unreachable,
        attempts=_ATTEMPTS,
        timeout=None,
        wait_initial=0.25,
        wait_max=2.0,
    )
    return aiter(attempts)


@contextmanager
def _api_named(api: str) -> Iterator[None]:
    """Set `api` of a FigshareError that the block raises."""
    try:
        yield
    except FigshareError as error:
        error.api = error.api or api
        raise


@asynccontextmanager
async def open_connections(
    seconds: float, agent: str, direct: bool = False
) -> AsyncIterator[httpx.AsyncClient]:
    """Open the one pool of connections; each step of a request times out after `seconds`.

    No redirect is followed, since none of the four APIs needs one. This machine is reached past every proxy
    that the environment names, and with `direct` so is every other host.
    """
    limits = httpx.Limits(max_connections=16, max_keepalive_connections=4)
    async with httpx.AsyncClient(
        timeout=httpx.Timeout(seconds, connect=min(seconds, 5.0)),
        headers={"User-Agent": agent, "Accept-Encoding": ACCEPT_ENCODING},
        follow_redirects=False,
        limits=limits,
        # With a transport of its own httpx reads no proxy variables, not even those it could not use.
        transport=httpx.AsyncHTTPTransport(limits=limits) if direct else None,
        mounts=dict.fromkeys(("all://127.0.0.1", "all://localhost", "all://[::1]")),
    ) as http:
        yield http
