"""The database opens where it is told to, keeps one pace for all processes, and may be away for a while."""

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
from bot.storage.database import _address, open_database
from bot.upstream.rate_limiter import LocalRateLimit
from tests.support.paths import ROOT

POSTGRESQL = os.environ.get("TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/test")

# A process that takes places in a pace once it is told to begin, and tells between which moments each lies.
PROCESS = """
import asyncio, sys, time
from bot.upstream.rate_limiter import LocalRateLimit
from bot.storage.database import open_database

async def main(url, places):
    async with open_database(url) as store:
        pace = store.pace("figshare", 50, 1, LocalRateLimit(50, 1, time.monotonic))
        print("ready", flush=True)
        sys.stdin.readline()
        for _ in range(places):
            began = time.time()
            wait = await pace.reserve()
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
def test_addresses_are_understood_as_hosts_write_them(given, meant):
    assert _address(given).render_as_string(hide_password=False) == meant


async def test_open_database_is_usable(url):
    async with open_database(url) as database:
        assert await database.usable() == ""


async def test_data_survives_reopening_the_database(url):
    clock = Clock()
    for wait in (0.0, 2.0):
        async with open_database(url, clock) as database:
            assert await database.pace("figshare", 0.5, 1, own()).reserve() == pytest.approx(wait, abs=0.5)


async def test_processes_that_start_together_create_the_tables_once(url):
    async def start():
        async with open_database(url) as database:
            return await database.usable()

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
async def test_a_sqlite_file_is_for_its_owner_alone(tmp_path, address):
    before = os.umask(0)
    try:
        async with open_database(address.format(tmp_path)) as store:
            async with store.engine.begin() as connection:
                await connection.execute(text("INSERT INTO pace VALUES ('x', 1)"))
            assert modes(tmp_path) == dict.fromkeys(("bot.db", "bot.db-wal", "bot.db-shm"), 0o600)
    finally:
        os.umask(before)


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such modes here")
async def test_sqlite_queue_file_is_for_its_owner_alone(tmp_path):
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
        await store.usable()
        for each in tmp_path.iterdir():
            each.chmod(0o644)
        async with open_database(url) as again:
            await again.usable()
            assert set(modes(tmp_path).values()) == {0o600}


async def test_file_that_is_no_database_is_left_unchanged(tmp_path):
    (tmp_path / "notes").write_text("no database, but notes")
    (tmp_path / "notes").chmod(0o644)
    with pytest.raises(InvalidSettings):
        async with open_database(f"sqlite:///{tmp_path}/notes"):
            pass
    assert modes(tmp_path) == {"notes": 0o644}


async def test_a_burst_goes_at_once_and_the_rest_at_the_rate(file):
    clock = Clock()
    async with open_database(file, clock) as database:
        pace = database.pace("figshare", 2, 3, own())
        assert [await pace.reserve() for _ in range(5)] == pytest.approx([0, 0, 0, 0.5, 1.0], abs=1e-5)
        clock.now += 10
        assert [await pace.reserve() for _ in range(4)] == pytest.approx([0, 0, 0, 0.5], abs=1e-5)


async def test_hosts_have_a_pace_each(url):
    async with open_database(url) as database:
        for host in ("api.figshare.com", "api.figsh.com"):
            assert await database.pace(host, 0.1, 1, own()).reserve() == 0


async def test_a_clock_that_was_set_back_does_not_silence_everybody(file):
    clock = Clock()
    async with open_database(file, clock) as database:
        pace = database.pace("figshare", 1, 10, own())
        await pace.reserve()
        clock.now -= 86_400
        assert await pace.reserve() <= 101


def test_two_processes_keep_one_pace(url):
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
        database.aid._clock = clock
        pace = database.pace("figshare", 10, 2, own(10, 2))
        await pace.reserve()
        await database.engine.dispose()
        os.rename(path, f"{path}.away")
        os.mkdir(path)
        assert [round(await pace.reserve(), 1) for _ in range(3)] == [0.0, 0.1, 0.2]
        assert (await database.usable()).startswith("The database can't be used (")
        os.rmdir(path)
        os.rename(f"{path}.away", path)
        clock.now += 6
        await pace.reserve()
        assert await database.usable() == ""
    assert [record.message for record in caplog.records] == ["going on without it", "back again"]


async def test_ready_names_what_cannot_be_used(file, caplog):
    caplog.set_level("INFO", "bot.slack.app")
    clock, said = Clock(), ["The database can't be used (OperationalError)"]

    async def slack():
        return ""

    async def database():
        return said[0]

    readiness = Readiness({"slack": slack, "database": database}, clock)
    for _ in range(3):
        assert await readiness.missing() == ["database"]
        clock.now += 60
    said[0] = ""
    assert await readiness.missing() == []
    logged = [(each.message, getattr(each, "cause", "")) for each in caplog.records]
    # once for each change, however often it is asked
    assert logged == [
        ("not ready", "The database can't be used (OperationalError)"),
        ("ready again", ""),
    ]


async def test_a_check_that_breaks_is_not_ready():
    async def slack():
        raise ValueError("unlucky")

    assert await Readiness({"slack": slack}, Clock()).missing() == ["slack"]


def test_a_question_in_the_terminal_needs_no_database():
    modules = "import sys, bot.__main__; print({'sqlalchemy', 'redis'} & set(sys.modules))"
    process = subprocess.run(
        [sys.executable, "-c", modules], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert process.stdout == "set()\n"
