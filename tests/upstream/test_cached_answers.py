"""What is answered from stored answers alone, without asking or waiting for anybody."""

import asyncio
from typing import Any

import pytest

from bot.commands import Question
from bot.slack.router import _written, _written_once
from tests.support.clock import NOON

STORED = "views 5616445"


def ask(words: str) -> Question:
    return Question(words, NOON.date(), user="U1")


async def test_nothing_is_asked_for_what_is_not_stored(client):
    assert await client.answers.answer_from_cache(ask(STORED)) is None
    await asyncio.sleep(0.02)
    assert client.requests == []


@pytest.mark.parametrize("words", [STORED, "downloads 5616445", "stats 5616445", "views 5616445 2025"])
async def test_what_is_stored_is_answered_the_same_at_once(client, words):
    before = await client.answers.answer(ask(words))
    asked = len(client.requests)
    assert await client.answers.answer_from_cache(ask(words)) == before
    assert len(client.requests) == asked


async def test_half_an_answer_is_none(client):
    await client.reply("item 5616445")
    assert await client.answers.answer_from_cache(ask(STORED)) is None


async def test_a_question_that_has_to_be_asked_is_counted_once(client):
    await client.answers.answer_from_cache(ask(STORED))
    assert b'command="views"' not in client.metrics.text()
    await client.answers.answer(ask(STORED))
    assert b'figshare_bot_commands_total{command="views",outcome="ok"} 1.0' in client.metrics.text()


async def test_what_needs_more_than_stored_answers_is_not_tried(client):
    for words in ("status", "search frogs", "nonsense"):
        assert await client.answers.answer_from_cache(ask(words)) is None


async def test_another_figure_is_another_message(client):
    replies: list[Any] = [await client.reply(f"views {number}") for number in (5616445, 5616409)]
    for reply in (*replies, *replies):
        assert _written_once(reply, STORED).body == _written(reply, STORED).body
    assert _written_once(replies[0], STORED).body != _written_once(replies[1], STORED).body
    assert _written_once(replies[0], STORED).body != _written_once(replies[0], "views other").body
