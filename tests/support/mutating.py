"""Requests that nobody should send: noise, damaged bytes, and well-formed messages of absurd content.

Everything comes from one `random.Random`, so that a case is repeated by its seed and costs little to make.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from services.kit.evidence.values import WELL_KNOWN_LEAVES
from tests.support.documents import list_fields

SECRETS: Final = ("Quillfeather", "ZZ9 9ZZ", "01632 960123")
"""Stand in texts of the requests; no refusal may repeat them."""

_TEXTS: Final = (
    *SECRETS,
    "",
    "\x00",
    "\u202e\u0301",
    "a" * 70_000,
    "{{7*7}}",
    "'; --",
    "document.subject",
    "[0]",
    "9" * 400,
)
_NUMBERS: Final = (0, 1, -1, 13, 2**31 - 1, -(2**31), 2**32 - 1, 2**63 - 1, -(2**63), 253_402_300_800, 10**9)
_FLOATS: Final = (0.0, -0.0, float("nan"), float("inf"), 1e300, -1.5)
_DEPTH: Final = 6
_MANY: Final = 300


def mutate(dice: random.Random, good: Sequence[Message]) -> bytes:
    """One request as bytes, made from noise or from good requests."""
    return dice.choice(_WAYS)(dice, good)


def _noise(dice: random.Random, _good: Sequence[Message]) -> bytes:
    return dice.randbytes(dice.choice((0, 1, 2, 10, 100, 3_000)))


def _damage(dice: random.Random, good: Sequence[Message]) -> bytes:
    data = bytearray(_fresh(dice, good).SerializeToString())
    for _ in range(dice.randint(1, 8)):
        place = dice.randrange(len(data) + 1)
        data[place : place + dice.randint(0, 4)] = dice.randbytes(dice.randint(0, 4))
    return bytes(data)


def _cut(dice: random.Random, good: Sequence[Message]) -> bytes:
    data = _fresh(dice, good).SerializeToString()
    start = dice.randrange(len(data) + 1)
    return data[start:] if dice.random() < 0.2 else data[:start]


def _splice(dice: random.Random, good: Sequence[Message]) -> bytes:
    """Two requests in one: the second overwrites or adds to the first, fields of other types included."""
    return b"".join(_fresh(dice, good).SerializeToString() for _ in range(dice.randint(2, 4)))


def _nest(dice: random.Random, _good: Sequence[Message]) -> bytes:
    """Field 2 within field 2 within field 2, deeper than any reader goes."""
    data = b""
    for _ in range(dice.choice((10, 99, 101, 400))):
        data = b"\x12" + _varint(len(data)) + data
    return data


def _add_unknown(dice: random.Random, good: Sequence[Message]) -> bytes:
    text = dice.choice(SECRETS).encode()
    return _fresh(dice, good).SerializeToString() + b"\xaa\xfa\x03" + _varint(len(text)) + text


def _absurd(dice: random.Random, good: Sequence[Message]) -> bytes:
    """A good request with some of its fields set to what they should not be."""
    request = _fresh(dice, good)
    for _ in range(dice.randint(1, 5)):
        _upset(dice, request, 0)
    return request.SerializeToString()


def _upset(dice: random.Random, message: Any, depth: int) -> None:
    fields = list_fields(message, depth) or list(message.DESCRIPTOR.fields)
    field = dice.choice(fields)
    if dice.random() < 0.1:
        message.ClearField(field.name)
    elif field.message_type is None:
        _upset_scalar(dice, message, field)
    else:
        _upset_inner(dice, message, field, depth)


def _upset_scalar(dice: random.Random, message: Any, field: FieldDescriptor) -> None:
    if field.is_repeated:
        count = dice.choice((1, 2, _MANY))
        getattr(message, field.name).extend(pick(dice, field) for _ in range(count))
    else:
        setattr(message, field.name, pick(dice, field))


def _upset_inner(dice: random.Random, message: Any, field: FieldDescriptor, depth: int) -> None:
    inner = getattr(message, field.name)
    if field.is_repeated and (not inner or dice.random() < 0.5):
        for _ in range(dice.choice((1, 1, 1, _MANY))):
            inner.add()
    target = inner[dice.randrange(len(inner))] if field.is_repeated else inner
    target.SetInParent()
    leaf = field.message_type is not None and field.message_type.full_name in WELL_KNOWN_LEAVES
    if depth < _DEPTH and (leaf or list_fields(target, depth)):
        _upset(dice, target, depth + 1)


def pick(dice: random.Random, field: FieldDescriptor) -> Any:
    """A value of the field's type that is likely to upset somebody."""
    if field.enum_type is not None:
        return dice.choice((0, 1, 2, -1, 4_711, 2**31 - 1))
    if field.type == FieldDescriptor.TYPE_BYTES:
        return dice.randbytes(dice.choice((0, 5, 500)))
    return _PICKS[field.cpp_type](dice)


def _whole(low: int, high: int) -> Callable[[random.Random], int]:
    fitting = [number for number in _NUMBERS if low <= number <= high]
    return lambda dice: dice.choice(fitting)


_PICKS: Final[dict[int, Callable[[random.Random], Any]]] = {
    FieldDescriptor.CPPTYPE_STRING: lambda dice: dice.choice(_TEXTS),
    FieldDescriptor.CPPTYPE_BOOL: lambda dice: dice.random() < 0.5,
    FieldDescriptor.CPPTYPE_FLOAT: lambda dice: dice.choice(_FLOATS[:4]),
    FieldDescriptor.CPPTYPE_DOUBLE: lambda dice: dice.choice(_FLOATS),
    FieldDescriptor.CPPTYPE_INT32: _whole(-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: _whole(-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: _whole(0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: _whole(0, 2**64 - 1),
}


def _fresh(dice: random.Random, good: Sequence[Message]) -> Message:
    """A copy of a good request under an id of its own, or the first thing found would be that it is known."""
    chosen = dice.choice(good)
    request: Any = type(chosen)()
    request.CopyFrom(chosen)
    request.header.request_id = dice.randbytes(16).hex()
    return cast("Message", request)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


_WAYS: Final = (_noise, _damage, _cut, _splice, _nest, _add_unknown, *[_absurd] * 6)
