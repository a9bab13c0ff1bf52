"""What is written together is there for whoever reads, is undone with its savepoint, is refused as one."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import event

from gateway.adapters.database import DatabaseStore, open_store
from gateway.app.ports import Unit, WrittenTogetherError
from gateway.app.rows import PacketRow, RecordRow, TextRow
from tests.support.databases import Database
from tests.support.gateway import NOW

SUBJECT = bytes(32)


@pytest.fixture
async def store(database: Database) -> AsyncIterator[DatabaseStore]:
    async with await open_store(database.url, database.access) as opened:
        yield opened


def _text(name: str) -> TextRow:
    return TextRow("scope", name, None, "exchange:e1", b"ciphertext")


async def _add(unit: Unit, number: int) -> None:
    await unit.texts.add([_text(f"text {number}")])
    await unit.log.append(RecordRow("{}", f"{number:064x}", "RECEIPT", None, NOW), [SUBJECT])
    packet = PacketRow(f"packet {number}", "kent-police", "exchange:e1", f"{number:064x}", b"c", NOW)
    await unit.outgoing.add(packet)


async def _hashes(unit: Unit) -> list[int]:
    return [int(row.record_hash, 16) for row in await unit.log.page(0, 100, None)]


async def test_what_many_add_takes_few_statements_and_keeps_its_order(store: DatabaseStore) -> None:
    statements: list[str] = []
    async with store.writing() as unit:
        event.listen(
            store._writer.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2])
        )
        async with unit.together():
            for number in range(40):
                await _add(unit, number)
    assert len([each for each in statements if each.startswith("INSERT")]) == 4
    async with store.reading() as unit:
        assert await _hashes(unit) == list(range(40))
        places = [row.position for row in await unit.log.page(0, 100, None)]
    assert places == sorted(places)


async def test_whoever_reads_sees_what_was_added_before(store: DatabaseStore) -> None:
    async with store.writing() as unit, unit.together():
        await _add(unit, 1)
        assert await unit.texts.find("scope", "text 1") is not None
        assert await unit.outgoing.find("packet 1") is not None
        await unit.log.unlist(SUBJECT)
        await _add(unit, 2)
        assert await _hashes(unit) == [1, 2]


async def test_what_is_undone_to_a_savepoint_takes_only_its_own_with_it(store: DatabaseStore) -> None:
    async with store.writing() as unit, unit.together():
        await _add(unit, 1)
        for reading in (False, True):  # reading writes what waits, inside the savepoint that is undone
            with pytest.raises(ZeroDivisionError):
                await _add_and_fail(unit, reading=reading)
        async with unit.savepoint():
            await _add(unit, 3)
    async with store.reading() as unit:
        assert await _hashes(unit) == [1, 3]
        assert [row.name for row in [await unit.texts.find("scope", f"text {n}") for n in (1, 3)] if row]
        assert await unit.texts.find("scope", "text 2") is None


async def _add_and_fail(unit: Unit, *, reading: bool) -> None:
    async with unit.savepoint():
        await _add(unit, 2)
        assert not reading or await _hashes(unit) == [1, 2]
        raise ZeroDivisionError


async def test_one_that_is_refused_undoes_the_unit_and_says_so(store: DatabaseStore) -> None:
    with pytest.raises(WrittenTogetherError):
        await _add_the_same(store)
    async with store.reading() as unit:
        assert await _hashes(unit) == []


async def _add_the_same(store: DatabaseStore) -> None:
    async with store.writing() as unit, unit.together():
        await _add(unit, 1)
        await unit.texts.add([_text("text 1")])
