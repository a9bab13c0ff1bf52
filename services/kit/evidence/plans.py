"""What the leaf form knows of a field, worked out once per field from its descriptor."""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor

from services.kit.evidence.errors import UnsupportedFieldError
from services.kit.evidence.values import (
    WELL_KNOWN_LEAVES,
    Decoder,
    Encoder,
    decode_map_key,
    encode_message_leaf,
    scalar_codec,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a message may grow to: levels of nesting below the root, and leaves."""

    depth: int = 32
    leaves: int = 4_096


DEFAULT_LIMITS: Final = Limits()


class Holds(Enum):
    """How many values a field holds, and so how its paths are written."""

    ONE = "one"
    LIST = "list"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class Plan:
    """How to flatten and fill one field.

    Attributes:
        name: the field's proto name.
        holds: one value, a list or a map.
        encode: from a value to a leaf's value; None for a message with leaves of its own.
        decode: from a leaf's value to a scalar; None for every message.
        key: the field of a map's keys.
    """

    name: str
    holds: Holds
    encode: Encoder | None
    decode: Decoder | None
    key: FieldDescriptor | None = None

    def key_from(self, text: str) -> Any:
        """The map key that a path writes as this text; ValueError, TypeError or KeyError if it is none."""
        if self.key is None:
            raise ValueError("not a map")
        return decode_map_key(self.key, text)


@lru_cache(maxsize=8_192)
def plan_of(field: FieldDescriptor) -> Plan:
    """The plan of a field.

    Raises:
        UnsupportedFieldError: the field has no leaf form. The caller adds the shape.
    """
    if field.is_extension or field.type == FieldDescriptor.TYPE_GROUP:
        raise UnsupportedFieldError("unsupported_field")
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        entry = field.message_type.fields_by_name
        return Plan(field.name, Holds.MAP, *_codec(entry["value"]), key=entry["key"])
    return Plan(field.name, Holds.LIST if field.is_repeated else Holds.ONE, *_codec(field))


def _codec(field: FieldDescriptor) -> tuple[Encoder | None, Decoder | None]:
    below = field.message_type
    if below is None:
        return scalar_codec(field)
    if below.full_name in WELL_KNOWN_LEAVES:
        return encode_message_leaf, None
    # Any hides its type from the contract, Struct its fields from annotation, and wrappers double what
    # `optional` says: none of them can be decided field by field.
    if below.file.package == "google.protobuf":
        raise UnsupportedFieldError("unsupported_field")
    return None, None
