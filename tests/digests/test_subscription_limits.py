"""A channel has a hundred digests at most, and a person fifty, however many ask at once."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from bot.emulators.slack.people import RESEARCH
from bot.language.schedules import Schedule
from bot.reply import DoesNotExist
from bot.storage import subscriptions
from bot.storage.database import open_database
from bot.storage.subscriptions import Subscriptions
from tests.support.slack_client import GUEST, JONAS, MAYA, open_slack_client

CHANNEL_FULL = "This channel has 100 digests, which is the limit."
ITEMS = ("", "7821100", "6211890", "10042001", "10158001")
OWNER_FULL = "You have 50 digests, which is the limit."


@pytest.fixture
async def two(url):
    """Return the subscriptions of two processes on one database."""
    async with AsyncExitStack() as stack:
        yield [Subscriptions(await stack.enter_async_context(open_database(url))) for _ in range(2)]


async def add(subscriptions, number, channel="C1", owner="U1"):
    schedule = Schedule("0 9 * * 1")
    return await subscriptions.add(channel, owner, "Maya", str(number), f"item {number}", 4, schedule)


def added_and_refused(outcomes):
    """Return how many were added, and what the others were refused with."""
    values = {each.title for each in outcomes if isinstance(each, DoesNotExist)}
    return sum(not isinstance(each, BaseException) for each in outcomes), values


async def test_channel_with_many_requests_at_once_keeps_to_the_limit(two):
    for number in range(97):
        await add(two[0], number, owner=f"U{number}")
    requests = (add(two[number % 2], number, owner=f"U{number}") for number in range(97, 105))
    assert added_and_refused(await asyncio.gather(*requests, return_exceptions=True)) == (3, {CHANNEL_FULL})
    assert len(await two[1].of_channel("C1")) == 100
    # what is there already is still found
    assert (await add(two[1], 5, owner="U5"))[1] is False
    await add(two[0], 1, channel="C2")


async def test_person_with_many_requests_at_once_keeps_to_the_limit(two):
    for number in range(47):
        await add(two[0], number, channel=f"C{number}")
    requests = (add(two[number % 2], number, channel=f"C{number}") for number in range(47, 55))
    assert added_and_refused(await asyncio.gather(*requests, return_exceptions=True)) == (3, {OWNER_FULL})
    await two[0].remove(1)
    await add(two[0], 55)


async def test_adopted_digest_counts_for_the_new_owner(two):
    for number in range(49):
        await add(two[0], number, channel=f"C{number}")
    left = [(await add(two[0], number, owner="U2"))[0] for number in range(100, 104)]
    requests = (two[slack_client % 2].adopt(each, "U1", "Maya") for slack_client, each in enumerate(left))
    assert added_and_refused(await asyncio.gather(*requests, return_exceptions=True)) == (1, {OWNER_FULL})


@pytest.fixture
async def slack_client(monkeypatch):
    monkeypatch.setattr(subscriptions, "MAX_PER_CHANNEL", 3)
    monkeypatch.setattr(subscriptions, "MAX_PER_OWNER", 2)
    async with open_slack_client() as client:
        yield client


async def say(slack_client, words, user=MAYA):
    return (await slack_client.slack.command("/figshare", words, user=user, channel=RESEARCH)).message


async def test_subscribe_in_a_full_channel_says_what_makes_room(slack_client):
    for number in (1, 2):
        await say(slack_client, f"subscribe {ITEMS[number]} monthly", MAYA)
    await say(slack_client, f"subscribe {ITEMS[3]} monthly", JONAS)
    answer = await say(slack_client, f"subscribe {ITEMS[4]} monthly", JONAS)
    assert answer.text.startswith("This channel has 3 digests, which is the limit.")
    assert "subscriptions lists them; stop N makes room." in answer.text
    assert answer.ephemeral_to == JONAS
    await say(slack_client, "unsubscribe 1", MAYA)
    assert (await say(slack_client, f"subscribe {ITEMS[4]} monthly", JONAS)).text.startswith("Subscribed: ")


async def test_person_at_the_limit_is_refused_everywhere(slack_client):
    for number in (1, 2):
        await say(slack_client, f"subscribe {ITEMS[number]} monthly", MAYA)
    assert (await say(slack_client, "subscribe 9784012", MAYA)).text.startswith(
        "You have 2 digests, which is the limit"
    )
    await slack_client.slack.command("/figshare", "subscribe", user=MAYA, channel=RESEARCH)
    await slack_client.wait_for_form()
    response = await slack_client.submit(what="9784012", weekdays="friday")
    assert "You have 2 digests, which is the limit." in str(response.view.errors)
    await slack_client.slack.mention(RESEARCH, MAYA, "stats 5616445")
    pressed = await slack_client.press(slack_client.answers[-1], "Send me this weekly")
    assert pressed.text.startswith("You have 2 digests, which is the limit.")


async def test_person_at_the_limit_adopts_no_more(slack_client):
    for number in (1, 2):
        await say(slack_client, f"subscribe {ITEMS[number]} monthly", MAYA)
    await say(slack_client, "subscribe 5616445", GUEST)
    slack_client.slack.people[GUEST].deleted = True
    listed = await say(slack_client, "subscriptions", MAYA)
    assert (await slack_client.press(listed, "Adopt 3", MAYA)).text.startswith("You have 2 digests")
    listed = await say(slack_client, "subscriptions", JONAS)
    assert "now owns digest 3" in (await slack_client.press(listed, "Adopt 3", JONAS)).text
