"""What happens when somebody moves the playground's clock forward."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.commands import CommandRegistry
from bot.emulators.sample import sample_figshare
from bot.emulators.slack import Workspace
from bot.playground.app import open_playground
from bot.playground.clock import DAY, MAX_AHEAD, MAX_MOVE, MovingClock
from bot.settings import Settings
from handlers import MODULES
from tests.support.clock import NOON
from tests.support.playground_page import token_header
from tests.support.slack_client import buttons

HOUR, WEEK = 3600, 7 * DAY
MAYA = Workspace.maya


@asynccontextmanager
async def played(folder: Path | None = None) -> AsyncIterator[tuple[str, Workspace, MovingClock]]:
    """Open a playground with the sample catalogue, as the program does; with a folder it sends digests."""
    clock = MovingClock(NOON.timestamp)
    async with (
        sample_figshare(Settings(), clock) as chosen,
        open_playground(CommandRegistry(MODULES), chosen, clock=clock, folder=folder) as (base, slack),
    ):
        yield base, slack, clock


async def state(base: str) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession(headers=await token_header(base)) as http,
        http.get(f"{base}/playground/state") as response,
    ):
        return await response.json()


async def move(base: str, forward: Any, user: str = MAYA) -> tuple[int, dict[str, Any]]:
    given = {"user": user, "forward": forward}
    async with (
        aiohttp.ClientSession(headers=await token_header(base)) as http,
        http.post(f"{base}/playground/clock", json=given) as response,
    ):
        return response.status, await response.json()


def views(text: str) -> int:
    results = re.search(r"([\d,]+) views", text)
    assert results, text
    return int(results[1].replace(",", ""))


async def test_clock_follows_real_time_until_moved_ahead():
    real = 100.0
    clock = MovingClock(lambda: real)
    assert clock() == 100
    await clock.move_forward(HOUR)
    assert clock() == 100 + HOUR
    real = 102.0
    assert clock() == 102 + HOUR


async def test_waiter_is_woken_by_a_move():
    clock, seen = MovingClock(NOON.timestamp), []
    clock.on_move.append(lambda: seen.append(clock() - NOON.timestamp()))
    await clock.move_forward(HOUR)
    await clock.move_forward(DAY)
    assert seen == [HOUR, HOUR + DAY]


@pytest.mark.parametrize("seconds", [0, -1, -DAY, MAX_MOVE + 1, float("inf"), float("nan")])
async def test_clock_refuses_moves_back_or_over_a_year(seconds):
    clock, told = MovingClock(), []
    clock.on_move.append(lambda: told.append(True))
    with pytest.raises(ValueError, match="forward"):
        await clock.move_forward(seconds)
    assert (clock.moved, told) == (0, [])


async def test_clock_is_at_most_five_years_ahead():
    clock = MovingClock()
    for _ in range(4):
        await clock.move_forward(MAX_MOVE)
    with pytest.raises(ValueError, match="5 years"):
        await clock.move_forward(MAX_MOVE)
    await clock.move_forward(MAX_AHEAD - clock.moved)
    assert clock.moved == MAX_AHEAD


async def test_page_shows_the_time_and_the_offset():
    async with played() as (base, slack, _):
        before = await state(base)
        assert (before["now"], before["moved"]) == (NOON.timestamp(), 0)
        assert await move(base, DAY) == (200, {})
        assert await move(base, HOUR) == (200, {})
        after = await state(base)
        assert (after["now"], after["moved"]) == (NOON.timestamp() + DAY + HOUR, DAY + HOUR)
        # what makes every open page look again
        assert after["changes"] == before["changes"] + 2
        assert slack.clock() == after["now"]


WRONG = [0, -1, True, None, "60", [60], {}, 367 * DAY, 10**400, float("inf"), float("nan")]


@pytest.mark.parametrize("forward", WRONG, ids=lambda given: str(given)[:20])
async def test_malformed_move_is_refused_and_moves_nothing(forward):
    async with played() as (base, _, clock):
        status, said = await move(base, forward)
        assert (status, clock.moved) == (400, 0)
        assert said["error"].startswith("the clock moves")


async def test_next_digest_without_any_moves_nothing():
    async with played() as (base, _, clock):
        assert await move(base, "digest") == (200, {"digest": "unscheduled"})
        assert clock.moved == 0


async def test_sample_counts_end_at_the_moved_day():
    async with played() as (base, slack, _):
        first = views((await slack.command("/figshare", "views 5616445")).text)
        await move(base, 30 * DAY)
        later = (NOON + timedelta(days=29)).date().isoformat()
        of_a_day = views((await slack.command("/figshare", f"views 5616445 {later}..{later}")).text)
        assert of_a_day > 0
        assert views((await slack.command("/figshare", "views 5616445")).text) >= first + of_a_day


@pytest.mark.e2e
async def test_next_digest_is_shown_to_who_may_see_it(tmp_path):
    async with played(tmp_path) as (base, slack, _):
        words = "subscribe 5616445 daily at 09:00 UTC"
        await slack.command("/figshare", words, channel=Workspace.library)
        status, answer = await move(base, "digest")
        shown = slack.history.find(answer["digest"]["channel"], answer["digest"]["message"])
        assert status == 200 and shown.text.startswith("Daily digest")
        assert shown.channel == Workspace.library
        assert await move(base, "digest", user=Workspace.guest) == (200, {"digest": "elsewhere"})


@pytest.mark.e2e
async def test_each_skipped_day_sends_its_digest(tmp_path):
    async with played(tmp_path) as (base, slack, clock):
        await slack.command("/figshare", "subscribe 5616445 daily at 09:00 UTC")
        before = clock()
        assert await move(base, 3 * DAY) == (200, {})
        assert clock() - before == 3 * DAY
        came = [each for each in slack.history.messages if each.text.startswith("Daily digest")]
        times = [datetime.fromtimestamp(float(each.ts), UTC) for each in came]
        first = NOON.date() + timedelta(days=1)
        assert [(each.date() - first).days for each in times] == [0, 1, 2]
        assert {each.hour for each in times} == {9}
        assert not any("Late" in each.text for each in came)


@pytest.mark.e2e
async def test_digest_of_ours_comes_with_all_its_parts(tmp_path):
    async with played(tmp_path) as (base, slack, _):
        assert (await slack.command("/figshare", "subscribe ours")).text.startswith("Subscribed: northbridge")
        assert await move(base, WEEK) == (200, {})
        [digest] = [each for each in slack.history.messages if each.text.startswith("Weekly digest")]
        assert "northbridge" in digest.text and "unknown" not in digest.text
        assert "Do hedges slow the wind?" in digest.text
        # published since the clock was moved
        assert "Frost dates in forty village gardens" in digest.text


async def test_bot_on_a_moved_clock_accepts_signatures():
    async with played() as (base, slack, _):
        await move(base, WEEK)
        # Slack's signatures go by real time, which Bolt compares with its own
        seen = await slack.command("/figshare", "views 5616445 yesterday")
        assert seen.status == 200
        assert "29 Nov 2026" in str(seen.blocks) + seen.text
        said = datetime.fromtimestamp(float(seen.message.ts), UTC)
        assert said - NOON == pytest.approx(timedelta(days=7), abs=timedelta(seconds=1))


async def test_response_url_expires_after_half_an_hour():
    async with played() as (base, slack, _):
        await slack.command("/figshare", "views 5616445")
        [hook] = slack.triggers.response_urls
        await move(base, HOUR)
        assert slack.triggers.use_response_url(hook) == "expired_url"


async def test_buttons_work_a_week_later():
    async with played() as (base, slack, _):
        seen = await slack.command("/figshare", "search title:frog")
        await move(base, WEEK)
        pressed = await slack.press(seen.message, buttons(seen.message)["Next"])
        assert "Results 6–" in str(pressed.blocks)
