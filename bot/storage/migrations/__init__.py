"""Brings an old database up to date: https://alembic.sqlalchemy.org/en/latest/cookbook.html#connection-sharing."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from bot.settings import InvalidSettings


def upgrade(connection: Connection) -> None:
    """Run what is missing, in this connection's transaction; raises InvalidSettings for a newer database."""
    try:
        command.upgrade(settings(connection), "head")
    except CommandError as error:
        # It does not know the database's version: "Can't locate revision identified by ‘0003’".
        said = f"DATABASE_URL: the database is of a newer figshare-bot than this one ({error})"
        raise InvalidSettings([said]) from error


def settings(connection: Connection | None = None) -> Config:
    """Tell alembic where the migrations are and what they work on."""
    told = Config(attributes={"connection": connection})
    told.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return told
