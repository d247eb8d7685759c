"""Several processes share answers, a rate limit and claims; without Redis each goes on alone."""

import asyncio
import os
import socket
import time
import uuid
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from bot.bot import open_bot
from bot.commands import CommandRegistry
from bot.dispatcher import Dispatcher
from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator
from bot.figshare.client import CachePolicy
from bot.metrics import Metrics
from bot.settings import InvalidSettings, Settings
from bot.slack.app import open_slack
from bot.storage import circuit_breaker
from bot.storage import redis as redis_module
from bot.storage.circuit_breaker import PAUSE, CircuitBreaker
from bot.storage.claims import Claims
from bot.storage.database import open_database
from bot.storage.rate_limit import DatabaseRateLimit
from bot.storage.redis import MAX_BODY_BYTES, RedisRateLimit, open_redis
from bot.upstream.cache import Cache
from bot.upstream.rate_limiter import LocalRateLimit
from handlers import MODULES
from tests.support.fan_out import to_all

URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
HOST, PORT = urlsplit(URL).hostname, urlsplit(URL).port or 6379

# A machine that runs tests may be slower than a request may wait.
BUSY = 3.0


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def name():
    return f"test {uuid.uuid4()}"


def own(rate=1.0, burst=1):
    return LocalRateLimit(rate, burst, time.monotonic)


@pytest.fixture
async def redis():
    with suppress(OSError), closing(socket.create_connection((HOST, PORT), 0.2)):
        async with open_redis(URL, patience=BUSY) as opened_redis:
            yield opened_redis
            return
    pytest.skip(f"no Redis at {HOST}:{PORT}; TEST_REDIS_URL names another")


class Line:
    """A line to Redis that can be slow, or go dead: who is connected hears nothing, who connects neither."""

    def __init__(self):
        self.alive = asyncio.Event()
        self.alive.set()
        self.late, self.delay = 0, 0.0

    @asynccontextmanager
    async def opened(self):
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        try:
            yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/15"
        finally:
            self.alive.set()
            server.close()
            await server.wait_closed()

    async def _carry(self, reader, writer):
        to_reader, to_writer = await asyncio.open_connection(HOST, PORT)
        await asyncio.gather(self._copy(reader, to_writer), self._copy(to_reader, writer, is_answer=True))

    async def _copy(self, reader, writer, is_answer=False):
        with suppress(ConnectionError):
            while body := await reader.read(65_536):
                if is_answer and self.late:
                    self.late -= 1
                    await asyncio.sleep(self.delay)
                await self.alive.wait()
                writer.write(body)
        writer.close()


async def test_stored_answer_returns_with_its_age(redis):
    key = name()
    assert await redis.load(key) is None
    await redis.save(key, 1_790_000_000.25, b"\x00body\xff", 5)
    assert await redis.load(key) == (1_790_000_000.25, b"\x00body\xff")
    await redis.forget(key)
    assert await redis.load(key) is None


async def test_answer_expires_at_its_time(redis):
    short, never, large = name(), name(), name()
    await redis.save(short, 1.0, b"body", 0.001)
    await redis.save(never, 1.0, b"body", 0)
    await redis.save(large, 1.0, bytes(MAX_BODY_BYTES + 1), 5)
    await asyncio.sleep(0.005)
    assert [await redis.load(key) for key in (short, never, large)] == [None] * 3


async def test_many_concurrent_calls_succeed(redis, caplog):
    key = name()
    await redis.save(key, 1.0, b"body", 5)
    assert await asyncio.gather(*(redis.load(key) for _ in range(50))) == [(1.0, b"body")] * 50
    assert not caplog.records


async def test_two_processes_ask_figshare_once(redis):
    key, asked = name(), []

    async def fetch():
        asked.append(key)
        return b"42"

    for _ in range(2):
        assert await Cache(time.time, shared=redis).get_or_fetch(key, fetch, int, CachePolicy(5, 5, 5)) == 42
    assert len(asked) == 1


async def test_only_the_first_asker_has_not_seen_the_name(redis):
    async with open_redis(URL, patience=BUSY) as other:
        event = name()
        assert [await process.is_claimed(event, 5, BUSY) for process in (redis, other, redis)] == [
            False,
            True,
            True,
        ]
        at_once = await asyncio.gather(
            *(process.is_claimed(name, 5, BUSY) for process in (redis, other) for name in [event + "!"] * 5)
        )
        assert sorted(at_once) == [False] + [True] * 9


async def test_two_processes_share_one_rate_limit(redis):
    host = name()
    async with open_redis(URL, patience=BUSY) as other:
        limits = [RedisRateLimit(process, host, 50, 3, own(50, 3)) for process in (redis, other)]
        began = time.monotonic()
        waits = [await limits[number % 2].reserve() for number in range(10)]
        took = time.monotonic() - began
    assert waits[:3] == [0, 0, 0]
    assert all(
        number * 0.02 - took - 0.001 <= wait <= number * 0.02 for number, wait in enumerate(waits[3:], 1)
    )


