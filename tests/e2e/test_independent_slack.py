"""The program works with a Slack that somebody else wrote; it runs as in production."""

import asyncio
import json
import platform
import re
import shutil
import signal
import sys
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from bot.emulators.figshare import figshare_emulator
from bot.emulators.figshare.accounts import SERVICE_TOKEN
from bot.emulators.server import serve
from tests.support.local_slack import (
    ALICE,
    BINARY,
    BOT,
    BOT_PORT,
    GENERAL,
    INSTALL,
    ROOT,
    SLACK,
    TOKENS,
    LocalSlack,
    Message,
    labels,
    local_slack,
)
from tests.support.processes import Start, skip_without
from tests.support.waiting import poll_until, wait_until_answering

pytestmark = pytest.mark.e2e

CHECKER = ROOT / ".." / "shared" / "tools" / "check_blocks.py"
VIEWS = re.compile(r"[\d,]+ views · all time")


@dataclass
class IndependentWorkspace:
    """A workspace, the bot's process and the catalogue it asks."""

    slack: LocalSlack
    bot: Process
    catalogue: Starlette


@asynccontextmanager
async def open_workspace(program: Start, folder: Path, socket: bool) -> AsyncIterator[IndependentWorkspace]:
    """Open a workspace whose bot is a process of its own."""
    skip_without(platform.machine() == "x86_64", "x86-64")
    skip_without(BINARY.exists(), f"local-slack: {INSTALL}")
    skip_without(shutil.which("setpriv"), "setpriv, of util-linux")
    catalogue = figshare_emulator(now=lambda: datetime.fromtimestamp(time.time(), UTC))
    async with local_slack(folder, socket) as slack, serve(catalogue) as base:
        environment = {
            **TOKENS,
            "SLACK_APP_TOKEN": TOKENS["SLACK_APP_TOKEN"] if socket else "",
            "SLACK_API_URL": f"{SLACK}/api/",
            "HOST": "127.0.0.1",
            "PORT": str(BOT_PORT),
            "FIGSHARE_API_URL": f"{base}/v2",
            "FIGSHARE_STATS_URL": f"{base}/stats",
            "FIGSHARE_RESOURCESYNC_URL": f"{base}/.well-known/resourcesync",
            "FIGSHARE_REQUESTS_PER_SECOND": "1000",
            "FIGSHARE_BURST": "1000",
            "FIGSHARE_TOKEN": SERVICE_TOKEN,
            "DRAFT_USERS": ALICE,
        }
        async with program("serve", environment=environment) as bot:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{BOT_PORT}", trust_env=False) as http:
                await wait_until_answering(http, "/ready")
            if socket:
                await poll_until(slack.is_connected)
            yield IndependentWorkspace(slack, bot, catalogue)
        assert await problems([*await slack.answers(), *await slack.answers(await slack.direct())]) == ""


@pytest.fixture(params=["http", "socket"])
async def workspace_under_test(
    request: pytest.FixtureRequest, alone: None, program: Start, tmp_path: Path
) -> AsyncIterator[IndependentWorkspace]:
    async with open_workspace(program, tmp_path, request.param == "socket") as opened:
        yield opened


async def problems(messages: list[Message]) -> str:
    """Return what Slack would refuse, where the checker is at hand."""
    if not (messages and CHECKER.exists()):
        return ""
    contents = [{"text": each["text"], "blocks": each["blocks"]} for each in messages]
    command = (sys.executable, CHECKER, "--quiet-warnings", "-")
    checking = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=STDOUT)
    output, _ = await checking.communicate(json.dumps(contents).encode())
    return output.decode() if checking.returncode else ""


async def test_slash_command_is_answered_for_the_requester_alone(workspace_under_test: IndependentWorkspace):
    await workspace_under_test.slack.command("views 5616445")
    answer = await workspace_under_test.slack.answer("Using APIs to customise repositories")
    assert VIEWS.search(answer["text"])
    assert answer["ephemeral_to"] == ALICE
    assert labels(answer)[-1] == "Share in channel"


async def test_channel_mention_is_answered_in_a_new_thread(
    workspace_under_test: IndependentWorkspace,
):
    message = await workspace_under_test.slack.say(GENERAL, f"<@{BOT}> views 5616445")
    answer = await workspace_under_test.slack.answer("views · all time")
    assert answer["thread_ts"] == message
    assert "ephemeral_to" not in answer


