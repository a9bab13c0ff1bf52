"""Verbs: the handlers of a role's service, derived from its descriptor.

Every verb has one form: `rpc SendX(SendXRequest{header, document}) returns (SendXResponse{acceptance})`.
Adding one to a proto adds it to the service; a method of any other form refuses to start.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import grpc
import grpc.aio
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from publicprotection.exchange.v1.header_pb2 import Header
from publicprotection.exchange.v1.outcome_pb2 import Acceptance

from services.kit.access.actor import current_actor
from services.kit.access.authors import require_author
from services.kit.profile import ProfileError
from services.kit.rpc.service import ServedService

_REQUEST = {"header": Header.DESCRIPTOR.full_name, "document": None}
_RESPONSE = {"acceptance": Acceptance.DESCRIPTOR.full_name}


class Submitter(Protocol):
    """Takes a valid exchange, seals it and commits it to be sent."""

    async def submit(self, header: Header, document: Message, *, desk: str) -> Acceptance:
        """Accepts an exchange.

        Args:
            header: valid by its proto.
            document: valid by its proto.
            desk: at which whoever sends works.

        Raises:
            CallError: one of its subclasses, such as RequestReusedError.
        """


def serve_verbs(service: ServiceDescriptor, submitter: Submitter) -> ServedService:
    """The service of a role, with a handler for each of its verbs.

    Raises:
        ProfileError: a method does not have the form of a verb.
    """
    for method in service.methods:
        require_verb(method)

    def register(server: grpc.aio.Server) -> None:
        handlers = {method.name: _handle(method, submitter) for method in service.methods}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service.full_name, handlers),))

    return ServedService(service, register)


def require_verb(method: MethodDescriptor) -> None:
    """ProfileError unless the method has the form of a verb."""
    request, response = method.input_type, method.output_type
    is_verb = (
        method.name.startswith("Send")
        and (request.name, response.name) == (f"{method.name}Request", f"{method.name}Response")
        and not (method.client_streaming or method.server_streaming)
        and _has_form(request, _REQUEST)
        and _has_form(response, _RESPONSE)
    )
    if not is_verb:
        raise ProfileError(
            f"{method.full_name} is no verb: write rpc SendX(SendXRequest) returns (SendXResponse), the "
            "request with the fields header and document, the response with the field acceptance"
        )


def _has_form(message: Descriptor, form: Mapping[str, str | None]) -> bool:
    if {field.name for field in message.fields} != set(form):
        return False
    return all(_is_message(message.fields_by_name[name], wanted) for name, wanted in form.items())


def _is_message(field: FieldDescriptor, wanted: str | None) -> bool:
    found = None if field.is_repeated else field.message_type
    return found is not None and wanted in (None, found.full_name)


def _handle(method: MethodDescriptor, submitter: Submitter) -> "grpc.RpcMethodHandler[Any, Any]":
    request_class: Callable[..., Any] = GetMessageClass(method.input_type)
    response_class: Callable[..., Any] = GetMessageClass(method.output_type)

    async def behave(request: Any, _context: "grpc.aio.ServicerContext[Any, Any]") -> Message:
        actor = current_actor()
        require_author(actor, request.header.author)
        desk = actor.require_person().desk
        acceptance = await submitter.submit(request.header, request.document, desk=desk)
        response: Message = response_class(acceptance=acceptance)
        return response

    return grpc.unary_unary_rpc_method_handler(
        behave,
        request_deserializer=request_class.FromString,  # type: ignore[attr-defined]
        response_serializer=response_class.SerializeToString,  # type: ignore[attr-defined]
    )
