"""Writing an export of the log (docs/log-form.md): line by line, in bounded memory.

A run (everything, or a period) is proven tile by tile: before the first record of each tile stands the tile
with its path, so whoever reads knows of each record at once whether it is the right one. Records here and
there are proven by a path each. In two steps, as all proofs here: a plan names tiles, and given them yields
the line.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.core.log.proofs import ProofPlan, plan_inclusion
from gateway.core.log.tiles import TILE_WIDTH, TileId, Tiles, TreeHashes, width_at
from services.kit.evidence.bundle_form import VERSION, Header, Opened, Scope
from services.kit.evidence.canonical import canonical
from services.kit.evidence.frontier import Subtree, cover
from services.kit.evidence.merkle import HASH_OCTETS


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """A record to export.

    Attributes:
        index: in the log.
        entry: canonical JSON; None once pruned.
        leaf: the leaf hash, 32 octets.
        opened: texts to show.
    """

    index: int
    entry: str | None
    leaf: bytes
    opened: tuple[Opened, ...] = ()


@dataclass(frozen=True, slots=True)
class TilePlan:
    """A tile of leaf hashes in a tree of a size, and the path from it to the root.

    Attributes:
        tile: its number in level 0.
        size: of the tree.
        path: the plan of its path.
    """

    tile: int
    size: int
    path: ProofPlan

    @property
    def tiles(self) -> frozenset[TileId]:
        """The tiles that are needed."""
        return self.path.tiles | {TileId(0, self.tile)}

    def line(self, tiles: Tiles, tree: TreeHashes) -> bytes:
        """The line.

        Args:
            tiles: those needed, and any others.
            tree: over the same.
        """
        tile = TileId(0, self.tile)
        octets = tiles[tile][: width_at(tile, self.size) * HASH_OCTETS]
        hashes = base64.b64encode(octets).decode("ascii")
        return _line(
            {"type": "tile", "tile": self.tile, "hashes": hashes, "path": _hex(self.path.hashes(tree))}
        )


def plan_tile(tile: int, size: int) -> TilePlan:
    """Plans the line of a tile.

    Tiles are nodes of the tree: taken as leaves, they make a tree with the same root, in which the path is an
    inclusion path.
    """
    plan = plan_inclusion(tile, -(-size // TILE_WIDTH))
    return TilePlan(tile, size, ProofPlan(tuple(_below(part, size) for part in plan.parts)))


def _below(units: tuple[Subtree, ...], size: int) -> tuple[Subtree, ...]:
    """Subtrees of tiles as subtrees of leaves: those at the end of the tree may hold fewer."""
    first, last = units[0], units[-1]
    end = min((last.number + 1 << last.level) * TILE_WIDTH, size)
    return cover((first.number << first.level) * TILE_WIDTH, end)


def begins_tile(index: int, start: int) -> bool:
    """Whether, in a run from `start`, the tile's line stands before the record with this index."""
    return index == start or index % TILE_WIDTH == 0


def write_header(header: Header) -> bytes:
    """The first line."""
    members: dict[str, Any] = {
        "type": "header",
        "v": VERSION,
        "scope": _scope(header.scope),
        "checkpoint": header.checkpoint,
        "directory": header.directory,
    }
    if header.witnessed is not None:
        earlier = header.witnessed
        members["witnessed"] = {
            "checkpoint": earlier.checkpoint,
            "consistency": _hex(earlier.consistency),
        }
    if header.run is not None:
        members["run"] = {"start": header.run.start, "end": header.run.end}
    return _line(members)


@dataclass(slots=True)
class RecordWriter:
    """Writes records, and counts them for the last line."""

    _counts: dict[str, int] = field(default_factory=lambda: {"records": 0, "pruned": 0, "opened": 0})

    def write(self, record: ExportRecord, path: Iterable[bytes] | None = None) -> bytes:
        """The line of a record.

        Args:
            record: the record.
            path: its inclusion path (`plan_inclusion`); None in a run.
        """
        self._counts["records"] += 1
        self._counts["pruned"] += record.entry is None
        self._counts["opened"] += len(record.opened)
        body = {"leaf": record.leaf.hex()} if record.entry is None else {"entry": record.entry}
        members: dict[str, Any] = {"type": "record", "index": record.index, **body}
        if path is not None:
            members["path"] = _hex(path)
        if record.opened:
            members["opened"] = [
                {"name": each.name, "salt": each.salt.hex(), "value": each.value} for each in record.opened
            ]
        return _line(members)

    def close(self) -> bytes:
        """The last line."""
        return _line({"type": "end", **self._counts})


def _scope(scope: Scope) -> dict[str, str]:
    members = {"kind": scope.kind.value}
    if scope.exchange is not None:
        members["exchange"] = scope.exchange
    if scope.since is not None and scope.until is not None:
        members |= {"since": scope.since.isoformat(), "until": scope.until.isoformat()}
    return members


def _hex(hashes: Iterable[bytes]) -> list[str]:
    return [each.hex() for each in hashes]


def _line(members: Mapping[str, Any]) -> bytes:
    return canonical(dict(members)) + b"\n"
