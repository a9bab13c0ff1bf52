"""What both stores rely on in PostgreSQL alone: turns, lost sessions, TLS, and errors that quote nothing."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from deploy.certificates import CertificateAuthority
from gateway.adapters.database import DatabaseStore, open_store
from gateway.app.ports import StoreUnavailableError
from gateway.app.rows import RefusalRow
from services.kit import store as kit
from services.kit.database import DatabaseAccess, DatabaseUnfitError, DatabaseUrlError, postgresql
from services.kit.store.packets import OutgoingPacket, add_packet
from tests.support.databases import PostgresServer, ServerDatabase
from tests.support.postgres_cluster import PostgresCluster

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ROW = RefusalRow("ab" * 32, "kent-prison", "FAULT", NOW)
VAULT = kit.Vault(bytes(32))


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgresql._SESSION, "lock_timeout", "1s")


@pytest.fixture
async def store(server_database: ServerDatabase) -> AsyncIterator[DatabaseStore]:
    async with await open_store(server_database.url, server_database.access) as store:
        yield store


@pytest.fixture
async def other(server_database: ServerDatabase, store: DatabaseStore) -> AsyncIterator[DatabaseStore]:
    """A second gateway process on the same database, as far as the database can tell."""
    await store.ping()
    async with await open_store(server_database.url, server_database.access) as other:
        yield other


@pytest.fixture
async def kit_store(server_database: ServerDatabase) -> AsyncIterator[kit.Store]:
    store = await kit.open_store(server_database.url, VAULT, server_database.access)
    yield store
    await store.close()


def packet(number: int) -> OutgoingPacket:
    return OutgoingPacket(f"p-{number}", "submission", NOW, b"sealed at rest")


async def known(store: DatabaseStore, *rows: RefusalRow) -> list[bool]:
    async with store.reading() as unit:
        return [await unit.refusals.known(row.message_hash) for row in rows]


async def test_processes_that_share_a_database_write_one_after_the_other(
    store: DatabaseStore, other: DatabaseStore
) -> None:
    async def write() -> None:
        async with other.writing() as unit:
            assert await unit.refusals.known(ROW.message_hash)  # written by whom it waited for

    async with store.writing() as unit:
        waiting = asyncio.create_task(write())
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await unit.refusals.add(ROW)
    await asyncio.wait_for(waiting, 5)


async def test_who_waited_reads_what_was_written_whatever_the_database_isolates_by_default(
    server_database: ServerDatabase,
) -> None:
    name = server_database.connection["dbname"]
    server_database.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
    try:
        async with (
            await open_store(server_database.url, server_database.access) as store,
            await open_store(server_database.url, server_database.access) as other,
        ):
            await test_processes_that_share_a_database_write_one_after_the_other(store, other)
    finally:
        server_database.execute(f"ALTER DATABASE {name} RESET ALL")


async def test_a_lock_is_held_until_the_unit_ends_and_concerns_its_name_alone(
    store: DatabaseStore, other: DatabaseStore
) -> None:
    async def take(name: str) -> None:
        async with other.reading() as unit:
            await unit.lock(name)

    async with store.writing() as unit:
        await unit.lock("sequencer")
        await unit.lock("sequencer")  # its own already
        await asyncio.wait_for(take("something else"), 5)
        waiting = asyncio.create_task(take("sequencer"))
        await asyncio.sleep(0.3)
        assert not waiting.done()
    await asyncio.wait_for(waiting, 5)


async def test_who_waits_too_long_for_a_turn_is_told_and_has_written_nothing(
    store: DatabaseStore, other: DatabaseStore
) -> None:
    async with store.writing() as unit:
        await unit.refusals.add(ROW)
        with pytest.raises(StoreUnavailableError, match="LockNotAvailable"):
            async with other.writing():
                pytest.fail("it had its turn")
    assert await known(other, ROW) == [True]


@pytest.mark.parametrize("inside_savepoint", [False, True])
async def test_a_unit_whose_session_ends_is_undone_and_the_next_goes_on(
    server_database: ServerDatabase, store: DatabaseStore, *, inside_savepoint: bool
) -> None:
    second = replace(ROW, message_hash="cd" * 32)
    with pytest.raises(StoreUnavailableError):  # noqa: PT012  # what is undone is the whole block
        async with store.writing() as unit:
            await unit.refusals.add(ROW)
            if inside_savepoint:
                async with unit.savepoint():
                    await asyncio.to_thread(server_database.end_sessions)
                    await unit.refusals.add(second)
            await asyncio.to_thread(server_database.end_sessions)
            await unit.refusals.add(second)
    assert await known(store, ROW, second) == [False, False]
    async with store.writing() as unit:
        await unit.refusals.add(ROW)
    assert await known(store, ROW) == [True]


async def test_a_session_that_ends_before_the_commit_commits_nothing(
    server_database: ServerDatabase, store: DatabaseStore
) -> None:
    with pytest.raises(StoreUnavailableError):  # noqa: PT012  # as above
        async with store.writing() as unit:
            await unit.refusals.add(ROW)
            await asyncio.to_thread(server_database.end_sessions)
    assert await known(store, ROW) == [False]


async def test_works_of_an_agency_survive_the_end_of_their_session(
    server_database: ServerDatabase, kit_store: kit.Store
) -> None:
    """The writer tries again by itself: nobody who writes notices, and nothing is there twice."""
    ended = False

    async def end_once(connection: AsyncConnection) -> None:
        nonlocal ended
        await add_packet(connection, packet(1))
        if not ended:
            ended = True
            await asyncio.to_thread(server_database.end_sessions)

    await asyncio.gather(
        kit_store.write(end_once),
        kit_store.write(lambda connection: add_packet(connection, packet(2))),
        kit_store.write(lambda connection: add_packet(connection, packet(3))),
    )
    found = server_database.ask("SELECT packet_id FROM packet ORDER BY packet_id")
    assert found == [("p-1",), ("p-2",), ("p-3",)]


async def test_an_agencys_process_that_lost_its_session_takes_the_right_to_write_again(
    server_database: ServerDatabase, kit_store: kit.Store
) -> None:
    await asyncio.to_thread(server_database.end_sessions)
    await kit_store.write(lambda connection: add_packet(connection, packet(1)))
    with pytest.raises(kit.StoreError) as refused:
        await kit.open_store(server_database.url, VAULT, server_database.access)
    assert refused.value.reason == "store_in_use"


def quoted(error: BaseException, *values: str) -> list[str]:
    """Which of these values an error says, with its causes, apart from our own lines of code."""
    lines = [*"".join(traceback.format_exception(error)).splitlines(), repr(error)]
    said = "\n".join(line for line in lines if "await" not in line)
    return [value for value in values if value in said]


@pytest.mark.parametrize("reason", ["FAULT", "secret" * 100, "secret\0"])
async def test_an_error_quotes_no_value(store: DatabaseStore, reason: str) -> None:
    with pytest.raises(DBAPIError) as raised:  # noqa: PT012  # whichever of the two is wrong
        async with store.writing() as unit:
            await unit.refusals.add(replace(ROW, reason=reason))
            await unit.refusals.add(ROW)
    assert quoted(raised.value, ROW.message_hash, "secret") == []
    if reason == ROW.reason:
        assert "23505 pk_refused_message" in str(raised.value)


async def test_an_error_of_an_agencys_store_quotes_no_value(kit_store: kit.Store) -> None:
    async def add(connection: AsyncConnection) -> None:
        await add_packet(connection, packet(777))

    await kit_store.write(add)
    with pytest.raises(IntegrityError) as raised:
        await kit_store.write(add)
    assert quoted(raised.value, "p-777") == []


async def test_a_server_that_may_forget_is_refused(server_database: ServerDatabase) -> None:
    name = server_database.connection["dbname"]
    server_database.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with pytest.raises(DatabaseUnfitError, match="synchronous_commit"):
        await open_store(server_database.url, server_database.access)
    with pytest.raises(kit.StoreError) as refused:
        await kit.open_store(server_database.url, VAULT, server_database.access)
    assert refused.value.reason == "database_forgets"


@pytest.fixture
def private_database(postgres_cluster: PostgresCluster, tmp_path: Path) -> Iterator[ServerDatabase]:
    """On the private cluster, whatever `--database` says: these tests need its network and its files."""
    server = PostgresServer.of(postgres_cluster, tmp_path)
    made = server.create()
    yield made
    server.drop(made)


@asynccontextmanager
async def over_network(
    cluster: PostgresCluster, database: ServerDatabase, access: DatabaseAccess, host: str = "localhost"
) -> AsyncIterator[DatabaseStore]:
    url = cluster.network_url(database.connection["dbname"], host)
    async with await open_store(url, access) as store:
        yield store


async def test_over_a_network_the_server_is_verified_and_the_password_given(
    postgres_cluster: PostgresCluster, private_database: ServerDatabase, tmp_path: Path
) -> None:
    access = postgres_cluster.access(tmp_path)
    async with over_network(postgres_cluster, private_database, access) as store, store.writing() as unit:
        await unit.refusals.add(ROW)
        found = private_database.ask(
            "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
            " WHERE datname = current_database() AND client_addr IS NOT NULL"
        )
    assert found == [(True,)]


async def test_a_server_of_another_authority_gets_nothing(
    postgres_cluster: PostgresCluster, private_database: ServerDatabase, tmp_path: Path
) -> None:
    access = postgres_cluster.access(tmp_path)
    (tmp_path / "other.crt").write_bytes(CertificateAuthority.create().certificate_pem)
    stranger = access.model_copy(update={"ca_file": tmp_path / "other.crt"})
    with pytest.raises(StoreUnavailableError):
        async with over_network(postgres_cluster, private_database, stranger):
            pass


async def test_a_server_of_another_name_gets_nothing(
    postgres_cluster: PostgresCluster, private_database: ServerDatabase, tmp_path: Path
) -> None:
    access = postgres_cluster.access(tmp_path)
    with pytest.raises(StoreUnavailableError):  # 127.0.0.2 is the same machine, and not in its certificate
        async with over_network(postgres_cluster, private_database, access, "127.0.0.2"):
            pass


async def test_without_tls_or_password_the_server_lets_nobody_in(
    postgres_cluster: PostgresCluster, private_database: ServerDatabase, tmp_path: Path
) -> None:
    access = postgres_cluster.access(tmp_path)
    (tmp_path / "wrong").touch(mode=0o600)
    (tmp_path / "wrong").write_text("wrong")
    for short in (
        access.model_copy(update={"ca_file": None}),
        access.model_copy(update={"password_file": None}),
        access.model_copy(update={"password_file": tmp_path / "wrong"}),
    ):
        with pytest.raises(StoreUnavailableError):
            async with over_network(postgres_cluster, private_database, short):
                pass


async def test_a_remote_server_without_authority_is_not_even_called() -> None:
    with pytest.raises(DatabaseUrlError, match="ca_file"):
        await open_store("postgresql+psycopg://ppg@db.example.org/ppg", DatabaseAccess())


async def test_a_password_is_read_again_at_each_connection(
    postgres_cluster: PostgresCluster, private_database: ServerDatabase, tmp_path: Path
) -> None:
    access = postgres_cluster.access(tmp_path)
    assert access.password_file is not None
    async with over_network(postgres_cluster, private_database, access) as store:
        good = access.password_file.read_text()
        access.password_file.write_text("wrong")
        await asyncio.to_thread(private_database.end_sessions)
        with pytest.raises(StoreUnavailableError):
            await store.ping()
        access.password_file.write_text(good)
        await store.ping()
