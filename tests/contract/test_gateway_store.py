"""What the use cases rely on in a store and a key store, whatever they are made of."""

import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError

from gateway.adapters.database import DatabaseStore, open_store
from gateway.adapters.database.tables import METADATA
from gateway.adapters.keystore import KeyStoreError, KeyStoreFile
from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.ports import StoreUnavailableError
from gateway.app.rows import (
    DeliveryRow,
    DuePacket,
    ExchangeRow,
    HoldRow,
    HoldState,
    OutcomeRow,
    PacketRow,
    RecordRow,
    SubmissionRow,
    SubmissionState,
)
from services.kit.database import DatabaseInUseError, DatabaseUrlError
from tests.support.databases import Database

sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SUBMISSION = SubmissionRow(
    "e-1", "kent-prison", "ab" * 32, "ReleaseNotice", SubmissionState.ACCEPTED, NOW, NOW, b"k", b"d", b"c"
)
EXCHANGE = ExchangeRow("e-1", "kent-prison", "ReleaseNotice", 1, 0, NOW, "s-1", None, "cd" * 32, None)
HOLD = HoldRow(
    "h-1", "e-1", "kent-police", "front", "kent-police", "OWNER", "{}", "k", HoldState.OPEN, NOW, NOW
)
RECORD = RecordRow("{}", "ab" * 32, "DISCLOSURE", "e-1", NOW)
PACKET = PacketRow("p-1", "kent-police", "exchange:e-1", "ab" * 32, b"sealed", NOW)
DELIVERY = DeliveryRow(
    "d-1", "e-1", "kent-police", "front", "p-1", "ab" * 32, "cd" * 32, ("type", "document.a"), None, NOW
)


async def opened(database: Database) -> DatabaseStore:
    return await open_store(database.url, database.access)


@pytest.fixture
async def store(database: Database) -> AsyncIterator[DatabaseStore]:
    async with await opened(database) as store:
        yield store


async def test_what_is_written_is_read(store: DatabaseStore) -> None:
    async with store.writing() as unit:
        await unit.submissions.add(SUBMISSION)
        await unit.register.add(EXCHANGE)
        await unit.holds.add([HOLD])
        await unit.log.append(RECORD)
        await unit.tree.sequence(0, [1])
        await unit.outgoing.add(PACKET)
        await unit.deliveries.add(DELIVERY)
    async with store.reading() as unit:
        assert await unit.submissions.find("e-1") == SUBMISSION
        assert await unit.submissions.find_request(b"k") == SUBMISSION
        assert await unit.register.find("e-1") == replace(EXCHANGE, position=1)
        assert await unit.holds.find("h-1") == replace(HOLD, position=1)
        assert await unit.deliveries.find("d-1") == DELIVERY
        assert await unit.outgoing.waiting(10, NOW, 1) == [DuePacket(replace(PACKET, position=1), 0)]


async def test_unit_that_raises_leaves_nothing(store: DatabaseStore) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012  # what is undone is the whole block
        async with store.writing() as unit:
            await unit.submissions.add(SUBMISSION)
            raise ZeroDivisionError
    async with store.reading() as unit:
        assert await unit.submissions.find("e-1") is None


async def test_savepoint_that_raises_leaves_the_rest(store: DatabaseStore) -> None:
    async with store.writing() as unit:
        await unit.submissions.add(SUBMISSION)
        with pytest.raises(IntegrityError):  # noqa: PT012  # as above
            async with unit.savepoint():
                await unit.log.append(RecordRow("{}", "ab" * 32, "X", None, NOW))
                await unit.submissions.add(SUBMISSION)
        async with unit.savepoint():
            await unit.log.append(RecordRow("{}", "cd" * 32, "Y", None, NOW))
    async with store.reading() as unit:
        assert await unit.submissions.find("e-1") == SUBMISSION
        assert [row.type for row in await unit.log.page(0, 10, None)] == ["Y"]


async def test_reader_cannot_write(store: DatabaseStore) -> None:
    with pytest.raises(StoreUnavailableError):
        async with store.reading() as unit:
            await unit.submissions.add(SUBMISSION)


async def test_reader_does_not_wait_for_the_writer(store: DatabaseStore) -> None:
    async with store.writing() as unit:
        await unit.submissions.add(SUBMISSION)
        async with store.reading() as other:
            assert await other.submissions.find("e-1") is None


async def test_outcome_ciphertext_goes_when_published_and_deliveries_when_receipted(
    store: DatabaseStore, database: Database
) -> None:
    async with store.writing() as unit:
        await unit.submissions.add(SUBMISSION)
        await unit.register.add(EXCHANGE)
        await unit.outgoing.add(PACKET)
        await unit.deliveries.add(DELIVERY)
        await unit.outgoing.add(replace(PACKET, packet_id="p-2", ciphertext=b"told"))
        await unit.outgoing.add_outcome(OutcomeRow("o-1", "e-1", 1, "kent-prison", "p-2", NOW))
    async with store.writing() as unit:
        await unit.outgoing.mark_published(["p-1", "p-2"], NOW)
    kept = "SELECT packet_id FROM packet WHERE ciphertext IS NOT NULL"
    assert database.ask(kept) == [("p-1",)]
    async with store.writing() as unit:
        await unit.outgoing.drop_ciphertext("p-1")
    assert database.ask(kept) == []


