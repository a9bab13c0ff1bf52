"""One leaf's value as JSON, and back: ProtoJSON, but with exactly one form per value (docs/leaf-form.md).

One form matters because two parties compare values: the sender checks what the gateway says it released. A
reader that accepted `+01:00` for `Z` would let two different evidences mean the same leaf.

An encoder takes a field's value, a decoder a JSON value; a decoder raises ValueError or TypeError, which
`services.kit.evidence.leaves` turns into a BadValueError naming the field's shape and not the value.
"""

import base64
import datetime as dt
import math
import re
import struct
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

JsonValue = str | int | float | bool | dict[str, Any]
"""A leaf's value: a JSON string, number or boolean, or the empty object of a present but empty message."""

Encoder = Callable[[Any], JsonValue]
Decoder = Callable[[JsonValue], Any]

DATE: Final = "publicprotection.common.v1.Date"
WELL_KNOWN_LEAVES: Final = frozenset({DATE, "google.protobuf.Timestamp", "google.protobuf.Duration"})

_NON_FINITE: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,19}")


def scalar_codec(field: FieldDescriptor) -> tuple[Encoder, Decoder]:
    """Encoder and decoder of a field that is no message."""
    if field.enum_type is not None:
        return partial(_encode_enum, field.enum_type), partial(_decode_enum, field.enum_type)
    return _SCALARS[field.type]


def encode_message_leaf(message: Message) -> JsonValue:
    """The value of a Date, Timestamp or Duration.

    Raises:
        ValueError: it is outside the range that has a written form, or a Date with a gap (a day, no month).
    """
    if message.DESCRIPTOR.full_name == DATE:
        return _encode_date(message)
    text: str = message.ToJsonString()  # type: ignore[attr-defined]  # well-known types carry it at run time
    return text


def decode_message_leaf(value: JsonValue, into: Message) -> None:
    """Sets a Date, Timestamp or Duration from its leaf value.

    Raises:
        ValueError, TypeError: the value is not in its one form.
    """
    if into.DESCRIPTOR.full_name == DATE and isinstance(value, dict):
        return  # present, with neither year, month nor day
    text = _expect_text(value)
    if into.DESCRIPTOR.full_name == DATE:
        _decode_date(text, into)
    else:
        into.FromJsonString(text)  # type: ignore[attr-defined]  # as ToJsonString
    if encode_message_leaf(into) != text:
        raise ValueError("not in its one form")


def _encode_date(message: Any) -> JsonValue:
    given = [message.HasField(name) for name in ("year", "month", "day")]
    if not any(given):
        return {}
    if sorted(given, reverse=True) != given:
        raise ValueError("a date with a gap")
    parts = (message.year, message.month, message.day)[: sum(given)]
    dt.date(*(*parts, 1, 1)[:3])  # raises ValueError where the calendar has no such day
    return "-".join((f"{parts[0]:04d}", *(f"{part:02d}" for part in parts[1:])))


def _decode_date(text: str, into: Any) -> None:
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("not a date")
    for name, digits in zip(("year", "month", "day"), match.groups(), strict=True):
        if digits is not None:
            setattr(into, name, int(digits))


def _encode_enum(enum: EnumDescriptor, number: int) -> JsonValue:
    known = enum.values_by_number.get(number)
    return number if known is None else known.name


def _decode_enum(enum: EnumDescriptor, value: JsonValue) -> int:
    if isinstance(value, str):
        return enum.values_by_name[value].number
    # A number is right for a value that the sender's protos did not know; ours may know it by now.
    return _whole(value, 32)


def _encode_float(value: float) -> JsonValue:
    if not math.isfinite(value):
        return _encode_double(value)
    # The shortest decimal that reads back as the same 32 bits, as in ProtoJSON: 0.1, not 0.10000000149011612.
    bits = struct.pack("<f", value)
    candidates = (float(f"{value:.{digits}g}") for digits in range(6, 9))
    return next((short for short in candidates if _packs_to(short, bits)), value)


