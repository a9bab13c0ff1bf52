"""What the use cases rely on in the log that a store keeps: queue, tiles, head, subjects, witnesses."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from gateway.adapters.database import DatabaseStore, open_store
from gateway.adapters.keystore import KeyStoreFile
from gateway.app.log_rows import CheckpointRow, CosignatureRow, LogFilter, LogSpan, QueuedRow, SignedHead
from gateway.app.rows import RecordRow
from gateway.core.log.tiles import TileId
from tests.support.databases import Database

ONE, OTHER = b"1" * 32, b"2" * 32
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


async def put_records(store: DatabaseStore) -> None:
    """Five records with indexes, listed under one key, both, none, the other, the one; a sixth without."""
    keys = [[ONE], [ONE, OTHER], [], [OTHER], [ONE], [ONE]]
    async with store.writing() as unit:
        for number, listed_under in enumerate(keys):
            row = replace(record(number), exchange_id=f"e-{number % 2}", type=f"T{number % 3}")
            await unit.log.append(row, listed_under)
        await unit.tree.sequence(0, [1, 2, 3, 4, 5])


@pytest.fixture
async def listed(store: DatabaseStore) -> DatabaseStore:
    await put_records(store)
    return store


@pytest.fixture
async def on_sqlite(tmp_path: Path) -> AsyncIterator[DatabaseStore]:
    """The same on SQLite, which says how it would run a statement, however few the rows."""
    async with await open_store(f"sqlite+aiosqlite:///{tmp_path / 'gateway.db'}") as opened:
        await put_records(opened)
        yield opened


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (LogFilter(), [0, 1, 2, 3, 4]),
        (LogFilter(listed=((ONE,),)), [0, 1, 4]),
        (LogFilter(listed=((OTHER,),)), [1, 3]),
        (LogFilter(listed=((ONE, OTHER),)), [0, 1, 3, 4]),
        (LogFilter(listed=((ONE,), (OTHER,))), [1]),
        (LogFilter(listed=((ONE, OTHER), (OTHER,))), [1, 3]),
        (LogFilter(listed=((b"3" * 32,),)), []),
        (LogFilter(exchange_id="e-0"), [0, 2, 4]),
        (LogFilter(exchange_id="e-0", listed=((ONE,),)), [0, 4]),
        (LogFilter(types=("T1", "T2")), [1, 2, 4]),
        (LogFilter(types=("T2", "T1"), since=NOW + 2 * MINUTE), [2, 4]),
        (LogFilter(types=("T2",), listed=((ONE,),)), []),
        (LogFilter(until=NOW + 2 * MINUTE, listed=((ONE,),)), [0, 1]),
        (LogFilter(since=NOW + MINUTE, until=NOW + 3 * MINUTE), [1, 2]),
        (LogFilter(until=NOW + MINUTE), [0]),
        (LogFilter(since=NOW + MINUTE, listed=((ONE,),)), [1, 4]),
        (LogFilter(below=2), [0, 1]),
        (LogFilter(after_position=3), [3, 4]),
    ],
)
async def test_records_are_selected_and_paged(
    listed: DatabaseStore, wanted: LogFilter, found: list[int]
) -> None:
    async with listed.reading() as unit:
        assert [row.leaf_index for row in await unit.log.select(wanted, 10)] == found
        for place, index in enumerate(found):
            page = await unit.log.select(replace(wanted, after_index=index), 1)
            assert [row.leaf_index for row in page] == found[place + 1 : place + 2]
        newest = replace(wanted, newest=True)
        assert [row.leaf_index for row in await unit.log.select(newest, 10)] == found[::-1]
        for place, index in enumerate(found):
            page = await unit.log.select(replace(newest, before_index=index), 1)
            assert [row.leaf_index for row in page] == found[:place][-1:]


@pytest.mark.parametrize("hours", [0, 20, 30, 47, 100])
async def test_a_late_period_of_a_listing_misses_nothing_though_times_step_back(
    store: DatabaseStore, hours: int
) -> None:
    times = [0, 10, 30, 25, 31, 60, 40, 61, 100, 90, 101]
    async with store.writing() as unit:
        for number, at in enumerate(times):
            row = replace(record(number), at=NOW + timedelta(hours=at))
            await unit.log.append(row, [ONE])
        await unit.tree.sequence(0, list(range(1, len(times) + 1)))
    edge = NOW + timedelta(hours=hours)
    async with store.reading() as unit:
        for which in (LogFilter(listed=((ONE,),)), LogFilter(types=("DISCLOSURE",))):
            found = await unit.log.select(replace(which, since=edge), 50)
            assert [row.leaf_index for row in found] == [n for n, at in enumerate(times) if at >= hours]
            found = await unit.log.select(replace(which, until=edge, newest=True), 50)
            assert [row.leaf_index for row in found][::-1] == [n for n, at in enumerate(times) if at < hours]


async def test_a_page_after_an_index_that_nobody_has_begins_behind_it(listed: DatabaseStore) -> None:
    async with listed.reading() as unit:
        assert await unit.log.select(LogFilter(after_index=99), 10) == []


async def test_records_are_found_by_index_and_period(listed: DatabaseStore) -> None:
    async with listed.reading() as unit:
        found = await unit.log.find_index(3)
        assert found is not None
        assert found.position == 4
        assert await unit.log.find_index(5) is None
        assert [row.leaf_index for row in await unit.log.range(1, 3)] == [1, 2]
        assert await unit.log.span(NOW + MINUTE, NOW + 9 * MINUTE) == LogSpan(1, 4)
        assert await unit.log.span(NOW + 5 * MINUTE, NOW + 9 * MINUTE) is None
        assert await unit.log.first_at(NOW + 2 * MINUTE) == 2
        assert await unit.log.first_at(NOW + 5 * MINUTE) is None


async def test_the_nearest_records_from_before_and_after_are_found_though_times_step_back(
    store: DatabaseStore,
) -> None:
    async with store.writing() as unit:
        for number, at in enumerate((0, 10, 9, 2, 12, 3)):
            await unit.log.append(replace(record(number), at=NOW + at * MINUTE))
        await unit.tree.sequence(0, list(range(1, 6)))
    async with store.reading() as unit:
        assert await unit.log.nearest_before(3, NOW + 9 * MINUTE) == 0
        assert await unit.log.nearest_before(4, NOW + 9 * MINUTE) == 3
        assert await unit.log.nearest_before(3, NOW) is None
        assert await unit.log.nearest_after(0, NOW + 11 * MINUTE) == 4
        assert await unit.log.nearest_after(0, NOW + 9 * MINUTE) == 1
        assert await unit.log.nearest_after(4, NOW) is None


async def test_a_key_is_taken_out_of_the_listing(listed: DatabaseStore) -> None:
    async with listed.writing() as unit:
        await unit.log.unlist(ONE)
    async with listed.reading() as unit:
        assert await unit.log.select(LogFilter(listed=((ONE,),)), 10) == []
        assert len(await unit.log.select(LogFilter(listed=((OTHER,),)), 10)) == 2
        assert len(await unit.log.select(LogFilter(), 10)) == 5


@pytest.mark.parametrize(
    "wanted",
    [
        LogFilter(listed=((ONE,),), after_index=1),
        LogFilter(listed=((ONE,),), since=NOW),
        LogFilter(listed=((ONE,), (OTHER,))),
        LogFilter(exchange_id="e-0"),
        LogFilter(since=NOW, until=NOW + MINUTE),
        LogFilter(types=("T1",)),
        LogFilter(types=("T1",), since=NOW, until=NOW + MINUTE),
        LogFilter(after_index=2),
    ],
)
@pytest.mark.parametrize("newest", [False, True])
async def test_no_query_looks_at_the_whole_log_or_sorts_it(
    on_sqlite: DatabaseStore, wanted: LogFilter, newest: bool
) -> None:
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        said.append((statement, values))

    engine = on_sqlite._reader.sync_engine  # the statement is what is looked at
    event.listen(engine, "before_cursor_execute", note)
    async with on_sqlite.reading() as unit:
        turned = replace(wanted, newest=True, after_index=None, before_index=wanted.after_index)
        await unit.log.select(turned if newest else wanted, 1)
    event.remove(engine, "before_cursor_execute", note)
    statement, values = said[-1]
    async with on_sqlite._reader.connect() as connection:
        plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)).all()
    steps = [str(row.detail) for row in plan]
    assert not any(step.startswith(("SCAN", "USE TEMP B-TREE")) for step in steps), steps


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


async def test_old_checkpoints_are_forgotten_with_their_signatures(store: DatabaseStore) -> None:
    async with store.writing() as unit:
        for size in (1, 2, 3, 4):
            await unit.witnesses.add_checkpoint(checkpoint(size))
            await unit.witnesses.add_cosignature(CosignatureRow(size, "a", f"{size} a", NOW))
    async with store.writing() as unit:
        assert await unit.witnesses.forget(NOW + 3 * MINUTE, {2, 4}) == 1
        assert await unit.witnesses.forget(NOW + 3 * MINUTE, {2, 4}) == 0
    async with store.reading() as unit:
        found = [size for size in range(6) if await unit.witnesses.find_checkpoint(size) is not None]
        assert found == [2, 3, 4]
        assert await unit.witnesses.lines_of(1) == {}
        assert await unit.witnesses.lines_of(2) == {"a": "2 a"}


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
