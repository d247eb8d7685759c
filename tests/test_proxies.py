"""This machine is asked past the proxies that the environment names, everybody else through them."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.commands import CommandRegistry
from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator
from bot.figshare.client import Request
from bot.figshare.errors import FigshareError
from bot.playground.app import open_playground
from bot.settings import Settings
from bot.slack.app import open_slack_connection
from bot.slack.health import bot_token_problem
from handlers import MODULES
from tests.support.bot_client import library, open_bot_client, settings_for
from tests.support.clock import TODAY
from tests.support.paths import ROOT

NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
# nobody listens on port 1; httpx can't even use the second
DEAD = ("http://127.0.0.1:1", "socks5://127.0.0.1:1")


@pytest.fixture(params=DEAD)
def dead(request, monkeypatch):
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    for name in NAMES:
        monkeypatch.setenv(name, request.param)


@asynccontextmanager
async def proxy() -> AsyncIterator[tuple[str, list[str]]]:
    """Return a proxy that answers 404 by itself, and the first lines of what it was asked."""
    asked = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode().strip())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


async def test_sample_is_reached_past_a_dead_proxy(dead):
    async with open_bot_client() as client:
        assert "views" in (await client.ask("views 5616445")).lower()
        assert client.requests


async def test_playground_works_behind_a_dead_proxy(dead):
    async with (
        serve(figshare_emulator(library(TODAY))) as base,
        open_playground(CommandRegistry(MODULES), settings_for(base)) as found,
    ):
        _, slack = found
        await slack.mention("C0RESEARCH", "U0MAYA", "views 5616445")
        await slack.until(lambda: [each for each in slack.history.messages if each.from_bot])


async def test_local_slack_is_reached_past_a_dead_proxy(dead):
    async with (
        Workspace(signing_secret="secret", bot_token="xoxb-1") as workspace,
        serve(slack_emulator(workspace)) as base,
        open_slack_connection(Settings(slack_api_url=f"{base}/api/", slack_bot_token="xoxb-1")) as line,
    ):
        workspace.url = base
        assert await bot_token_problem(line.client) == ""


def test_ask_answers_from_the_sample_behind_a_dead_proxy(tmp_path):
    for gone in DEAD:
        done = subprocess.run(
            [sys.executable, "-m", "bot", "ask", "views 5616445", "--figshare", "sample"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | dict.fromkeys(NAMES, gone),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, ""), gone
        assert "Sample data" in done.stdout


async def test_other_hosts_are_reached_through_the_proxy(monkeypatch):
    monkeypatch.setattr("os.environ", {name: each for name, each in os.environ.items() if name not in NAMES})
    async with proxy() as (address, asked):
        for name in NAMES[:3]:
            monkeypatch.setenv(name, address)
        async with open_bot_client(figshare_stats_url="http://figshare.test/stats") as client:
            with pytest.raises(FigshareError):
                await client.bot.transport.request(Request("stats", "http://figshare.test/stats/total"))
            assert asked == ["GET http://figshare.test/stats/total HTTP/1.1"]
            await client.ask("files 5616445")
            assert len(asked) == 1 and client.requests
        far = Settings(slack_api_url="http://slack.test/api/", slack_bot_token="xoxb-1")
        async with open_slack_connection(far) as line:
            await bot_token_problem(line.client)
        assert asked[1:] == ["POST http://slack.test/api/auth.test HTTP/1.1"]
