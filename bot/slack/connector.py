"""How requests leave for Slack: none after its message's deadline, none to another host by a redirect."""

import socket
from typing import Any

import aiohttp

from bot.digests.delivery.send_once import SEND_TIMEOUT, deadline_passed


class DeadlineRequest(aiohttp.ClientRequest):
    """A request that leaves before the deadline of its message, or not at all."""

    async def write_bytes(self, writer: Any, conn: Any, content_length: int | None = None) -> None:
        """Write the body, or close the connection before the first byte when the deadline has passed.

        The caller then gets a connection error, which leaves the outcome unknown as any other does.
        """
        if deadline_passed.get()():
            conn.close()
            return
        await super().write_bytes(writer, conn, content_length)


class RedirectRefused(aiohttp.ClientError):
    """Raised when a response redirects: what is meant for Slack is sent nowhere else."""


async def refuse_redirects(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send a request and follow no redirect, also where the caller has not forbidden it."""
    response = await send(request)
    if response.status in (301, 302, 303, 307, 308):
        response.close()
        raise RedirectRefused
    return response


def new_connector() -> aiohttp.TCPConnector:
    """Return a connector whose sockets stop sending soon after the bot has given up a request.

    Where packets are lost, the system repeats them for minutes, also for a process that has closed its socket
    or has ended: TCP_USER_TIMEOUT of https://man7.org/linux/man-pages/man7/tcp.7.html ends that.
    """
    return aiohttp.TCPConnector(socket_factory=_open_socket if hasattr(socket, "TCP_USER_TIMEOUT") else None)


def _open_socket(address: Any) -> socket.socket:
    family, kind, protocol, *_ = address
    new_socket = socket.socket(family, kind, protocol)
    new_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(SEND_TIMEOUT * 1_000))
    return new_socket
