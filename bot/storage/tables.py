"""The tables of the database, as they are now; `bot/storage/migrations` brings older ones here."""

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

metadata = MetaData()
# When the next request to a host is due (GCRA's theoretical arrival time), in seconds since 1970.
pace = Table(
    "pace", metadata, Column("name", String, primary_key=True), Column("tat", Double, nullable=False)
)
# What was written at Figshare. `key` names the submission that makes a draft, so that it makes one; `mark` is
# a sign of its title, by which the draft is known whose making had no clear outcome.
trace = Table(
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
# A digest that somebody wants. `what` is in the words of `subscribe`; `since` is the first day that no digest
# has counted yet; `next_at` is empty while nothing is to come; `why` is what Slack said when it was stopped;
# `weight` is about how many requests it takes.
subscription = Table(
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
    # Numbers that people have read are given to nothing else.
    sqlite_autoincrement=True,
)
# One digest of it. `slot` is when it is for, `due_at` when to look at it next, `until` when to give up. While
# somebody looks it is held; `tries` numbers the looks, so that one that comes too late is known.
delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscription", ForeignKey(subscription.c.id, ondelete="CASCADE"), nullable=False),
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
# One message of it in Slack: the intent before it is sent, and its `ts` after. Of the attempts whose outcome
# is not known `first` is when the oldest was made, `tried` the newest; `attempt` numbers them.
message = Table(
    "message",
    metadata,
    Column("delivery", ForeignKey(delivery.c.id, ondelete="CASCADE"), primary_key=True),
    Column("part", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("first", Double),
    Column("tried", Double),
    Column("ts", String),
    Column("file", String),
)
# What a process has claimed, so that no other does it too, and when; forgotten after a quarter of an hour.
seen = Table("seen", metadata, Column("name", String, primary_key=True), Column("at", Double, nullable=False))
# Alembic's own.
version = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True))
