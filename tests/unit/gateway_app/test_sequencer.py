"""The order of effects: decided, on record, signed for, remembered, released. And what breaks it."""

import asyncio
import secrets
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway import __main__ as program
from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.log_rows import CheckpointRow, SignedHead
from gateway.app.ports import StoreUnavailableError
from gateway.app.proofs import root_at
from gateway.app.rows import RecordRow
from gateway.app.sequencer import LogForkedError, Sequencer
from services.kit.bus import MemoryBroker
from services.kit.directory import GATEWAY
from services.kit.evidence.checkpoint import Checkpoint, verify_checkpoint
from services.kit.evidence.merkle import EMPTY_ROOT, record_hash
from tests.support.gateway import NOW, Gateway, Parties, open_gateway
from tests.support.rfc9162 import mth


class Broken:
    """A part that does everything but one thing."""

    def __init__(self, part: Any, name: str, fault: Exception) -> None:
        self._part = part
        self._name = name
        self._fault = fault
        self.attempts = 0

    def __getattr__(self, name: str) -> Any:
        return self._break if name == self._name else getattr(self._part, name)

    async def _break(self, *_arguments: object) -> None:
        self.attempts += 1
        raise self._fault


class FullAtCommit:
    """A store whose transactions do everything but commit."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.reading = store.reading

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Any]:
        async with self._store.writing() as unit:
            yield unit
            raise StoreUnavailableError("Full")


async def queue(gateway: Gateway, count: int) -> list[bytes]:
    """Queues records of no exchange; their entries."""
    entries = [secrets.token_bytes(40) for _ in range(count)]
    async with gateway.store.writing() as unit:
        for entry in entries:
            await unit.log.append(RecordRow("{}", record_hash(entry), "PREVIEW", None, NOW))
    return entries


async def head_of(gateway: Gateway) -> CheckpointRow:
    async with gateway.store.reading() as unit:
        head = await unit.tree.head()
    assert head is not None
    return head


def change(folder: Path, statement: str) -> None:
    """What somebody does to the database behind the gateway's back."""
    with closing(sqlite3.connect(folder / "gateway.db", timeout=5)) as connection, connection:
        assert connection.execute(statement).rowcount


async def test_first_checkpoint_is_of_the_empty_log(gateway: Gateway) -> None:
    head = await head_of(gateway)
    keys = gateway.parties.directory.keys.verifying_keys(GATEWAY, NOW)
    assert verify_checkpoint(head.note, keys).checkpoint == Checkpoint(0, EMPTY_ROOT)


async def test_tree_is_that_of_the_records_in_the_order_of_the_queue(gateway: Gateway) -> None:
    entries: list[bytes] = []
    for count in (1, 255, 1, 300, 2):  # across the edges of a tile
        entries += await queue(gateway, count)
        while await gateway.sequencer.sequence_batch():
            pass
        head = await head_of(gateway)
        assert (head.size, head.root) == (len(entries), mth(entries))
    async with gateway.store.reading() as unit:
        assert await root_at(unit.tree, 256) == mth(entries[:256])
        rows = await unit.log.page(0, 1000, None)
    assert [row.leaf_index for row in rows] == list(range(len(entries)))
    assert [row.record_hash for row in rows] == [record_hash(entry) for entry in entries]


async def test_small_batches_make_the_same_tree(gateway: Gateway) -> None:
    small = Sequencer(gateway.store, gateway.tools, batch=7)
    await small.start()
    entries = await queue(gateway, 20)
    assert [await small.sequence_batch() for _ in range(4)] == [7, 7, 6, 0]
    assert (await head_of(gateway)).root == mth(entries)


async def test_nothing_leaves_before_a_checkpoint_covers_it(gateway: Gateway) -> None:
    sealed = gateway.step("contribution")
    await gateway.take(sealed.arrival)
    assert await gateway.publisher.publish_batch() == 0
    assert gateway.broker.depth(f"to.{sealed.organisation}") == 0
    await gateway.sequencer.sequence_batch()
    assert await gateway.publisher.publish_batch() > 0
    outcomes, _ = await gateway.received(sealed.organisation)  # verifies the proof
    assert len(outcomes) == 1


