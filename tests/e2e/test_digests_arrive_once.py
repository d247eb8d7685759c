"""A digest comes once, whatever becomes of the process that sends it and of Slack's answer."""

import asyncio

import pytest

from tests.e2e.digest_books import Books, table
from tests.e2e.digest_office import Scenario, sending
from tests.e2e.stores import fresh
from tests.e2e.unkind_slack import ERRORS, KILLS, NOTHING

pytestmark = pytest.mark.e2e


@pytest.fixture
def settled(capsys):
    """Give a way to let things go wrong in several databases at once, and to fail unless all comes once."""

    async def sent(it: Scenario) -> Books:
        async with fresh(it.store) as (url, schema), sending(url, schema, it) as office:
            return await office.settled(f"{it.store}, {it.workers}")

    async def all_settled(*scenarios: Scenario) -> None:
        books = await asyncio.gather(*map(sent, scenarios))
        with capsys.disabled():
            print(f"\n{table(books)}")
        assert [problem for each in books for problem in (*each.double, *each.lost)] == []

    return all_settled


async def test_it_comes_once_however_often_its_process_is_killed(settled):
    await settled(
        Scenario("SQLite", 1, KILLS, 25, 0.4, lease=12.0),
        Scenario("SQLite", 2, KILLS, 25, 0.4, lease=12.0),
        Scenario("PostgreSQL", 2, KILLS, 50, 0.4, lease=12.0),
    )


async def test_it_comes_once_whatever_slack_answers(settled):
    await settled(
        Scenario("SQLite", 2, ERRORS, 50, 0.4, lease=16.0),
        Scenario("PostgreSQL", 2, ERRORS, 50, 0.4, lease=16.0),
    )


async def test_it_comes_once_though_its_process_is_stopped_and_goes_on(settled):
    await settled(
        Scenario("SQLite", 2, NOTHING, 4, 0.0, stops=2), Scenario("PostgreSQL", 2, NOTHING, 4, 0.0, stops=2)
    )


async def test_it_comes_once_though_its_database_fails_in_the_middle(settled):
    await settled(
        Scenario("SQLite", 2, ERRORS, 20, 0.2, fails=True),
        Scenario("PostgreSQL", 2, ERRORS, 20, 0.2, fails=True),
    )
