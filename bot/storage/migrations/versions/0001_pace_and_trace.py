"""Create the tables of the first versions, which recorded no version of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "pace",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("tat", sa.Double, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "trace",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("tried", sa.Double, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("draft", sa.BigInteger),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("key", sa.String, unique=True),
        sa.Column("mark", sa.String),
        if_not_exists=True,
    )
