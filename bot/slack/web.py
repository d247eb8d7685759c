"""The HTTP side: Slack's requests through Bolt's ASGI adapter, health, readiness and metrics."""

import logging
import re
from collections.abc import Awaitable, Callable

from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.metrics import Metrics

log = logging.getLogger(__name__)

EVENTS = "/slack/events"
LARGEST_BODY = 1_000_000
_SIGNED = (b"x-slack-request-timestamp", b"x-slack-signature")


def routes(metrics: Metrics, ready: Callable[[], Awaitable[list[str]]]) -> Starlette:
    """Serve `/health`, `/ready` and `/metrics`; `ready` gives a line for each thing that can't be used."""

    async def health(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readiness(request: Request) -> Response:
        missing = await ready()
        return PlainTextResponse(
            "".join(f"{each}\n" for each in missing) or "ready\n", 503 if missing else 200
        )

    async def numbers(request: Request) -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return Starlette(
        routes=[Route("/health", health), Route("/ready", readiness), Route("/metrics", numbers)]
    )


class Web:
    """Guards Bolt's adapter: what it would answer with 500 is refused with a 4xx before it gets there."""

    def __init__(self, slack: AsyncSlackRequestHandler | None, others: ASGIApp) -> None:
        self._slack, self._others = slack, others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or scope["path"] != EVENTS or self._slack is None:
            await self._others(scope, receive, send)
        elif scope["method"] != "POST":
            await PlainTextResponse("POST only\n", 405)(scope, receive, send)
        elif not _has_sane_headers(scope):
            await PlainTextResponse("not signed by Slack\n", 401)(scope, receive, send)
        else:
            await self._receive(scope, receive, send)

    async def _receive(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._slack is not None
        body = await _body(receive)
        if body is None:
            await PlainTextResponse("too large\n", 413)(scope, receive, send)
            return
        started = False

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._slack(scope, again, watched)  # type: ignore[arg-type]
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            # Bolt reads a body before it checks who sent it: what it can't read is the sender's mistake.
            log.info("an unreadable request", extra={"cause": type(error).__name__})
            if not started:
                await PlainTextResponse("unreadable\n", 400)(scope, receive, send)


def _has_sane_headers(scope: Scope) -> bool:
    found = {name: value for name, value in scope["headers"] if name in _SIGNED}
    timestamp, signature = (found.get(name, b"") for name in _SIGNED)
    return bool(re.fullmatch(rb"[0-9]{1,12}", timestamp)) and bool(
        re.fullmatch(rb"v0=[0-9a-f]{64}", signature)
    )


async def _body(receive: Receive) -> bytes | None:
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            return None
        if not message.get("more_body"):
            return body
