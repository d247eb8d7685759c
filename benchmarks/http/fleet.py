"""Starts the servers as processes of their own; Slack and Figshare are our emulators on loopback."""

import asyncio
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.http.signed import SECRET, command
from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Server:
    """A server under test; `started` is the seconds from its process to its first answer."""

    name: str
    kind: str
    pid: int
    port: int
    started: float

    def cpu(self) -> float:
        """Give the CPU seconds it has used, to the nanosecond: clock_getcpuclockid(3)."""
        return time.clock_gettime((~self.pid << 3) | 2)

    def memory(self) -> int:
        """Give its resident bytes."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


@asynccontextmanager
async def stubs() -> AsyncIterator[Mapping[str, str]]:
    """Serve the emulators and give the environment that leads to them."""
    token = "xoxb-benchmark"
    async with (
        Workspace(signing_secret=SECRET, bot_token=token) as slack,
        serve(slack_emulator(slack)) as slack_url,
        serve(figshare_emulator()) as figshare_url,
    ):
        with tempfile.TemporaryDirectory() as folder:
            yield {
                **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
                "SLACK_BOT_TOKEN": token,
                "SLACK_SIGNING_SECRET": SECRET,
                "SLACK_API_URL": f"{slack_url}/api/",
                "FIGSHARE_API_URL": f"{figshare_url}/v2",
                "FIGSHARE_STATS_URL": f"{figshare_url}/stats",
                "DATABASE_URL": f"sqlite:///{folder}/benchmark.db",
                "LOG_LEVEL": "WARNING",
            }


@asynccontextmanager
async def started(
    name: str, kind: str, environment: Mapping[str, str], core: int | None = None
) -> AsyncIterator[Server]:
    """Run a server until the block is left."""
    port, began = _free_port(), time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "servers.py"), kind, str(port), env=dict(environment)
    )
    if core is not None:
        os.sched_setaffinity(process.pid, {core})
    try:
        await _first_answer(process, port)
        yield Server(name, kind, process.pid, port, time.perf_counter() - began)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _first_answer(process: asyncio.subprocess.Process, port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.returncode is None:
        try:
            if (await ask(port, command()))[0] == 200:
                return
        except OSError:
            await asyncio.sleep(0.01)
    raise RuntimeError("a server did not answer")


async def ask(port: int, request: bytes) -> tuple[int, bytes]:
    """Send one request and give the status and the body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        return int(head.split()[1]), await reader.readexactly(length)
    finally:
        writer.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
