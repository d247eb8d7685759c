"""How requests leave for Slack: none once it is too late for it, and none still on its way after that."""

import socket
from typing import Any

import aiohttp

from bot.digests.delivery.send_once import LONGEST, is_late


class Request(aiohttp.ClientRequest):
    """A request that leaves in time or not at all."""

    async def write_bytes(self, writer: Any, conn: Any, content_length: int | None = None) -> None:
        """Write it, or close the connection before its first byte: whoever asks then knows no outcome."""
        if is_late.get()():
            conn.close()
            return
        await super().write_bytes(writer, conn, content_length)


class Redirected(aiohttp.ClientError):
    """Raised when an answer leads elsewhere: what is meant for Slack goes nowhere else."""


async def unredirected(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send a request and follow no redirect, whoever forgot to say so."""
    answer = await send(request)
    if answer.status in (301, 302, 303, 307, 308):
        answer.close()
        raise Redirected
    return answer


def connector() -> aiohttp.TCPConnector:
    """Give connections on which nothing is sent again and again after somebody has given it up.

    Where packets are lost, the system goes on for minutes, also for a process that has closed its end or is
    no more: TCP_USER_TIMEOUT of https://man7.org/linux/man-pages/man7/tcp.7.html ends that.
    """
    return aiohttp.TCPConnector(socket_factory=_socket if hasattr(socket, "TCP_USER_TIMEOUT") else None)


def _socket(address: Any) -> socket.socket:
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(LONGEST * 1_000))
    return made
