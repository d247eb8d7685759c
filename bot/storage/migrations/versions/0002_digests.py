"""Create the tables of subscriptions, deliveries and their messages."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("owner_name", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("cron", sa.String, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("skip_empty", sa.Boolean, nullable=False),
        sa.Column("since", sa.String, nullable=False),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("why", sa.String),
        sa.Column("next_at", sa.Double),
        sa.UniqueConstraint("channel", "what", "cron", "zone", "skip_empty", name="subscription_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("subscription_due", "subscription", ["next_at", "weight"])
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "subscription", sa.Integer, sa.ForeignKey("subscription.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("slot", sa.Double, nullable=False),
        sa.Column("is_test", sa.Boolean, nullable=False),
        sa.Column("first_day", sa.String, nullable=False),
        sa.Column("last_day", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("contents", sa.LargeBinary),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("until", sa.Double, nullable=False),
        sa.Column("due_at", sa.Double),
        sa.Column("held_until", sa.Double),
        sa.UniqueConstraint("subscription", "slot", name="delivery_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_delivery_due_at", "delivery", ["due_at"])
    op.create_table(
        "message",
        sa.Column("delivery", sa.Integer, sa.ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("part", sa.String, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("first", sa.Double),
        sa.Column("tried", sa.Double),
        sa.Column("ts", sa.String),
        sa.Column("file", sa.String),
    )
