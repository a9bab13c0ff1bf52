"""The names by which an account may say where something is stated: messages, fields, enumerations, checks."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor
from publicprotection.oversight.v1 import disclosure_log_service_pb2, register_service_pb2
from publicprotection.transport.v1 import packet_pb2

from gateway.core.documents import descriptor_of, document_types

_OTHERS: Final = (register_service_pb2, disclosure_log_service_pb2, packet_pb2)


@cache
def contract_names() -> frozenset[str]:
    """`Message`, `Message.field`, `Enumeration`, and the ids of checks across fields."""
    files = [descriptor_of(each).file for each in document_types().values()]
    return frozenset(_names([*files, *(module.DESCRIPTOR for module in _OTHERS)]))


def _names(files: Iterable[FileDescriptor]) -> Iterator[str]:
    waiting, seen = list(files), set[str]()
    while waiting:
        file = waiting.pop()
        if file.name not in seen:
            seen.add(file.name)
            waiting.extend(file.dependencies)
            yield from file.enum_types_by_name
            for message in file.message_types_by_name.values():
                yield from _names_in(message)


def _names_in(message: Descriptor) -> Iterator[str]:
    yield message.name
    yield from (check.id for check in message.GetOptions().Extensions[validate_pb2.message].cel)
    for field in message.fields:
        yield f"{message.name}.{field.name}"
        yield from _checks_of(field)


def _checks_of(field: FieldDescriptor) -> Iterator[str]:
    rules = field.GetOptions().Extensions[validate_pb2.field]
    yield from (check.id for check in (*rules.cel, *rules.repeated.items.cel))
