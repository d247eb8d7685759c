"""The Web API the bot calls, and the addresses it answers to: `/api/<method>`, `/hooks/…`, `/upload/…`."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.standin.slack import api_chat, api_conversations, api_files, api_people, api_views
from bot.standin.slack.delivery import Exchange
from bot.standin.slack.hooks import Rejected, answer

if TYPE_CHECKING:
    from bot.standin.slack.workspace import Workspace

Arguments = dict[str, Any]
Method = Callable[["Workspace", Arguments], Awaitable[dict[str, Any]]]

METHODS: dict[str, Method] = {
    **api_chat.METHODS,
    **api_conversations.METHODS,
    **api_people.METHODS,
    **api_views.METHODS,
    **api_files.METHODS,
}
# methods that need no token
OPEN = {"api.test", "blocks.validate"}
# arguments that a form carries as JSON
STRUCTURED = {"blocks", "view", "attachments", "metadata", "files", "message", "unfurls"}


def application(workspace: "Workspace") -> Starlette:
    async def method(request: Request) -> Response:
        return await call(workspace, request)

    async def hook(request: Request) -> Response:
        return await respond(workspace, request)

    async def upload(request: Request) -> Response:
        return api_files.receive(workspace, request.path_params["file"], await request.body())

    async def download(request: Request) -> Response:
        return api_files.download(workspace, request.path_params["file"])

    return Starlette(
        routes=[
            Route("/api/{method}", method, methods=["GET", "POST"]),
            Route("/hooks/{kind}/{hook}", hook, methods=["POST"]),
            Route("/upload/{file}", upload, methods=["POST"]),
            Route("/files/{file}/{name}", download),
        ]
    )


async def call(workspace: "Workspace", request: Request) -> Response:
    """Answer one call of the Web API as Slack does: always 200 but for 429 and outages."""
    name = request.path_params["method"]
    arguments = await _arguments(request)
    token = request.headers.get("Authorization", "").removeprefix("Bearer ") or arguments.pop("token", "")
    exchange = Exchange("slack", name, arguments)
    workspace.log.append(exchange)
    started = time.perf_counter()
    trouble = workspace.next_trouble(name)
    headers = {
        "X-OAuth-Scopes": ",".join(sorted(workspace.scopes)),
        "X-Slack-Req-Id": str(len(workspace.log)),
    }
    if trouble and trouble.retry_after is not None:
        headers["Retry-After"] = str(trouble.retry_after)
    if trouble and not trouble.after_effect:
        body: dict[str, Any] = {"ok": False, "error": trouble.error}
    else:
        body = await _result(workspace, name, token, arguments)
        body = {"ok": False, "error": trouble.error} if trouble else body
    exchange.status, exchange.answer = trouble.status if trouble else 200, body
    exchange.took_ms = (time.perf_counter() - started) * 1000
    if trouble and trouble.is_cut:
        return _Cut()
    if trouble and trouble.content is not None:
        return Response(trouble.content, trouble.status, headers, trouble.kind)
    return JSONResponse(body, exchange.status, headers)


class _Cut(Response):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # which `serve` puts there: ASGI has no word for closing a connection
        scope["transport"].abort()
        # returning before uvicorn has heard of it would log an application without an answer
        while (await receive())["type"] != "http.disconnect":
            pass


async def _result(workspace: "Workspace", name: str, token: str, arguments: Arguments) -> dict[str, Any]:
    try:
        method = METHODS.get(name)
        if method is None:
            raise Rejected("unknown_method", req_method=name)
        if name not in OPEN and token != workspace.bot_token:
            raise Rejected("invalid_auth" if token else "not_authed")
        return {"ok": True, **await method(workspace, arguments)}
    except Rejected as refusal:
        body = {"ok": False, "error": refusal.error, **refusal.more}
        if refusal.messages:
            body |= {"errors": refusal.messages, "response_metadata": {"messages": refusal.messages}}
        return body


async def _arguments(request: Request) -> Arguments:
    """Read arguments from the query, a form or JSON, as the Web API does."""
    arguments: Arguments = dict(request.query_params)
    kind = request.headers.get("Content-Type", "")
    if kind.startswith("application/json"):
        try:
            given = json.loads(await request.body() or b"{}")
        except ValueError:
            given = {}
        arguments |= given if isinstance(given, dict) else {}
    elif request.method == "POST":
        arguments |= dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    for name in STRUCTURED & arguments.keys():
        if isinstance(arguments[name], str):
            try:
                arguments[name] = json.loads(arguments[name])
            except ValueError:
                arguments[name] = [arguments[name]]
    for name, value in arguments.items():
        if isinstance(value, str) and value.lower() in ("true", "false"):
            arguments[name] = value.lower() == "true"
    return {name: value for name, value in arguments.items() if value is not None}


async def respond(workspace: "Workspace", request: Request) -> Response:
    """Take an answer at a response_url."""
    exchange = Exchange("slack", "response_url", None, raw=(await request.body()).decode())
    workspace.log.append(exchange)
    hook = workspace.triggers.use(request.path_params["hook"])
    try:
        exchange.payload = json.loads(exchange.raw)
        if isinstance(hook, str):
            exchange.status, exchange.answer = 404, {"ok": False, "error": hook}
        else:
            exchange.note = answer(workspace.history, hook, exchange.payload, workspace.refuse)
            exchange.status, exchange.answer = 200, "ok"
    except Rejected as refusal:
        exchange.status = 400
        exchange.answer = {"ok": False, "error": refusal.error}
        if refusal.messages:
            exchange.answer["response_metadata"] = {"messages": refusal.messages}
    except ValueError:
        exchange.status, exchange.answer = 400, {"ok": False, "error": "invalid_payload"}
    workspace.history.touch()
    if isinstance(exchange.answer, str):
        return PlainTextResponse(exchange.answer)
    return JSONResponse(exchange.answer, exchange.status)
