"""A channel has a hundred digests at most, and a person fifty, however many ask at once."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from bot.language.schedules import Schedule
from bot.reply import DoesNotExist
from bot.standin.slack.people import RESEARCH
from bot.storage import subscriptions
from bot.storage.database import open_database
from bot.storage.subscriptions import Subscriptions
from tests.bot.test_store import file, schema, url  # noqa: F401
from tests.handlers.desk import GUEST, JONAS, MAYA, desk_in

FULL = "This channel has 100 digests, the most I keep for one."
ENOUGH = "You have 50 digests, the most I keep for a person."


@pytest.fixture
async def two(url):  # noqa: F811
    """Give the subscriptions of two processes on one database."""
    async with AsyncExitStack() as stack:
        yield [Subscriptions(await stack.enter_async_context(open_database(url))) for _ in range(2)]


async def add(subscriptions, number, channel="C1", owner="U1"):
    schedule = Schedule("0 9 * * 1")
    return await subscriptions.add(channel, owner, "Maya", str(number), f"item {number}", 4, schedule)


def kept(outcomes):
    """Count what was kept, and give what the others were told."""
    told = {each.title for each in outcomes if isinstance(each, DoesNotExist)}
    return sum(not isinstance(each, BaseException) for each in outcomes), told


async def test_of_many_at_once_a_channel_keeps_as_many_as_may_be(two):
    for number in range(97):
        await add(two[0], number, owner=f"U{number}")
    asked = (add(two[number % 2], number, owner=f"U{number}") for number in range(97, 105))
    assert kept(await asyncio.gather(*asked, return_exceptions=True)) == (3, {FULL})
    assert len(await two[1].of_channel("C1")) == 100
    # what is there already is still found
    assert (await add(two[1], 5, owner="U5"))[1] is False
    await add(two[0], 1, channel="C2")


async def test_of_many_at_once_a_person_has_as_many_as_may_be(two):
    for number in range(47):
        await add(two[0], number, channel=f"C{number}")
    asked = (add(two[number % 2], number, channel=f"C{number}") for number in range(47, 55))
    assert kept(await asyncio.gather(*asked, return_exceptions=True)) == (3, {ENOUGH})
    await two[0].remove(1)
    await add(two[0], 55)


async def test_what_is_adopted_counts_for_whoever_adopts_it(two):
    for number in range(49):
        await add(two[0], number, channel=f"C{number}")
    left = [(await add(two[0], number, owner="U2"))[0] for number in range(100, 104)]
    asked = (two[at % 2].adopt(each, "U1", "Maya") for at, each in enumerate(left))
    assert kept(await asyncio.gather(*asked, return_exceptions=True)) == (1, {ENOUGH})


@pytest.fixture
async def at(monkeypatch):
    monkeypatch.setattr(subscriptions, "IN_A_CHANNEL", 3)
    monkeypatch.setattr(subscriptions, "OF_A_PERSON", 2)
    async with desk_in() as opened_desk:
        yield opened_desk


async def say(at, words, user=MAYA):
    return (await at.slack.command("/figshare", words, user=user, channel=RESEARCH)).message


async def test_in_a_full_channel_subscribe_says_what_makes_room(at):
    for number in (1, 2):
        await say(at, f"subscribe 5616445 monthly on {number}", MAYA)
    await say(at, "subscribe 5616445 monthly on 3", JONAS)
    said = await say(at, "subscribe 5616445 monthly on 4", JONAS)
    assert said.text.startswith("This channel has 3 digests, the most I keep for one.")
    assert "subscriptions lists them; unsubscribe N makes room." in said.text
    assert said.ephemeral_to == JONAS
    await say(at, "unsubscribe 1", MAYA)
    assert (await say(at, "subscribe 5616445 monthly on 4", JONAS)).text.startswith("Subscribed: ")


async def test_who_has_as_many_as_may_be_is_told_so_at_every_door(at):
    for number in (1, 2):
        await say(at, f"subscribe 5616445 monthly on {number}", MAYA)
    assert (await say(at, "subscribe 9784012", MAYA)).text.startswith("You have 2 digests, the most")
    await at.slack.command("/figshare", "subscribe", user=MAYA, channel=RESEARCH)
    await at.form()
    seen = await at.submit(what="9784012", on="friday")
    assert "You have 2 digests, the most I keep for a person." in str(seen.view.errors)
    await at.slack.mention(RESEARCH, MAYA, "stats 5616445")
    pressed = await at.press(at.answers[-1], "Send me this weekly")
    assert pressed.text.startswith("You have 2 digests, the most I keep for a person.")


async def test_who_has_as_many_as_may_be_adopts_no_more(at):
    for number in (1, 2):
        await say(at, f"subscribe 5616445 monthly on {number}", MAYA)
    await say(at, "subscribe 5616445", GUEST)
    at.slack.people[GUEST].deleted = True
    listed = await say(at, "subscriptions", MAYA)
    assert (await at.press(listed, "Adopt 3", MAYA)).text.startswith("You have 2 digests")
    listed = await say(at, "subscriptions", JONAS)
    assert "looks after digest 3 now" in (await at.press(listed, "Adopt 3", JONAS)).text
