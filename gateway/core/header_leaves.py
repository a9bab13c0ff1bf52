"""Which leaves of the header go with a release: header.yaml, by shape. All others stay with the gateway."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache

from gateway.core.flow import Flow
from gateway.core.model import TYPE_PATH
from gateway.core.rulebook_model import HeaderLeaves
from services.kit.evidence.paths import covers, parts_above, shape_of


class Use(Enum):
    """To whom a leaf of the header goes."""

    EVERYBODY = "everybody"
    OWN_ENTRY = "own entry"
    RELEASED_PART = "released part"
    NOBODY = "nobody"


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
    use_of = _uses(flow.world.rulebook.header)
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


@lru_cache(maxsize=16)
def _uses(form: HeaderLeaves) -> Callable[[str], Use]:
    """The use of a leaf by its shape, found once for each shape."""
    shapes = {
        Use.EVERYBODY: form.released,
        Use.OWN_ENTRY: form.own_entry,
        Use.RELEASED_PART: form.with_released_part,
    }

    @lru_cache(maxsize=4_096)
    def find(shape: str) -> Use:
        uses = (use for use, some in shapes.items() if any(covers(each, shape) for each in some))
        return next(uses, Use.NOBODY)

    return find
