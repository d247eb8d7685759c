"""The client of the statistics: what it asks, and what it makes of the answers."""

import pytest

from bot.figshare.errors import InvalidResponse, NotAllowed
from tests.support.bot_client import open_bot_client
from tests.support.portals import LBORO


async def test_items_of_a_group_are_counted_without_credentials():
    async with open_bot_client(figshare_portal="lboro") as client:
        assert await client.bot.stats.count_articles(20401) == 6
        assert client.requests == [("POST", "/stats/count/articles")]


@pytest.mark.parametrize("answer", [b"{}", b'{"20401": -1}', b'{"20401": "6"}', b"[]", b"frogs"])
async def test_count_of_items_that_cant_be_read_is_an_error(answer):
    async with open_bot_client(**LBORO) as client:
        client.goes_wrong(
            "/stats/count/", body=answer, headers={"content-type": "application/json"}, times=None
        )
        with pytest.raises(InvalidResponse):
            await client.bot.stats.count_articles(20401)


async def test_items_are_not_counted_where_statistics_are_unknown():
    async with open_bot_client(figshare_stats_url="") as client:
        with pytest.raises(NotAllowed):
            await client.bot.stats.count_articles(20401)
        assert client.requests == []
