"""`serve` answers as soon as it listens, and ends when its database can't be opened."""

import asyncio
import socket
import time
from asyncio.subprocess import PIPE

import httpx
import pytest

from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator
from bot.emulators.slack.people import LIBRARY
from tests.support.waiting import wait_until_answering

pytestmark = pytest.mark.e2e


async def test_serve_answers_before_its_database_is_open(program):
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        async with (
            Workspace(signing_secret="secret", bot_token="xoxb-1") as slack,
            serve(slack_emulator(slack)) as base,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
        ):
            slack.url, slack.bot_url = base, f"http://127.0.0.1:{port}/slack/events"
            environment = {
                "SLACK_BOT_TOKEN": "xoxb-1",
                "SLACK_SIGNING_SECRET": "secret",
                "SLACK_API_URL": f"{base}/api/",
                "HOST": "127.0.0.1",
                "PORT": str(port),
                # It accepts the connection and says nothing.
                "DATABASE_URL": f"postgresql://ann:secret@127.0.0.1:{silent.getsockname()[1]}/bot",
            }
            async with program("serve", environment=environment, stderr=PIPE) as process:
                await wait_until_answering(http, "/health")
                began = time.monotonic()
                seen = await slack.command("/figshare", "help", channel=LIBRARY)
                assert seen.messages and time.monotonic() - began < 2
                assert (await http.get("/ready")).text == "database\n"
                _, errors = await asyncio.wait_for(process.communicate(), 30)
                assert process.returncode == 1
                last = errors.decode().splitlines()[-1]
                assert last.startswith("  DATABASE_URL: postgresql://ann:***@127.0.0.1:")
                assert "can't be opened" in last and b"Traceback" not in errors


async def test_serve_ends_for_a_token_that_slack_rejects(program):
    async with (
        Workspace(signing_secret="secret", bot_token="xoxb-other") as slack,
        serve(slack_emulator(slack)) as base,
    ):
        environment = {
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_SIGNING_SECRET": "secret",
            "SLACK_API_URL": f"{base}/api/",
            "HOST": "127.0.0.1",
            "PORT": "0",
        }
        async with program("serve", environment=environment, stderr=PIPE) as process:
            _, errors = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 1
        assert errors.decode().splitlines()[-1] == "  SLACK_BOT_TOKEN: Slack says invalid_auth"
