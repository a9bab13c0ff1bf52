"""The store: schema, durability, one writer, and the vault that closes it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store import Place, Store, StoreError, Vault, VaultError, open_store
from services.kit.store.packets import OutgoingPacket, add_packet, list_waiting, mark_published
from services.kit.store.tables import metadata, packet
from tests.support.databases import Database, FileDatabase

sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
KEY, OTHER_KEY = bytes(32), bytes([1]) * 32
PLACE = Place("exchange", "body", "e-1")


async def opened(database: Database, key: bytes = KEY) -> Store:
    return await open_store(database.url, Vault(key), database.access)


def waiting(number: int) -> OutgoingPacket:
    return OutgoingPacket(f"p-{number}", "submission", NOW, b"ciphertext")


@pytest.fixture
async def store(database: Database) -> AsyncIterator[Store]:
    store = await opened(database)
    yield store
    await store.close()


async def ids(store: Store) -> list[str]:
    async with store.read() as connection:
        return list(
            (await connection.execute(select(packet.c.packet_id).order_by(packet.c.position))).scalars()
        )


async def test_the_migrations_make_exactly_the_tables(store: Store) -> None:
    async with store.read() as connection:
        difference = await connection.run_sync(
            lambda plain: compare_metadata(MigrationContext.configure(plain), metadata)
        )
    assert difference == []


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("secure_delete", 1),
        ("foreign_keys", 1),
        ("busy_timeout", 5000),
    ],
)
@sqlite_only
async def test_the_database_is_set_up_for_keeping(store: Store, pragma: str, value: object) -> None:
    async with store.read() as connection:
        assert (await connection.execute(text(f"PRAGMA {pragma}"))).scalar() == value
    found = await store.write(lambda connection: connection.execute(text(f"PRAGMA {pragma}")))
    assert found.scalar() == value


async def test_what_is_written_is_there_when_it_is_opened_again(database: Database) -> None:
    first = await opened(database)
    await first.write(lambda connection: add_packet(connection, waiting(1)))
    await first.close()
    second = await opened(database)
    try:
        assert await ids(second) == ["p-1"]
        async with second.read() as connection:
            assert (await connection.execute(select(packet.c.created_at))).scalar() == NOW
    finally:
        await second.close()


async def test_a_reader_cannot_write(store: Store) -> None:
    async with store.read() as connection:
        with pytest.raises((OperationalError, InternalError), match=r"readonly|25006"):
            await add_packet(connection, waiting(1))


async def test_a_work_that_fails_is_undone_alone(store: Store) -> None:
    async def fail(connection: AsyncConnection) -> None:
        await add_packet(connection, waiting(2))
        raise LookupError

    results = await asyncio.gather(
        store.write(lambda connection: add_packet(connection, waiting(1))),
        store.write(fail),
        store.write(lambda connection: add_packet(connection, waiting(1))),
        store.write(lambda connection: add_packet(connection, waiting(3))),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), LookupError, IntegrityError, type(None)]
    assert await ids(store) == ["p-1", "p-3"]


async def test_many_writers_and_readers_never_find_the_database_locked(store: Store) -> None:
    async def write(number: int) -> None:
        await store.write(lambda connection: add_packet(connection, waiting(number)))

    found = await asyncio.gather(*(write(number) for number in range(200)), *(ids(store) for _ in range(50)))
    assert len(found) == 250
    assert await ids(store) == [f"p-{number}" for number in range(200)]


async def test_a_caller_who_goes_away_does_not_undo_what_was_queued(store: Store) -> None:
    task = asyncio.create_task(store.write(lambda connection: add_packet(connection, waiting(1))))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.write(lambda connection: add_packet(connection, waiting(2)))
    assert await ids(store) == ["p-1", "p-2"]


async def test_a_closed_store_refuses(database: Database) -> None:
    store = await opened(database)
    await store.close()
    with pytest.raises(StoreError, match="store_closed"):
        await store.write(lambda connection: add_packet(connection, waiting(1)))


async def test_positions_are_never_used_again(store: Store) -> None:
    await store.write(lambda connection: add_packet(connection, waiting(1)))
    await store.write(lambda connection: connection.execute(packet.delete()))
    await store.write(lambda connection: add_packet(connection, waiting(2)))
    async with store.read() as connection:
        assert [row.position for row in await list_waiting(connection, 0, 10)] == [2]
    await store.write(lambda connection: mark_published(connection, [2], NOW))
    async with store.read() as connection:
        assert await list_waiting(connection, 0, 10) == []


async def test_a_time_without_zone_is_not_stored(store: Store) -> None:
    naive = {**dict.fromkeys(("packet_id", "kind"), "x"), "octets": 1, "created_at": NOW.replace(tzinfo=None)}
    with pytest.raises(Exception, match="without zone"):
        await store.write(lambda connection: connection.execute(insert(packet).values(**naive)))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("postgresql://x/y", "database_not_supported"),
        ("postgresql+psycopg://x@127.0.0.1:1/y", "database_fault"),
        ("postgresql+psycopg://x@db.example.org/y", "access_incomplete"),
        ("sqlite+aiosqlite://", "database_not_supported"),
        ("sqlite+aiosqlite:///:memory:", "database_not_supported"),
        ("not a url", "url_malformed"),
        ("sqlite+aiosqlite:////no/such/folder/x.db", "file_not_usable"),
    ],
)
async def test_a_store_that_cannot_be_opened_says_why(bad: str, reason: str) -> None:
    with pytest.raises(StoreError) as refused:
        await open_store(bad, Vault(KEY))
    assert refused.value.reason == reason


async def test_another_key_does_not_open_a_store(database: Database, store: Store) -> None:
    await store.close()
    with pytest.raises(StoreError) as refused:
        await opened(database, OTHER_KEY)
    assert refused.value.reason == "other_key"


async def test_a_newer_schema_is_not_touched(database: Database, store: Store) -> None:
    await store.write(
        lambda connection: connection.execute(text("UPDATE alembic_version SET version_num='9999'"))
    )
    await store.close()
    with pytest.raises(StoreError) as refused:
        await opened(database)
    assert refused.value.reason == "schema_unknown"


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = FileDatabase(tmp_path / "store.db")
    file.path.write_bytes(b"something else entirely" * 100)
    with pytest.raises(StoreError) as refused:
        await opened(file)
    assert refused.value.reason == "database_fault"


async def test_two_processes_do_not_share_a_store(database: Database, store: Store) -> None:
    program = (
        "import asyncio, sys\n"
        "from services.kit.store import StoreError, Vault, open_store\n"
        "try:\n    asyncio.run(open_store(sys.argv[1], Vault(bytes(32))))\n"
        "except StoreError as error:\n    print(error.reason)\n"
    )
    assert await ids(store) == []
    command = [sys.executable, "-c", program, database.url]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "store_in_use\n"


def read_modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


@sqlite_only
async def test_the_file_is_its_owners_alone(tmp_path: Path, store: Store) -> None:
    await store.write(lambda connection: add_packet(connection, waiting(1)))
    modes = read_modes(tmp_path)
    assert "store.db-wal" in modes
    assert set(modes.values()) == {0o600}


def test_the_vault_opens_what_it_closed_and_only_there() -> None:
    vault = Vault(KEY)
    stored = vault.encrypt(b"Marsh", PLACE)
    assert b"Marsh" not in stored
    assert stored != vault.encrypt(b"Marsh", PLACE)
    assert vault.decrypt(stored, PLACE) == b"Marsh"
    for elsewhere in (PLACE._replace(row="e-2"), PLACE._replace(column="x"), PLACE._replace(table="x")):
        with pytest.raises(VaultError, match="does_not_decrypt"):
            vault.decrypt(stored, elsewhere)
    with pytest.raises(VaultError, match="other_key"):
        Vault(OTHER_KEY).decrypt(stored, PLACE)


@pytest.mark.parametrize("position", [5, 16, 20, -1])
def test_an_altered_value_does_not_open(position: int) -> None:
    vault = Vault(KEY)
    stored = bytearray(vault.encrypt(b"Marsh", PLACE))
    stored[position] ^= 1
    with pytest.raises(VaultError):
        vault.decrypt(bytes(stored), PLACE)


def test_a_truncated_value_does_not_open() -> None:
    vault = Vault(KEY)
    stored = vault.encrypt(b"Marsh", PLACE)
    for length in range(len(stored)):
        with pytest.raises(VaultError):
            vault.decrypt(stored[:length], PLACE)


def test_a_digest_depends_on_key_and_value() -> None:
    digests = {Vault(key).digest(value) for key in (KEY, OTHER_KEY) for value in (b"a", b"b")}
    assert len(digests) == 4
    assert Vault(KEY).digest(b"a") == Vault(KEY).digest(b"a")


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(VaultError):
        Vault(b"short")