def _packs_to(value: float, bits: bytes) -> bool:
    try:
        return struct.pack("<f", value) == bits
    except OverflowError:  # the largest floats, rounded up
        return False


def _decode_float(value: JsonValue) -> float:
    number = _decode_double(value)
    if math.isfinite(number):
        try:
            struct.pack("<f", number)
        except OverflowError:
            raise ValueError("beyond 32 bits") from None
    return number


def _encode_double(value: float) -> JsonValue:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _decode_double(value: JsonValue) -> float:
    if isinstance(value, str):
        return _NON_FINITE[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("an overflowing number")
    return number


def _encode_bytes(value: bytes) -> JsonValue:
    return base64.b64encode(value).decode("ascii")


def _decode_bytes(value: JsonValue) -> bytes:
    data = base64.b64decode(_expect_text(value), validate=True)
    if _encode_bytes(data) != value:
        raise ValueError("not in its one form")
    return data


def _encode_plain(value: Any) -> JsonValue:
    return value  # type: ignore[no-any-return]  # protobuf has checked it


def _decode_bool(value: JsonValue) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not a boolean")
    return value


def _expect_text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _whole(value: JsonValue, bits: int, *, signed: bool = True) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("not a whole number")
    low, high = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)
    if not low <= value < high:
        raise ValueError("out of range")
    return value


def _whole_from_text(value: JsonValue, bits: int, *, signed: bool = True) -> int:
    if _INTEGER.fullmatch(_expect_text(value)) is None:
        raise ValueError("not a decimal integer")
    return _whole(int(_expect_text(value)), bits, signed=signed)


# JSON numbers are doubles to most readers, exact only to 2**53: hence 64-bit integers travel as strings.
_INT32 = (_encode_plain, partial(_whole, bits=32))
_UINT32 = (_encode_plain, partial(_whole, bits=32, signed=False))
_INT64 = (str, partial(_whole_from_text, bits=64))
_UINT64 = (str, partial(_whole_from_text, bits=64, signed=False))

_SCALARS: Final[Mapping[int, tuple[Encoder, Decoder]]] = {
    FieldDescriptor.TYPE_STRING: (_encode_plain, _expect_text),
    FieldDescriptor.TYPE_BOOL: (_encode_plain, _decode_bool),
    FieldDescriptor.TYPE_BYTES: (_encode_bytes, _decode_bytes),
    FieldDescriptor.TYPE_FLOAT: (_encode_float, _decode_float),
    FieldDescriptor.TYPE_DOUBLE: (_encode_double, _decode_double),
    FieldDescriptor.TYPE_INT32: _INT32,
    FieldDescriptor.TYPE_SINT32: _INT32,
    FieldDescriptor.TYPE_SFIXED32: _INT32,
    FieldDescriptor.TYPE_UINT32: _UINT32,
    FieldDescriptor.TYPE_FIXED32: _UINT32,
    FieldDescriptor.TYPE_INT64: _INT64,
    FieldDescriptor.TYPE_SINT64: _INT64,
    FieldDescriptor.TYPE_SFIXED64: _INT64,
    FieldDescriptor.TYPE_UINT64: _UINT64,
    FieldDescriptor.TYPE_FIXED64: _UINT64,
}


def encode_map_key(key: Any) -> str:
    """A map key as text: strings as they are, integers in decimal, booleans as true and false."""
    if isinstance(key, bool):
        return "true" if key else "false"
    return str(key)


def decode_map_key(field: FieldDescriptor, text: str) -> Any:
    """A map key from its text.

    Raises:
        ValueError, TypeError, KeyError: the text is not in the key's one form.
    """
    if field.type == FieldDescriptor.TYPE_STRING:
        return text
    if field.type == FieldDescriptor.TYPE_BOOL:
        return {"true": True, "false": False}[text]
    if _INTEGER.fullmatch(text) is None:
        raise ValueError("not a decimal integer")
    _, decode = scalar_codec(field)
    wide = decode in (_INT64[1], _UINT64[1])
    return decode(text if wide else int(text))
