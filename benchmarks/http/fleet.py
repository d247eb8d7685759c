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

from benchmarks.http.signed import SECRET, WORDS, command
from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Server:
    """A server under test; `first_answer` is the seconds from its start to its first answer."""

    name: str
    kind: str
    pid: int
    port: int
    first_answer: float

    def cpu(self) -> float:
        """Return the CPU seconds it has used, to the nanosecond: clock_getcpuclockid(3)."""
        return time.clock_gettime((~self.pid << 3) | 2)

    def memory(self) -> int:
        """Return its resident bytes."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


@asynccontextmanager
async def stubs() -> AsyncIterator[Mapping[str, str]]:
    """Serve the emulators; yield the environment that leads to them."""
    token = "xoxb-benchmark"
    async with (
        Workspace(signing_secret=SECRET, bot_token=token) as slack,
        serve(slack_emulator(slack)) as slack_url,
        serve(figshare_emulator()) as figshare_url,
    ):
        with tempfile.TemporaryDirectory() as folder:
            yield {
                **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
                "HOME": folder,
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
    name: str, kind: str, environment: Mapping[str, str], core: int | None = None, words: str = WORDS
) -> AsyncIterator[Server]:
    """Run a server until the block is left; its first answer is to `words`."""
    port, began = _free_port(), time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *_command(kind, port),
        env={**environment, "HOST": "127.0.0.1", "PORT": str(port)},
        # The program reads a file `.env` in its folder.
        cwd=environment["HOME"],
    )
    if core is not None:
        os.sched_setaffinity(process.pid, {core})
    try:
        await _wait_for_answer(process, port, words)
        yield Server(name, kind, process.pid, port, time.perf_counter() - began)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


def _command(kind: str, port: int) -> list[str]:
    if kind == "real":
        return [sys.executable, "-m", "bot", "serve"]
    return [sys.executable, str(HERE / "servers.py"), kind, str(port)]


async def _wait_for_answer(process: asyncio.subprocess.Process, port: int, words: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.returncode is None:
        try:
            if (await ask(port, command(words)))[0] == 200:
                return
        except OSError:
            await asyncio.sleep(0.01)
    raise RuntimeError("a server did not answer")


async def ask(port: int, request: bytes) -> tuple[int, bytes]:
    """Send one request; return the status and the body."""
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
