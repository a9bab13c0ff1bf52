"""The key store: data keys, salts, the keys of the blind indexes and digests. Always its own SQLite file.

Destroying a key erases what it protects, so the file overwrites what it deletes, and its write-ahead log is
cut off after an erasure; PostgreSQL would keep deleted bytes in its log (design section 6).
"""

import asyncio
import hmac
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Final, Self

from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.log_rows import SignedHead

Entropy = Callable[[int], bytes]

_KEY_BYTES: Final = 32
_SALT_BYTES: Final = 16
_VERSION: Final = 1
_KEYS: Final = "SELECT scope, key FROM data_key WHERE scope = ?"
_TABLES: Final = """
CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE data_key (scope TEXT PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE salt (scope TEXT, name TEXT, salt BLOB NOT NULL, PRIMARY KEY (scope, name)) WITHOUT ROWID;
CREATE TABLE signed_head (only INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL);
"""
_REMEMBER: Final = (
    "INSERT INTO signed_head VALUES (1, ?, ?) ON CONFLICT (only) "
    "DO UPDATE SET size = excluded.size, root = excluded.root WHERE excluded.size > size"
)


class KeyStoreError(Exception):
    """The key store's file cannot be used; says what to do."""


class KeyStoreFile:
    """See gateway.app.key_ports.KeyStore. Made by `KeyStoreFile.open`; use as a context manager."""

    def __init__(self, connection: sqlite3.Connection, entropy: Entropy) -> None:
        self._connection = connection
        self._entropy = entropy
        self._turn = asyncio.Lock()
        self._blind_index_key = _secret(connection, "blind_index", entropy)
        self._digest_key = _secret(connection, "digest", entropy)

    @classmethod
    def open(cls, path: Path, entropy: Entropy = os.urandom) -> Self:
        """Opens the file, and makes it, readable by its owner only, if it is not there.

        Raises:
            KeyStoreError: it cannot be opened, others may read it, or it is of another version.
        """
        try:
            _make_private(path)
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            _prepare(connection, path)
            return cls(connection, entropy)
        except (OSError, sqlite3.Error) as error:
            raise KeyStoreError(f"{path}: the key store cannot be opened ({type(error).__name__})") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def batch(self) -> "KeyStoreBatch":
        """As the port."""
        return KeyStoreBatch(self)

    def blind_index(self, data: bytes) -> bytes:
        """As the port."""
        return hmac.digest(self._blind_index_key, data, "sha256")

    def digest(self, data: bytes) -> bytes:
        """As the port."""
        return hmac.digest(self._digest_key, data, "sha256")

    def random(self, size: int) -> bytes:
        """So many random bytes."""
        return self._entropy(size)

    async def data_key(self, scope: str) -> bytes | None:
        """The key kept for a scope, or none."""
        return (await self.find_keys([scope])).get(scope)

    async def find_keys(self, scopes: Collection[str]) -> dict[str, bytes]:
        """As the port."""
        rows = await self._read(_KEYS, [(scope,) for scope in scopes])
        return {scope: bytes(key) for scope, key in rows}

    async def salt(self, scope: str, name: str) -> bytes | None:
        """The salt kept under scope and name, or none."""
        rows = await self._read("SELECT salt FROM salt WHERE scope = ? AND name = ?", [(scope, name)])
        return bytes(rows[0][0]) if rows else None

    async def signed_head(self) -> SignedHead | None:
        """As the port."""
        rows = await self._read("SELECT size, root FROM signed_head", [()])
        return SignedHead(rows[0][0], bytes(rows[0][1])) if rows else None

    async def remember_head(self, head: SignedHead) -> None:
        """As the port."""
        async with self._turn:
            await asyncio.to_thread(self._remember, head)

    async def add(self, keys: dict[str, bytes], salts: dict[tuple[str, str], bytes]) -> None:
        """Makes keys and salts durable, all or none.

        Raises:
            KeyStoreUnavailableError: they could not be.
        """
        async with self._turn:
            await asyncio.to_thread(self._add, keys, salts)

    async def count(self, scopes: Collection[str]) -> tuple[int, int]:
        """As the port."""
        each = [(scope,) for scope in scopes]
        keys = await self._read("SELECT count(*) FROM data_key WHERE scope = ?", each)
        salts = await self._read("SELECT count(*) FROM salt WHERE scope = ?", each)
        return sum(count for (count,) in keys), sum(count for (count,) in salts)

    async def destroy(self, scopes: Collection[str]) -> None:
        """As the port."""
        async with self._turn:
            await asyncio.to_thread(self._destroy, [(scope,) for scope in scopes])

    async def _read(self, query: str, each: Iterable[tuple[str, ...]]) -> list[tuple[Any, ...]]:
        """Runs a query for each of some values; not in a thread, since handing it to one takes longer."""
        async with self._turn:
            try:
                return [row for values in each for row in self._connection.execute(query, values)]
            except sqlite3.Error as error:
                raise KeyStoreUnavailableError(type(error).__name__) from None

    def _remember(self, head: SignedHead) -> None:
        """Without waiting for the disk: losing power at worst forgets the last heads, and no backup does."""
        try:
            self._connection.execute("PRAGMA synchronous=NORMAL")
            with _Transaction(self._connection):
                self._connection.execute(_REMEMBER, (head.size, head.root))
        except sqlite3.Error as error:
            raise KeyStoreUnavailableError(type(error).__name__) from None

    def _destroy(self, scopes: list[tuple[str]]) -> None:
        """What was deleted is overwritten in the file, and the log that still has it is cut to nothing."""
        try:
            self._connection.execute("PRAGMA synchronous=FULL")
            with _Transaction(self._connection):
                self._connection.executemany("DELETE FROM data_key WHERE scope = ?", scopes)
                self._connection.executemany("DELETE FROM salt WHERE scope = ?", scopes)
            busy, *_ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            raise KeyStoreUnavailableError(type(error).__name__) from None
        if busy:  # another process reads just now: deleted, and still in its write-ahead log
            raise KeyStoreUnavailableError("busy")

    def _add(self, keys: dict[str, bytes], salts: dict[tuple[str, str], bytes]) -> None:
        try:
            self._connection.execute("PRAGMA synchronous=FULL")  # `_remember` does without
            with _Transaction(self._connection):
                self._connection.executemany("INSERT INTO data_key VALUES (?, ?)", keys.items())
                rows = [(scope, name, salt) for (scope, name), salt in salts.items()]
                # Saved before what they belong to: dying in between leaves salts of commitments that never
                # were, and the same message, coming again, makes its own under the same names.
                self._connection.executemany("INSERT OR REPLACE INTO salt VALUES (?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise KeyStoreUnavailableError(type(error).__name__) from None


class KeyStoreBatch:
    """See gateway.app.key_ports.SecretBatch."""

    def __init__(self, store: KeyStoreFile) -> None:
        self._store = store
        self._known: dict[str, bytes] = {}
        self._keys: dict[str, bytes] = {}
        self._salts: dict[tuple[str, str], bytes] = {}

    async def data_key(self, scope: str) -> bytes:
        """As the port."""
        key = self._keys.get(scope) or self._known.get(scope) or await self._store.data_key(scope)
        if key is None:
            key = self._keys[scope] = self._store.random(_KEY_BYTES)
        else:
            self._known[scope] = key
        return key

    def salt(self, scope: str, name: str) -> bytes:
        """As the port."""
        salt = self._salts[scope, name] = self._store.random(_SALT_BYTES)
        return salt

    async def find_keys(self, scopes: Collection[str]) -> dict[str, bytes]:
        """As the port."""
        kept = await self._store.find_keys([scope for scope in scopes if scope not in self._keys])
        return kept | {scope: self._keys[scope] for scope in scopes if scope in self._keys}

    async def save(self) -> None:
        """As the port."""
        if self._keys or self._salts:
            await self._store.add(self._keys, self._salts)
        self._known |= self._keys
        self._keys, self._salts = {}, {}


class _Transaction:
    """BEGIN IMMEDIATE ... COMMIT, or ROLLBACK if the block raises."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")


def _make_private(path: Path) -> None:
    """Makes the file with owner's rights only; SQLite gives its journals the same rights."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        if path.stat().st_mode & 0o077:
            raise KeyStoreError(f"{path}: others may read the key store. Run: chmod 600 {path}")
        return
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")
    with _Transaction(connection):
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            with closing(connection.cursor()) as cursor:
                for statement in filter(str.strip, _TABLES.split(";")):
                    cursor.execute(statement)
                cursor.execute(f"PRAGMA user_version={_VERSION}")
        elif version != _VERSION:
            raise KeyStoreError(
                f"{path}: the key store is of version {version}, this program's is {_VERSION}"
            )


def _secret(connection: sqlite3.Connection, name: str, entropy: Entropy) -> bytes:
    """A key of the store's own, made once."""
    with _Transaction(connection):
        connection.execute("INSERT OR IGNORE INTO secret VALUES (?, ?)", (name, entropy(_KEY_BYTES)))
        row = connection.execute("SELECT value FROM secret WHERE name = ?", (name,)).fetchone()
    return bytes(row[0])
