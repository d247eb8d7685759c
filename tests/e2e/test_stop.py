"""What a process leaves in Slack that ends while Figshare is being asked."""

import asyncio
import signal
import socket
from datetime import UTC, datetime

import httpx
import pytest

from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator
from bot.emulators.slack.people import MAYA, RESEARCH
from tests.support.bot_client import library
from tests.support.slack_client import buttons
from tests.support.waiting import wait_until_answering

pytestmark = pytest.mark.e2e

TITLE = "Using APIs to customise repositories and engage audiences"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_question_under_way_can_be_asked_again(program, how, file):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    catalogue = figshare_emulator(library(datetime.now(UTC).date()), now=lambda: datetime.now(UTC))
    async with (
        Workspace(signing_secret="secret", bot_token="xoxb-1") as slack,
        serve(slack_emulator(slack)) as base,
        serve(catalogue) as figshare,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
    ):
        slack.url, slack.bot_url = base, f"http://127.0.0.1:{port}/slack/events"
        environment = {
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_SIGNING_SECRET": "secret",
            "SLACK_API_URL": f"{base}/api/",
            "FIGSHARE_API_URL": f"{figshare}/v2",
            "FIGSHARE_STATS_URL": f"{figshare}/stats",
            "FIGSHARE_TIMEOUT": "60",
            "DATABASE_URL": file,
            "HOST": "127.0.0.1",
            "PORT": str(port),
        }
        fault = catalogue.state.faults.add("/v2/articles/5616445", delay=40)
        async with program("serve", environment=environment) as process:
            await wait_until_answering(http, "/health")
            seen = await slack.say(RESEARCH, MAYA, "<@U0FIGSHARE> item 5616445", wait=15)
            assert seen.text == "Asking Figshare…"
            process.send_signal(how)
            assert await asyncio.wait_for(process.wait(), 30) == (0 if how is signal.SIGTERM else -how)
        stopped = "I was restarted before Figshare answered."
        assert seen.message.text == (stopped if how is signal.SIGTERM else "Asking Figshare…")
        catalogue.state.faults.remove(fault)
        async with program("serve", environment=environment):
            await wait_until_answering(http, "/health")
            await slack.press(seen.message, buttons(seen.message)["Try again"], wait=15)
            assert TITLE in seen.message.text
