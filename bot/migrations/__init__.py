"""Brings an old database up to date: https://alembic.sqlalchemy.org/en/latest/cookbook.html#connection-sharing."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Run what is missing, in the transaction of this connection."""
    command.upgrade(settings(connection), "head")


def settings(connection: Connection | None = None) -> Config:
    """Tell alembic where the migrations are and what they work on."""
    told = Config(attributes={"connection": connection})
    told.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return told
