"""Serves an ASGI application on loopback inside the running loop, for the playground and the tests."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.types import ASGIApp, Receive, Scope, Send

from bot.http_server import Limits, Server, configured


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
    `patience` seconds to finish before they are cut.
    """
    listener = socket.create_server((host, port), backlog=128)
    # asyncio sets it only for sockets whose protocol is named; without it each answer waits 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = configured(_cancellable(app), limits, date_header=False)
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
    # uvicorn has no event to wait for
    while (state.connections or state.tasks) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.002)
    for connection in list(state.connections):
        transport = getattr(connection, "transport", None)
        if transport is not None:
            transport.abort()
    # lets the connections hear that they are lost, so that a task without an answer is no error
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks = list(state.tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for listening in server.servers:
        await listening.wait_closed()
    await server.lifespan.shutdown()
