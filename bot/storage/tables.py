"""The tables of the database, as they are now; `bot/storage/migrations` brings older ones here."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects import postgresql, sqlite

metadata = MetaData()
# When the next request to a host is due (GCRA's theoretical arrival time), in seconds since 1970.
pace_table = Table(
    "pace", metadata, Column("name", String, primary_key=True), Column("tat", Double, nullable=False)
)
# The audit log of changes at Figshare. `at` is when a change was first started, `tried` when it was last
# attempted. `key` is the idempotency key of the form that creates a draft; `mark` is a hash of the title, by
# which a draft is found again when its creation had no clear outcome.
trace_table = Table(
    "trace",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("tried", Double, nullable=False),
    Column("who", String, nullable=False),
    Column("what", String, nullable=False),
    Column("draft", BigInteger),
    Column("outcome", String, nullable=False),
    Column("key", String, unique=True),
    Column("mark", String),
)
# A digest that a channel is subscribed to. `what` is its topic in the words of `subscribe`; `since` is the
# first day that no digest has counted yet; `next_at` is the next occurrence of its schedule, and empty while
# it is paused or stopped; `why` is the error for which it was stopped; `weight` is about how many requests to
# Figshare one digest takes.
subscription_table = Table(
    "subscription",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("owner_name", String, nullable=False),
    Column("what", String, nullable=False),
    Column("title", String, nullable=False),
    Column("cron", String, nullable=False),
    Column("zone", String, nullable=False),
    Column("skip_empty", Boolean, nullable=False),
    Column("since", String, nullable=False),
    Column("weight", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("why", String),
    Column("next_at", Double),
    UniqueConstraint("channel", "what", "cron", "zone", "skip_empty", name="subscription_once"),
    Index("subscription_due", "next_at", "weight"),
    # People type these numbers, so the number of a deleted row must not be given to another.
    sqlite_autoincrement=True,
)
# One digest of a subscription; `bot/storage/deliveries.py` draws its states. `slot` is its occurrence,
# `due_at` when to process it next, `until` when to give up, `contents` the collected report. A process holds
# it until `held_until`; `tries` numbers the claims, a fencing token.
delivery_table = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscription", ForeignKey(subscription_table.c.id, ondelete="CASCADE"), nullable=False),
    Column("slot", Double, nullable=False),
    Column("is_test", Boolean, nullable=False),
    Column("first_day", String, nullable=False),
    Column("last_day", String, nullable=False),
    Column("state", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("contents", LargeBinary),
    Column("tries", Integer, nullable=False),
    Column("until", Double, nullable=False),
    Column("due_at", Double, index=True),
    Column("held_until", Double),
    UniqueConstraint("subscription", "slot", name="delivery_once"),
    sqlite_autoincrement=True,
)
# One message of a delivery; `bot/storage/outbox.py` draws its states. Of the attempts whose outcome isn't
# known `first` is when the oldest was made, `tried` when the newest; `attempt` numbers them all.
message_table = Table(
    "message",
    metadata,
    Column("delivery", ForeignKey(delivery_table.c.id, ondelete="CASCADE"), primary_key=True),
    Column("part", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("first", Double),
    Column("tried", Double),
    Column("ts", String),
    Column("file", String),
)
# The names that a process has claimed, so that no other does the same: see `bot/storage/claims.py`.
seen_table = Table(
    "seen", metadata, Column("name", String, primary_key=True), Column("at", Double, nullable=False)
)
# Alembic's own.
version_table = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True))


def insert_if_absent(table: Table, dialect: str) -> Any:
    """Return an INSERT that does nothing where the row exists already; `dialect` is the engine's name."""
    return (sqlite if dialect == "sqlite" else postgresql).insert(table).on_conflict_do_nothing()
