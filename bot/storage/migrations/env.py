"""Configures alembic: it runs this file before the migrations."""

from alembic import context

from bot.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # All migrations run in the transaction of the caller.
    transactional_ddl=False,
)
context.run_migrations()
