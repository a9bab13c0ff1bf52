"""What data protection needs to know of a leaf, read from the contract's options.

`about` is stated where a message is used and inherited by what is inside; the innermost statement holds.
`kind` stands on the leaf. A leaf that lacks either is UNCLASSIFIED.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from publicprotection.privacy.v1 import privacy_pb2

from services.kit.evidence.errors import LeafError
from services.kit.evidence.paths import fields_along, shape_of

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


UNKNOWN_KIND: Final = LeafKind(UNCLASSIFIED, special=True, criminal=True, free_text=True)
"""The worst in every respect."""


def leaf_kind(document: Descriptor, path: str) -> LeafKind:
    """What a leaf of a document is; a path that leads nowhere is UNCLASSIFIED, and worst in every respect."""
    return kind_of_shape(document, shape_of(path))


@lru_cache(maxsize=16_384)
def kind_of_shape(document: Descriptor, shape: str) -> LeafKind:
    """The same for a path without its indices."""
    try:
        fields = fields_along(shape, document)
    except LeafError:
        return UNKNOWN_KIND
    return _kind_of_fields(fields) if fields else UNKNOWN_KIND


def _kind_of_fields(fields: tuple[FieldDescriptor, ...]) -> LeafKind:
    options = [field.GetOptions().Extensions for field in fields]
    stated = [each[privacy_pb2.about] for each in options if each[privacy_pb2.about]]
    leaf = options[-1]
    if not stated or not leaf[privacy_pb2.kind]:
        return UNKNOWN_KIND
    about = privacy_pb2.About.Name(stated[-1]).removeprefix("ABOUT_")
    kind = privacy_pb2.Kind.Name(leaf[privacy_pb2.kind]).removeprefix("KIND_")
    special = leaf[privacy_pb2.special] != privacy_pb2.SPECIAL_UNSPECIFIED
    return LeafKind(f"{about}_{kind}", special, leaf[privacy_pb2.criminal], leaf[privacy_pb2.free_text])
