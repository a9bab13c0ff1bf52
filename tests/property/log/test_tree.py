"""Every proof of every size verifies, agrees with the RFC's own definition, and none survives a change."""

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.log.bundle_writing import plan_tile
from gateway.core.log.errors import TileMissingError
from gateway.core.log.proofs import plan_consistency, plan_inclusion
from gateway.core.log.tiles import TILE_OCTETS, TileId, TreeHashes, append, plan_append, width_at
from services.kit.evidence.bundle_form import TileLine, read_line
from services.kit.evidence.errors import ProofRefusedError
from services.kit.evidence.frontier import Subtree, cover, root_of_leaves
from services.kit.evidence.merkle import leaf_hash, root_of_inclusion, verify_consistency, verify_inclusion
from tests.support import rfc9162
from tests.support.growing import Tree, grown

LARGEST = 300
SIZES = st.integers(1, LARGEST)


@cache
def _world() -> tuple[Tree, list[bytes], list[bytes]]:
    """A tree, its entries, and by the RFC's definition the roots of all sizes up to it."""
    tree, entries = grown(LARGEST)
    return tree, entries, [rfc9162.mth(entries[:size]) for size in range(LARGEST + 1)]


def _flip(data: bytes, bit: int) -> bytes:
    octets = bytearray(data)
    octets[bit // 8] ^= 1 << bit % 8
    return bytes(octets)


def _refused(verify: Callable[[], None]) -> bool:
    try:
        verify()
    except ProofRefusedError:
        return True
    return False


def test_every_inclusion_of_every_size_verifies() -> None:
    tree, entries, roots = _world()
    hashes = TreeHashes(tree.tiles)
    for size in range(1, LARGEST + 1):
        for index in range(size):
            path = plan_inclusion(index, size).hashes(hashes)
            verify_inclusion(leaf_hash(entries[index]), index, size, path, roots[size])


def test_every_pair_of_sizes_is_consistent() -> None:
    tree, _, roots = _world()
    hashes = TreeHashes(tree.tiles)
    for second in range(LARGEST + 1):
        for first in range(second + 1):
            path = plan_consistency(first, second).hashes(hashes)
            verify_consistency(first, roots[first], second, roots[second], path)


@given(st.data())
def test_paths_are_those_of_the_rfc(data: st.DataObject) -> None:
    tree, entries, _ = _world()
    size = data.draw(SIZES)
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    assert tree.inclusion(index, size) == rfc9162.path(index, entries[:size])
    assert tree.consistency(first, size) == rfc9162.proof(first, entries[:size])


@given(st.lists(st.integers(0, 700), max_size=4))
@settings(max_examples=20)
def test_batches_of_any_size_make_the_same_tree(batches: list[int]) -> None:
    tree, start = Tree(), 0
    for number in batches:
        tree.grow(f"entry {each}".encode() for each in range(start, start + number))
        start += number
    whole, entries = grown(start)
    assert (tree.size, tree.tiles) == (whole.size, whole.tiles)
    assert tree.root(start) == rfc9162.mth(entries)


@given(st.integers(0, 3), st.integers(0, 400))
@settings(max_examples=20)
def test_tiles_have_the_width_of_the_specification(times: int, more: int) -> None:
    size = times * 256 + more
    tree, _ = grown(size)
    for tile, octets in tree.tiles.items():
        assert len(octets) == 32 * width_at(tile, size) <= TILE_OCTETS
    assert (TileId(0, size // 256) in tree.tiles) == (size % 256 != 0)


def test_the_example_of_the_specification() -> None:
    # C2SP tlog-tiles, "Partial Tiles": a tree of 70,000.
    widths = {
        tile: width_at(tile, 70_000)
        for tile in [TileId(0, 272), TileId(0, 273), TileId(1, 0), TileId(1, 1), TileId(2, 0), TileId(3, 0)]
    }
    assert list(widths.values()) == [256, 112, 256, 17, 1, 0]
    assert plan_append(70_000) == {TileId(0, 273), TileId(1, 1), TileId(2, 0)}


def test_a_tree_across_three_levels() -> None:
    size = 256 * 256 + 300
    tree, entries = grown(size)
    root = rfc9162.mth(entries)
    assert tree.root(size) == root
    for index in (0, 255, 256, 65_535, 65_536, size - 1):
        path = tree.inclusion(index, size)
        verify_inclusion(leaf_hash(entries[index]), index, size, path, root)
    for first in (1, 255, 256, 257, 65_535, 65_536, 65_537, size - 1):
        verify_consistency(first, tree.root(first), size, root, tree.consistency(first, size))


@given(st.data())
@settings(max_examples=200)
def test_no_inclusion_survives_a_flipped_bit(data: st.DataObject) -> None:
    tree, entries, roots = _world()
    size = data.draw(SIZES)
    index = data.draw(st.integers(0, size - 1))
    parts = [leaf_hash(entries[index]), roots[size], *tree.inclusion(index, size)]
    at = data.draw(st.integers(0, len(parts) - 1))
    parts[at] = _flip(parts[at], data.draw(st.integers(0, 255)))
    leaf, root, *path = parts
    assert _refused(lambda: verify_inclusion(leaf, index, size, path, root))


@given(st.data())
@settings(max_examples=200)
def test_no_consistency_survives_a_flipped_bit(data: st.DataObject) -> None:
    tree, _, roots = _world()
    second = data.draw(SIZES)
    first = data.draw(st.integers(1, second))
    parts = [roots[first], roots[second], *tree.consistency(first, second)]
    at = data.draw(st.integers(0, len(parts) - 1))
    parts[at] = _flip(parts[at], data.draw(st.integers(0, 255)))
    one, two, *path = parts
    assert _refused(lambda: verify_consistency(first, one, second, two, path))


@given(st.data())
@settings(max_examples=200)
def test_an_entry_proves_no_other_place(data: st.DataObject) -> None:
    tree, entries, roots = _world()
    size = data.draw(st.integers(2, LARGEST))
    index, other = data.draw(st.permutations(range(size)))[:2]
    path, leaf = tree.inclusion(index, size), leaf_hash(entries[index])
    assert _refused(lambda: verify_inclusion(leaf, other, size, path, roots[size]))
    assert _refused(lambda: verify_inclusion(leaf, index, size, path[:-1], roots[size]))
    assert _refused(lambda: verify_inclusion(leaf, index, size, [*path, leaf], roots[size]))


@pytest.mark.parametrize(
    ("index", "size", "path", "reason"),
    [
        (-1, 1, [], "index_out_of_range"),
        (1, 1, [], "index_out_of_range"),
        (0, 0, [], "index_out_of_range"),
        (0, 2, [b"short"], "malformed_hash"),
        (0, 2, [], "path_too_short"),
        (0, 1, [bytes(32)], "path_too_long"),
        (0, 1, [], "root_mismatch"),
    ],
)
def test_reasons_of_inclusion(index: int, size: int, path: list[bytes], reason: str) -> None:
    with pytest.raises(ProofRefusedError) as caught:
        verify_inclusion(bytes(32), index, size, path, b"\x01" * 32)
    assert caught.value.reason == reason


def test_reasons_of_consistency() -> None:
    tree, _, roots = _world()
    path = tree.consistency(3, 7)

    def reason(first: int, one: bytes, second: int, two: bytes, path: list[bytes]) -> str:
        with pytest.raises(ProofRefusedError) as caught:
            verify_consistency(first, one, second, two, path)
        return caught.value.reason

    assert reason(7, roots[7], 3, roots[3], path) == "size_went_back"
    assert reason(3, roots[3], 7, roots[7], []) == "path_too_short"
    assert reason(3, roots[3], 7, roots[7], path[:-1]) == "path_too_short"
    assert reason(3, roots[3], 7, roots[7], [*path, roots[1]]) == "path_too_long"
    assert reason(3, roots[2], 7, roots[7], path) == "first_root_mismatch"
    assert reason(3, roots[3], 7, roots[8], path) == "root_mismatch"
    assert reason(3, roots[3], 7, b"", path) == "malformed_hash"
    assert reason(7, roots[7], 7, roots[8], []) == "root_mismatch"
    assert reason(7, roots[7], 7, roots[7], path) == "path_too_long"
    assert reason(0, roots[1], 7, roots[7], []) == "first_root_mismatch"


@given(st.integers(0, LARGEST))
def test_the_root_of_leaves(size: int) -> None:
    _, entries, roots = _world()
    assert root_of_leaves(map(leaf_hash, entries[:size])) == roots[size]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_tile_leads_to_the_root_as_a_leaf_of_the_tree_of_tiles(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 3000))
    tree, _ = grown(size)
    number = data.draw(st.integers(0, (size - 1) // 256))
    plan = plan_tile(number, size)
    tiles = {tile: tree.tiles[tile] for tile in plan.tiles}
    line = read_line(plan.line(tiles, TreeHashes(tiles)))
    assert isinstance(line, TileLine)
    units = (size + 255) // 256
    assert root_of_inclusion(root_of_leaves(line.hashes), number, units, line.path) == tree.root(size)


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_subtrees_cover_exactly(one: int, two: int) -> None:
    start, end = sorted((one, two))
    position = start
    for level, number in cover(start, end):
        assert number << level == position
        position += 1 << level
    assert position == end


def test_a_store_that_lost_a_tile_is_a_fault() -> None:
    tree, _ = grown(300)
    with pytest.raises(TileMissingError) as caught:
        append(300, {TileId(0, 1): tree.tiles[TileId(0, 1)][:-32], TileId(1, 0): b""}, [bytes(32)])
    assert (caught.value.level, caught.value.number) == (0, 1)
    with pytest.raises(TileMissingError):
        TreeHashes({}).root(Subtree(0, 4))
