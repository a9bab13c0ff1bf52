"""What of a document belongs to the record of the decision: leaves that the contract marks as recorded.

Grounds for disclosing or not, who was consulted, what was said: MAPPA 10.8 wants them on record with the
decision itself. The option stands on a leaf, or on a part and so on all that is in it.
"""

from collections.abc import Mapping
from functools import cache

from google.protobuf.descriptor import Descriptor
from publicprotection.privacy.v1 import privacy_pb2

from gateway.core.categories import leaf_kinds
from services.kit.evidence.leaves import JsonValue
from services.kit.evidence.paths import fields_along, shape_of


def recorded_leaves(document: Descriptor, leaves: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The leaves of a document that belong to the record, by path; none for most documents."""
    shapes = recorded_shapes(document)
    if not shapes:
        return {}
    return {path: value for path, value in leaves.items() if shape_of(path) in shapes}


@cache
def recorded_shapes(document: Descriptor) -> frozenset[str]:
    """The shapes of the leaves that a document can have and that belong to the record."""
    return frozenset(shape for shape, _ in leaf_kinds(document) if _is_recorded(document, shape))


def _is_recorded(document: Descriptor, shape: str) -> bool:
    return any(field.GetOptions().Extensions[privacy_pb2.recorded] for field in fields_along(shape, document))
