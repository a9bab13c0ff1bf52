"""Who has been told what of a person: those of its parts that went whole, and no others."""

from collections.abc import Callable, Collection, Iterable, Mapping

from gateway.core.flow import KNOWN_KINDS
from gateway.core.subjects.people import StatedPerson
from services.kit.evidence.paths import covers


def parts_of(
    person: StatedPerson, paths: Iterable[str], category: Callable[[str], str]
) -> Mapping[str, frozenset[str]]:
    """From kind to the leaves that say it of a person: of what names, places or reaches them.

    Args:
        person: somebody in a document.
        paths: the document's leaves.
        category: of a leaf.
    """
    parts: dict[str, set[str]] = {}
    for path in paths:
        if covers(person.path, path):
            about, _, kind = category(path).rpartition("_")
            if about == person.about and kind in KNOWN_KINDS:
                parts.setdefault(kind, set()).add(path)
    return {kind: frozenset(leaves) for kind, leaves in parts.items()}


def told_of(parts: Mapping[str, frozenset[str]], whole: Collection[str]) -> Iterable[str]:
    """The kinds of which nothing was kept back: who got a date of birth has not been told the name."""
    return (kind for kind, leaves in parts.items() if leaves.issubset(whole))
