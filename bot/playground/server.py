"""The playground's page: what a person sees and does in the emulated Slack, in a browser."""

import asyncio
import hmac
import json
import secrets
from collections.abc import AsyncIterator
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

from bot.commands import CommandRegistry
from bot.emulators.slack import Workspace, slack_emulator
from bot.playground.actions import perform
from bot.playground.clock import MovingClock
from bot.playground.state import workspace_state
from bot.settings import Settings, is_set_up

_STATIC = Path(__file__).parent / "static"
# Nothing from other sites and nothing inline, so that no text from Figshare can run as a script.
_CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
)
_SECURITY_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
EXAMPLES = (
    "stats ours last month",
    "top downloads ours",
    "subscribe ours",
    "help",
    "views 5616445 2025",
    "timeline 5616445 by month",
    "countries 5616445",
    "search title:frog since:2024",
    "cite 5616445 bibtex",
    "new dataset",
    "draft Frog calls at night",
    "subscriptions",
)
# After so many seconds without an event a comment keeps proxies from closing the stream.
_HEARTBEAT = 15.0


class _SecurityHeaders:
    """Adds the security headers to all responses."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_SECURITY_HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class _TokenRequired:
    """Accepts only requests with the page's token, in a header or in the URL of a stream."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app, self._token = app, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        token = request.headers.get("X-Playground-Token") or request.query_params.get("token", "")
        if hmac.compare_digest(token.encode(), self._token):
            await self.app(scope, receive, send)
        else:
            error = {"error": "This page is from an earlier playground. Please reload it."}
            await JSONResponse(error, 403)(scope, receive, send)


def playground_app(
    workspace: Workspace, clock: MovingClock, banner: str, commands: CommandRegistry, settings: Settings
) -> Starlette:
    """Return an app that serves the page, and beside it what the emulated Slack serves."""
    workspace.slash_commands = {"/figshare"}
    clock.on_move.append(workspace.history.touch)
    examples = [example for example in EXAMPLES if is_set_up(example, settings)]
    page_settings = {"banner": banner, "examples": examples, "commands": _command_list(commands)}
    token = secrets.token_urlsafe()
    html = (_STATIC / "page.html").read_text("utf-8").replace("{token}", token)

    async def page(_: Request) -> Response:
        return HTMLResponse(html)

    async def state(request: Request) -> Response:
        user = request.query_params.get("user", workspace.maya)
        if user not in workspace.people:
            return JSONResponse({"error": f"there is no user {user}"}, 404)
        return JSONResponse(
            page_settings | {"now": clock(), "moved": clock.moved} | workspace_state(workspace, user)
        )

    async def action(request: Request) -> Response:
        # Another site's page would have to ask before it sends JSON here (CORS), and is never allowed to.
        if request.headers.get("Content-Type") != "application/json":
            return JSONResponse({"error": "send JSON"}, 415)
        try:
            values: dict[str, Any] = json.loads(await request.body())
            return JSONResponse(await perform(workspace, clock, request.path_params["action"], values))
        except (LookupError, ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)

    async def changes(_: Request) -> Response:
        headers = {"X-Accel-Buffering": "no"}
        return StreamingResponse(_changes(workspace), media_type="text/event-stream", headers=headers)

    with_token = [Middleware(_TokenRequired, token=token)]
    return Starlette(
        routes=[
            Route("/", page),
            Route("/playground/state", state, middleware=with_token),
            Route("/playground/changes", changes, middleware=with_token),
            Route("/playground/{action}", action, methods=["POST"], middleware=with_token),
            Mount("/static", StaticFiles(directory=_STATIC)),
            Mount("/", slack_emulator(workspace)),
        ],
        middleware=[Middleware(_SecurityHeaders)],
    )


def _command_list(commands: CommandRegistry) -> list[dict[str, str]]:
    return [
        {"name": each.name, "usage": each.usage, "summary": each.summary}
        for each in sorted(commands.all, key=commands.order)
    ]


async def _changes(workspace: Workspace) -> AsyncIterator[str]:
    """Yield an event for each change; the page then fetches the state."""
    while True:
        yield f"data: {workspace.history.changes}\n\n"
        try:
            await asyncio.wait_for(workspace.history.change(), _HEARTBEAT)
        except TimeoutError:
            yield ": still here\n\n"
