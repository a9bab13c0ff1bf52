"""The log's tree in tiles of 256 hashes (C2SP tlog-tiles), and how it grows.

The tile `(level, number)` holds the roots of perfect subtrees of `256**level` leaves, the first being the one
at `number * 256`; level 0 holds leaf hashes. Only full tiles are hashed into the level above, so a tile never
changes but by growing at its end, and the tile of a larger tree serves for every smaller one.

Each operation takes two steps, so that it can run over a store that must be awaited: the first says which
tiles are needed, the second computes from their octets.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from gateway.core.log.errors import TileMissingError
from services.kit.evidence.frontier import Subtree, cover, join
from services.kit.evidence.merkle import EMPTY_ROOT, HASH_OCTETS, node_hash

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
TILE_OCTETS: Final = TILE_WIDTH * HASH_OCTETS
_PAIR_OCTETS: Final = 2 * HASH_OCTETS


class TileId(NamedTuple):
    """Where a tile stands: level 0 holds leaf hashes."""

    level: int
    number: int


Tiles = Mapping[TileId, bytes]
"""Tiles by id: 1 to 256 hashes of 32 octets, one after the other."""


@dataclass(frozen=True, slots=True)
class Appended:
    """A tree after an append.

    Attributes:
        size: leaves now.
        root: its root.
        tiles: those that changed or are new, whole.
    """

    size: int
    root: bytes
    tiles: dict[TileId, bytes]


def width_at(tile: TileId, size: int) -> int:
    """How many hashes the tile has in a tree of that size: 0 to 256."""
    return max(0, min(TILE_WIDTH, (size >> TILE_HEIGHT * tile.level) - tile.number * TILE_WIDTH))


def plan_append(size: int) -> frozenset[TileId]:
    """The tiles that `append` needs for a tree of that size: the partial ones, one a level at most."""
    return frozenset(tile for tile in _edge(size) if 0 < width_at(tile, size) < TILE_WIDTH)


def append(size: int, tiles: Tiles, leaves: Sequence[bytes]) -> Appended:
    """Appends leaves.

    Args:
        size: leaves before.
        tiles: those of `plan_append(size)`, at that size or larger.
        leaves: hashes, in the order of their indices.

    Raises:
        TileMissingError: a tile is missing or too short.
    """
    changed: dict[TileId, bytes] = {}
    level, added = 0, list(leaves)
    while added:
        added = _extend_level(level, size, added, tiles, changed)
        level += 1
    grown = size + len(leaves)
    return Appended(grown, _root(grown, tiles, changed), changed)


def _extend_level(
    level: int, size: int, added: Sequence[bytes], tiles: Tiles, changed: dict[TileId, bytes]
) -> list[bytes]:
    """Writes hashes at the end of a level; the roots of the tiles that they filled, for the level above."""
    first = TileId(level, size >> TILE_HEIGHT * (level + 1))
    row = _read(first, width_at(first, size), tiles) + b"".join(added)
    filled = []
    for offset in range(0, len(row), TILE_OCTETS):
        octets = row[offset : offset + TILE_OCTETS]
        changed[TileId(level, first.number + offset // TILE_OCTETS)] = octets
        if len(octets) == TILE_OCTETS:
            filled.append(tile_root(octets))
    return filled


def tile_root(octets: bytes) -> bytes:
    """The root of the perfect subtree over the hashes; their number is a power of 2."""
    return _pair_up(octets)[-1]


def _pair_up(octets: bytes) -> list[bytes]:
    """A tile's hashes, and above them row for row the hashes of pairs: of whole pairs only, as octets."""
    rows = [octets]
    while len(rows[-1]) >= _PAIR_OCTETS:
        row = rows[-1]
        whole = range(0, len(row) - HASH_OCTETS, _PAIR_OCTETS)
        rows.append(b"".join([_hash_pair(row[at : at + _PAIR_OCTETS]) for at in whole]))
    return rows


def _hash_pair(pair: bytes) -> bytes:
    return node_hash(pair, b"")  # the same octets are hashed: the prefix, the left one, the right one


def _root(size: int, tiles: Tiles, changed: Tiles) -> bytes:
    hashes = TreeHashes({**tiles, **changed})
    return join([hashes.root(subtree) for subtree in cover(0, size)]) if size else EMPTY_ROOT


def _edge(size: int) -> Iterable[TileId]:
    """The rightmost tile of each level, whether or not anything stands in it."""
    levels = size.bit_length() // TILE_HEIGHT + 1
    return (TileId(level, size >> TILE_HEIGHT * (level + 1)) for level in range(levels))


def tile_of(subtree: Subtree) -> TileId:
    """The tile from which the root of a perfect subtree is computed."""
    level, height = divmod(subtree.level, TILE_HEIGHT)
    return TileId(level, subtree.number << height >> TILE_HEIGHT)


class TreeHashes:
    """Roots of perfect subtrees, computed from tiles once each.

    Proofs that are made together share most of their hashes: make them with one of these.

    Args:
        tiles: as many as the plans name.
    """

    def __init__(self, tiles: Tiles) -> None:
        self._tiles = tiles
        self._rows: dict[TileId, list[bytes]] = {}

    def root(self, subtree: Subtree) -> bytes:
        """The root of a perfect subtree; TileMissingError if its tile is missing or too short."""
        tile, height = tile_of(subtree), subtree.level % TILE_HEIGHT
        rows = self._rows.get(tile)
        if rows is None:
            rows = self._rows[tile] = _pair_up(self._tiles.get(tile, b""))
        place = (subtree.number - (tile.number << TILE_HEIGHT - height)) * HASH_OCTETS
        found = rows[height][place : place + HASH_OCTETS] if height < len(rows) else b""
        if len(found) < HASH_OCTETS:
            raise TileMissingError(tile.level, tile.number)
        return found


def _read(tile: TileId, width: int, tiles: Tiles) -> bytes:
    octets = tiles.get(tile, b"")
    if len(octets) < width * HASH_OCTETS:
        raise TileMissingError(tile.level, tile.number)
    return octets[: width * HASH_OCTETS]
