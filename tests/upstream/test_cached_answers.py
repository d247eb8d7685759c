"""Replies from stored answers alone, without a request to Figshare."""

import asyncio
from typing import Any

import pytest

from bot.commands import Question
from bot.slack.questions import acknowledgement, cached_acknowledgement
from tests.support.clock import NOON

STORED = "views 5616445"


def question(words: str) -> Question:
    return Question(words, NOON.date(), user="U1")


async def test_missing_answer_causes_no_request(client):
    assert await client.dispatcher.answer_from_cache(question(STORED)) is None
    await asyncio.sleep(0.02)
    assert client.requests == []


@pytest.mark.parametrize("words", [STORED, "downloads 5616445", "stats 5616445", "views 5616445 2025"])
async def test_stored_answer_gives_the_same_reply_without_a_request(client, words):
    before = await client.dispatcher.answer(question(words))
    requests = len(client.requests)
    assert await client.dispatcher.answer_from_cache(question(words)) == before
    assert len(client.requests) == requests


async def test_partly_stored_answer_gives_no_reply(client):
    await client.reply("item 5616445")
    assert await client.dispatcher.answer_from_cache(question(STORED)) is None


async def test_question_missed_by_the_cache_is_counted_once(client):
    await client.dispatcher.answer_from_cache(question(STORED))
    assert b'command="views"' not in client.metrics.text()
    await client.dispatcher.answer(question(STORED))
    assert b'figshare_bot_commands_total{command="views",outcome="ok"} 1.0' in client.metrics.text()


async def test_command_that_is_not_cacheable_is_not_tried(client):
    for words in ("status", "search frogs", "nonsense"):
        assert await client.dispatcher.answer_from_cache(question(words)) is None


async def test_different_counts_give_different_messages(client):
    replies: list[Any] = [await client.reply(f"views {number}") for number in (5616445, 5616409)]
    for reply in (*replies, *replies):
        assert cached_acknowledgement(reply, STORED).body == acknowledgement(reply, STORED).body
    assert cached_acknowledgement(replies[0], STORED).body != cached_acknowledgement(replies[1], STORED).body
    assert (
        cached_acknowledgement(replies[0], STORED).body
        != cached_acknowledgement(replies[0], "views other").body
    )
