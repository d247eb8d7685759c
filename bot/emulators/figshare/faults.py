"""What can be made to go wrong between a client and the emulator, request by request."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FaultKind = Literal["answer", "blocked", "challenge", "throttled", "cut", "huge", "reset", "lost"]

# recorded on 2025-12-28 from a blocked address
WAF_403 = b"""<html>
<head><title>403 Forbidden</title></head>
<body>
<center><h1>403 Forbidden</h1></center>
</body>
</html>

"""
CHUNK = b"a" * 65_536


@dataclass
class Fault:
    """One thing that goes wrong; see Faults.add."""

    path: str
    kind: FaultKind | None
    status: int
    body: bytes
    headers: Mapping[str, str]
    delay: float
    times: int | None
    method: str | None
    exact: bool
    size: int
    happened: int = 0

    def applies_to(self, method: str, path: str) -> bool:
        if self.times is not None and self.happened >= self.times:
            return False
        matches = path == self.path if self.exact else path.startswith(self.path)
        return matches and self.method in {None, method}


@dataclass
class Faults:
    """The faults that wait to happen, in the order they were added."""

    waiting: list[Fault] = field(default_factory=list)

    def add(
        self,
        path: str = "/",
        *,
        kind: FaultKind | None = None,
        status: int = 200,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        times: int | None = 1,
        method: str | None = None,
        exact: bool = False,
        retry_after: float | None = None,
        size: int = 16_000_000,
    ) -> Fault:
        """Let the next `times` requests below `path` go wrong (None: until removed), and return the fault.

        Without a kind, a status other than 200, a body or headers replace the answer; only a `delay`
        (seconds) holds it back and then lets it through. Kinds: `blocked` (the recorded HTML 403),
        `challenge` (202 with x-amzn-waf-action), `throttled` (429, with Retry-After if `retry_after` is
        given), `cut` (drops the connection in the middle of the body), `huge` (streams `size` bytes),
        `reset` (closes the connection without an answer), `lost` (does what the request says, then
        as `reset`; a delay comes in between). `happened` counts on the fault itself.
        """
        if kind is None and (status != 200 or body or headers):
            kind = "answer"
        usual_status, fault_headers = _usual_answer(kind, retry_after)
        if usual_status is not None:
            status = usual_status
        if kind == "blocked":
            body = WAF_403
        fault_headers |= headers or {}
        fault = Fault(path, kind, status, body, fault_headers, delay, times, method, exact, size)
        self.waiting.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        self.waiting.remove(fault)

    def clear(self) -> None:
        self.waiting.clear()

    def next(self, method: str, path: str) -> Fault | None:
        for fault in self.waiting:
            if fault.applies_to(method, path):
                fault.happened += 1
                return fault
        return None


def _usual_answer(kind: FaultKind | None, retry_after: float | None) -> tuple[int | None, dict[str, str]]:
    if kind == "blocked":
        return 403, {"content-type": "text/html", "server": "nginx"}
    if kind == "challenge":
        waf = {"content-type": "text/html; charset=UTF-8", "x-amzn-waf-action": "challenge"}
        return 202, {**waf, "server": "awselb/2.0", "cache-control": "no-store, max-age=0"}
    if kind == "throttled":
        return 429, {} if retry_after is None else {"retry-after": f"{retry_after:g}"}
    return None, {}


async def apply_fault(fault: Fault, receive: Receive, send: Send) -> bool:
    """Answer as the fault says, and return whether that was the answer."""
    if fault.delay:
        await asyncio.sleep(fault.delay)
    if fault.kind is None:
        return False
    if fault.kind == "reset":
        await _drop(receive, send)
    elif fault.kind == "cut":
        body = fault.body or b'[{"id": 5616445, "title": "Using'
        await send(
            _start(fault.status, {"content-type": "application/json", **fault.headers}, len(body) + 4096)
        )
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await asyncio.sleep(0.01)
        await _drop(receive, send, gently=True)
    elif fault.kind == "huge":
        await send(_start(fault.status, {"content-type": "application/json", **fault.headers}, None))
        for offset in range(0, fault.size, len(CHUNK)):
            part = CHUNK[: fault.size - offset]
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    else:
        await send(_start(fault.status, fault.headers, len(fault.body)))
        await send({"type": "http.response.body", "body": fault.body})
    return True


async def apply_without_answer(
    app: ASGIApp, fault: Fault, scope: Scope, receive: Receive, send: Send
) -> None:
    """Let the app do what the request says, and drop its answer."""

    async def nowhere(message: Message) -> None:
        pass

    await app(scope, receive, nowhere)
    await asyncio.sleep(fault.delay)
    await _drop(receive, send)


def _start(status: int, headers: Mapping[str, str], length: int | None) -> Message:
    raw_headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    if length is not None and b"content-length" not in dict(raw_headers):
        raw_headers.append((b"content-length", str(length).encode()))
    return {"type": "http.response.start", "status": status, "headers": raw_headers}


async def _drop(receive: Receive, send: Send, *, gently: bool = False) -> None:
    # ASGI has no message for this; uvicorn's `send` is a method of the request's cycle, which has it.
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("the emulator closes the connection")
    if gently:
        transport.close()
    else:
        transport.abort()
    # If this returned before uvicorn notices, it would log an application without an answer.
    while (await receive())["type"] != "http.disconnect":
        pass
