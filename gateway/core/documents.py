"""The documents of the contract, and which kind of organisation may send which: read from the descriptors.

Adding a document, a file of documents or a verb to the contract needs no code here: whatever the services
import is found. A new kind of agency service needs its import.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Final, cast

from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from publicprotection.adults.v1 import adults_service_pb2
from publicprotection.childrens.v1 import childrens_service_pb2
from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import disclosure_pb2, gateway_documents_pb2, subject_access_documents_pb2
from publicprotection.partner.v1 import partner_service_pb2
from publicprotection.police.v1 import police_service_pb2
from publicprotection.prison.v1 import prison_service_pb2
from publicprotection.privacy.v1 import privacy_pb2
from publicprotection.probation.v1 import probation_service_pb2

from gateway.core.errors import UnknownDocumentError

_SERVICE_OF_KIND: Final[Mapping[str, ModuleType]] = {
    "POLICE": police_service_pb2,
    "PROBATION": probation_service_pb2,
    "PRISON": prison_service_pb2,
    "CHILDRENS_SERVICES": childrens_service_pb2,
    "ADULT_SERVICES": adults_service_pb2,
}
_KIND_PREFIX: Final = "ORGANISATION_KIND_"


@cache
def document_types() -> Mapping[str, type[Message]]:
    """The message class of each document by name, those for the gateway itself included."""
    return MappingProxyType({each.name: GetMessageClass(each) for each in _documents()})


def document_class(name: str) -> type[Message]:
    """The message class of a document.

    Raises:
        UnknownDocumentError: the contract has none of that name.
    """
    found = document_types().get(name)
    if found is None:
        raise UnknownDocumentError(
            f"no document is called that; known: {', '.join(sorted(document_types()))}"
        )
    return found


@cache
def shareable_documents() -> tuple[str, ...]:
    """Names of the documents that organisations send each other, in order."""
    return tuple(sorted(name for name in document_types() if not is_for_gateway(name)))


def is_for_gateway(name: str) -> bool:
    """Whether a document is addressed to the gateway itself."""
    return options_of(descriptor_of(document_class(name))).for_gateway


def descriptor_of(message: type[Message] | Message) -> Descriptor:
    """The descriptor of a message; the stubs name two classes for the one that there is."""
    return cast("Descriptor", message.DESCRIPTOR)


def options_of(descriptor: Descriptor) -> privacy_pb2.Document:
    """What the contract says of a document: title, paragraphs, messages it carries."""
    return descriptor.GetOptions().Extensions[privacy_pb2.document]


@cache
def sendable_by(kind: int) -> frozenset[str]:
    """Documents that an organisation of a kind may send: the verbs of its service, and those for the gateway.

    Args:
        kind: a value of common.v1.OrganisationKind.

    Returns:
        Names; none for an unspecified or unknown kind.
    """
    values = organisation_pb2.OrganisationKind.DESCRIPTOR.values_by_number
    if kind not in values or kind == organisation_pb2.ORGANISATION_KIND_UNSPECIFIED:
        return frozenset()
    name = values[kind].name.removeprefix(_KIND_PREFIX)
    file: FileDescriptor = _SERVICE_OF_KIND.get(name, partner_service_pb2).DESCRIPTOR
    gateway = {each for each in document_types() if is_for_gateway(each)}
    return frozenset(_verbs(file)) | gateway


def _verbs(file: FileDescriptor) -> Iterator[str]:
    for service in file.services_by_name.values():
        for method in service.methods:
            document = method.input_type.fields_by_name["document"].message_type
            if document is not None:
                yield document.name


def _documents() -> Iterator[Descriptor]:
    inner = (gateway_documents_pb2, subject_access_documents_pb2, disclosure_pb2)
    services = [*_SERVICE_OF_KIND.values(), partner_service_pb2, *inner]
    for file in _with_imports([module.DESCRIPTOR for module in services]):
        for message in file.message_types_by_name.values():
            if message.GetOptions().HasExtension(privacy_pb2.document):
                yield message


def _with_imports(files: list[FileDescriptor]) -> Iterable[FileDescriptor]:
    """The files and all that they import, directly or not, each once."""
    found: dict[str, FileDescriptor] = {}
    while files:
        file = files.pop()
        if file.name not in found:
            found[file.name] = file
            files.extend(file.dependencies)
    return found.values()
