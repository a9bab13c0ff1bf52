"""What is destroyed in the key store is in none of its files any more; the rest stays."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.adapters.keystore import KeyStoreFile
from gateway.app.key_ports import KeyStoreUnavailableError

SUBJECTS = [f"subject:{number}" for number in range(40)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[KeyStoreFile]:
    with KeyStoreFile.open(tmp_path / "keys.db") as opened:
        yield opened


async def _fill(store: KeyStoreFile) -> dict[str, tuple[bytes, bytes]]:
    """Key and salt of each scope."""
    batch = store.batch()
    made = {scope: (await batch.data_key(scope), batch.salt(scope, "name")) for scope in SUBJECTS}
    await batch.save()
    return made


def _traces(folder: Path, secret: bytes) -> list[str]:
    return [path.name for path in folder.iterdir() if secret in path.read_bytes()]


async def test_destroyed_keys_and_salts_are_in_no_file(store: KeyStoreFile, tmp_path: Path) -> None:
    made = await _fill(store)
    victim, others = SUBJECTS[7], [scope for scope in SUBJECTS if scope != SUBJECTS[7]]
    assert all(_traces(tmp_path, secret) for secret in made[victim]), (
        "they were there, so finding nothing means it"
    )
    await store.destroy([victim])
    assert [_traces(tmp_path, secret) for secret in made[victim]] == [[], []]
    assert await store.find_keys([victim]) == {}
    assert await store.salt(victim, "name") is None
    assert await store.find_keys(others) == {scope: made[scope][0] for scope in others}


async def test_destroying_twice_is_as_once(store: KeyStoreFile) -> None:
    await _fill(store)
    for _ in range(2):
        await store.destroy(SUBJECTS[:3])
    assert await store.find_keys(SUBJECTS[:4]) == await store.find_keys([SUBJECTS[3]])


async def test_a_reader_in_the_way_is_told_of_and_it_is_done_again(
    store: KeyStoreFile, tmp_path: Path
) -> None:
    made = await _fill(store)
    other = sqlite3.connect(tmp_path / "keys.db", isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM salt").fetchone()
    store._connection.execute("PRAGMA busy_timeout=50")
    with pytest.raises(KeyStoreUnavailableError):
        await store.destroy([SUBJECTS[0]])
    other.close()
    await store.destroy([SUBJECTS[0]])
    assert [_traces(tmp_path, secret) for secret in made[SUBJECTS[0]]] == [[], []]