async def test_calls_without_redis_return_defaults_at_once(caplog):
    async with open_redis("redis://127.0.0.1:1/0") as redis:
        began = time.monotonic()
        limit = RedisRateLimit(redis, "host", 10, 1, own(10, 1))
        assert await redis.load("key") is None
        await redis.save("key", 1.0, b"body", 60)
        await redis.forget("key")
        assert await redis.is_claimed("event", 60, 1.0) is None
        assert [await limit.reserve(), round(await limit.reserve(), 1)] == [0.0, 0.1]
        assert time.monotonic() - began < 0.2
    assert [record.message for record in caplog.records] == ["service unavailable, continuing without it"]


async def test_silent_redis_delays_one_call_and_is_used_when_back(redis, caplog):
    caplog.set_level("INFO", "bot.storage.circuit_breaker")
    line, clock, key = Line(), Clock(), name()
    await redis.save(key, 1.0, b"body", 5)
    async with line.opened() as address, open_redis(address, clock) as process:
        line.alive.clear()
        began = time.monotonic()
        assert await asyncio.gather(*(process.load(key) for _ in range(20))) == [None] * 20
        assert 0.04 < time.monotonic() - began < 0.5
        began = time.monotonic()
        assert [await process.load(key) for _ in range(20)] == [None] * 20
        assert time.monotonic() - began < 0.5
        clock.now += PAUSE + 1
        assert await process.load(key) is None
        line.alive.set()
        tries = (await process.load(key) or await asyncio.sleep(0.005) for _ in range(200))
        assert await anext(found async for found in tries if found) == (1.0, b"body")
    assert [record.message for record in caplog.records][:2] == [
        "service unavailable, continuing without it",
        "back again",
    ]


async def test_one_late_answer_is_not_logged(caplog):
    may_end, aid = asyncio.Event(), CircuitBreaker("something", 0.002, clock=Clock())

    async def call():
        await may_end.wait()
        return "answer"

    assert await asyncio.gather(*(aid.call(call, "nothing") for _ in range(5))) == ["nothing"] * 5
    may_end.set()
    await asyncio.sleep(0.001)
    assert await aid.call(call, "nothing") == "answer"
    assert not caplog.records
    await aid.close()


async def test_failed_service_is_skipped_for_a_pause():
    clock, asked = Clock(), []

    async def call():
        asked.append(clock.now)
        raise OSError("no route to host")

    aid = CircuitBreaker("something", 1.0, clock=clock)
    for _ in range(12):
        assert await aid.call(call, "nothing") == "nothing"
        clock.now += 1
    assert asked == [0, PAUSE, 2 * PAUSE]
    await aid.close()


async def test_late_call_delays_no_caller_and_ends_by_itself():
    may_end, ended = asyncio.Event(), []

    async def call():
        await may_end.wait()
        ended.append(True)
        raise OSError("too late to matter")

    aid = CircuitBreaker("something", 0.002)
    assert await aid.call(call, None) is None
    may_end.set()
    await asyncio.sleep(0.001)
    assert ended == [True]
    await aid.close()


async def test_call_under_way_at_closing_may_end_by_itself():
    may_end, ended = asyncio.Event(), []

    async def call():
        await may_end.wait()
        ended.append(True)

    aid = CircuitBreaker("something", 0.002)
    await aid.call(call, None)
    asyncio.get_running_loop().call_later(0.01, may_end.set)
    await aid.close()
    assert ended == [True]


@pytest.mark.parametrize(
    "url", ["redis://:secret@127.0.0.1:port/0", "redis://:pa/secret@127.0.0.1", "redis://:6379/secret@db"]
)
def test_unreadable_address_is_named_without_its_password(url):
    async def open_it():
        async with open_redis(url):
            pass

    with pytest.raises(InvalidSettings) as wrong:
        asyncio.run(open_it())
    assert wrong.value.problems == ["REDIS_URL can't be read as an address"]


