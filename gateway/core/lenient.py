"""Reads a message as a person writes it in YAML.

ProtoJSON, with enum values also without their prefix, dates also as 2027-03-31, and numbers where the
contract has text.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final, TypeVar

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message

from gateway.core.documents import descriptor_of

M = TypeVar("M", bound=Message)

_DATE: Final = "publicprotection.common.v1.Date"
_PARTS: Final = ("year", "month", "day")


class UnreadableError(Exception):
    """A value does not fit its field; says which field and what it may be."""


def read_message(message_type: type[M], value: Any, where: str) -> M:
    """Builds a message from parsed YAML.

    Raises:
        UnreadableError: a field is unknown or a value does not fit it.
    """
    message = message_type()
    try:
        ParseDict(_message(descriptor_of(message_type), value, where), message)
    except ParseError as fault:
        raise UnreadableError(f"{where}: {fault}") from None
    return message


def enum_number(enum: EnumDescriptor, word: Any, where: str) -> int:
    """The number of an enum value written with or without its prefix.

    Raises:
        UnreadableError: there is no such value; lists those that there are.
    """
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    for name in (str(word), prefix + str(word)):
        if name in enum.values_by_name:
            return int(enum.values_by_name[name].number)
    known = ", ".join(each.name.removeprefix(prefix) for each in enum.values[1:])
    raise UnreadableError(f"{where}: {word!r} is not one of {known}")


def _message(descriptor: Descriptor, value: Any, where: str) -> Any:
    if descriptor.full_name == _DATE and isinstance(value, str | int):
        return _date(str(value), where)
    if descriptor.full_name.startswith("google.protobuf."):
        return value
    if not isinstance(value, Mapping):
        raise UnreadableError(f"{where}: must be a mapping of {', '.join(f.name for f in descriptor.fields)}")
    names = {field.name: field for field in descriptor.fields}
    names.update({field.json_name: field for field in descriptor.fields})
    read: dict[str, Any] = {}
    for key, part in value.items():
        if key not in names:
            raise UnreadableError(f"{where}.{key}: no such field; {_nearest(descriptor, str(key))}")
        read[names[key].name] = _field(names[key], part, f"{where}.{key}")
    return read


def _nearest(descriptor: Descriptor, word: str) -> str:
    names = sorted(field.name for field in descriptor.fields)
    near = get_close_matches(word, names, n=1)
    return f"{f'did you mean {near[0]}? ' if near else ''}there are {', '.join(names)}"


def _field(field: FieldDescriptor, value: Any, where: str) -> Any:
    if not field.is_repeated or value is None:
        return _one(field, value, where)
    if not isinstance(value, list):
        raise UnreadableError(f"{where}: must be a list")
    return [_one(field, each, f"{where}[{index}]") for index, each in enumerate(value)]


def _one(field: FieldDescriptor, value: Any, where: str) -> Any:
    if field.enum_type is not None and value is not None:
        return enum_number(field.enum_type, value, where)
    if field.message_type is not None and value is not None:
        return _message(field.message_type, value, where)
    if field.type == FieldDescriptor.TYPE_BOOL and not isinstance(value, bool | None):
        raise UnreadableError(f"{where}: {value!r} is neither true nor false; write it without quotes")
    if field.type == FieldDescriptor.TYPE_STRING and isinstance(value, int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


def _date(text: str, where: str) -> dict[str, int]:
    parts = text.split("-")
    if not 1 <= len(parts) <= len(_PARTS) or not all(part.isdecimal() for part in parts):
        raise UnreadableError(f"{where}: write a date as 2027-03-31, 2027-03 or 2027")
    return {name: int(part) for name, part in zip(_PARTS, parts, strict=False)}
