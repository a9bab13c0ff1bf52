"""Alembic's entry point: migrates on the connection that gateway.adapters.database.schema hands over."""

from alembic import context

from gateway.adapters.database.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
