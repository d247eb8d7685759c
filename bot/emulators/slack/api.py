"""The Web API that the bot calls, and the addresses for its responses and files."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.emulators.slack.api_chat import CHAT_METHODS
from bot.emulators.slack.api_conversations import CONVERSATION_METHODS
from bot.emulators.slack.api_files import FILE_METHODS, file_download, receive_file
from bot.emulators.slack.api_people import PEOPLE_METHODS
from bot.emulators.slack.api_views import VIEW_METHODS
from bot.emulators.slack.delivery import Exchange
from bot.emulators.slack.responses import SlackError, apply_response
from bot.emulators.slack.scopes import needed_scope
from bot.emulators.slack.state import WorkspaceState

Arguments = dict[str, Any]
Method = Callable[[WorkspaceState, Arguments], Awaitable[dict[str, Any]]]

METHODS: dict[str, Method] = {
    **CHAT_METHODS,
    **CONVERSATION_METHODS,
    **FILE_METHODS,
    **PEOPLE_METHODS,
    **VIEW_METHODS,
}
# arguments that a form carries as JSON
JSON_ARGUMENTS = {"blocks", "view", "metadata", "files"}


def slack_emulator(workspace: WorkspaceState) -> Starlette:
    """Return the application that answers the bot: `/api/<method>`, `/hooks/…`, `/upload/…`, `/files/…`."""

    async def method(request: Request) -> Response:
        return await _answer_call(workspace, request)

    async def hook(request: Request) -> Response:
        return await _answer_response(workspace, request)

    async def upload(request: Request) -> Response:
        return receive_file(workspace, request.path_params["file"], await request.body())

    async def download(request: Request) -> Response:
        return file_download(workspace, request.path_params["file"])

    return Starlette(
        routes=[
            Route("/api/{method}", method, methods=["GET", "POST"]),
            Route("/hooks/{kind}/{url}", hook, methods=["POST"]),
            Route("/upload/{file}", upload, methods=["POST"]),
            Route("/files/{file}/{name}", download),
        ]
    )


async def _answer_call(workspace: WorkspaceState, request: Request) -> Response:
    """Answer one call of the Web API as Slack does: with 200, but for 429 and outages."""
    name = request.path_params["method"]
    arguments = await _arguments(request)
    token = request.headers.get("Authorization", "").removeprefix("Bearer ") or arguments.pop("token", "")
    exchange = Exchange("slack", name, arguments)
    workspace.log.append(exchange)
    started = time.perf_counter()
    failure = workspace.next_failure(name)
    headers = {
        "X-OAuth-Scopes": ",".join(sorted(workspace.scopes)),
        "X-Slack-Req-Id": str(len(workspace.log)),
    }
    if failure and failure.retry_after is not None:
        headers["Retry-After"] = str(failure.retry_after)
    if failure and not failure.after_effect:
        body: dict[str, Any] = {"ok": False, "error": failure.error}
    else:
        body = await _result(workspace, name, token, arguments)
        body = {"ok": False, "error": failure.error} if failure else body
    exchange.status, exchange.answer = failure.status if failure else 200, body
    exchange.took_ms = (time.perf_counter() - started) * 1000
    if failure and failure.is_cut:
        return _Cut()
    if failure and failure.content is not None:
        return Response(failure.content, failure.status, headers, failure.kind)
    return JSONResponse(body, exchange.status, headers)


class _Cut(Response):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # `serve` puts the transport there: ASGI has no message that closes a connection.
        scope["transport"].abort()
        # If this returned before uvicorn notices, it would log an application without an answer.
        while (await receive())["type"] != "http.disconnect":
            pass


async def _result(workspace: WorkspaceState, name: str, token: str, arguments: Arguments) -> dict[str, Any]:
    try:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        if token != workspace.bot_token:
            raise SlackError("invalid_auth" if token else "not_authed")
        channel = workspace.channels.get(str(arguments.get("channel")))
        needed = needed_scope(name, channel.kind if channel else None)
        if needed and needed not in workspace.scopes:
            provided = ",".join(sorted(workspace.scopes))
            raise SlackError("missing_scope", needed=needed, provided=provided)
        return {"ok": True, **await method(workspace, arguments)}
    except SlackError as error:
        body = {"ok": False, "error": error.error, **error.fields}
        if error.messages:
            body |= {"errors": error.messages, "response_metadata": {"messages": error.messages}}
        return body


async def _arguments(request: Request) -> Arguments:
    """Return the arguments of a call, from the query, a form or JSON as the Web API takes them."""
    arguments: Arguments = dict(request.query_params)
    kind = request.headers.get("Content-Type", "")
    if kind.startswith("application/json"):
        try:
            sent = json.loads(await request.body() or b"{}")
        except ValueError:
            sent = {}
        arguments |= sent if isinstance(sent, dict) else {}
    elif request.method == "POST":
        arguments |= dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    for name in JSON_ARGUMENTS & arguments.keys():
        if isinstance(arguments[name], str):
            arguments[name] = json.loads(arguments[name])
    return {name: value for name, value in arguments.items() if value is not None}


async def _answer_response(workspace: WorkspaceState, request: Request) -> Response:
    """Take a response that is sent to a response_url."""
    exchange = Exchange("slack", "response_url", None, raw=(await request.body()).decode())
    workspace.log.append(exchange)
    if failure := workspace.next_failure("response_url"):
        exchange.status, exchange.answer = failure.status, failure.error
        return PlainTextResponse(failure.error, failure.status)
    url = workspace.triggers.use_response_url(request.path_params["url"])
    try:
        exchange.payload = json.loads(exchange.raw)
        if isinstance(url, str):
            exchange.status, exchange.answer = 404, {"ok": False, "error": url}
        else:
            exchange.note = apply_response(
                workspace.history,
                url,
                exchange.payload,
                workspace.refused_types,
                workspace.replaces_command_answers,
            )
            exchange.status, exchange.answer = 200, "ok"
    except SlackError as error:
        exchange.status = 400
        exchange.answer = {"ok": False, "error": error.error}
        if error.messages:
            exchange.answer["response_metadata"] = {"messages": error.messages}
    except ValueError:
        exchange.status, exchange.answer = 400, {"ok": False, "error": "invalid_payload"}
    workspace.history.touch()
    if isinstance(exchange.answer, str):
        return PlainTextResponse(exchange.answer)
    return JSONResponse(exchange.answer, exchange.status)
