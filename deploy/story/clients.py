"""Clients of the agencies' own services, as a case system would be one: gRPC with mutual TLS.

Nothing here knows a service by heart. A verb is found by its document in the descriptor of the role's
service, as any other client could find it by reflection.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import grpc.aio
from google.protobuf import symbol_database
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from publicprotection.exchange.v1 import (
    directory_service_pb2_grpc,
    hold_service_pb2_grpc,
    inbox_service_pb2_grpc,
    outbox_service_pb2_grpc,
    preview_service_pb2_grpc,
)
from publicprotection.exchange.v1.header_pb2 import Header
from publicprotection.exchange.v1.outcome_pb2 import Acceptance
from publicprotection.exchange.v1.subject_access_service_pb2_grpc import SubjectAccessServiceStub
from publicprotection.oversight.v1 import disclosure_log_service_pb2_grpc, register_service_pb2_grpc

from services.kit.access.client import CallTokens
from services.kit.credentials import TlsIdentity
from services.kit.rpc.client import open_channel

DEADLINE_S: Final = 15.0


class NoSuchVerbError(LookupError):
    """The role's service has no verb for a document: this agency may not send it."""


@dataclass(frozen=True)
class Endpoint:
    """Where a service is (`host:port`), whose it is, and which role's verbs it offers.

    Attributes:
        organisation: Id, such as `kent-police`.
        role: Such as `police`; the package of its service.
        address: `host:port`.
        tls: Identity of one of the organisation's own systems.
        tokens: Of that system and of the person who acts; without them every call is refused.
        tokens_of: The same of another person of the organisation, by name.
    """

    organisation: str
    role: str
    address: str
    tls: TlsIdentity
    tokens: CallTokens | None = None
    tokens_of: Callable[[str], CallTokens] | None = None


class AgencyClient:
    """One agency's service, seen from one of that agency's own systems.

    Attributes:
        inbox, outbox, holds, directory, previews: Stubs of the shared services.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint: Final = endpoint
        self._channel = open_channel(endpoint.address, endpoint.tls, tokens=endpoint.tokens)
        self._people: Final[dict[str, grpc.aio.Channel]] = {}
        self.inbox: Final = inbox_service_pb2_grpc.InboxServiceStub(self._channel)
        self.outbox: Final = outbox_service_pb2_grpc.OutboxServiceStub(self._channel)
        self.holds: Final = hold_service_pb2_grpc.HoldServiceStub(self._channel)
        self.directory: Final = directory_service_pb2_grpc.DirectoryServiceStub(self._channel)
        self.previews: Final = preview_service_pb2_grpc.PreviewServiceStub(self._channel)

    def acting(self, name: str) -> Any:
        """The stub of subject access, asynchronous, called for somebody by name."""
        if name not in self._people:
            endpoint = self.endpoint
            tokens = endpoint.tokens_of(name) if endpoint.tokens_of else endpoint.tokens
            self._people[name] = open_channel(endpoint.address, endpoint.tls, tokens=tokens)
        return SubjectAccessServiceStub(self._people[name])

    async def send(self, header: Header, document: Message) -> Acceptance:
        """Send a document by the verb that is for it.

        Raises:
            NoSuchVerbError: The service has none.
            grpc.aio.AioRpcError: The service refused, or did not answer in time.
        """
        verb = find_verb(find_service(self.endpoint.role), document.DESCRIPTOR.full_name)
        request = message_class(verb.input_type.full_name)(header=header, document=document)
        answer: Any = await self.call(verb, request)
        acceptance: Acceptance = answer.acceptance
        return acceptance

    async def call(self, verb: MethodDescriptor, request: Message) -> Message:
        """Call one verb, with a deadline."""
        method = self._channel.unary_unary(
            f"/{verb.containing_service.full_name}/{verb.name}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=message_class(verb.output_type.full_name).FromString,
        )
        response: Message = await method(request, timeout=DEADLINE_S)
        return response

    async def close(self) -> None:
        """Close the channels."""
        for channel in (self._channel, *self._people.values()):
            await channel.close()


class OversightClient:
    """The gateway's views for co-ordinators: the exchange register and the disclosure log."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._channel = open_channel(endpoint.address, endpoint.tls, tokens=endpoint.tokens)
        self.register: Final = register_service_pb2_grpc.RegisterServiceStub(self._channel)
        self.log: Final = disclosure_log_service_pb2_grpc.DisclosureLogServiceStub(self._channel)

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()


def find_service(role: str) -> ServiceDescriptor:
    """The service of a role: the one that its proto file declares."""
    module = importlib.import_module(f"publicprotection.{role}.v1.{role}_service_pb2")
    service: ServiceDescriptor = next(iter(module.DESCRIPTOR.services_by_name.values()))
    return service


def find_verb(service: ServiceDescriptor, document: str) -> MethodDescriptor:
    """The verb whose request carries this document (full name).

    Raises:
        NoSuchVerbError: There is none.
    """
    for verb in service.methods:
        field: FieldDescriptor | None = verb.input_type.fields_by_name.get("document")
        if field is not None and field.message_type is not None and field.message_type.full_name == document:
            return verb
    raise NoSuchVerbError(f"{service.full_name} has no verb for {document}")


def message_class(full_name: str) -> type[Message]:
    """The generated class of a message."""
    kind: type[Message] = symbol_database.Default().GetSymbol(full_name)
    return kind
