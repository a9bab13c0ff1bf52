"""Which leaves of the header go with a release: header.yaml, by shape. All others stay with the gateway."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache

from gateway.core.flow import Flow
from gateway.core.model import TYPE_PATH
from services.kit.evidence.paths import covers, parts_above, shape_of


def released_header(flow: Flow, released: frozenset[str]) -> Iterator[str]:
    """The type, the leaves that every recipient gets, its own entries, and the provenance of what goes.

    Args:
        flow: to one recipient.
        released: the document's leaves that go, derived ones included.
    """
    form = flow.world.rulebook.header
    yield TYPE_PATH
    entries: dict[str, list[str]] = {}

    @cache
    def parts() -> frozenset[str]:
        return frozenset(part for path in released for part in parts_above(path))

    for path in flow.submission.case.leaves:
        if not path.startswith("header."):
            continue
        if _is_under(shape_of(path), form.released):
            yield path
        elif "]" in path:
            entries.setdefault(path[: path.index("]") + 1], []).append(path)
    for entry, paths in entries.items():
        if _goes(flow, entry, paths, parts):
            yield from paths


def _goes(flow: Flow, entry: str, paths: Iterable[str], parts: Callable[[], frozenset[str]]) -> bool:
    form, leaves = flow.world.rulebook.header, flow.submission.case.leaves
    shape = shape_of(entry)
    if not all(_is_under(shape_of(path), (*form.own_entry, *form.with_released_part)) for path in paths):
        return False
    if shape in form.own_entry:
        desk = flow.recipient.desk.desk if flow.recipient.desk else ""
        named = leaves.get(f"{entry}.organisation"), leaves.get(f"{entry}.desk")
        return named == (flow.recipient.id, desk)
    return leaves.get(f"{entry}.prefix") in parts()


@lru_cache(maxsize=4_096)
def _is_under(shape: str, shapes: tuple[str, ...]) -> bool:
    return any(covers(each, shape) for each in shapes)
