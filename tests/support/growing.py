"""A log's tree in memory, for tests: tiles in a dictionary, every proof by the project's own plans."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.core.log.proofs import plan_consistency, plan_inclusion, plan_root, root_of
from gateway.core.log.tiles import TileId, TreeHashes, append, plan_append
from services.kit.evidence.merkle import leaf_hash


@dataclass(slots=True)
class Tree:
    """Grows by entries; proves for every size it ever had."""

    size: int = 0
    tiles: dict[TileId, bytes] = field(default_factory=dict)

    def grow(self, entries: Iterable[bytes]) -> bytes:
        """Appends entries; the new root."""
        needed = {tile: self.tiles[tile] for tile in plan_append(self.size)}
        grown = append(self.size, needed, [leaf_hash(entry) for entry in entries])
        self.tiles.update(grown.tiles)
        self.size = grown.size
        return grown.root

    def _hashes(self, tiles: frozenset[TileId]) -> TreeHashes:
        return TreeHashes({tile: self.tiles[tile] for tile in tiles})  # those planned, and no others

    def root(self, size: int) -> bytes:
        plan = plan_root(size)
        return root_of(plan, self._hashes(plan.tiles))

    def inclusion(self, index: int, size: int) -> list[bytes]:
        plan = plan_inclusion(index, size)
        return list(plan.hashes(self._hashes(plan.tiles)))

    def consistency(self, first: int, second: int) -> list[bytes]:
        plan = plan_consistency(first, second)
        return list(plan.hashes(self._hashes(plan.tiles)))


def grown(size: int) -> tuple[Tree, list[bytes]]:
    """A tree of made-up entries, and the entries."""
    entries = [f"entry {number}".encode() for number in range(size)]
    tree = Tree()
    tree.grow(entries)
    return tree, entries
