"""The HTTP side: Slack's requests handed to Bolt, health, readiness and metrics."""

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

_TIMESTAMP, _SECONDS = "x-slack-request-timestamp", re.compile(rb"[0-9]{1,12}")
_SIGNATURE, _SIGNED = "x-slack-signature", re.compile(rb"v0=[0-9a-f]{64}")


def routes(metrics: Metrics, ready: Callable[[], Awaitable[list[str]]]) -> Starlette:
    """Serve `/health`, `/ready` and `/metrics`; `ready` names the things that can't be used."""

    async def health(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readiness(request: Request) -> Response:
        missing = await ready()
        return PlainTextResponse(
            "".join(f"{each}\n" for each in missing) or "ready\n", 503 if missing else 200
        )

    async def numbers(request: Request) -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    app = Starlette(routes=[Route("/health", health), Route("/ready", readiness), Route("/metrics", numbers)])
    # It would send people to the host that the request names.
    app.router.redirect_slashes = False
    return app


class Web:
    """Hands to Bolt what Slack has signed; what Bolt would answer with 500 is refused with a 4xx instead.

    Does what Bolt's ASGI adapter does, but for reading the body and an empty query twice. Bolt would read a
    body before it checks who sent it, so the signature is checked here, and by Bolt no more.
    """

    def __init__(self, slack: AsyncApp | None, signing_secret: str, others: ASGIApp) -> None:
        # With no secret, nothing can be signed and nothing is taken.
        self._slack = slack if signing_secret else None
        self._verifier = SignatureVerifier(signing_secret or "none")
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or scope["path"] != EVENTS_PATH or self._slack is None:
            await self._others(scope, receive, send)
        elif scope["method"] != "POST":
            await PlainTextResponse("POST only\n", 405)(scope, receive, send)
        elif (headers := _headers(scope)) is None:
            await _unsigned(scope, receive, send)
        elif (body := await _body(receive)) is not None:
            await self._take(self._slack, body, headers, scope, receive, send)

    async def _take(
        self, slack: AsyncApp, raw: bytes, headers: dict[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            body = raw.decode()
            if not self._verifier.is_valid(body, headers[_TIMESTAMP], headers[_SIGNATURE]):
                return await _unsigned(scope, receive, send)
            answer = await slack.async_dispatch(AsyncBoltRequest(body=body, headers={**headers}))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            log.info("an unreadable request", extra={"cause": type(error).__name__})
            return await PlainTextResponse("unreadable\n", 400)(scope, receive, send)
        await _send(answer, send)


async def _unsigned(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("not signed by Slack\n", 401)(scope, receive, send)


async def _send(answer: BoltResponse, send: Send) -> None:
    body = answer.body.encode()
    headers = [(name.encode(), value.encode()) for name, values in answer.headers.items() for value in values]
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _headers(scope: Scope) -> dict[str, str] | None:
    """Give the headers that Bolt needs, or nothing when they are not as Slack sends them."""
    sent = dict(scope["headers"])
    timestamp, signature = sent.get(b"x-slack-request-timestamp", b""), sent.get(b"x-slack-signature", b"")
    if not _SECONDS.fullmatch(timestamp) or not _SIGNED.fullmatch(signature):
        return None
    return {
        "content-type": sent.get(b"content-type", b"").decode("latin-1"),
        _TIMESTAMP: timestamp.decode(),
        _SIGNATURE: signature.decode(),
    }


async def _body(receive: Receive) -> bytes | None:
    """Give the whole body, which the server bounds; nothing when the other side is gone before its end."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)
