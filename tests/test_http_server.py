"""What becomes of connections that take more than a request may, and of ordinary ones beside them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest
import uvloop
from starlette.types import Receive, Scope, Send

from bot.emulators.server import serve
from bot.http_server import Limits

Run = Callable[[Coroutine[Any, Any, None]], None]
on_both_loops = pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
HASTY = Limits(request_seconds=0.1, idle_seconds=0.1)
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


async def counting(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body, unless the path says otherwise, and answer with its size."""
    size, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    if scope["path"] == "/slow":
        await asyncio.sleep(0.1)
    said = b"x" * 8_000_000 if scope["path"] == "/much" else b"%d" % size
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(said))]}
    )
    await send({"type": "http.response.body", "body": said})


def get(path: str = "/", more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: a\r\n{more}\r\n".encode()


def post(body: bytes) -> bytes:
    return b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class Client:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        host, port = self.writer.get_extra_info("peername")
        self.writer.write(data.replace(b"Host: a", f"Host: {host}:{port}".encode()))
        await self.writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 2)
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        return int(head.split()[1]), await self.reader.readexactly(length)

    async def end(self, within: float = 2.0) -> bytes:
        """Read until the server closes, and return what it said; raises TimeoutError when it doesn't."""
        said = b""
        with suppress(ConnectionError):
            async with asyncio.timeout(within):
                while part := await self.reader.read(65_536):
                    said += part
        return said


async def served(limits: Limits, test: Callable[[Callable[[], Awaitable[Client]]], Awaitable[None]]) -> None:
    async with serve(counting, limits=limits) as base:
        port, opened = int(base.rpartition(":")[2]), list[Client]()

        async def connect() -> Client:
            opened.append(Client(*await asyncio.open_connection("127.0.0.1", port)))
            return opened[-1]

        try:
            await test(connect)
        finally:
            for client in opened:
                client.writer.transport.abort()
            # lets both sides hear of it
            await asyncio.sleep(0.01)


ENDLESS = {
    "a path": (b"GET /", b"a" * 1_000, 431),
    "a field's name": (b"GET / HTTP/1.1\r\n", b"a" * 1_000, 431),
    "a field's value": (b"GET / HTTP/1.1\r\nA: ", b"a" * 1_000, 431),
    "fields": (b"GET / HTTP/1.1\r\n", b"A: b\r\n" * 100, 431),
    "large fields": (b"GET / HTTP/1.1\r\n", b"A: " + b"b" * 1_000 + b"\r\n", 431),
    "a body": (CHUNKED, b"2710\r\n" + b"a" * 10_000 + b"\r\n", 413),
    "chunks of one byte": (CHUNKED, b"1\r\na\r\n" * 100, 431),
    "a chunk's extension": (CHUNKED + b"1;", b"a" * 1_000, 431),
    "trailers": (CHUNKED + b"0\r\n", b"A: " + b"b" * 1_000 + b"\r\n", 431),
    "a trailer": (CHUNKED + b"0\r\nA: ", b"a" * 1_000, 431),
    "requests that wait for one": (post(b"")[:-2] + b"A: b\r\n\r\n", get() * 100, 503),
}


@on_both_loops
@pytest.mark.parametrize("name", ENDLESS)
def test_endless_request_is_cut_off(run: Run, name: str):
    start, more, status = ENDLESS[name]

    async def test(connect):
        client, sent = await connect(), 0
        with suppress(ConnectionError):
            await client.send(start)
            # far more than what lies in the buffers of two sockets
            while sent < 30_000_000 and not client.writer.is_closing():
                await client.send(more)
                sent += len(more)
                await asyncio.sleep(0)
        assert sent < 30_000_000
        said = await client.end()
        # who still sends when it is closed may not read the answer
        assert said == b"" or b" %d " % status in said or name.startswith("requests")
        assert (await _asked(connect))[0] == 200

    run(served(Limits(), test))


async def _asked(connect: Callable[[], Awaitable[Client]]) -> tuple[int, bytes]:
    client = await connect()
    await client.send(get())
    return await client.answer()


HALF = {
    "nothing": b"",
    "a part of a line": b"POST /sla",
    "a part of a head": b"POST / HTTP/1.1\r\nHost: a\r\n",
    "a head without its body": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
    "a part of a body": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc",
    "a part of a second request": get() + b"GET /",
}


@on_both_loops
@pytest.mark.parametrize("name", HALF)
def test_incomplete_request_is_closed_in_time(run: Run, name: str):
    async def test(connect):
        clients = [await connect() for _ in range(20)]
        for client in clients:
            await client.send(HALF[name])
        for client in clients:
            assert b" 408 " in await client.end()

    run(served(HASTY, test))


@on_both_loops
@pytest.mark.parametrize("drop", [b"\r\n", b"A: b\r\n"], ids=["empty lines", "fields"])
def test_trickling_request_is_closed_in_time(run: Run, drop: bytes):
    async def test(connect):
        for start in (b"", get()) if drop == b"\r\n" else (b"GET / HTTP/1.1\r\n",):
            client, began = await connect(), time.monotonic()
            with suppress(ConnectionError):
                await client.send(start)
                while not client.writer.is_closing() and time.monotonic() - began < 2:
                    await client.send(drop)
                    await asyncio.sleep(0.02)
            assert time.monotonic() - began < 1

    run(served(HASTY, test))


