"""Receives Slack's requests over a WebSocket that the bot opens: https://docs.slack.dev/apis/events-api/using-socket-mode."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

log = logging.getLogger(__name__)

# Slack waits this long for an acknowledgement, so none needs longer.
_ACKNOWLEDGEMENT_TIMEOUT = 3.0
_MIN_RETRY_WAIT, _MAX_RETRY_WAIT = 1.0, 60.0


@asynccontextmanager
async def open_socket_mode(app: AsyncApp, app_token: str) -> AsyncIterator[None]:
    """Connect in the background for as long as the context is open.

    On leaving, send the acknowledgements that are still due before the socket closes.
    """
    handler = _Handler(app, app_token)
    connecting = asyncio.create_task(_connect(handler))
    try:
        yield
    finally:
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        if handler.unacknowledged:
            await asyncio.wait(handler.unacknowledged, timeout=_ACKNOWLEDGEMENT_TIMEOUT)
        await handler.close_async()  # type: ignore[no-untyped-call]


class _Handler(AsyncSocketModeHandler):
    """Remembers which requests wait for their acknowledgement, which needs the socket that they came by."""

    def __init__(self, app: AsyncApp, app_token: str) -> None:
        super().__init__(app, app_token)
        # slack_sdk has read the proxy from the environment, also for addresses on this machine.
        self.client.proxy = app.client.proxy
        self.unacknowledged = set[asyncio.Task[None]]()

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Handle a request as Bolt does, and remember it until it is acknowledged."""
        task = asyncio.create_task(super().handle(client, req))
        self.unacknowledged.add(task)
        task.add_done_callback(self.unacknowledged.discard)
        await task


async def _connect(handler: AsyncSocketModeHandler) -> None:
    """Connect, however often that has to be tried; slack_sdk itself reconnects afterwards."""
    wait = _MIN_RETRY_WAIT
    while True:
        try:
            return await handler.connect_async()  # type: ignore[no-untyped-call, no-any-return]
        except (SlackClientError, OSError, TimeoutError) as error:
            log.warning(
                "socket mode not connected yet", extra={"cause": type(error).__name__, "again_in": wait}
            )
        await asyncio.sleep(wait)
        wait = min(wait * 2, _MAX_RETRY_WAIT)
