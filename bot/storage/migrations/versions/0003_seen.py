"""Create the table of the names that one process has claimed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "seen",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
    )
