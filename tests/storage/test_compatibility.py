"""A database that an earlier version wrote is read, and its digests go on where they were.

`database_0003.sql` is a dump of what the version before the rewrite of the deliveries wrote, at 09:08 on 26
November 2026, with rows in every state: see `IN_PROGRESS`. It is never to be changed.
"""

import sqlite3
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import func, select

from bot.emulators.slack.people import JONAS, LIBRARY, MAYA, RESEARCH
from bot.storage.audit_log import AuditLog
from bot.storage.database import open_database
from bot.storage.deliveries import Deliveries
from bot.storage.outbox import Outbox
from bot.storage.outcomes import DeliveryOutcome, OutcomeKind
from bot.storage.subscriptions import Subscriptions
from bot.storage.tables import metadata, version_table
from tests.support.clock import Clock
from tests.support.digest_clock import open_digest_clock, timestamp
from tests.support.paths import ROOT

NOW = timestamp(26, 9, 8) - 1
# By the number of the delivery: its subscription, its state, and those of its messages.
IN_PROGRESS = {
    # its file is missing
    2: (2, "ready", {"channel": "sent", "table": "sent"}),
    # Slack gave no clear answer
    3: (3, "ready", {"channel": "sending"}),
    # Slack asked for a pause
    5: (8, "ready", {"channel": "new"}),
    # collected before its occurrence
    6: (6, "ready", {}),
    # held by a process that was killed
    7: (7, "new", {}),
}
STORED_OUTCOMES = {
    "sent": DeliveryOutcome(OutcomeKind.SENT),
    "sent late": DeliveryOutcome(OutcomeKind.SENT_LATE),
    "perhaps sent: Slack did not answer, and I can't look": DeliveryOutcome(OutcomeKind.POSSIBLY_SENT),
    "left out: nothing happened": DeliveryOutcome(OutcomeKind.SKIPPED_EMPTY),
    "left out: no day has ended since the one before": DeliveryOutcome(OutcomeKind.SKIPPED_NO_NEW_DAY),
    "missed: I was not running": DeliveryOutcome(OutcomeKind.MISSED),
    "could not be sent: Slack did not take it": DeliveryOutcome(OutcomeKind.REJECTED),
    "could not be sent: Slack gave no clear answer": DeliveryOutcome(OutcomeKind.UNCONFIRMED),
    "could not be sent: Slack said ratelimited": DeliveryOutcome(
        OutcomeKind.FAILED, "Slack said ratelimited"
    ),
    "could not be sent: the channel is archived": DeliveryOutcome(
        OutcomeKind.FAILED, "the channel is archived"
    ),
    "could not be sent: Figshare was away": DeliveryOutcome(OutcomeKind.FAILED, "Figshare was away"),
}


@pytest.fixture
def old_database(tmp_path):
    """Return the address of a database that the earlier version wrote."""
    path = tmp_path / "figshare-bot.db"
    connection = sqlite3.connect(path)
    connection.executescript((ROOT / "tests" / "storage" / "database_0003.sql").read_text("utf-8"))
    connection.close()
    return f"sqlite:///{path}"


@asynccontextmanager
async def opened(url):
    async with open_database(url, Clock(NOW)) as database:
        yield database


async def test_every_row_of_an_old_database_is_read(old_database):
    async with opened(old_database) as database:
        subscriptions, outbox = Subscriptions(database), Outbox(database)
        listed = [*await subscriptions.of_channel(RESEARCH), *await subscriptions.of_channel(LIBRARY)]
        assert {each.subscription.id: each.subscription.state for each in listed} == {
            **dict.fromkeys((1, 2, 3, 6, 7, 8), "active"),
            4: "paused",
            5: "stopped",
        }
        assert (await subscriptions.get(5)).stop_reason == "is_archived"
        assert (await subscriptions.get(3)).topic == "search frogs"
        for id, (subscription, state, messages) in IN_PROGRESS.items():
            delivery = await Deliveries(database).get(id)
            assert (delivery.subscription, delivery.state) == (subscription, state)
            assert bool(delivery.report) == (state == "ready")
            for part in ("channel", "table", "file"):
                assert (await outbox.message(id, part)).state == messages.get(part, "new")
        entries, has_more = await AuditLog(database).page(1, 10)
        assert [each.outcome for each in entries] == ["begun", "refused", "unknown", "done"] and not has_more
        assert await database.is_claimed("a name", 900.0, 1.0) is True


async def test_no_table_of_an_old_database_is_empty(old_database):
    async with opened(old_database) as database, database.engine.begin() as connection:
        for table in metadata.sorted_tables:
            assert await connection.scalar(select(func.count()).select_from(table)), table.name
        assert await connection.scalar(select(version_table.c.version_num)) == "0003"


async def test_key_of_an_old_submission_is_still_known(old_database):
    async with opened(old_database) as database:
        audit_log = AuditLog(database)
        assert (await audit_log.start(MAYA, "create", idempotency_key="V1")).draft == 31_400_003
        unknown = await audit_log.start(MAYA, "create", idempotency_key="V2")
        assert (unknown.is_new, unknown.outcome, unknown.title_hash) == (False, "unknown", "m2")
        assert await audit_log.retry(unknown, "m2")
        assert (await audit_log.start(JONAS, "create", idempotency_key="V5")).is_new


async def test_outcomes_of_an_old_database_are_shown(old_database):
    async with opened(old_database) as database:
        listed = await Subscriptions(database).of_channel("C0OUTCOMES")
        assert [each.last_outcome for each in listed] == list(STORED_OUTCOMES.values())
        assert [str(each.last_outcome) for each in listed] == [
            "sent",
            "sent late",
            "possibly sent: Slack didn't respond, and I can't check",
            "skipped: no activity",
            "skipped: no full day since the last digest",
            "missed: the bot was not running",
            "could not be sent: Slack rejected it",
            "could not be sent: Slack gave no clear answer",
            "could not be sent: Slack said ratelimited",
            "could not be sent: the channel is archived",
            "could not be sent: Figshare was away",
        ]


@pytest.mark.parametrize("stored", STORED_OUTCOMES)
def test_outcome_is_stored_as_earlier_versions_did(stored):
    outcome = STORED_OUTCOMES[stored]
    assert outcome.stored == stored and DeliveryOutcome.from_stored(stored) == outcome


async def test_digests_of_an_old_database_go_on(old_database):
    async with open_digest_clock(database_url=old_database) as client:
        # Those that had failed were put off until 09:20.
        messages = await client.advance_to(timestamp(26, 9, 20))
        digests = [each for each in messages if each.thread_ts is None]
        sent = sorted(each.metadata["event_payload"]["id"] for each in digests if each.metadata)
        assert sent == ["3.channel", "5.channel", "6.channel", "7.channel"]
        statuses = await client.bot.subscriptions.of_channel(RESEARCH)
        assert {each.subscription.id: str(each.last_outcome) for each in statuses} == {
            **dict.fromkeys((1, 2, 6, 7, 8), "sent"),
            3: "sent late",
            4: "None",
        }
        days = {str(each.subscription.since) for each in statuses if each.subscription.id != 4}
        assert days == {"2026-11-26"}
        following = [each for each in await client.advance_to(timestamp(27)) if each.thread_ts is None]
        assert [each.text.split("\n")[1].partition(",")[0] for each in following] == ["26 Nov 2026"]
