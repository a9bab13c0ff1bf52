"""The operator of the gateway, turned attacker: the strongest insider.

Has the gateway's key, its database, key store and broker, and stops and starts it at will. Has not: the keys
of others, the scheme's key, and what has left the house: releases, checkpoints, cosignatures.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from json import loads
from pathlib import Path
from typing import Any

from publicprotection.transport.v1 import packet_pb2

from gateway.app.envelopes import packet_place
from gateway.app.publish import EXCHANGE, MESSAGE_TYPE
from gateway.app.resting import close_at_rest, open_at_rest
from services.kit.bus import Message, Publication, PublishResult
from services.kit.directory import GATEWAY
from services.kit.evidence.checkpoint import Checkpoint, sign_checkpoint
from services.kit.evidence.hop import encrypt_hop
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.merkle import EMPTY_ROOT, record_hash
from services.kit.identifiers import new_id
from tests.attack.stage import Station
from tests.support.growing import Tree

FILES = ("gateway.db", "keys.db")
DATABASE, KEY_STORE = FILES


class Operator:
    """Does to a gateway whatever its files and key allow."""

    def __init__(self, station: Station) -> None:
        self.station = station

    @property
    def key(self) -> SigningKey:
        """The gateway's."""
        return self.station.scheme.signing[GATEWAY]

    # The database.

    @contextmanager
    def open(self, file: str = DATABASE) -> Iterator[sqlite3.Connection]:
        """The file, behind the gateway's back; what is done is committed."""
        with closing(sqlite3.connect(self.station.folder / file, timeout=5)) as connection, connection:
            yield connection

    def change(self, statement: str, *values: Any) -> None:
        """Changes at least one row."""
        with self.open() as database:
            assert database.execute(statement, values).rowcount, "an attack that does nothing"

    def entries(self) -> list[str]:
        """The log's, in order."""
        with self.open() as database:
            rows = database.execute("SELECT entry FROM log_record WHERE leaf_index >= 0 ORDER BY leaf_index")
            return [row[0] for row in rows]

    def find(self, kind: str) -> int:
        """The index of the first record of a type."""
        return next(index for index, entry in enumerate(self.entries()) if loads(entry)["type"] == kind)

    # The log as a whole.

    async def rewrite(
        self, change: Callable[[list[str]], object], *, memory: bool = True, cosigned: bool = False
    ) -> None:
        """Makes the log another, consistent in itself and signed, while the gateway is stopped.

        Args:
            change: alters the list of entries.
            memory: whether the key store is made to remember the new log.
            cosigned: whether checkpoints of the old log, with their cosignatures, are left in place.
        """
        await self.station.stop()
        entries = self.entries()
        change(entries)
        tree = Tree()
        root = tree.grow(entry.encode() for entry in entries) if entries else EMPTY_ROOT
        with self.open() as database:
            self._put_records(database, entries)
            self._put_tree(database, tree, root)
            if not cosigned:
                database.execute("DELETE FROM log_cosignature")
                database.execute("DELETE FROM log_checkpoint")
        if memory:
            self.forge_memory(tree.size, root)
        await self.station.start()

    def forge_memory(self, size: int, root: bytes) -> None:
        """Makes the key store remember another head."""
        with self.open(KEY_STORE) as key_store:
            key_store.execute("UPDATE signed_head SET size = ?, root = ?", (size, root))

    def _put_records(self, database: sqlite3.Connection, entries: list[str]) -> None:
        query = "SELECT position FROM log_record WHERE leaf_index >= 0 ORDER BY leaf_index"
        positions = [row[0] for row in database.execute(query)]
        # Out of each other's way: indexes and hashes are unique.
        moved = "UPDATE log_record SET leaf_index = NULL, record_hash = position WHERE leaf_index >= 0"
        database.execute(moved)
        for position in positions[len(entries) :]:
            database.execute("DELETE FROM log_record WHERE position = ?", (position,))
        positions += [self._add_record(database) for _ in entries[len(positions) :]]
        for index, (position, entry) in enumerate(zip(positions, entries, strict=False)):
            self._put_record(database, position, index, entry)

    def _add_record(self, database: sqlite3.Connection) -> int:
        added = database.execute(
            "INSERT INTO log_record (record_hash, type, at) "
            "SELECT position + 1, type, at FROM log_record ORDER BY position DESC LIMIT 1"
        )
        return added.lastrowid or 0

    def _put_record(self, database: sqlite3.Connection, position: int, index: int, entry: str) -> None:
        members = loads(entry)
        database.execute(
            "UPDATE log_record SET entry = ?, record_hash = ?, type = ?, exchange_id = ?, leaf_index = ? "
            "WHERE position = ?",
            (
                entry,
                record_hash(entry.encode()),
                members["type"],
                members.get("exchange"),
                index,
                position,
            ),
        )

    def _put_tree(self, database: sqlite3.Connection, tree: Tree, root: bytes) -> None:
        database.execute("DELETE FROM log_tile")
        rows = [(tile.level, tile.number, hashes) for tile, hashes in tree.tiles.items()]
        database.executemany("INSERT INTO log_tile (level, tile, hashes) VALUES (?, ?, ?)", rows)
        note = self.sign(tree.size, root)
        database.execute("UPDATE log_head SET size = ?, root = ?, note = ?", (tree.size, root, note))

    def sign(self, size: int, root: bytes, key: SigningKey | None = None) -> str:
        """A checkpoint of whatever is wanted."""
        now = self.station.scheme.clock.now()
        return sign_checkpoint(Checkpoint(size, root), key or self.key, now)

    # Backups.

    async def back_up(self, into: Path) -> None:
        """Copies the files of the gateway, stopped for it."""
        await self.station.stop()
        await asyncio.to_thread(shutil.copytree, self.station.folder, into)
        await self.station.start()

    async def put_back(self, backup: Path, *files: str) -> None:
        """Puts files of a backup in place of today's; the gateway is left stopped."""
        await self.station.stop()
        for name in files:
            for leftover in self.station.folder.glob(f"{name}-*"):
                leftover.unlink()
            shutil.copy2(backup / name, self.station.folder / name)

    # The broker.

    async def publish(self, organisation: str, packet: packet_pb2.Packet) -> None:
        """Sends an organisation whatever is wanted."""
        scheme, gateway = self.station.scheme, self.station.gateway
        key = scheme.directory.keys.encryption_key(organisation, scheme.clock.now())
        message = Message(encrypt_hop(packet.SerializeToString(), key).encode(), new_id(), MESSAGE_TYPE)
        [result] = await gateway.bus.publish_many([Publication(EXCHANGE, f"to.{organisation}", message)])
        assert result is PublishResult.CONFIRMED

    # Releases that wait to be published.

    def alter_waiting(
        self, organisation: str, change: Callable[[packet_pb2.Packet], object], kind: str = "delivery"
    ) -> None:
        """Alters what waits for an organisation; the gateway then proves and publishes it.

        It lies under a data key of the key store, which the operator has.
        """
        rows = [row for row in self._waiting(organisation) if self._packet(row).HasField(kind)]  # type: ignore[arg-type]
        assert rows, "nothing waits"
        for row in rows:
            self._alter(row, change)

    def waiting(self, organisation: str) -> list[packet_pb2.Packet]:
        """The packets that wait for an organisation."""
        return [self._packet(row) for row in self._waiting(organisation)]

    def _waiting(self, organisation: str) -> list[tuple[Any, ...]]:
        with self.open() as database:
            return database.execute(
                "SELECT packet_id, organisation, record_hash, key_scope, ciphertext FROM packet "
                "WHERE published_at IS NULL AND organisation = ?",
                (organisation,),
            ).fetchall()

    def _packet(self, row: tuple[Any, ...]) -> packet_pb2.Packet:
        *place, scope, ciphertext = row
        opened = open_at_rest(ciphertext, self._data_key(scope), packet_place(*place))
        return packet_pb2.Packet.FromString(opened)

    def _alter(self, row: tuple[Any, ...], change: Callable[[packet_pb2.Packet], object]) -> None:
        *place, scope, _ = row
        packet = self._packet(row)
        change(packet)
        octets = packet.SerializeToString()
        entropy = self.station.gateway.tools.entropy
        closed = close_at_rest(octets, self._data_key(scope), packet_place(*place), entropy)
        self.change("UPDATE packet SET ciphertext = ? WHERE packet_id = ?", closed, place[0])

    def _data_key(self, scope: str) -> bytes:
        with self.open(KEY_STORE) as key_store:
            [(key,)] = key_store.execute("SELECT key FROM data_key WHERE scope = ?", (scope,)).fetchall()
        return bytes(key)