async def test_nothing_leaves_under_a_head_that_the_key_store_does_not_remember(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = gateway.step("contribution")
    await gateway.take(sealed.arrival)
    broken = Broken(gateway.key_store, "remember_head", KeyStoreUnavailableError("Full"))
    with monkeypatch.context() as patch:
        patch.setattr(gateway.sequencer, "_key_store", broken)
        with pytest.raises(KeyStoreUnavailableError):
            await gateway.sequencer.sequence_batch()
    assert (await head_of(gateway)).size > 0
    assert await gateway.publisher.publish_batch() == 0
    assert await gateway.sequencer.sequence_batch() == 0  # nothing is queued, and now it is remembered
    assert await gateway.publisher.publish_batch() > 0


async def test_crash_before_the_key_store_remembers_loses_and_doubles_nothing(
    parties: Parties, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = parties.broker()
    async with open_gateway(parties, tmp_path, broker=broker) as gateway:
        sealed = gateway.step("contribution")
        await gateway.take(sealed.arrival)
        broken = Broken(gateway.key_store, "remember_head", KeyStoreUnavailableError("Full"))
        monkeypatch.setattr(gateway.sequencer, "_key_store", broken)
        with pytest.raises(KeyStoreUnavailableError):
            await gateway.sequencer.sequence_batch()
        signed = await head_of(gateway)
    assert await told(parties, tmp_path, broker, sealed.organisation) == 1
    async with open_gateway(parties, tmp_path, broker=broker) as gateway:
        assert await head_of(gateway) == signed
        assert await gateway.publisher.publish_batch() == 0


async def test_crash_between_publishing_and_noting_it_sends_the_same_again(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gateway.take(gateway.step("contribution").arrival)
    await gateway.sequencer.sequence_batch()
    with monkeypatch.context() as patch:
        patch.setattr(gateway.publisher, "_store", FullAtCommit(gateway.store))
        with pytest.raises(StoreUnavailableError):
            await gateway.publisher.publish_batch()
    _, [(first, _), (second, _)] = await gateway.received(gateway.parties.of_kind("MAPPA_COORDINATION_UNIT"))
    # By these a recipient knows that it has it: the effect is one.
    assert (first.delivery_id, first.statement) == (second.delivery_id, second.statement)


async def test_crash_before_the_commit_of_a_batch_queues_it_again(
    parties: Parties, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = parties.broker()
    async with open_gateway(parties, tmp_path, broker=broker) as gateway:
        sealed = gateway.step("contribution")
        await gateway.take(sealed.arrival)
        with monkeypatch.context() as patch:
            patch.setattr(gateway.sequencer, "_store", FullAtCommit(gateway.store))
            with pytest.raises(StoreUnavailableError):
                await gateway.sequencer.sequence_batch()
        assert (await head_of(gateway)).size == 0
        assert await gateway.sequencer.sequence_batch() > 0  # in the same process, with the same memory
    assert await told(parties, tmp_path, broker, sealed.organisation) == 1


async def told(parties: Parties, folder: Path, broker: MemoryBroker, organisation: str) -> int:
    """How many outcomes an organisation has, once the gateway was started again."""
    async with open_gateway(parties, folder, broker=broker) as gateway:
        outcomes, _ = await gateway.received(organisation)
    return len(outcomes)


async def test_sequencer_waits_while_the_store_is_away(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queue(gateway, 3)
    running = asyncio.create_task(gateway.sequencer.run())
    with monkeypatch.context() as patch:
        patch.setattr(gateway.sequencer, "_store", FullAtCommit(gateway.store))
        await queue(gateway, 1)
        await asyncio.sleep(0.05)
        assert (await head_of(gateway)).size == 0
    async with asyncio.timeout(10):
        while (await head_of(gateway)).size < 4:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])


async def test_backup_put_in_place_is_not_signed_on(parties: Parties, tmp_path: Path) -> None:
    async with open_gateway(parties, tmp_path) as gateway:
        await queue(gateway, 2)
        await gateway.sequencer.sequence_batch()
    shutil.copy(tmp_path / "gateway.db", tmp_path / "yesterday.db")
    async with open_gateway(parties, tmp_path) as gateway:
        await queue(gateway, 2)
        await gateway.sequencer.sequence_batch()
    shutil.copy(tmp_path / "yesterday.db", tmp_path / "gateway.db")
    with pytest.raises(LogForkedError, match=r"of 2 records, is not a continuation .* of 4: .* backup"):
        async with open_gateway(parties, tmp_path):
            pass


async def test_backup_that_has_grown_another_way_is_not_signed_on(parties: Parties, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        async with open_gateway(parties, tmp_path / folder) as gateway:
            await queue(gateway, 3)
            await gateway.sequencer.sequence_batch()
    shutil.copy(tmp_path / "two" / "gateway.db", tmp_path / "one" / "gateway.db")
    with pytest.raises(LogForkedError):
        async with open_gateway(parties, tmp_path / "one"):
            pass


async def test_new_database_beside_an_old_key_store_is_not_signed_on(
    parties: Parties, tmp_path: Path
) -> None:
    async with open_gateway(parties, tmp_path) as gateway:
        await queue(gateway, 1)
        await gateway.sequencer.sequence_batch()
    (tmp_path / "gateway.db").unlink()
    with pytest.raises(LogForkedError):
        async with open_gateway(parties, tmp_path):
            pass


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_head SET size = size - 1",
        "UPDATE log_head SET root = zeroblob(32)",
        "UPDATE log_head SET note = replace(note, 'publicprotection', 'elsewhere')",
        "UPDATE log_tile SET hashes = zeroblob(32 * 4)",
        "UPDATE log_tile SET hashes = substr(hashes, 1, 32)",
        "DELETE FROM log_tile",
        "DELETE FROM log_head",
        "DELETE FROM log_record WHERE leaf_index = 3",
        "UPDATE log_record SET leaf_index = NULL WHERE leaf_index = 3",
        "UPDATE log_record SET leaf_index = 7 WHERE leaf_index = 3",
    ],
)
async def test_log_altered_while_the_gateway_was_stopped_is_not_signed_on(
    parties: Parties, tmp_path: Path, statement: str
) -> None:
    async with open_gateway(parties, tmp_path) as gateway:
        await queue(gateway, 4)
        await gateway.sequencer.sequence_batch()
    change(tmp_path, statement)
    with pytest.raises(LogForkedError):
        async with open_gateway(parties, tmp_path):
            pass


async def test_head_altered_under_a_running_gateway_is_not_signed_on(gateway: Gateway) -> None:
    await queue(gateway, 4)
    await gateway.sequencer.sequence_batch()
    change(gateway.folder, "UPDATE log_head SET size = 3")
    await queue(gateway, 1)
    with pytest.raises(LogForkedError):
        await gateway.sequencer.sequence_batch()
    with pytest.raises(LogForkedError):
        await gateway.sequencer.run()


async def test_tree_that_lost_a_tile_under_a_running_gateway_is_not_signed_on(gateway: Gateway) -> None:
    await queue(gateway, 4)
    await gateway.sequencer.sequence_batch()
    other = Sequencer(gateway.store, gateway.tools)
    await other.start()  # so it has not seen the tiles that are gone
    change(gateway.folder, "DELETE FROM log_tile")
    await queue(gateway, 1)
    with pytest.raises(LogForkedError):
        await other.sequence_batch()


async def test_another_process_may_have_gone_on(gateway: Gateway) -> None:
    other = Sequencer(gateway.store, gateway.tools)
    await other.start()
    one = await queue(gateway, 2)
    await gateway.sequencer.sequence_batch()
    two = await queue(gateway, 2)
    assert await other.sequence_batch() == 2
    three = await queue(gateway, 300)
    assert await gateway.sequencer.sequence_batch() == 300
    assert (await head_of(gateway)).root == mth([*one, *two, *three])


async def test_health_tells_of_a_queue_that_nobody_serves(gateway: Gateway) -> None:
    assert await gateway.sequencer.is_current()
    await queue(gateway, 1)
    assert await gateway.sequencer.is_current()
    gateway.parties.clock.moment += timedelta(seconds=6)
    assert not await gateway.sequencer.is_current()
    await gateway.sequencer.sequence_batch()
    assert await gateway.sequencer.is_current()


async def test_key_store_is_told_after_each_batch(gateway: Gateway) -> None:
    entries = await queue(gateway, 3)
    await gateway.sequencer.sequence_batch()
    assert await gateway.key_store.signed_head() == SignedHead(3, mth(entries))


def test_process_that_finds_another_log_does_not_start_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    async def run(_config: Path) -> None:
        raise LogForkedError("Put the newest database back.")

    monkeypatch.setattr(program, "_run", run)
    assert program.main(["--config", str(tmp_path)]) == 78
    assert "does not start: Put the newest database back." in capsys.readouterr().err
