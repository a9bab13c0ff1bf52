"""The gateway's database: SQLAlchemy Core, SQLite or PostgreSQL, one writer at a time."""

from gateway.adapters.database.store import DatabaseStore, open_store

__all__ = ["DatabaseStore", "open_store"]
