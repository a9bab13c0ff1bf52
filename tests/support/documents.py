"""Messages of every type of document, made up from descriptors alone: a new field needs nothing here."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial
from math import inf
from typing import Any, Final

import publicprotection.documents.v1
import publicprotection.exchange.v1
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st
from publicprotection.privacy.v1 import privacy_pb2

from services.kit.evidence.values import DATE, WELL_KNOWN_LEAVES

DEPTH: Final = 5
"""Levels of messages within messages; deeper than any document goes, so a type inside itself ends."""
_UNKNOWN: Final = 4_711
_FOREIGN: Final = "google.protobuf."
_INTEGERS: Final = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
_SECONDS: Final = {
    "google.protobuf.Timestamp": st.integers(-62_135_596_800, 253_402_300_799),
    "google.protobuf.Duration": st.integers(0, 10**9),
}
_FIXED: Final[dict[int, tuple[Any, Any]]] = {
    FieldDescriptor.CPPTYPE_STRING: ("some text", "more text"),
    FieldDescriptor.CPPTYPE_BOOL: (True, False),
    FieldDescriptor.CPPTYPE_FLOAT: (0.5, 0.25),
    FieldDescriptor.CPPTYPE_DOUBLE: (0.5, 0.25),
}

Fill = Callable[[Any, int], None]
"""Sets fields of a message that stands at a depth."""
Pick = Callable[[FieldDescriptor], Any]
"""A value for a field, or for an element of it."""


def list_documents() -> list[type[Message]]:
    """The class of each message type that carries the document option, by name; found by reflection."""
    modules = [
        importlib.import_module(f"{package.__name__}.{found.name}")
        for package in (publicprotection.documents.v1, publicprotection.exchange.v1)
        for found in pkgutil.iter_modules(package.__path__)
        if found.name.endswith("_pb2")
    ]
    descriptors = [each for module in modules for each in module.DESCRIPTOR.message_types_by_name.values()]
    classes = [GetMessageClass(each) for each in descriptors if _is_document(each)]
    return sorted(classes, key=lambda each: each.DESCRIPTOR.full_name)


def fill_all(message: Any, depth: int = 0) -> Any:
    """Sets every field at every level, with two elements in lists and maps, one enum value unknown."""
    for field in list_fields(message, depth):
        for position in range(2 if field.is_repeated else 1):
            _place(message, field, depth, fill_all, partial(_pick_fixed, position))
    return message


@st.composite
def messages(draw: st.DrawFn, message_class: type[Message]) -> Any:
    """Messages of a type: some of its fields set, values of enumerations known and unknown."""

    def fill(message: Any, depth: int) -> None:
        fields = list_fields(message, depth)
        chosen = (
            draw(st.lists(st.sampled_from(fields), max_size=8, unique_by=lambda each: each.name))
            if fields
            else []
        )
        for field in chosen:
            for _ in range(draw(st.integers(1, 2)) if field.is_repeated else 1):
                _place(message, field, depth, fill, lambda field: draw(_strategy(field)))

    message = message_class()
    fill(message, 0)
    return message


def list_fields(message: Any, depth: int) -> list[FieldDescriptor]:
    """The fields of a message that have a leaf form and end within the depth."""
    if message.DESCRIPTOR.full_name in WELL_KNOWN_LEAVES:
        return []
    return [field for field in message.DESCRIPTOR.fields if _is_fillable(field, depth)]


def _is_document(descriptor: Any) -> bool:
    return bool(descriptor.GetOptions().HasExtension(privacy_pb2.document))


def _is_fillable(field: FieldDescriptor, depth: int) -> bool:
    inner = _value_of(field).message_type
    if inner is None or inner.full_name in WELL_KNOWN_LEAVES:
        return True
    return depth < DEPTH and not inner.full_name.startswith(_FOREIGN)


def _entry_of(field: FieldDescriptor) -> Any:
    """The hidden message behind a map; None for any other field."""
    inner = field.message_type
    return inner if inner is not None and inner.GetOptions().map_entry else None


def _value_of(field: FieldDescriptor) -> Any:
    entry = _entry_of(field)
    return field if entry is None else entry.fields_by_name["value"]


def _place(message: Any, field: FieldDescriptor, depth: int, fill: Fill, pick: Pick) -> None:
    """Sets a field, or adds an element to it."""
    inner = _value_of(field).message_type
    if inner is None:
        _place_scalar(message, field, pick)
        return
    target = _open(message, field, pick)
    target.SetInParent()
    if inner.full_name in WELL_KNOWN_LEAVES:
        target.MergeFrom(type(target)(**pick(_value_of(field))))
    else:
        fill(target, depth + 1)


def _place_scalar(message: Any, field: FieldDescriptor, pick: Pick) -> None:
    entry = _entry_of(field)
    if entry is not None:
        getattr(message, field.name)[pick(entry.fields_by_name["key"])] = pick(_value_of(field))
    elif field.is_repeated:
        getattr(message, field.name).append(pick(field))
    else:
        setattr(message, field.name, pick(field))


def _open(message: Any, field: FieldDescriptor, pick: Pick) -> Any:
    container = getattr(message, field.name)
    entry = _entry_of(field)
    if entry is not None:
        return container[pick(entry.fields_by_name["key"])]
    return container.add() if field.is_repeated else container


def _pick_fixed(position: int, field: FieldDescriptor) -> Any:
    if field.message_type is not None:
        is_date = field.message_type.full_name == DATE
        return {"year": 2026, "month": 1, "day": 5 + position} if is_date else {"seconds": 90 + position}
    if field.enum_type is not None:
        return _UNKNOWN if position else field.enum_type.values[-1].number
    if field.type == FieldDescriptor.TYPE_BYTES:
        return b"bytes" + bytes([position])
    if field.cpp_type in _INTEGERS:
        return 7 + position
    first, second = _FIXED[field.cpp_type]
    return second if position else first


def _strategy(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.message_type is not None:
        return _leaf_message(field.message_type.full_name)
    if field.enum_type is not None:
        known = [value.number for value in field.enum_type.values]
        return st.sampled_from(known) | st.integers(-(2**31), 2**31 - 1)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=12)
    if field.cpp_type in _INTEGERS:
        return st.integers(*_INTEGERS[field.cpp_type])
    return _OTHERS[field.cpp_type]


# The largest is written to JSON rounded up, and then refused by the library that wrote it.
_SINGLES: Final = st.floats(-(2.0**127), 2.0**127, width=32) | st.sampled_from([-inf, inf])
_OTHERS: Final[dict[int, st.SearchStrategy[Any]]] = {
    FieldDescriptor.CPPTYPE_STRING: st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
    FieldDescriptor.CPPTYPE_FLOAT: _SINGLES,
    FieldDescriptor.CPPTYPE_DOUBLE: st.floats(allow_nan=False),
}


def _leaf_message(name: str) -> st.SearchStrategy[dict[str, int]]:
    if name != DATE:
        return st.fixed_dictionaries({"seconds": _SECONDS[name], "nanos": st.integers(0, 999_999_999)})
    return st.builds(
        lambda day, parts: dict([("year", day.year), ("month", day.month), ("day", day.day)][:parts]),
        st.dates(),
        st.integers(0, 3),
    )


def list_leaf_fields(message_class: type[Message]) -> Iterator[str]:
    """The dotted names of the leaves that a document may have, as `fill_all` sets them."""
    yield from _names(message_class(), "", 0)


def _names(message: Any, before: str, depth: int) -> Iterator[str]:
    for field in list_fields(message, depth):
        inner = _value_of(field).message_type
        if inner is None or inner.full_name in WELL_KNOWN_LEAVES:
            yield f"{before}{field.name}"
        else:
            yield from _names(GetMessageClass(inner)(), f"{before}{field.name}.", depth + 1)
