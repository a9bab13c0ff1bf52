"""What the use cases rely on in the log that a store keeps: queue, tiles, head, subjects, witnesses."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from gateway.adapters.database import DatabaseStore, open_store
from gateway.adapters.keystore import KeyStoreFile
from gateway.app.log_rows import CheckpointRow, CosignatureRow, QueuedRow, SignedHead
from gateway.app.rows import RecordRow
from gateway.core.log.tiles import TileId
from tests.support.databases import Database

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def store(database: Database) -> AsyncIterator[DatabaseStore]:
    async with await open_store(database.url, database.access) as opened:
        yield opened


def record(number: int) -> RecordRow:
    return RecordRow("{}", f"{number:064x}", "DISCLOSURE", None, NOW + number * MINUTE)


def checkpoint(size: int) -> CheckpointRow:
    return CheckpointRow(size, bytes([size]) * 32, f"note {size}", NOW + size * MINUTE)


async def test_queue_is_in_order_and_ends_with_an_index(store: DatabaseStore) -> None:
    async with store.writing() as unit:
        assert await unit.tree.oldest_queued() is None
        assert await unit.tree.next_index() == 0
        for number in range(3):
            await unit.log.append(record(number))
        assert await unit.tree.oldest_queued() == NOW
        queued = await unit.tree.queued(2)
        assert queued == [QueuedRow(1, f"{0:064x}"), QueuedRow(2, f"{1:064x}")]
        await unit.tree.sequence(0, [row.position for row in queued])
        assert await unit.tree.queued(5) == [QueuedRow(3, f"{2:064x}")]
        assert await unit.tree.oldest_queued() == NOW + 2 * MINUTE
        assert await unit.tree.next_index() == 2
        found = await unit.log.find(f"{1:064x}")
    assert found == replace(record(1), position=2, leaf_index=1)


async def test_no_two_records_have_one_index(store: DatabaseStore) -> None:
    with pytest.raises(IntegrityError):  # noqa: PT012  # the transaction is what must fail
        async with store.writing() as unit:
            for number in range(2):
                await unit.log.append(record(number))
                await unit.tree.sequence(7, [number + 1])


async def test_head_and_tiles_are_replaced(store: DatabaseStore) -> None:
    async with store.writing() as unit:
        assert await unit.tree.head() is None
        for size in (1, 2):
            await unit.tree.move_head(checkpoint(size))
            await unit.tree.put_tiles({TileId(0, 0): b"a" * size, TileId(1, size): b"b"})
    async with store.reading() as unit:
        assert await unit.tree.head() == checkpoint(2)
        wanted = {TileId(0, 0), TileId(1, 2), TileId(2, 0)}
        assert await unit.tree.tiles(wanted) == {TileId(0, 0): b"aa", TileId(1, 2): b"b"}
        assert await unit.tree.tiles(set()) == {}


async def test_records_are_found_by_subject(store: DatabaseStore) -> None:
    one, other = b"1" * 32, b"2" * 32
    async with store.writing() as unit:
        await unit.log.append(record(0), [one])
        await unit.log.append(record(1), [one, other])
        await unit.log.append(record(2))
    async with store.reading() as unit:
        assert [row.position for row in await unit.log.of_subject(one, 0, 10)] == [1, 2]
        assert [row.position for row in await unit.log.of_subject(one, 1, 10)] == [2]
        assert [row.position for row in await unit.log.of_subject(other, 0, 10)] == [2]


async def test_listeners_hear_of_commits_that_queued_a_record_and_of_no_others(store: DatabaseStore) -> None:
    heard: list[int] = []
    store.tell(lambda: heard.append(1))
    async with store.writing() as unit:
        await unit.log.append(record(0))
        assert heard == []
    assert heard == [1]
    with pytest.raises(ZeroDivisionError):  # noqa: PT012  # the block is what must fail
        async with store.writing() as unit:
            await unit.log.append(record(1))
            raise ZeroDivisionError
    async with store.writing() as unit:
        await unit.tree.move_head(checkpoint(1))
    assert heard == [1]


async def test_witnesses_are_told_of_new_signatures_and_of_those_short_of_the_number(
    store: DatabaseStore,
) -> None:
    async with store.writing() as unit:
        assert await unit.witnesses.last_checkpoint() is None
        for size in (1, 2, 3):
            await unit.witnesses.add_checkpoint(checkpoint(size))
        await unit.witnesses.add_checkpoint(checkpoint(3))
        for size, organisation, at in ((1, "b", 1), (1, "a", 1), (2, "a", 2)):
            line = CosignatureRow(size, organisation, f"{size} {organisation}", NOW + at * MINUTE)
            assert await unit.witnesses.add_cosignature(line)
        assert not await unit.witnesses.add_cosignature(CosignatureRow(1, "a", "again", NOW))
    async with store.reading() as unit:
        assert await unit.witnesses.last_checkpoint() == checkpoint(3)
        assert await unit.witnesses.find_checkpoint(2) == checkpoint(2)
        both = await unit.witnesses.to_tell(NOW, 2, 10)
        assert [(each.checkpoint.size, each.lines) for each in both] == [
            (1, {"a": "1 a", "b": "1 b"}),
            (2, {"a": "2 a"}),
        ]
        later = NOW + 3 * MINUTE
        assert [each.checkpoint.size for each in await unit.witnesses.to_tell(later, 2, 10)] == [2]
        assert [each.checkpoint.size for each in await unit.witnesses.to_tell(NOW, 2, 1)] == [2]
        assert await unit.witnesses.to_tell(later, 1, 10) == []


async def test_key_store_remembers_the_furthest_head(tmp_path: Path) -> None:
    path = tmp_path / "keys.db"
    with KeyStoreFile.open(path) as opened:
        assert await opened.signed_head() is None
        await opened.remember_head(SignedHead(5, b"5" * 32))
        await opened.remember_head(SignedHead(4, b"4" * 32))
        await opened.remember_head(SignedHead(5, b"x" * 32))
    with KeyStoreFile.open(path) as opened:
        assert await opened.signed_head() == SignedHead(5, b"5" * 32)


async def test_key_store_finds_only_keys_that_are_kept(tmp_path: Path) -> None:
    with KeyStoreFile.open(tmp_path / "keys.db") as opened:
        batch = opened.batch()
        key = await batch.data_key("exchange:e-1")
        await batch.save()
        assert await opened.find_keys({"exchange:e-1", "exchange:e-2"}) == {"exchange:e-1": key}
