"""The program itself: killed in the middle of a post, with others sent after it, and serving to stop."""

import asyncio
import signal
import socket
import sqlite3
import time
from asyncio.subprocess import PIPE
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from sqlalchemy import update

from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator
from bot.emulators.slack.people import LIBRARY
from bot.storage.database import open_database
from bot.storage.tables import delivery_table, subscription_table
from tests.support.flaky_slack import Fate, FlakySlack, fates
from tests.support.waiting import wait_until_answering

pytestmark = pytest.mark.e2e

# Their digest has a table in its thread.
SIX = "5616445 6211890 7821100 9784012 10042001 10158001"
AFTER = fates((Fate("after", "first", "killed"),))


def free_port() -> int:
    with socket.socket() as any_socket:
        any_socket.bind(("127.0.0.1", 0))
        return any_socket.getsockname()[1]


async def test_message_taken_before_a_kill_is_not_sent_again(program, tmp_path):
    processes = {}
    url, port = f"sqlite:///{tmp_path}/figshare-bot.db", free_port()
    async with (
        serve(figshare_emulator(now=lambda: datetime.fromtimestamp(time.time(), UTC))) as catalogue,
        Workspace(signing_secret="secret", bot_token="xoxb-1") as slack,
        serve(FlakySlack(slack_emulator(slack), AFTER, 1, 1.0, lambda name: processes[name].pid)) as base,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
        open_database(url) as store,
    ):
        slack.url, slack.bot_url = f"{base}/serve", f"http://127.0.0.1:{port}/slack/events"
        environment = {
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_SIGNING_SECRET": "secret",
            "SLACK_API_URL": f"{base}/serve/api/",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "FIGSHARE_API_URL": f"{catalogue}/v2",
            "FIGSHARE_STATS_URL": f"{catalogue}/stats",
            "FIGSHARE_REQUESTS_PER_SECOND": "1000",
            "FIGSHARE_BURST": "1000",
            "DATABASE_URL": url,
        }

        def posted() -> list[int]:
            posts = [each for each in slack.history.messages if each.from_bot and not each.asked]
            digests = [each for each in posts if each.metadata and each.thread_ts is None]
            return [
                len(digests),
                *(len([e for e in posts if e.thread_ts == d.ts]) for d in digests),
            ]

        async with program("serve", environment=environment) as killed:
            processes["serve"] = killed
            await wait_until_answering(http, "/ready")
            await slack.command("/figshare", f"subscribe {SIX} monthly", channel=LIBRARY)
            async with store.engine.begin() as connection:
                # Due now and subscribed days ago, so that a day is over whatever time it is.
                long_ago = date.today() - timedelta(days=3)
                due = {"next_at": time.time() // 60 * 60, "since": long_ago.isoformat()}
                await connection.execute(update(subscription_table).values(due))
            assert await asyncio.wait_for(killed.wait(), 30) == -signal.SIGKILL
        assert posted() == [1, 0]
        async with store.engine.begin() as connection:
            # Its leases end after two minutes; let them be over.
            await connection.execute(update(delivery_table).values(held_until=time.time()))
        once = ("digests", "run")
        async with (
            program("serve", environment=environment),
            program(*once, environment=environment, stdout=PIPE) as one,
            program(*once, environment=environment, stdout=PIPE) as other,
        ):
            await asyncio.wait_for(asyncio.gather(one.communicate(), other.communicate()), 90)
            assert (one.returncode, other.returncode) == (0, 0)
        assert posted() == [1, 1]


async def test_serve_stops_in_ten_seconds_without_its_database(program, tmp_path):
    file, port = tmp_path / "figshare-bot.db", free_port()
    async with (
        Workspace(signing_secret="secret", bot_token="xoxb-1") as slack,
        serve(slack_emulator(slack)) as base,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
    ):
        environment = {
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_SIGNING_SECRET": "secret",
            "SLACK_API_URL": f"{base}/api/",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "DATABASE_URL": f"sqlite:///{file}",
        }
        async with program("serve", environment=environment, stderr=PIPE) as serving:
            await wait_until_answering(http, "/ready")
            # By now the job queue is open too.
            await asyncio.sleep(3)
            with closing(sqlite3.connect(file, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                await asyncio.sleep(1)
                serving.send_signal(signal.SIGTERM)
                _, complaints = await asyncio.wait_for(serving.communicate(), 10)
        assert serving.returncode == 0 and b"Traceback" not in complaints
