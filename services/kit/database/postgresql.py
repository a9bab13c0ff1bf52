"""PostgreSQL: connections that are verified, transactions that take turns, errors that quote nothing.

Locks are advisory and belong to the session or its transaction, so a pooler between that gives each
transaction another session is not supported: connect to the server itself.
"""

import hashlib
from typing import Any, Final

import psycopg
from sqlalchemy import event, text
from sqlalchemy.engine import URL, Connection, ExceptionContext
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from services.kit.credentials import CredentialError, read_secret
from services.kit.database.errors import DatabaseUnfitError
from services.kit.database.settings import DatabaseAccess

# In seconds, but for the last. A server that a cut network hides is given up, not waited for.
_CONNECTING: Final = {
    "application_name": "publicprotection",
    "target_session_attrs": "primary",  # of several hosts, the one that leads
    "gssencmode": "disable",
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
# The server, for its part, gives up a client that is gone, and with it the locks that it held.
_SESSION: Final = {
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
    # Whoever waited for its turn reads what was written meanwhile, whatever the server's own default is.
    "default_transaction_isolation": r"read\ committed",
}
_READING: Final = {
    "default_transaction_read_only": "on",
    "default_transaction_isolation": r"repeatable\ read",
}
_WRITER: Final = "writer"
_FIT: Final = text(
    "SELECT current_setting('fsync'), current_setting('full_page_writes'),"
    " current_setting('synchronous_commit'), current_setting('server_encoding')"
)


def make_writer(url: URL, access: DatabaseAccess, *, alone: bool, **options: Any) -> AsyncEngine:
    """One connection. Its session has the right to write (`alone`), or each of its transactions takes it.

    Who waits longer than the session's `lock_timeout` is told that the database is away.
    """
    engine = _make_engine(url, access, _SESSION, pool_size=1, **options)
    (_lock_session if alone else _lock_transactions)(engine)
    return engine


def make_reader(url: URL, access: DatabaseAccess, connections: int, **options: Any) -> AsyncEngine:
    """Connections whose transactions see one state and cannot write."""
    return _make_engine(url, access, _SESSION | _READING, pool_size=connections, **options)


async def require_fit(connection: AsyncConnection) -> None:
    """As `engines.require_fit`."""
    fsync, full_page_writes, synchronous_commit, encoding = (await connection.execute(_FIT)).one()
    if fsync != "on" or full_page_writes != "on" or synchronous_commit == "off":
        raise DatabaseUnfitError(
            "database_forgets",
            "the server may lose what it confirmed: switch fsync, full_page_writes, synchronous_commit on",
        )
    if encoding != "UTF8":
        raise DatabaseUnfitError("database_encoding", "make the database anew with ENCODING 'UTF8'")


async def take_lock(connection: AsyncConnection, name: str) -> None:
    """As `engines.take_lock`."""
    await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_key(name)})")


async def share_lock(connection: AsyncConnection, name: str) -> None:
    """As `engines.share_lock`."""
    await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({_key(name)})")


def _make_engine(
    url: URL, access: DatabaseAccess, session: dict[str, str], *, pool_size: int, **options: Any
) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,  # the server may have been started again since
        use_native_hstore=False,
        connect_args=_CONNECTING | _security(access) | {"options": _render(session)},
        **options,
    )
    _read_password(engine, access)
    event.listen(engine.sync_engine, "handle_error", _hide)
    return engine


def _render(session: dict[str, str]) -> str:
    return " ".join(f"-c {name}={value}" for name, value in session.items())


def _security(access: DatabaseAccess) -> dict[str, str]:
    """Whom the server must be. Without an authority nothing leaves the machine (`DatabaseAccess`)."""
    if access.ca_file is None:
        return {"sslmode": "disable"}
    files = {"sslrootcert": access.ca_file, "sslcert": access.certificate_file, "sslkey": access.key_file}
    given = {name: str(path) for name, path in files.items() if path is not None}
    # With a password, the server must prove over this very channel that it knows it too.
    binding = "require" if access.password_file is not None else "prefer"
    return given | {"sslmode": "verify-full", "channel_binding": binding}


def _read_password(engine: AsyncEngine, access: DatabaseAccess) -> None:
    file = access.password_file
    if file is None:
        return

    @event.listens_for(engine.sync_engine, "do_connect")
    def _connect(_dialect: object, _record: object, _arguments: object, parameters: dict[str, Any]) -> None:
        try:
            parameters["password"] = read_secret(file).decode().strip()
        except (CredentialError, UnicodeDecodeError):
            raise psycopg.OperationalError from None  # it is being replaced, perhaps: away, not wrong


def _lock_session(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SELECT pg_advisory_lock({_key(_WRITER)})")
        cursor.close()
        connection.commit()  # the session keeps it


def _lock_transactions(engine: AsyncEngine) -> None:
    statement = f"SELECT pg_advisory_xact_lock({_key(_WRITER)})"

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)


def _key(name: str) -> int:
    """A lock's number, out of 64 bits: whoever else uses the database hardly takes the same."""
    digest = hashlib.sha256(f"publicprotection lock {name}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _hide(context: ExceptionContext) -> None:
    """Leaves of an error its code and constraint: PostgreSQL's own text quotes the values that were wrong."""
    error = context.original_exception
    if not isinstance(error, psycopg.Error):
        return
    told = " ".join(part for part in (error.sqlstate, error.diag.constraint_name) if part)
    error.args = (told,)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (f"({type(error).__name__}) {told}",)