async def test_postponed_packet_is_due_later(store: DatabaseStore) -> None:
    async with store.writing() as unit:
        await unit.log.append(RECORD)
        await unit.tree.sequence(0, [1])
        await unit.outgoing.add(PACKET)
        await unit.outgoing.postpone(["p-1"], NOW + timedelta(seconds=5))
    async with store.reading() as unit:
        assert await unit.outgoing.waiting(10, NOW, 1) == []
        [due] = await unit.outgoing.waiting(10, NOW + timedelta(seconds=5), 1)
    assert due.packet.attempts == 1


async def test_packet_waits_for_its_record_to_be_under_the_head(store: DatabaseStore) -> None:
    async with store.writing() as unit:
        await unit.log.append(RECORD)
        await unit.outgoing.add(PACKET)
        assert await unit.outgoing.waiting(10, NOW, 5) == []  # it has no index yet
        await unit.tree.sequence(4, [1])
        assert await unit.outgoing.waiting(10, NOW, 4) == []  # the tree that is signed ends before it
        assert len(await unit.outgoing.waiting(10, NOW, 5)) == 1


async def test_closed_hold_stays_as_it_was_closed(store: DatabaseStore) -> None:
    async with store.writing() as unit:
        await unit.submissions.add(SUBMISSION)
        await unit.register.add(EXCHANGE)
        await unit.holds.add([HOLD])
        await unit.holds.close("h-1", HoldState.DECLINED, NOW)
        await unit.holds.close("h-1", HoldState.GRANTED, NOW)
    async with store.reading() as unit:
        [hold] = await unit.holds.of_exchange("e-1")
    assert (hold.state, hold.closed_at) == (HoldState.DECLINED, NOW)


@sqlite_only
async def test_one_process_at_a_time(store: DatabaseStore, database: Database) -> None:
    with pytest.raises(DatabaseInUseError):
        await opened(database)
    await store.ping()


async def test_opened_again_it_is_as_it_was(database: Database) -> None:
    async with await opened(database) as store, store.writing() as unit:
        await unit.submissions.add(SUBMISSION)
    async with await opened(database) as store, store.reading() as unit:
        assert await unit.submissions.find("e-1") == SUBMISSION


@pytest.mark.parametrize(
    "url",
    ["sqlite+aiosqlite://", "sqlite:///x.db", "mysql://x/y", "nonsense", "sqlite+aiosqlite:///:memory:"],
)
async def test_unsuitable_url_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUrlError):
        await open_store(url)


async def test_migrations_make_the_tables_that_the_code_speaks_of(
    store: DatabaseStore, database: Database
) -> None:
    await store.close()
    engine = create_engine(database.url.replace("+aiosqlite", ""))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


@sqlite_only
async def test_file_is_its_owners_alone(store: DatabaseStore, tmp_path: Path) -> None:
    await store.ping()
    for path in list(Path.iterdir(tmp_path)):  # a test may wait for the disk
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


async def test_key_store_keeps_keys_and_salts_once_saved(tmp_path: Path) -> None:
    with KeyStoreFile.open(tmp_path / "keys.db") as opened:
        batch = opened.batch()
        key, salt = await batch.data_key("e-1"), batch.salt("e-1", "author")
        assert await opened.data_key("e-1") is None
        await batch.save()
        index, digest = opened.blind_index(b"x"), opened.digest(b"x")
    assert index != digest
    with KeyStoreFile.open(tmp_path / "keys.db") as opened:
        assert await opened.batch().data_key("e-1") == key
        assert await opened.salt("e-1", "author") == salt
        assert (opened.blind_index(b"x"), opened.digest(b"x")) == (index, digest)
        assert await opened.batch().data_key("e-2") != key


async def test_key_store_saves_all_or_nothing(tmp_path: Path) -> None:
    with KeyStoreFile.open(tmp_path / "keys.db") as opened:
        first, second = opened.batch(), opened.batch()
        await first.data_key("e-1")
        await second.data_key("e-2")
        await second.data_key("e-1")
        await first.save()
        with pytest.raises(KeyStoreUnavailableError):
            await second.save()
        assert await opened.data_key("e-2") is None


def test_key_store_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.db"
    KeyStoreFile.open(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    with pytest.raises(KeyStoreError):
        KeyStoreFile.open(path)


def test_key_store_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.db"
    path.write_bytes(b"not a database, however long it may be" * 100)
    path.chmod(0o600)
    with pytest.raises(KeyStoreError):
        KeyStoreFile.open(path)
