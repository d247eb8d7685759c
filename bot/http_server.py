"""The HTTP server of `serve` and of the playground: uvicorn's, with the limits that it has no options for.

uvicorn bounds neither headers nor the time to a request: https://github.com/Kludex/uvicorn/issues/157
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar

import httptools
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

# What is counted is counted after each piece, so a head is bounded to a piece more than it may have.
_PIECE = 4_096


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server lets the other side take."""

    # Everything of a request beside its body: the head, the sizes of chunks, trailers. Slack sends 600 bytes.
    head: int = 16_384
    # as Apache: https://httpd.apache.org/docs/2.4/mod/core.html#limitrequestfields
    fields: int = 100
    body: int = 1_000_000
    # From the connection, or the first byte of a later request, to the whole request; Slack waits 3 seconds.
    seconds: float = 10.0
    idle: float = 5.0
    # Below the 1,024 files that a process may usually have open.
    connections: int = 500
    # Requests that one connection sends before the first of them is answered.
    pipelined: int = 16
    # Bytes of bodies that all connections hold together; what holds little is not refused for the others.
    bodies: int = 16_000_000
    small: int = 32_768


def configured(app: ASGIApp, limits: Limits | None = None, **options: Any) -> uvicorn.Config:
    """Return the configuration of a server that has these limits."""
    limits = limits or Limits()
    shared = {"limits": limits, "crowd": _Crowd()}
    return uvicorn.Config(
        app,
        http=type("LimitedConnection", (Connection,), shared),
        ws="none",
        timeout_keep_alive=limits.idle,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        server_header=False,
        # Nobody here asks for the address of who asked.
        proxy_headers=False,
        **options,
    )


class Server(uvicorn.Server):
    """A server that leaves the signals to us: uvicorn would raise them again and spoil the exit status."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield

    def stop(self) -> None:
        """Let `serve` return when the requests under way are answered."""
        self.should_exit = True


@dataclass
class _Crowd:
    """What the connections of one server share."""

    # Those that nothing is done for, idle or with a request that is not whole: the longest waiting first.
    waiting: "dict[Connection, None]" = field(default_factory=dict)
    held: int = 0


class Connection(HttpToolsProtocol):
    """A connection that is ended when it takes more than the limits say.

    A new connection is always let in: when there are too many, the one that has waited longest has to go. So
    whoever opens connections without sending requests keeps nobody out who sends a whole one.
    """

    limits: ClassVar[Limits]
    crowd: ClassVar[_Crowd]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._deadline: asyncio.TimerHandle | None = None
        self._sending: asyncio.TimerHandle | None = None
        self._ended = False
        # of the request under way: whether there is none, whether its head has come, and what it takes
        self._whole, self._headed = True, False
        self._beside = self._body = 0
        self._refused = 0
        self._held = 0
        self._answering: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.crowd.waiting[self] = None
        if len(self.connections) > self.limits.connections:
            next(iter(self.crowd.waiting)).drop()
        if not self._ended:
            self._deadline = self.loop.call_later(self.limits.seconds, self._refuse, 408)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._met()
        self._let_go()
        self.crowd.waiting.pop(self, None)
        if self._sending is not None:
            self._sending.cancel()
        if self._answering is not None:
            # uvicorn tells only the newest of several requests, and the others' answers would fail.
            self._answering.disconnected = True
            self._answering.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if len(data) <= _PIECE:
            self._feed(data)
        else:
            for start in range(0, len(data), _PIECE):
                self._feed(data[start : start + _PIECE])
        if self._deadline is None and not self._ended and (not self._whole or self._is_idle()):
            self._deadline = self.loop.call_later(self.limits.seconds, self._refuse, 408)

    def _feed(self, piece: bytes) -> None:
        if self._ended:
            return
        self._beside += len(piece)
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            # It is answered as if no other protocol were asked for: RFC 9110, section 7.8.
            pass
        except httptools.HttpParserError:
            self._refused = self._refused or 400
        if not self._whole and (self._beside > self.limits.head or len(self.headers) > self.limits.fields):
            self._refused = self._refused or 431
        if len(self.pipeline) > self.limits.pipelined:
            self._refused = self._refused or 503
        if self._refused:
            self._refuse(self._refused)

    # --- what the parser finds

    def on_message_begin(self) -> None:
        self._whole = self._headed = False
        self._beside = self._body = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        if len(self.headers) > self.limits.fields:
            self._refused = 431
        if not self._refused:
            super().on_headers_complete()
            self._headed = True

    def on_body(self, body: bytes) -> None:
        size = len(body)
        self._beside -= size
        self._body += size
        if self._body > self.limits.body:
            self._refused = self._refused or 413
        if self._refused or self.cycle.response_complete:
            return
        self._held += size
        self.crowd.held += size
        if self.crowd.held > self.limits.bodies and self._held > self.limits.small:
            self._refused = 503
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._whole = True
        self._met()
        if self._refused:
            return
        if self.cycle.response_complete:
            # It was answered before it was whole; the rest was read so that the answer arrives.
            self._end()
            return
        self.crowd.waiting.pop(self, None)
        super().on_message_complete()

    # --- answering

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._end()
        elif self.cycle.response_complete or not self._whole:
            self._let_go()
            self.crowd.waiting[self] = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._sending = self.loop.call_later(self.limits.seconds, self.drop)

    def resume_writing(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        self._end()

    # --- ending

    def drop(self) -> None:
        """End it at once, whatever is under way."""
        self._ended = True
        # counted no longer, though it is lost only when the loop comes to it
        self.connections.discard(self)
        self.crowd.waiting.pop(self, None)
        self.transport.abort()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self, status: int) -> None:
        if self._ended:
            return
        if self._headed:
            free = not self._whole and not self.cycle.response_started and not self.pipeline
            self.cycle.disconnected = True
        else:
            free = self._is_idle()
        if free and not self.transport.is_closing():
            phrase = HTTPStatus(status).phrase
            answer = (
                f"HTTP/1.1 {status} {phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
                f"content-length: {len(phrase) + 1}\r\nconnection: close\r\n\r\n{phrase}\n"
            )
            self.transport.write(answer.encode())
        self._end()

    def _end(self) -> None:
        """Close it; what the other side doesn't take in time is not kept for it."""
        if not self._ended:
            self._ended = True
            self.transport.close()
            if self.transport.get_write_buffer_size():
                self._sending = self._sending or self.loop.call_later(self.limits.seconds, self.drop)

    def _met(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _let_go(self) -> None:
        self.crowd.held -= self._held
        self._held = 0
