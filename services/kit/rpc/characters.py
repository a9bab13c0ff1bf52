"""Finds texts that no database keeps, and reasons that say nothing.

PostgreSQL stores no NUL, and nobody writes one. A log of who looked at what justifies nothing where the
reason is a space or a dash (DPA 2018 s.62(2)(a), (3)(a)).
"""

from collections.abc import Iterator
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_NUL: Final = "\0"
_OCTET: Final = _NUL.encode()
_REASONS: Final = frozenset({"reason", "document_reason", "victim_reason"})
_ACTING: Final = "acting"
"""The member of requests in which the reason stands, where it is not one of their own."""


def find_nul(message: Message) -> list[str]:
    """The paths of the texts, keys of maps included, that hold a NUL; a map's key is not shown."""
    if _OCTET not in message.SerializeToString():  # as good as always
        return []
    return list(_search(message, ""))


def says_something(text: str) -> bool:
    """Whether a text has any letter or digit, of whatever script."""
    return any(each.isalnum() for each in text)


def find_empty_reasons(request: Message) -> list[str]:
    """The paths of reasons for a call that were given, and say nothing; of what is sent, nothing is read."""
    return list(_search_reasons(request, ""))


def _search_reasons(message: Message, path: str) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.name == _ACTING:
            yield from _search_reasons(value, f"{_ACTING}.")
        elif isinstance(value, str) and field.name in _REASONS and not says_something(value):
            yield f"{path}{field.name}"


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