async def test_mention_in_a_thread_is_answered_there(workspace_under_test: IndependentWorkspace):
    root = await workspace_under_test.slack.say(GENERAL, "how is our paper doing?")
    await workspace_under_test.slack.say(GENERAL, f"<@{BOT}> views 5616445", thread=root)
    assert (await workspace_under_test.slack.answer("views · all time"))["thread_ts"] == root
    assert len(await workspace_under_test.slack.answers()) == 1


async def test_direct_message_is_answered_in_the_conversation(workspace_under_test: IndependentWorkspace):
    direct = await workspace_under_test.slack.direct()
    await workspace_under_test.slack.say(direct, "views 5616445")
    answer = await workspace_under_test.slack.answer("views · all time", direct)
    assert not answer.get("thread_ts")


async def test_next_turns_the_page_in_place(workspace_under_test: IndependentWorkspace):
    await workspace_under_test.slack.say(GENERAL, f"<@{BOT}> search title:frog")
    first = await workspace_under_test.slack.answer("Results 1–5")
    await workspace_under_test.slack.press(first, "Next")
    second = await workspace_under_test.slack.answer("Results 6–")
    assert second["ts"] == first["ts"]
    assert "Previous" in labels(second)
    await workspace_under_test.slack.press(second, "Previous")
    assert (await workspace_under_test.slack.answer("Results 1–5"))["ts"] == first["ts"]


async def test_draft_is_created_from_its_form_and_deleted(workspace_under_test: IndependentWorkspace):
    await workspace_under_test.slack.command("draft Frog calls")
    await poll_until(lambda: workspace_under_test.slack.is_asked("views.update"))
    await workspace_under_test.slack.submit(title="Frog calls at night", keywords="frogs")
    card = await workspace_under_test.slack.answer("To publish it on Figshare")
    assert "Frog calls at night" in card["text"] and "keywords ✓" in card["text"]
    await workspace_under_test.slack.press(card, "Reserve DOI")
    card = await workspace_under_test.slack.answer("reserved")
    await workspace_under_test.slack.press(card, "Delete")
    await workspace_under_test.slack.answer("Deleted: “Frog calls at night”")
    assert workspace_under_test.catalogue.state.drafts == {}


async def test_shared_answer_names_the_person(
    workspace_under_test: IndependentWorkspace,
):
    await workspace_under_test.slack.command("views 5616445")
    await workspace_under_test.slack.press(
        await workspace_under_test.slack.answer("views · all time"), "Share in channel"
    )
    shared = await workspace_under_test.slack.answer(
        "views · all time", where=lambda each: "ephemeral_to" not in each
    )
    assert f"<@{ALICE}>" in shared["text"]
    assert "Share in channel" not in labels(shared)


# Before and after the two seconds in which a command is answered by its acknowledgement.
@pytest.mark.parametrize("delay", [1.0, 3.0])
@pytest.mark.parametrize("kind", ["command", "mention"])
async def test_answer_in_progress_arrives_when_the_bot_stops(
    workspace_under_test: IndependentWorkspace, kind: str, delay: float
):
    fault = workspace_under_test.catalogue.state.faults.add("/v2/articles/5616445", delay=delay)
    if kind == "command":
        # local-slack answers only when it has the bot's answer.
        asking = asyncio.create_task(workspace_under_test.slack.command("views 5616445"))
    else:
        asking = asyncio.create_task(workspace_under_test.slack.say(GENERAL, f"<@{BOT}> views 5616445"))
    await poll_until(lambda: asyncio.sleep(0.01, fault.happened))
    workspace_under_test.bot.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(workspace_under_test.bot.wait(), 12) == 0
    await asking
    assert VIEWS.search((await workspace_under_test.slack.answer("Using APIs"))["text"])


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"]),
        ({"SLACK_APP_TOKEN": "xapp-1"}, ["SLACK_BOT_TOKEN"]),
        (
            {
                "SLACK_BOT_TOKEN": "hunter2",
                "PORT": "many",
                "FIGSHARE_API_URL": "figshare",
                "LOG_LEVEL": "LOUD",
            },
            ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "PORT", "FIGSHARE_API_URL", "LOG_LEVEL"],
        ),
    ],
)
async def test_invalid_settings_are_all_named_in_one_message(
    program: Start, environment: dict[str, str], named: list[str]
):
    async with program("serve", environment=environment, stdout=PIPE, stderr=PIPE) as bot:
        out, text = await asyncio.wait_for(bot.communicate(), 20)
    assert bot.returncode == 1
    assert out == b""
    lines = text.decode().splitlines()
    assert lines[0] == "The configuration is not complete:"
    assert sorted(line.split()[0] for line in lines[1:]) == sorted(named)
    assert "hunter2" not in text.decode()
