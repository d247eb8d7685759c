"""The database opens, keeps one rate limit for all processes, and may be unavailable for a while."""

import asyncio
import os
import stat
import subprocess
import sys
import time

import pytest
from sqlalchemy import text

from bot.digests.delivery.job_queue import open_job_queue
from bot.settings import InvalidSettings
from bot.slack.app import Readiness
from bot.storage.database import _parse_address, open_database
from bot.storage.rate_limit import DatabaseRateLimit
from bot.upstream.rate_limiter import LocalRateLimit
from tests.support.paths import ROOT

POSTGRESQL = os.environ.get("TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/test")

# A process that reserves requests once it is told to, and prints between which moments each may leave.
PROCESS = """
import asyncio, sys, time
from bot.upstream.rate_limiter import LocalRateLimit
from bot.storage.database import open_database
from bot.storage.rate_limit import DatabaseRateLimit

async def main(url, places):
    async with open_database(url) as store:
        limit = DatabaseRateLimit(store, "figshare", 50, 1, LocalRateLimit(50, 1, time.monotonic))
        print("ready", flush=True)
        sys.stdin.readline()
        for _ in range(places):
            began = time.time()
            wait = await limit.reserve()
            print(began + wait, time.time() + wait, flush=True)
            await asyncio.sleep(wait)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


class Clock:
    now = 1_790_000_000.0

    def __call__(self):
        return self.now


def own(rate=1.0, burst=1):
    return LocalRateLimit(rate, burst, time.monotonic)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("sqlite:///figshare-bot.db", "sqlite+aiosqlite:///figshare-bot.db"),
        ("sqlite+aiosqlite:////data/bot.db", "sqlite+aiosqlite:////data/bot.db"),
        (
            "postgres://ann:pw@db:5432/bot?sslmode=require",
            "postgresql+psycopg://ann:pw@db:5432/bot?sslmode=require",
        ),
        ("postgresql://db/bot", "postgresql+psycopg://db/bot"),
        ("postgresql+psycopg://db/bot", "postgresql+psycopg://db/bot"),
    ],
)
def test_address_is_read_as_hosts_write_it(given, meant):
    assert _parse_address(given).render_as_string(hide_password=False) == meant


async def test_open_database_is_usable(url):
    async with open_database(url) as database:
        assert await database.problem() == ""


async def test_data_survives_reopening_the_database(url):
    clock = Clock()
    for wait in (0.0, 2.0):
        async with open_database(url, clock) as database:
            assert await DatabaseRateLimit(database, "figshare", 0.5, 1, own()).reserve() == pytest.approx(
                wait, abs=0.5
            )


async def test_processes_that_start_together_create_the_tables_once(url):
    async def start():
        async with open_database(url) as database:
            return await database.problem()

    assert await asyncio.gather(*(start() for _ in range(6))) == [""] * 6


async def test_sqlite_allows_reads_during_a_write(file):
    async with open_database(file) as database, database.engine.connect() as connection:
        assert (await connection.execute(text("PRAGMA journal_mode"))).scalar_one() == "wal"
        assert (await connection.execute(text("PRAGMA busy_timeout"))).scalar_one() == 5000


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (f"sqlite:///{__file__}", f"DATABASE_URL: sqlite:///{__file__} can't be opened"),
        ("sqlite:////nowhere/at/all.db", "DATABASE_URL: sqlite:////nowhere/at/all.db can't be opened"),
        (
            "postgres://ann:secret@127.0.0.1:1/bot",
            "DATABASE_URL: postgresql://ann:***@127.0.0.1:1/bot can't be",
        ),
        ("postgres://127.0.0.1:1/bot?password=secret", "DATABASE_URL: postgresql://127.0.0.1:1/bot can't be"),
        ("postgres://ann:pa@secret/word@127.0.0.1:1/bot", "DATABASE_URL must have its name and password"),
        ("postgres://ann:pa/secret@127.0.0.1:1/bot", "DATABASE_URL must have its name and password"),
        ("postgres://ann:secret@secret@db:secret/bot", "DATABASE_URL can't be read as an address"),
    ],
)
async def test_unopenable_database_is_named_without_its_password(wrong, expected):
    with pytest.raises(InvalidSettings) as raised:
        async with open_database(wrong):
            pass
    (problem,) = raised.value.problems
    assert problem.startswith(expected)
    assert "secret" not in problem
    assert "\n" not in problem


def modes(folder):
    return {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such modes here")
@pytest.mark.parametrize("address", ["sqlite:///{}/bot.db", "sqlite:///file:{}/bot.db?uri=true"])
async def test_sqlite_file_is_readable_by_its_owner_only(tmp_path, address):
    before = os.umask(0)
    try:
        async with open_database(address.format(tmp_path)) as store:
            async with store.engine.begin() as connection:
                await connection.execute(text("INSERT INTO pace VALUES ('x', 1)"))
            assert modes(tmp_path) == dict.fromkeys(("bot.db", "bot.db-wal", "bot.db-shm"), 0o600)
    finally:
        os.umask(before)


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such modes here")
async def test_sqlite_queue_file_is_readable_by_its_owner_only(tmp_path):
    async def look(id, number):
        pass

    before = os.umask(0)
    try:
        url = f"sqlite:///{tmp_path}/bot.db"
        async with open_database(url), open_job_queue(url, look):
            assert set(modes(tmp_path).values()) == {0o600}
        assert set(modes(tmp_path).values()) == {0o600}
    finally:
        os.umask(before)


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such modes here")
async def test_file_readable_by_others_becomes_private(tmp_path):
    url = f"sqlite:///{tmp_path}/bot.db"
    async with open_database(url) as store:
        await store.problem()
        for each in tmp_path.iterdir():
            each.chmod(0o644)
        async with open_database(url) as again:
            await again.problem()
            assert set(modes(tmp_path).values()) == {0o600}


async def test_file_that_is_no_database_is_left_unchanged(tmp_path):
    (tmp_path / "notes").write_text("no database, but notes")
    (tmp_path / "notes").chmod(0o644)
    with pytest.raises(InvalidSettings):
        async with open_database(f"sqlite:///{tmp_path}/notes"):
            pass
    assert modes(tmp_path) == {"notes": 0o644}


async def test_burst_leaves_at_once_and_the_rest_at_the_rate(file):
    clock = Clock()
    async with open_database(file, clock) as database:
        limit = DatabaseRateLimit(database, "figshare", 2, 3, LocalRateLimit(2, 3, clock))
        assert [await limit.reserve() for _ in range(5)] == pytest.approx([0, 0, 0, 0.5, 1.0], abs=1e-5)
        clock.now += 10
        assert [await limit.reserve() for _ in range(4)] == pytest.approx([0, 0, 0, 0.5], abs=1e-5)


async def test_each_host_has_its_own_rate_limit(url):
    async with open_database(url) as database:
        for host in ("api.figshare.com", "api.figsh.com"):
            assert await DatabaseRateLimit(database, host, 0.1, 1, own()).reserve() == 0


async def test_clock_set_back_does_not_block_requests(file):
    clock = Clock()
    async with open_database(file, clock) as database:
        limit = DatabaseRateLimit(database, "figshare", 1, 10, own(1, 10))
        await limit.reserve()
        clock.now -= 86_400
        assert await limit.reserve() <= 101


def test_two_processes_share_one_rate_limit(url):
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, url, "10"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(2)
    ]
    assert [process.stdout.readline() for process in running] == ["ready\n"] * 2
    for process in running:
        process.stdin.write("\n")
        process.stdin.flush()
    output = [line.split() for process in running for line in process.communicate(timeout=20)[0].splitlines()]
    assert len(output) == 20
    first = min(float(earliest) for earliest, _ in output)
    latest = sorted(float(latest) for _, latest in output)
    assert all(place - first >= 0.95 * 0.02 * number for number, place in enumerate(latest))


async def test_process_uses_a_local_rate_while_the_database_is_away(file, caplog):
    caplog.set_level("INFO", "bot.storage.circuit_breaker")
    path, clock = file.removeprefix("sqlite:///"), Clock()
    async with open_database(file) as database:
        database.circuit_breaker._clock = clock
        limit = DatabaseRateLimit(database, "figshare", 10, 2, own(10, 2))
        await limit.reserve()
        await database.engine.dispose()
        os.rename(path, f"{path}.away")
        os.mkdir(path)
        assert [round(await limit.reserve(), 1) for _ in range(3)] == [0.0, 0.1, 0.2]
        assert (await database.problem()).startswith("The database can't be used (")
        os.rmdir(path)
        os.rename(f"{path}.away", path)
        clock.now += 6
        await limit.reserve()
        assert await database.problem() == ""
    assert [record.message for record in caplog.records] == [
        "service unavailable, continuing without it",
        "back again",
    ]


async def test_readiness_names_what_cannot_be_used(file, caplog):
    caplog.set_level("INFO", "bot.slack.app")
    clock, said = Clock(), ["The database can't be used (OperationalError)"]

    async def slack():
        return ""

    async def database():
        return said[0]

    readiness = Readiness({"slack": slack, "database": database}, clock)
    for _ in range(3):
        assert await readiness.unready() == ["database"]
        clock.now += 60
    said[0] = ""
    assert await readiness.unready() == []
    logged = [(each.message, getattr(each, "cause", "")) for each in caplog.records]
    # once for each change, however often it is asked
    assert logged == [
        ("not ready", "The database can't be used (OperationalError)"),
        ("ready again", ""),
    ]


async def test_check_that_raises_is_not_ready():
    async def slack():
        raise ValueError("unlucky")

    assert await Readiness({"slack": slack}, Clock()).unready() == ["slack"]


@pytest.mark.parametrize("modules", ["bot.__main__, bot.cli.ask, handlers", "bot.cli.serve, handlers"])
def test_answer_needs_no_database_library(modules):
    unneeded = "{'sqlalchemy', 'aiosqlite', 'psycopg', 'dbos', 'alembic', 'redis', 'lxml', 'selectolax'}"
    code = f"import sys, {modules}; print({unneeded} & set(sys.modules))"
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert process.stdout == "set()\n"
