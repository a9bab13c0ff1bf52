"""The category of a leaf, read from the contract's options: `<ABOUT>_<KIND>`, such as SUBJECT_OFFENCE.

`about` is stated where a message is used and inherited by what is inside; the innermost statement holds.
`kind` stands on the leaf. A leaf that lacks either has no category, and nothing without one is ever released.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from google.protobuf.descriptor import Descriptor
from publicprotection.privacy.v1 import privacy_pb2

from services.kit.evidence.leaf_kinds import (
    UNCLASSIFIED,
    UNKNOWN_KIND,
    LeafKind,
    kind_of_shape,
    leaf_kind,
)
from services.kit.evidence.paths import shape_of
from services.kit.evidence.plans import plan_of

__all__ = [
    "UNCLASSIFIED",
    "LeafKind",
    "category_of",
    "kind_about",
    "kinds_of",
    "known_categories",
    "leaf_kind",
    "leaf_kinds",
]


def kinds_of(document: Descriptor, paths: Iterable[str]) -> Iterator[LeafKind]:
    """What each of many leaves of a document is, as `leaf_kind` says it, but looked up among all shapes."""
    known = _kinds_by_shape(document)
    for path in paths:
        yield known.get(shape_of(path)) or leaf_kind(document, path)


def category_of(document: Descriptor, path: str) -> str:
    """The category of a leaf of a document."""
    return leaf_kind(document, path).category


@cache
def known_categories() -> frozenset[str]:
    """Every category that the options can say. A rule may name one before the first document that has it."""
    abouts = [name.removeprefix("ABOUT_") for name in privacy_pb2.About.keys()[1:]]
    kinds = [name.removeprefix("KIND_") for name in privacy_pb2.Kind.keys()[1:]]
    return frozenset(f"{about}_{kind}" for about in abouts for kind in kinds)


def kind_about(about: str, kind: str) -> LeafKind:
    """What a plain leaf of a kind about somebody would be; UNCLASSIFIED if the options know no such pair."""
    category = f"{about}_{kind}"
    if category not in known_categories():
        return UNKNOWN_KIND
    return LeafKind(category, special=False, criminal=False, free_text=False)


def leaf_kinds(document: Descriptor) -> Iterator[tuple[str, LeafKind]]:
    """Every leaf that a document can have, as its shape, with what it is; recursion ends at its second."""
    for shape in _shapes(document, "document", ()):
        yield shape, kind_of_shape(document, shape)


@cache
def _kinds_by_shape(document: Descriptor) -> Mapping[str, LeafKind]:
    return dict(leaf_kinds(document))


def _shapes(descriptor: Descriptor, prefix: str, above: tuple[str, ...]) -> Iterator[str]:
    if above.count(descriptor.full_name) > 1:
        return
    for field in descriptor.fields:
        shape = f"{prefix}.{field.name}"
        if plan_of(field).encode is not None:
            yield shape
        elif field.message_type is not None:
            yield from _shapes(field.message_type, shape, (*above, descriptor.full_name))
