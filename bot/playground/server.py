"""The playground's page: what a person sees and does in the emulated Slack, in a browser."""

import asyncio
import hmac
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.emulators.slack import Workspace, slack_emulator
from bot.playground.actions import do
from bot.playground.clock import MovingClock
from bot.playground.state import sight

STATIC = Path(__file__).parent / "static"
# nothing from elsewhere, nothing inline: what comes from Figshare can't run here
POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
EXAMPLES = (
    "help",
    "5616445",
    "views 5616445 2025",
    "timeline 5616445 by month",
    "countries 5616445",
    "top views items 2025",
    "search title:frog since:2024",
    "cite 5616445 bibtex",
    "files 5616445",
    "new dataset",
    "draft Frog calls at night",
    "subscribe 5616445 daily",
    "subscriptions",
)
# a comment line keeps proxies from closing a quiet stream
HEARTBEAT = 15.0


class Guarded:
    """Puts the content security policy on everything a browser gets."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, guarded)


class Known:
    """Lets in who knows the token that the page was given: in a header, or in the address of a stream."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app, self._token = app, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        said = request.headers.get("X-Playground-Token") or request.query_params.get("token", "")
        if hmac.compare_digest(said.encode(), self._token):
            await self.app(scope, receive, send)
        else:
            error = {"error": "This page is from an earlier playground: load it again."}
            await JSONResponse(error, 403)(scope, receive, send)


def page(
    workspace: Workspace, clock: MovingClock, banner: str, *, examples: Sequence[str] = EXAMPLES
) -> Starlette:
    """Serve the page, and the workspace's own addresses beside it, on one port."""
    workspace.slash_commands = {"/figshare"}
    clock.on_move.append(workspace.history.touch)
    shown = {"banner": banner, "examples": list(examples)}
    token = secrets.token_urlsafe()
    html = (STATIC / "page.html").read_text("utf-8").replace("{token}", token)

    async def start(_: Request) -> Response:
        return HTMLResponse(html)

    async def state(request: Request) -> Response:
        user = request.query_params.get("user", workspace.maya)
        if user not in workspace.people:
            return JSONResponse({"error": f"nobody is called {user}"}, 404)
        return JSONResponse(shown | {"now": clock(), "moved": clock.moved} | sight(workspace, user))

    async def deed(request: Request) -> Response:
        # another site's page can't send JSON here without asking first, and is never allowed
        if request.headers.get("Content-Type") != "application/json":
            return JSONResponse({"error": "send JSON"}, 415)
        try:
            given: dict[str, Any] = json.loads(await request.body())
            return JSONResponse(await do(workspace, clock, request.path_params["deed"], given))
        except (LookupError, ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)

    async def changes(_: Request) -> Response:
        headers = {"X-Accel-Buffering": "no"}
        return StreamingResponse(_changes(workspace), media_type="text/event-stream", headers=headers)

    known = [Middleware(Known, token=token)]
    return Starlette(
        routes=[
            Route("/", start),
            Route("/playground/state", state, middleware=known),
            Route("/playground/changes", changes, middleware=known),
            Route("/playground/{deed}", deed, methods=["POST"], middleware=known),
            Mount("/static", StaticFiles(directory=STATIC)),
            Mount("/", slack_emulator(workspace)),
        ],
        middleware=[Middleware(Guarded)],
    )


async def _changes(workspace: Workspace) -> AsyncIterator[str]:
    """Tell the page that something changed; it then asks what."""
    while True:
        yield f"data: {workspace.history.changes}\n\n"
        try:
            await asyncio.wait_for(workspace.history.change(), HEARTBEAT)
        except TimeoutError:
            yield ": still here\n\n"