@asynccontextmanager
async def two_bots(*claims):
    """Return a workspace that sends whatever happens to two bots, and what ends when both have answered."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(Workspace(signing_secret="secret", bot_token="xoxb-test"))
        slack.url = await stack.enter_async_context(serve(slack_emulator(slack)))
        settings = replace(
            Settings(),
            figshare_api_url=await stack.enter_async_context(serve(figshare_emulator())) + "/v2",
            slack_api_url=f"{slack.url}/api/",
            slack_bot_token="xoxb-test",
            slack_signing_secret="secret",
        )
        webs = []
        for claimed in claims:
            bot = await stack.enter_async_context(open_bot(settings, CommandRegistry(MODULES), Metrics()))
            door = open_slack(settings, Dispatcher(bot), Metrics(), is_claimed=claimed and claimed.is_claimed)
            webs.append(await stack.enter_async_context(door))
        slack.bot_url = await stack.enter_async_context(serve(to_all([each.endpoint for each in webs])))
        slack.bot_url += "/slack/events"

        async def said():
            for each in webs:
                await each.background_tasks.drain(5)
            return [message for message in slack.history.messages if message.user == slack.bot_user]

        yield slack, said


class InOneProcess:
    """A place that two bots of one process share."""

    def __init__(self):
        self._kept = set()

    async def is_claimed(self, name, lasts, patience):
        was_kept = name in self._kept
        self._kept.add(name)
        return was_kept


@pytest.mark.parametrize("handled", [True, False], ids=["told", "not told"])
async def test_event_at_two_processes_is_answered_once(handled):
    claims = Claims(InOneProcess()) if handled else None
    async with two_bots(claims, claims) as (slack, said):
        await slack.mention(slack.research, slack.maya, "help")
        assert len(await said()) == (1 if handled else 2)


@asynccontextmanager
async def two_on_slow_lines():
    """Return two lines to Redis and, over each, a Redis with the patience that the bot has."""
    async with AsyncExitStack() as stack:
        lines, processes = (Line(), Line()), []
        for line in lines:
            address = await stack.enter_async_context(line.opened())
            processes.append(await stack.enter_async_context(open_redis(address)))
        yield lines, processes


async def busy():
    """Keep the loop of both processes busy now and then, longer than Redis takes to answer."""
    while True:
        await asyncio.sleep(0.005)
        time.sleep(0.06)  # noqa: ASYNC251


@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize("late", [1, 1_000])
async def test_slow_redis_still_answers_each_event_once(late):
    async with two_on_slow_lines() as (lines, processes), two_bots(*map(Claims, processes)) as (slack, said):
        for line in lines:
            line.late, line.delay = late, 0.08
            # what is only stored there is not waited for, and counts as late
        assert await processes[0].load(name()) is None
        await asyncio.gather(*(slack.mention(slack.research, slack.maya, "help") for _ in range(6)))
        assert len(await said()) == 6


@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize("silent", [1, 2])
async def test_silent_redis_leaves_claims_to_the_database(silent, tmp_path):
    address = f"sqlite:///{tmp_path / 'bot.db'}"
    async with (
        two_on_slow_lines() as (lines, processes),
        open_database(address) as first,
        open_database(address) as second,
    ):
        for line in lines[:silent]:
            line.alive.clear()
        claims = [Claims(*each) for each in zip(processes, (first, second), strict=True)]
        names = [name() for _ in range(12)]
        seen = await asyncio.gather(*(each.is_claimed(one) for one in names for each in claims))
        for line in lines:
            line.alive.set()
    assert seen.count(False) == 12


@pytest.mark.usefixtures("redis")
async def test_busy_processes_do_nothing_twice():
    async with two_on_slow_lines() as (_, processes):
        working = asyncio.create_task(busy())
        names = [name() for _ in range(12)]
        seen = await asyncio.gather(*(Claims(each).is_claimed(one) for one in names for each in processes))
        working.cancel()
    assert seen.count(False) == 12


@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize("late", [1, 1_000])
async def test_slow_redis_still_keeps_one_rate_for_two_processes(late):
    host = name()
    async with two_on_slow_lines() as (lines, processes):
        for line in lines:
            line.late, line.delay = late, 0.08
        limits = [RedisRateLimit(process, host, 5, 1, own(5)) for process in processes]
        began = time.monotonic()
        waits = await asyncio.gather(*(limit.reserve() for _ in range(6) for limit in limits))
        took = time.monotonic() - began
    places = sorted(waits)
    assert all(place >= 0.2 * number - took - 0.001 for number, place in enumerate(places))


@pytest.mark.usefixtures("redis")
async def test_silent_redis_leaves_the_rate_to_the_database(tmp_path, monkeypatch):
    monkeypatch.setattr(redis_module, "RESERVATION_TIMEOUT", 0.05)
    host, address = name(), f"sqlite:///{tmp_path / 'bot.db'}"
    async with (
        two_on_slow_lines() as (lines, processes),
        open_database(address) as first,
        open_database(address) as second,
    ):
        others = [DatabaseRateLimit(each, host, 5, 1, own(5)) for each in (first, second)]
        limits = [
            RedisRateLimit(process, host, 5, 1, own(5), other)
            for process, other in zip(processes, others, strict=True)
        ]
        for line in lines:
            line.alive.clear()
        began = time.monotonic()
        waits = await asyncio.gather(*(limit.reserve() for _ in range(6) for limit in limits))
        took = time.monotonic() - began
        for line in lines:
            line.alive.set()
    assert all(place >= 0.2 * number - took - 0.001 for number, place in enumerate(sorted(waits)))


@pytest.mark.usefixtures("redis")
async def test_returned_redis_is_used_at_once(monkeypatch):
    monkeypatch.setattr(circuit_breaker, "PROBE_INTERVAL", 0.01)
    async with AsyncExitStack() as stack:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = await stack.enter_async_context(open_redis(f"redis://127.0.0.1:{port}/15"))
        assert await process.is_claimed(name(), 5, BUSY) is None
        server = await asyncio.start_server(Line()._carry, "127.0.0.1", port)
        stack.callback(server.close)
        tries = [(await asyncio.sleep(0.01), await process.is_claimed(name(), 5, BUSY)) for _ in range(50)]
        assert (None, False) in tries
