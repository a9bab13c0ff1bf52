"""The category of a leaf, read from the contract's options: `<ABOUT>_<KIND>`, such as SUBJECT_OFFENCE.

`about` is stated where a message is used and inherited by what is inside; the innermost statement holds.
`kind` stands on the leaf. A leaf that lacks either has no category, and nothing without one is ever released.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from publicprotection.privacy.v1 import privacy_pb2

from services.kit.evidence.errors import LeafError
from services.kit.evidence.paths import fields_along, shape_of
from services.kit.evidence.plans import plan_of

UNCLASSIFIED: Final = "UNCLASSIFIED"
"""Stands for the category of a leaf that has none. No clause, need or rule can name it."""


@dataclass(frozen=True, slots=True)
class LeafKind:
    """What data protection needs to know of a leaf.

    Attributes:
        category: `<ABOUT>_<KIND>`, or UNCLASSIFIED.
        special: special category data or sensitive processing (DPA 2018 s.35(8)).
        criminal: offences, convictions or allegations (DPA 2018 s.11(2)).
    """

    category: str
    special: bool
    criminal: bool
    free_text: bool


_UNKNOWN: Final = LeafKind(UNCLASSIFIED, special=True, criminal=True, free_text=True)


def leaf_kind(document: Descriptor, path: str) -> LeafKind:
    """What a leaf of a document is; a path that leads nowhere is UNCLASSIFIED, and worst in every respect."""
    return _kind_of_shape(document, shape_of(path))


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
        return _UNKNOWN
    return LeafKind(category, special=False, criminal=False, free_text=False)


def leaf_kinds(document: Descriptor) -> Iterator[tuple[str, LeafKind]]:
    """Every leaf that a document can have, as its shape, with what it is; recursion ends at its second."""
    for shape in _shapes(document, "document", ()):
        yield shape, _kind_of_shape(document, shape)


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


@lru_cache(maxsize=16_384)
def _kind_of_shape(document: Descriptor, shape: str) -> LeafKind:
    try:
        fields = fields_along(shape, document)
    except LeafError:
        return _UNKNOWN
    return _kind_of_fields(fields) if fields else _UNKNOWN


def _kind_of_fields(fields: tuple[FieldDescriptor, ...]) -> LeafKind:
    options = [field.GetOptions().Extensions for field in fields]
    stated = [each[privacy_pb2.about] for each in options if each[privacy_pb2.about]]
    leaf = options[-1]
    if not stated or not leaf[privacy_pb2.kind]:
        return _UNKNOWN
    about = privacy_pb2.About.Name(stated[-1]).removeprefix("ABOUT_")
    kind = privacy_pb2.Kind.Name(leaf[privacy_pb2.kind]).removeprefix("KIND_")
    special = leaf[privacy_pb2.special] != privacy_pb2.SPECIAL_UNSPECIFIED
    return LeafKind(f"{about}_{kind}", special, leaf[privacy_pb2.criminal], leaf[privacy_pb2.free_text])
