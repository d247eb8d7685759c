"""Whatever people type, through whichever door, harms nobody and betrays nothing."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.bot.slack.typed import DOORS, TYPED
from tests.conftest import Office

LONGEST_MESSAGE = 40_000
PATIENCE = 0.1


@asynccontextmanager
async def watched() -> AsyncIterator[list[float]]:
    """List how long, by the processor's clock, everybody had to wait for the loop."""
    waits = list[float]()

    async def tick() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0)
            waits.append(time.thread_time() - before)

    # the objects of all the tests before take a collection long
    gc.collect()
    gc.freeze()
    ticking = asyncio.ensure_future(tick())
    try:
        yield waits
    finally:
        ticking.cancel()
        gc.unfreeze()


def bots(office: Office) -> list[Any]:
    return [each for each in office.slack.history.messages if each.from_bot]


async def settled(office: Office) -> None:
    """Wait until nothing has come for a moment."""
    seen = -1
    while seen != len(office.slack.log):
        seen = len(office.slack.log)
        await asyncio.sleep(0.03)


@pytest.mark.parametrize(
    "unit", [",", "\u200d", "<a://", "<mailto:", "<@U0FIGSHARE|", "1 ", ")", "a:b ", "/s/"]
)
async def test_a_very_long_text_keeps_nobody_waiting(office, unit):
    text = (unit * LONGEST_MESSAGE)[:LONGEST_MESSAGE]
    async with watched() as waits:
        for door in DOORS.values():
            await door(office, text)
        await settled(office)
    assert max(waits) < PATIENCE


@pytest.mark.parametrize("name", TYPED)
async def test_a_very_long_question_is_told_how_long_one_may_be(office, name):
    for words in ("views " + "1 " * 20_000, "\u200b" * 40_000, "subscribe " + "1 " * 20_000):
        before = len(bots(office))
        await TYPED[name](office, words)
        await office.slack.until(lambda before=before: len(bots(office)) > before)
        longest = "8,000" if words.startswith("s") else "1,500"
        said = f"A question may have {longest} characters; this one has more than 8,000."
        assert said in bots(office)[-1].text
