"""A digest comes once, whatever becomes of the process that sends it and of Slack's answer."""

import asyncio

import pytest

from tests.support.databases import fresh_database
from tests.support.delivery_audit import DeliveryAudit, table
from tests.support.digest_scenario import Scenario, open_digest_workspace
from tests.support.flaky_slack import ERRORS, KILLS, NOTHING

pytestmark = pytest.mark.e2e


@pytest.fixture
def settled(capsys):
    """Return a function that runs scenarios at once and fails unless every digest comes once."""

    async def sent(scenario: Scenario) -> DeliveryAudit:
        async with (
            fresh_database(scenario.store) as (url, schema),
            open_digest_workspace(url, schema, scenario) as workspace,
        ):
            return await workspace.settled(f"{scenario.store}, {scenario.workers}")

    async def all_settled(*scenarios: Scenario) -> None:
        audits = await asyncio.gather(*map(sent, scenarios))
        with capsys.disabled():
            print(f"\n{table(audits)}")
        assert [problem for each in audits for problem in (*each.double, *each.lost)] == []

    return all_settled


async def test_digest_comes_once_when_the_process_is_killed(settled):
    await settled(
        Scenario("SQLite", 1, KILLS, 25, 0.4, lease=12.0),
        Scenario("SQLite", 2, KILLS, 25, 0.4, lease=12.0),
        Scenario("PostgreSQL", 2, KILLS, 50, 0.4, lease=12.0),
    )


async def test_digest_comes_once_whatever_slack_answers(settled):
    await settled(
        Scenario("SQLite", 2, ERRORS, 50, 0.4, lease=16.0),
        Scenario("PostgreSQL", 2, ERRORS, 50, 0.4, lease=16.0),
    )


async def test_digest_comes_once_when_the_process_is_suspended(settled):
    await settled(
        Scenario("SQLite", 2, NOTHING, 4, 0.0, stops=2), Scenario("PostgreSQL", 2, NOTHING, 4, 0.0, stops=2)
    )


async def test_digest_comes_once_when_the_database_fails(settled):
    await settled(
        Scenario("SQLite", 2, ERRORS, 20, 0.2, fails=True),
        Scenario("PostgreSQL", 2, ERRORS, 20, 0.2, fails=True),
    )
