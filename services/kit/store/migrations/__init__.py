"""The history of the schema (Alembic); run at start-up by `open_store`."""
