"""An empty database for each test, on SQLite and on PostgreSQL.

Fixtures: `database` runs a test once on each; `databases` makes several, on SQLite, or on each in turn where
a test is marked `both_databases`; `postgres_server` (session) is a private cluster, or the server of
`--database URL`, on this machine, whose user must be allowed to make databases; `postgres_cluster` (session)
is always private.
"""

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, LiteralString, Self

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url
from sqlalchemy.engine import URL

from services.kit.database import NO_ACCESS, DatabaseAccess
from tests.support.postgres_cluster import PostgresCluster

SQLITE, POSTGRESQL = "sqlite", "postgresql"
BACKENDS: Final = (SQLITE, POSTGRESQL)
# In whatever order, past the foreign keys.
_EMPTY: Final = """
DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        IF name <> 'alembic_version' THEN EXECUTE format('DELETE FROM %I', name); END IF;
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
        PERFORM setval(quote_ident(name), 1, false);
    END LOOP;
END $$"""
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class FileDatabase:
    """A file of SQLite. As `ServerDatabase`."""

    path: Path
    backend: str = SQLITE
    access: DatabaseAccess = NO_ACCESS

    @property
    def url(self) -> str:
        return f"sqlite+aiosqlite:///{self.path}"

    def ask(self, query: LiteralString) -> Rows:
        """What is committed, read beside whoever uses the database."""
        connection = sqlite3.connect(self.path)
        rows: Rows = connection.execute(query).fetchall()
        connection.close()
        return rows


@dataclass(frozen=True)
class ServerDatabase:
    """A database of a server.

    Attributes:
        url: for `open_store`.
        connection: what psycopg takes.
        access: for `open_store`.
        backend: `sqlite` or `postgresql`.
    """

    url: str
    connection: dict[str, Any] = field(repr=False)
    access: DatabaseAccess = NO_ACCESS
    backend: str = POSTGRESQL

    def ask(self, query: LiteralString) -> Rows:
        """What is committed, read beside whoever uses the database."""
        with psycopg.connect(**self.connection) as connection:
            return connection.execute(query).fetchall()

    def execute(self, statement: str) -> None:
        """Runs a statement of the test's own making."""
        with psycopg.connect(**self.connection) as connection:
            connection.execute(statement.encode())

    def empty(self) -> None:
        """Empties every table, and counts again from one. Quicker than TRUNCATE, which makes new files."""
        self.execute(_EMPTY)

    def clear(self) -> None:
        """Removes everything that a test made."""
        self.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        self.execute(f"ALTER DATABASE {self.connection['dbname']} RESET ALL")

    def end_sessions(self) -> None:
        """Ends every other session of the database, as an operator might."""
        self.ask(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


Database = FileDatabase | ServerDatabase
NewDatabase = Callable[[Path], Database]


class PostgresServer:
    """Makes databases on a server.

    Args:
        url: of a database there, for the connection that makes others; with a password, if one is needed.
        folder: for the file that the password goes into.
    """

    def __init__(self, url: URL, folder: Path) -> None:
        self._url = url
        self._idle: dict[str, list[ServerDatabase]] = {}
        self._access = DatabaseAccess()
        if url.password is not None:
            file = folder / "password"
            file.touch(mode=0o600)
            file.write_text(str(url.password))
            self._access = DatabaseAccess(password_file=file)

    @classmethod
    def of(cls, cluster: PostgresCluster, folder: Path) -> Self:
        """That of a private cluster, by its socket."""
        return cls(make_url(cluster.url("postgres")), folder)

    def create(self) -> ServerDatabase:
        """An empty database."""
        name = f"ppg_{secrets.token_hex(6)}"
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"), name)
        url = self._url.set(database=name, password=None)
        text = url.render_as_string(hide_password=False)
        return ServerDatabase(text, self._arguments(name), self._access)

    @contextmanager
    def lend(
        self, kind: str = "", clean: Callable[[ServerDatabase], None] = ServerDatabase.clear
    ) -> Iterator[ServerDatabase]:
        """A database out of those that were given back: to make one takes long, and to fill it with tables.

        Args:
            kind: of tables; those with none are empty.
            clean: what is done to it when it is given back.
        """
        idle = self._idle.setdefault(kind, [])
        lent = idle.pop() if idle else self.create()
        yield lent
        lent.end_sessions()
        try:
            clean(lent)
        except psycopg.errors.InsufficientPrivilege:  # not our server: without its superuser, make others
            self.drop(lent)
        else:
            idle.append(lent)

    def close(self) -> None:
        """Drops what was lent."""
        for database in [each for idle in self._idle.values() for each in idle]:
            self.drop(database)

    def drop(self, database: ServerDatabase) -> None:
        """Drops a database, whoever is still connected."""
        name = make_url(database.url).database or ""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), name)

    def _execute(self, statement: sql.SQL, name: str) -> None:
        with psycopg.connect(**self._arguments(self._url.database or "postgres"), autocommit=True) as made:
            made.execute(statement.format(sql.Identifier(name)))

    def _arguments(self, database: str) -> dict[str, Any]:
        given = self._url.translate_connect_args(username="user", database="dbname")
        return {**given, **self._url.query, "dbname": database}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        metavar="URL",
        help="run the tests of stores on this server (postgresql+psycopg://...), not on a private one",
    )


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    cluster = PostgresCluster()
    with cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PostgresServer]:
    given: str | None = request.config.getoption("--database")
    if given is None:
        cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
        given = cluster.url("postgres")
    server = PostgresServer(make_url(given), tmp_path_factory.mktemp("server"))
    yield server
    if request.config.getoption("--database") is not None:  # the private one goes as a whole
        server.close()


@pytest.fixture
def server_database(postgres_server: PostgresServer) -> Iterator[ServerDatabase]:
    with postgres_server.lend() as lent:
        yield lent


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    if request.param == SQLITE:
        return FileDatabase(tmp_path / "store.db")
    made: ServerDatabase = request.getfixturevalue("server_database")
    return made


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_databases: runs on SQLite, and again on PostgreSQL")
    given: str | None = config.getoption("--database")
    if given is not None and not given.startswith("postgresql+psycopg://"):
        raise pytest.UsageError("--database takes postgresql+psycopg://...; SQLite is always tried")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_databases"):
        metafunc.parametrize("backend", BACKENDS, indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    chosen: str = getattr(request, "param", SQLITE)
    return chosen


@pytest.fixture
def databases(request: pytest.FixtureRequest, backend: str) -> Iterator[NewDatabase]:
    """Gives the file, or an empty database in its stead; the same for the same file."""
    if backend == SQLITE:
        yield FileDatabase
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    lent: dict[Path, ServerDatabase] = {}
    with ExitStack() as stack:

        def lend(path: Path) -> Database:
            if path not in lent:
                lent[path] = stack.enter_context(server.lend(_kind(path), ServerDatabase.empty))
            return lent[path]

        yield lend


def _kind(path: Path) -> str:
    return "gateway" if path.stem == "gateway" else "agency"
