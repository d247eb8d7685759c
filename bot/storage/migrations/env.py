"""What alembic runs to reach the database."""

from alembic import context

from bot.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # The caller's transaction holds all of it.
    transactional_ddl=False,
)
context.run_migrations()
