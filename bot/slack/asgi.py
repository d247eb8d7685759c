"""The HTTP side: Slack's requests handed to Bolt, and `/health`, `/ready` and `/metrics`."""

import logging
import re
from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.manifest import EVENTS_PATH
from bot.metrics import Metrics

log = logging.getLogger(__name__)

_TIMESTAMP_HEADER, _TIMESTAMP = "x-slack-request-timestamp", re.compile(rb"[0-9]{1,12}")
_SIGNATURE_HEADER, _SIGNATURE = "x-slack-signature", re.compile(rb"v0=[0-9a-f]{64}")
# What a body that is signed but not as Slack writes it makes Bolt raise.
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


def monitoring_app(metrics: Metrics, missing: Callable[[], Awaitable[list[str]]]) -> Starlette:
    """Return an app that serves `/health`, `/ready` and `/metrics`; `missing` names what can't be used."""

    async def health(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readiness(request: Request) -> Response:
        names = await missing()
        return PlainTextResponse("".join(f"{name}\n" for name in names) or "ready\n", 503 if names else 200)

    async def metrics_text(request: Request) -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    routes = [Route("/health", health), Route("/ready", readiness), Route("/metrics", metrics_text)]
    app = Starlette(routes=routes)
    # A redirect would lead to the host that the request names.
    app.router.redirect_slashes = False
    return app


class SlackEndpoint:
    """Hands what Slack has signed to Bolt, and requests to other paths to another app.

    Does what Bolt's ASGI adapter does, with two differences. The signature is checked here and not by Bolt,
    which reads a body before it knows who sent it. And what Bolt would answer with 500 is refused with a 4xx.
    """

    def __init__(self, bolt: AsyncApp | None, signing_secret: str, other_app: ASGIApp) -> None:
        # Without a secret nothing can be signed, so nothing is taken.
        self._bolt = bolt if signing_secret else None
        self._verifier = SignatureVerifier(signing_secret or "none")
        self._other_app = other_app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or scope["path"] != EVENTS_PATH or self._bolt is None:
            await self._other_app(scope, receive, send)
        elif scope["method"] != "POST":
            await PlainTextResponse("POST only\n", 405)(scope, receive, send)
        elif (headers := _signed_headers(scope)) is None:
            await _refuse_unsigned(scope, receive, send)
        elif (body := await _read_body(receive)) is not None:
            await self._dispatch(self._bolt, body, headers, scope, receive, send)

    async def _dispatch(
        self, bolt: AsyncApp, raw: bytes, headers: dict[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            body = raw.decode()
            if not self._verifier.is_valid(body, headers[_TIMESTAMP_HEADER], headers[_SIGNATURE_HEADER]):
                return await _refuse_unsigned(scope, receive, send)
            response = await bolt.async_dispatch(AsyncBoltRequest(body=body, headers={**headers}))
        except _UNREADABLE as error:
            log.info("an unreadable request", extra={"cause": type(error).__name__})
            return await PlainTextResponse("unreadable\n", 400)(scope, receive, send)
        await _send_response(response, send)


async def _refuse_unsigned(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("not signed by Slack\n", 401)(scope, receive, send)


async def _send_response(response: BoltResponse, send: Send) -> None:
    body = response.body.encode()
    headers = [
        (name.encode(), value.encode()) for name, values in response.headers.items() for value in values
    ]
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _signed_headers(scope: Scope) -> dict[str, str] | None:
    """Return the headers that Bolt needs, or None when they are not as Slack sends them."""
    headers = dict(scope["headers"])
    timestamp = headers.get(_TIMESTAMP_HEADER.encode(), b"")
    signature = headers.get(_SIGNATURE_HEADER.encode(), b"")
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        return None
    return {
        "content-type": headers.get(b"content-type", b"").decode("latin-1"),
        _TIMESTAMP_HEADER: timestamp.decode(),
        _SIGNATURE_HEADER: signature.decode(),
    }


async def _read_body(receive: Receive) -> bytes | None:
    """Return the whole body, which the server bounds, or None when the client disconnects before its end."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)