@on_both_loops
def test_idle_connection_is_closed(run: Run):
    async def test(connect):
        client = await connect()
        await client.send(get())
        assert await client.answer() == (200, b"0")
        assert await client.end() == b""

    run(served(HASTY, test))


@on_both_loops
def test_response_that_is_not_read_is_dropped(run: Run):
    async def test(connect):
        client = await connect()
        await client.send(get("/much"))
        await asyncio.sleep(0.3)
        # what was sent until then lies in the buffers
        assert len(await client.end()) < 8_000_000

    run(served(HASTY, test))


@on_both_loops
def test_new_connection_is_accepted_when_there_are_too_many(run: Run):
    async def test(connect):
        for start in (b"", b"POST / HTTP/1.1\r\n", get()):
            many = [await connect() for _ in range(60)]
            for client in many:
                with suppress(ConnectionError):
                    await client.send(start)
            assert await _asked(connect) == (200, b"0")
            # the longest waiting had to go
            for client in many[:30]:
                await client.end(0.5)

    run(served(Limits(connection_count=20), test))


@on_both_loops
def test_request_under_way_is_not_closed_for_a_new_one(run: Run):
    async def test(connect):
        busy = await connect()
        await busy.send(get("/slow"))
        for _ in range(30):
            await connect()
        assert await busy.answer() == (200, b"0")

    run(served(Limits(connection_count=10), test))


@on_both_loops
def test_concurrent_large_bodies_are_bounded(run: Run):
    async def test(connect):
        head, refused = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n", 0
        held = [await connect() for _ in range(10)]
        for client in held:
            await client.send(head + b"a" * 60_000)
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    refused += b" 503 " in await client.reader.read(1_000)
        assert refused == 7
        client = await connect()
        await client.send(post(b"a" * 20_000))
        assert await client.answer() == (200, b"20000")
        # what has gone or is answered is held no more
        held[0].writer.transport.abort()
        await asyncio.sleep(0.02)
        for client in held[1:3]:
            await client.send(b"a" * 30_000)
            assert await client.answer() == (200, b"90000")
        client = await connect()
        await client.send(post(b"a" * 190_000))
        assert await client.answer() == (200, b"190000")

    run(served(Limits(total_body_bytes=200_000), test))


ORDINARY = {
    "a body in several pieces": ([post(b"abcdefgh")[:-6], b"cd", b"efgh"], [(200, b"8")]),
    "a head in several pieces": ([get()[:10], get()[10:24], get()[24:]], [(200, b"0")]),
    "a body in chunks": ([CHUNKED + b"3\r\nabc\r\n", b"5\r\ndefgh\r\n0\r\n\r\n"], [(200, b"8")]),
    "a body of a megabyte": ([post(b"a" * 1_000_000)], [(200, b"1000000")]),
    "a large head": ([get("/", f"A: {'b' * 12_000}\r\n")], [(200, b"0")]),
    "one after another": ([get(), post(b"abc"), get()], [(200, b"0"), (200, b"3"), (200, b"0")]),
    "several at once": ([get() + post(b"abc") + post(b"d")], [(200, b"0"), (200, b"3"), (200, b"1")]),
    "several, cut anywhere": (
        [get() + post(b"abc")[:10], post(b"abc")[10:] + get()],
        [(200, b"0"), (200, b"3"), (200, b"0")],
    ),
    "another protocol wished for": ([get("/", "Connection: upgrade\r\nUpgrade: h2c\r\n")], [(200, b"0")]),
}


@on_both_loops
@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_request_is_answered(run: Run, name: str):
    async def test(connect):
        parts, answers = ORDINARY[name]
        client = await connect()
        for part in parts:
            await client.send(part)
            await asyncio.sleep(0.01)
        assert [await client.answer() for _ in answers] == answers

    run(served(Limits(), test))


@on_both_loops
def test_response_before_the_end_of_the_request_arrives(run: Run):
    async def test(connect):
        client = await connect()
        await client.send(b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n")
        await client.send(b"a" * 200_000)
        assert await client.answer() == (200, b"0")
        assert await client.end() == b""

    run(served(Limits(), test))


@on_both_loops
def test_client_that_leaves_a_pipeline_is_no_error(run: Run, caplog: pytest.LogCaptureFixture):
    async def test(connect):
        for more in (b"", get(), get("/slow") * 3, post(b"abc")[:-1]):
            client = await connect()
            await client.send(get("/slow") + more)
            await asyncio.sleep(0.01)
            client.writer.transport.abort()
        await asyncio.sleep(0.2)

    run(served(Limits(), test))
    assert not [each for each in caplog.records if each.levelname in ("WARNING", "ERROR")]


WRONG = {
    "no HTTP": b"\x16\x03\x01 hello\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
    "a length and chunks": b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    "an enormous length": b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n",
    "a tunnel": b"CONNECT example.org:443 HTTP/1.1\r\n\r\n",
    "a path of bytes": b"GET /\xff\xfe HTTP/1.1\r\n\r\n",
    "no address": b"GET http://[::1 HTTP/1.1\r\n\r\n",
}


@on_both_loops
@pytest.mark.parametrize("name", WRONG)
def test_malformed_request_is_refused(run: Run, name: str, caplog: pytest.LogCaptureFixture):
    async def test(connect):
        client = await connect()
        await client.send(WRONG[name])
        assert (await client.answer())[0] == 400
        assert await client.end() == b""

    run(served(Limits(), test))
    assert not [each for each in caplog.records if each.levelname in ("WARNING", "ERROR")]
