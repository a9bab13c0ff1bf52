"""The documents that this version knows, by name, found in the stubs: a new one needs no code here."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType
from typing import cast

from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from publicprotection.documents import v1 as documents_v1
from publicprotection.exchange import v1 as exchange_v1
from publicprotection.privacy.v1 import privacy_pb2

from services.kit.evidence.errors import UnknownPathError


@cache
def document_types() -> Mapping[str, type[Message]]:
    """The class of each document by its simple name, which is what a seal calls it.

    Raises:
        ValueError: two documents have the same name, so a seal could mean either.
    """
    types: dict[str, type[Message]] = {}
    for descriptor in _documents():
        if descriptor.name in types:
            raise ValueError(f"two documents are called {descriptor.name}")
        types[descriptor.name] = GetMessageClass(descriptor)
    return MappingProxyType(types)


def document_type(name: object) -> type[Message]:
    """The class of the document of this name; UnknownPathError if this version has none."""
    found = document_types().get(name) if isinstance(name, str) else None
    if found is None:
        raise UnknownPathError("document_type_unknown")
    return found


def describe_document(name: object) -> Descriptor:
    """Its descriptor; UnknownPathError as `document_type`."""
    return cast("Descriptor", document_type(name).DESCRIPTOR)


def _documents() -> Iterator[Descriptor]:
    for module in (*_modules(documents_v1), *_modules(exchange_v1)):
        file = cast("FileDescriptor", module.DESCRIPTOR)
        for descriptor in file.message_types_by_name.values():
            if descriptor.GetOptions().HasExtension(privacy_pb2.document):
                yield descriptor


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in iter_modules(package.__path__, package.__name__ + "."):
        if found.name.endswith("_pb2"):
            yield import_module(found.name)
