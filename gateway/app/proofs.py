"""Proofs over the log, made from the tiles in the database: within one transaction, so all of one tree."""

from collections.abc import Iterable

from gateway.app.log_ports import Tree
from gateway.app.ports import Store
from gateway.core.log.proofs import plan_consistency, plan_inclusion, plan_root, root_of
from gateway.core.log.tiles import TreeHashes

Path = tuple[bytes, ...]
"""Hashes of 32 octets, in the order of RFC 9162."""


class SizeUnknownError(Exception):
    """The log has not that size, or the smaller size is the larger one."""


class LogProver:
    """Proves to witnesses what they were shown."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def prove_consistency(self, first: int, second: int) -> Path:
        """The consistency path between two sizes that were signed for.

        Raises:
            SizeUnknownError: as it says.
            TileMissingError, StoreUnavailableError: it cannot be proved now.
        """
        async with self._store.reading() as unit:
            head = await unit.tree.head()
            if head is None or not 0 <= first <= second <= head.size:
                raise SizeUnknownError
            return await prove_consistency(unit.tree, first, second)


async def prove_inclusion(tree: Tree, indexes: Iterable[int], size: int) -> dict[int, Path]:
    """Inclusion paths (RFC 9162 2.1.3.1) of records in the log of a size, by index.

    Raises:
        ValueError: an index is not in the log of that size.
        TileMissingError: the database lacks a tile.
    """
    plans = {index: plan_inclusion(index, size) for index in indexes}
    hashes = TreeHashes(await tree.tiles({tile for plan in plans.values() for tile in plan.tiles}))
    return {index: plan.hashes(hashes) for index, plan in plans.items()}


async def prove_consistency(tree: Tree, first: int, second: int) -> Path:
    """The consistency path (RFC 9162 2.1.4.1) between the log of two sizes.

    Raises:
        ValueError: the first is larger than the second, or negative.
        TileMissingError: the database lacks a tile: the log has not that size.
    """
    plan = plan_consistency(first, second)
    return plan.hashes(TreeHashes(await tree.tiles(plan.tiles)))


async def root_at(tree: Tree, size: int) -> bytes:
    """The root of the log of a size.

    Raises:
        TileMissingError: the database lacks a tile: the log has not that size.
    """
    plan = plan_root(size)
    return root_of(plan, TreeHashes(await tree.tiles(plan.tiles)))
