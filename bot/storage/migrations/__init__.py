"""Brings an old database up to date: https://alembic.sqlalchemy.org/en/latest/cookbook.html#connection-sharing."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from bot.settings import InvalidSettings


def upgrade(connection: Connection) -> None:
    """Run the missing migrations in the transaction of a connection.

    Raises InvalidSettings when the database was written by a newer version.
    """
    try:
        command.upgrade(alembic_config(connection), "head")
    except CommandError as error:
        # The database names a revision that isn't here: "Can't locate revision identified by ‘0004’".
        problem = f"DATABASE_URL: the database is of a newer figshare-bot than this one ({error})"
        raise InvalidSettings([problem]) from error


def alembic_config(connection: Connection | None = None) -> Config:
    """Return where alembic finds the migrations, and which connection it uses."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
