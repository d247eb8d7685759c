"""Digests are sent by the program: in the background of the bot, or by a run that ends."""

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator
from bot.emulators.slack.people import RESEARCH
from bot.language.schedules import Schedule
from bot.storage.database import open_database as database
from bot.storage.subscriptions import Subscriptions
from tests.support.bot_client import library
from tests.support.clock import Clock
from tests.support.digest_clock import BEGIN, timestamp
from tests.support.paths import ROOT

pytestmark = pytest.mark.e2e


@pytest.fixture
async def stage(url):
    """Return a workspace, and a way to run the program with three digests for Thursday at nine."""
    clock = Clock(BEGIN.timestamp())
    catalogue = figshare_emulator(
        library(BEGIN.date()), now=lambda: datetime.fromtimestamp(timestamp(26), UTC)
    )
    async with (
        serve(catalogue) as figshare_base,
        Workspace(signing_secret="secret", bot_token="xoxb-1") as workspace,
        serve(slack_emulator(workspace)) as base,
        database(url, clock) as store,
    ):
        workspace.url = base
        for number in (5616445, 9784012, 9784013):
            schedule = Schedule("0 9 * * *")
            await Subscriptions(store).add(RESEARCH, "U0MAYA", "Maya", str(number), "A title", 4, schedule)
        environment = {
            "PATH": os.environ["PATH"],
            "SLACK_API_URL": f"{base}/api/",
            "SLACK_BOT_TOKEN": "xoxb-1",
            "FIGSHARE_API_URL": f"{figshare_base}/v2",
            "FIGSHARE_STATS_URL": f"{figshare_base}/stats",
            "FIGSHARE_REQUESTS_PER_SECOND": "1000",
            "DATABASE_URL": url,
        }

        async def run(*more):
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "digests", "run", *more),
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            text, complaints = await asyncio.wait_for(process.communicate(), 60)
            return process.returncode, text.decode(), complaints.decode()

        yield workspace, run, environment, catalogue


def posted(workspace):
    posts = [each for each in workspace.history.messages if each.from_bot and each.thread_ts is None]
    return sorted(re.search(r"Digest (\d)\.", each.text)[1] for each in posts)


async def test_digests_run_twice_at_once_sends_due_digests_once(stage):
    workspace, run, *_ = stage
    early = await run("--at", "2026-11-26T08:00:00Z")
    assert early == (0, "No digest was due.\n", "")
    both = await asyncio.gather(*(run("--at", "2026-11-26T09:00:00Z") for _ in range(2)))
    assert [code for code, _, _ in both] == [0, 0]
    sent = [int(output.split()[0]) for _, output, _ in both if output.endswith(" sent\n")]
    assert sum(sent) == 3
    assert posted(workspace) == ["1", "2", "3"]
    assert await run("--at", "2026-11-26T09:00:10Z") == (0, "No digest was due.\n", "")
    assert posted(workspace) == ["1", "2", "3"]


async def test_digest_sent_early_tells_its_window_and_date(stage):
    workspace, run, *_ = stage
    now = datetime.now(UTC)
    code, output, _ = await run("--at", (now + timedelta(days=2)).replace(hour=9, minute=0).isoformat())
    assert (code, output) == (0, "3 digests sent\n")
    for message in workspace.history.messages:
        if message.from_bot and message.thread_ts is None:
            days, small_print = message.text.split("\n")[1], message.text.partition("Raw Figshare counts ")[2]
            assert f"{now.day} {now:%b %Y}, so far" in days
            assert f"{now.day} {now:%b %Y}" in small_print.partition(";")[0]


async def test_run_beside_serve_ends_though_an_item_fails(stage, url):
    workspace, run, environment, catalogue = stage
    occurrence = (datetime.now(UTC) + timedelta(hours=2)).replace(second=0, microsecond=0)
    async with database(url) as store:
        subscriptions, daily = Subscriptions(store), Schedule(f"{occurrence.minute} {occurrence.hour} * * *")
        for number in (1, 2, 3):
            await subscriptions.remove(number)
        for topic in ("5616445 9784012", "9784012"):
            await subscriptions.add(RESEARCH, "U0MAYA", "Maya", topic, "A title", 8, daily)
    for counter in ("views", "downloads"):
        for kind in ("total", "timeline/day"):
            path = f"/stats/{kind}/{counter}/article/5616445"
            catalogue.state.faults.add(path, status=500, times=None)
    environment |= {"SLACK_SIGNING_SECRET": "secret", "PORT": "0", "HOST": "127.0.0.1"}
    serving = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "serve"),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        # until it carries whatever is enqueued
        await asyncio.sleep(5)
        assert await run("--at", occurrence.isoformat()) == (0, "2 digests sent\n", "")
    finally:
        serving.terminate()
        await serving.wait()
    assert posted(workspace) == ["4", "5"]


async def test_database_that_fails_for_a_moment_stops_no_run(stage, url):
    workspace, run, *_ = stage
    if not url.startswith("sqlite"):
        pytest.skip("a file can be locked from here")
    running = asyncio.create_task(run("--at", "2026-11-26T09:00:00Z"))
    await workspace.until(lambda: posted(workspace), 20)
    with sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None) as connection:
        connection.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(7)
        connection.execute("ROLLBACK")
    code, _, complaints = await running
    assert code == 0 and "Traceback" not in complaints
    assert posted(workspace) == ["1", "2", "3"]


async def test_digests_run_names_missing_settings(stage):
    workspace, run, environment, _ = stage
    workspace.fail("auth.test", "invalid_auth")
    assert await run() == (1, "Nothing sent: Slack says invalid_auth\n", "")
    code, _, complaints = await run("--at", "tomorrow")
    assert code == 2
    assert "tomorrow isn't a time with a time zone (example: 2026-11-30T09:00:00Z)" in complaints
    environment["SLACK_BOT_TOKEN"] = ""
    code, _, complaints = await run()
    assert code == 1 and "SLACK_BOT_TOKEN is missing" in complaints
    assert posted(workspace) == []
