"""Serves an ASGI application on loopback inside the running loop, for the playground and the tests."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.http_server import Limits, Server, server_config


@asynccontextmanager
async def serve(
    app: ASGIApp,
    port: int = 0,
    *,
    host: str = "127.0.0.1",
    patience: float = 1.0,
    limits: Limits | None = None,
) -> AsyncIterator[str]:
    """Serve `app` while the block runs and yield its base URL, such as `http://127.0.0.1:40321`.

    Port 0 takes a free one. No signal handler is installed; on leaving, requests under way have
    `patience` seconds to finish before they are cut. Whoever asks for another host is refused, and so is
    what a page from elsewhere lets a browser send.
    """
    listener = socket.create_server((host, port), backlog=128)
    # asyncio sets it only for sockets whose protocol is named; without it each answer waits 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    guarded = _SameOriginOnly(_cancellable(app), host, listener.getsockname()[1])
    config = server_config(guarded, limits, date_header=False)
    config.load()
    server = Server(config)
    server.lifespan = config.lifespan_class(config)
    # Server.serve() would look every 100 ms whether to stop, and take over the signals: both are for
    # a program of its own. Started and stopped by hand it costs a millisecond.
    await server.startup(sockets=[listener])
    try:
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        await _stop(server, patience)
        listener.close()


class _SameOriginOnly:
    """Refuses what is not meant for this server, whose address any page in a browser can reach.

    A page whose name was rebound to this address is known by its Host, one from elsewhere by its Origin or,
    where a browser sends none, by Sec-Fetch-Site: https://www.w3.org/TR/fetch-metadata/
    """

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._app = app
        names = {f"[{host}]" if ":" in host else host, "localhost"}
        # a browser leaves the usual port out
        self._hosts = {f"{name}:{port}".encode() for name in names}
        self._hosts |= {name.encode() for name in names} if port == 80 else set()
        self._origins = {b"http://" + each for each in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_allowed(scope):
            await PlainTextResponse("not from another page or by another name\n", 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name, []).append(value)
        hosts, sites = headers.get(b"host", []), headers.get(b"sec-fetch-site", [])
        is_followed_link = scope["method"] == "GET" and headers.get(b"sec-fetch-dest") == [b"document"]
        return (
            len(hosts) == 1
            and hosts[0].lower() in self._hosts
            and self._origins.issuperset(headers.get(b"origin", ()))
            # A link from elsewhere may be followed: it shows the page to the person, not to the other page.
            and (is_followed_link or all(site in (b"same-origin", b"none") for site in sites))
        )


def _cancellable(app: ASGIApp) -> ASGIApp:
    async def cancellable(scope: Scope, receive: Receive, send: Send) -> None:
        # uvicorn's `send` is a method of the request's cycle
        scope["transport"] = getattr(getattr(send, "__self__", None), "transport", None)
        # uvicorn logs a traceback for every exception, also for a request that we cut ourselves.
        with suppress(asyncio.CancelledError):
            await app(scope, receive, send)

    return cancellable


async def _stop(server: Server, patience: float) -> None:
    for listening in server.servers:
        listening.close()
    state = server.server_state
    for connection in list(state.connections):
        connection.shutdown()
    deadline = time.monotonic() + patience
    # uvicorn has no event to wait for.
    while (state.connections or state.tasks) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.002)
    for connection in list(state.connections):
        transport = getattr(connection, "transport", None)
        if transport is not None:
            transport.abort()
    # Lets `connection_lost` run, so that uvicorn logs no error for a task without an answer.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks = list(state.tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for listening in server.servers:
        await listening.wait_closed()
    await server.lifespan.shutdown()
