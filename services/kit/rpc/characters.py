"""Finds texts that no database keeps: PostgreSQL stores no NUL, and nobody writes one."""

from collections.abc import Iterator
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_NUL: Final = "\0"
_OCTET: Final = _NUL.encode()


def find_nul(message: Message) -> list[str]:
    """The paths of the texts, keys of maps included, that hold a NUL; a map's key is not shown."""
    if _OCTET not in message.SerializeToString():  # as good as always
        return []
    return list(_search(message, ""))


def _search(message: Message, path: str) -> Iterator[str]:
    for field, value in message.ListFields():
        name = f"{path}{field.name}"
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            for key, inner in value.items():
                yield from _look(key, f"{name}[*]")
                yield from _look(inner, f"{name}[*]")
        elif field.is_repeated:
            for index, inner in enumerate(value):
                yield from _look(inner, f"{name}[{index}]")
        elif field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_MESSAGE):
            yield from _look(value, name)


def _look(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Message):
        yield from _search(value, f"{path}.")
    elif isinstance(value, str) and _NUL in value:
        yield path
