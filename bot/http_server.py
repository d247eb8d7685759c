"""The HTTP server of `serve` and of the playground: uvicorn's, with the limits that it has no options for.

uvicorn bounds neither headers nor the time to a request: https://github.com/Kludex/uvicorn/issues/157
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar

import httptools
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

# Limits are checked after each piece of this many bytes, so a request may exceed them by one piece.
_PIECE_SIZE = 4_096


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server allows its clients."""

    # Of a request without its body: the head, the sizes of chunks, trailers. Slack sends 600 bytes.
    head_bytes: int = 16_384
    # As many as Apache allows: https://httpd.apache.org/docs/2.4/mod/core.html#limitrequestfields
    header_count: int = 100
    body_bytes: int = 1_000_000
    # From the connection, or the first byte of a later request, to the end of the request. Slack waits 3 s.
    request_seconds: float = 10.0
    # How long a connection may stay open without a request.
    idle_seconds: float = 5.0
    # Below the 1,024 files that a process may usually have open.
    connection_count: int = 500
    # Requests that one connection may send before the first of them is answered.
    pipelined_requests: int = 16
    # Of the bodies in memory for all connections together, and up to which size a body is accepted even then.
    total_body_bytes: int = 16_000_000
    small_body_bytes: int = 32_768


def server_config(app: ASGIApp, limits: Limits | None = None, **options: Any) -> uvicorn.Config:
    """Return the configuration of a server that has these limits."""
    limits = limits or Limits()
    attributes = {"limits": limits, "shared": _SharedState()}
    return uvicorn.Config(
        app,
        http=type("LimitedConnection", (Connection,), attributes),
        ws="none",
        timeout_keep_alive=limits.idle_seconds,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        server_header=False,
        # The address of the client is not used.
        proxy_headers=False,
        **options,
    )


class Server(uvicorn.Server):
    """A server that leaves the signals to us: uvicorn would raise them again and spoil the exit status.

    `listening` is set once connections are accepted.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections."""
        await super().startup(sockets)
        self.listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield

    def stop(self) -> None:
        """Let `serve` return when the requests under way are answered."""
        self.should_exit = True


@dataclass
class _SharedState:
    """What the connections of one server share."""

    # Connections without a complete request, those that have waited longest first.
    waiting_connections: "dict[Connection, None]" = field(default_factory=dict)
    # Bytes of bodies in memory.
    buffered_bytes: int = 0


class Connection(HttpToolsProtocol):
    """A connection that is closed when it exceeds the limits.

    A new connection is always accepted: when there are too many, the one that has waited longest is closed.
    So a client that opens connections without sending requests does not keep out one that sends requests.
    """

    limits: ClassVar[Limits]
    shared: ClassVar[_SharedState]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._deadline: asyncio.TimerHandle | None = None
        self._send_deadline: asyncio.TimerHandle | None = None
        self._is_closed = False
        # Of the request that is being received: whether it is complete, whether its head is, and its bytes.
        self._is_complete, self._has_head = True, False
        self._other_bytes = self._body_bytes = 0
        # The status with which that request is refused, or 0.
        self._refusal = 0
        self._buffered_bytes = 0
        self._answering: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.shared.waiting_connections[self] = None
        if len(self.connections) > self.limits.connection_count:
            next(iter(self.shared.waiting_connections)).drop()
        if not self._is_closed:
            self._deadline = self.loop.call_later(self.limits.request_seconds, self._refuse, 408)

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_closed = True
        self._cancel_deadline()
        self._release_body()
        self.shared.waiting_connections.pop(self, None)
        if self._send_deadline is not None:
            self._send_deadline.cancel()
        if self._answering is not None:
            # uvicorn notifies only the newest of several requests, and the answers to the others would fail.
            self._answering.disconnected = True
            self._answering.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if len(data) <= _PIECE_SIZE:
            self._feed(data)
        else:
            for start in range(0, len(data), _PIECE_SIZE):
                self._feed(data[start : start + _PIECE_SIZE])
        if self._deadline is None and not self._is_closed and (not self._is_complete or self._is_idle()):
            self._deadline = self.loop.call_later(self.limits.request_seconds, self._refuse, 408)

    def _feed(self, piece: bytes) -> None:
        if self._is_closed:
            return
        self._other_bytes += len(piece)
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            # The request for another protocol is ignored: RFC 9110, section 7.8.
            pass
        except httptools.HttpParserError:
            self._refusal = self._refusal or 400
        if not self._is_complete and (
            self._other_bytes > self.limits.head_bytes or len(self.headers) > self.limits.header_count
        ):
            self._refusal = self._refusal or 431
        if len(self.pipeline) > self.limits.pipelined_requests:
            self._refusal = self._refusal or 503
        if self._refusal:
            self._refuse(self._refusal)

    # --- called by the parser

    def on_message_begin(self) -> None:
        self._is_complete = self._has_head = False
        self._other_bytes = self._body_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        if len(self.headers) > self.limits.header_count:
            self._refusal = 431
        if not self._refusal:
            super().on_headers_complete()
            self._has_head = True

    def on_body(self, body: bytes) -> None:
        size = len(body)
        self._other_bytes -= size
        self._body_bytes += size
        if self._body_bytes > self.limits.body_bytes:
            self._refusal = self._refusal or 413
        if self._refusal or self.cycle.response_complete:
            return
        self._buffered_bytes += size
        self.shared.buffered_bytes += size
        if (
            self.shared.buffered_bytes > self.limits.total_body_bytes
            and self._buffered_bytes > self.limits.small_body_bytes
        ):
            self._refusal = 503
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_complete = True
        self._cancel_deadline()
        if self._refusal:
            return
        if self.cycle.response_complete:
            # It was answered before it was complete, and read to its end so that the answer arrives.
            self._close()
            return
        self.shared.waiting_connections.pop(self, None)
        super().on_message_complete()

    # --- answering

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._close()
        elif self.cycle.response_complete or not self._is_complete:
            self._release_body()
            self.shared.waiting_connections[self] = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._send_deadline = self.loop.call_later(self.limits.request_seconds, self.drop)

    def resume_writing(self) -> None:
        if self._send_deadline is not None:
            self._send_deadline.cancel()
            self._send_deadline = None
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        self._close()

    # --- closing

    def drop(self) -> None:
        """Close the connection at once, without sending what is buffered."""
        self._is_closed = True
        # Not counted from now on, although `connection_lost` is called only later.
        self.connections.discard(self)
        self.shared.waiting_connections.pop(self, None)
        self.transport.abort()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self, status: int) -> None:
        """Close the connection, with an error where no other answer has begun or is due first."""
        if self._is_closed:
            return
        if self._has_head:
            can_answer = not self._is_complete and not self.cycle.response_started and not self.pipeline
            self.cycle.disconnected = True
        else:
            can_answer = self._is_idle()
        if can_answer and not self.transport.is_closing():
            phrase = HTTPStatus(status).phrase
            response = (
                f"HTTP/1.1 {status} {phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
                f"content-length: {len(phrase) + 1}\r\nconnection: close\r\n\r\n{phrase}\n"
            )
            self.transport.write(response.encode())
        self._close()

    def _close(self) -> None:
        """Close the connection once what is buffered is sent, at the latest after the time for a request."""
        if not self._is_closed:
            self._is_closed = True
            self.transport.close()
            if self.transport.get_write_buffer_size():
                self._send_deadline = self._send_deadline or self.loop.call_later(
                    self.limits.request_seconds, self.drop
                )

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _release_body(self) -> None:
        self.shared.buffered_bytes -= self._buffered_bytes
        self._buffered_bytes = 0
