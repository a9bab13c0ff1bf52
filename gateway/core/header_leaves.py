"""Which leaves of the header go with a release: header.yaml, by shape. All others stay with the gateway."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from gateway.core.flow import Flow
from gateway.core.header_use import Use
from gateway.core.model import TYPE_PATH
from services.kit.evidence.paths import parts_above, shape_of


@dataclass(frozen=True)
class _Entries:
    """What decides of an entry of a list in the header: the flow, and the document's leaves that go."""

    flow: Flow
    released: frozenset[str]

    @cached_property
    def parts(self) -> frozenset[str]:
        """Every part of the document of which something goes."""
        return frozenset(part for path in self.released for part in parts_above(path))


def released_header(flow: Flow, released: frozenset[str]) -> Iterator[str]:
    """The type, the leaves that every recipient gets, its own entries, and the provenance of what goes.

    Args:
        flow: to one recipient.
        released: the document's leaves that go, derived ones included.
    """
    use_of = flow.world.rulebook.use_of
    yield TYPE_PATH
    entries: dict[str, list[str]] = {}
    for path in flow.submission.case.leaves:
        if not path.startswith("header."):
            continue
        if use_of(shape_of(path)) is Use.EVERYBODY:
            yield path
        elif "]" in path:
            entries.setdefault(path[: path.index("]") + 1], []).append(path)
    known = _Entries(flow, released)
    for entry, paths in entries.items():
        if _goes(known, entry, paths, use_of):
            yield from paths


def _goes(known: _Entries, entry: str, paths: Iterable[str], use_of: Callable[[str], Use]) -> bool:
    leaves, recipient = known.flow.submission.case.leaves, known.flow.recipient
    if any(use_of(shape_of(path)) is Use.NOBODY for path in paths):
        return False
    if use_of(shape_of(entry)) is Use.OWN_ENTRY:
        desk = recipient.desk.desk if recipient.desk else ""
        named = leaves.get(f"{entry}.organisation"), leaves.get(f"{entry}.desk")
        return named == (recipient.id, desk)
    return leaves.get(f"{entry}.prefix") in known.parts
