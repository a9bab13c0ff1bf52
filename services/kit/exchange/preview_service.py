"""PreviewService: what would become of an exchange. Sealed like one, asked of the gateway, never sent."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

import grpc
import grpc.aio
import structlog
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError, Message
from publicprotection.exchange.v1 import preview_service_pb2, preview_service_pb2_grpc
from publicprotection.exchange.v1.decision_pb2 import Decision
from publicprotection.exchange.v1.outcome_pb2 import OUTCOME_KIND_PREVIEWED, Outcome
from publicprotection.transport.v1 import gateway_service_pb2, gateway_service_pb2_grpc
from publicprotection.transport.v1.packet_pb2 import Packet, Submission

from services.kit.access.actor import current_actor
from services.kit.access.authors import require_author
from services.kit.directory import GATEWAY
from services.kit.evidence.errors import EvidenceError
from services.kit.exchange.documents import document_types
from services.kit.exchange.errors import PreviewRejectedError
from services.kit.exchange.headers import check_recipients, complete_header, refuse_unknown_fields
from services.kit.exchange.notices import verify_outcome
from services.kit.exchange.packets import encrypt_packet
from services.kit.exchange.participant import Participant
from services.kit.exchange.previews import PREFIX
from services.kit.exchange.sealing import SealedExchange, seal_exchange
from services.kit.restricted import is_cleared
from services.kit.rpc.client import read_refusal
from services.kit.rpc.errors import InvalidRequestError, OverloadedError, UnavailableError, Violation
from services.kit.rpc.service import ServedService, serve
from services.kit.rpc.validation import validate

_log = structlog.get_logger(__name__)
_Context = grpc.aio.ServicerContext[Any, Any]
_LABELLED: Final = re.compile(r"\[[0-9a-f]{20}\]")
_PATIENCE_S: Final = 25.0
_PARTS: Final = ("withheld", "held")


class Question(Protocol):
    """Asks the gateway: from a sealed packet (JWE) to a signed outcome (JWS)."""

    async def __call__(self, packet: str) -> str:
        """Asks.

        Raises:
            OverloadedError: asked too often.
            UnavailableError: the gateway cannot be reached, or cannot answer now.
        """


class PreviewServicer(preview_service_pb2_grpc.PreviewServiceServicer):
    """Seals, asks and checks the answer.

    Args:
        participant: who asks.
        ask: reaches the gateway.
    """

    def __init__(self, participant: Participant, ask: Question) -> None:
        self._participant = participant
        self._ask = ask

    async def PreviewExchange(
        self, request: preview_service_pb2.PreviewExchangeRequest, _context: _Context
    ) -> preview_service_pb2.PreviewExchangeResponse:
        """What each recipient would get, what not, and why. Nothing is sent or kept here.

        Raises:
            CallError: as sending would be refused; PreviewRejectedError, as sending would be rejected.
        """
        require_author(current_actor(), request.header.author)
        document = _unpack(request.document)
        refuse_unknown_fields(request.header, "header")
        refuse_unknown_fields(document, "document")
        header = complete_header(request.header, self._participant)
        check_recipients(header, self._participant, cleared=is_cleared())
        sealed = seal_exchange(header, document, self._for_preview())
        packet = Packet(submission=Submission(seal=sealed.original.seal))
        outcome = self._read(await self._ask(encrypt_packet(packet, self._participant)))
        return _answer(outcome, sealed)

    def _for_preview(self) -> Participant:
        new_id = self._participant.new_id
        return replace(self._participant, new_id=lambda: PREFIX + new_id())

    def _read(self, token: str) -> Outcome:
        keys = self._participant.directory().keys.verifying_at(self._participant.clock.now())
        try:
            outcome = verify_outcome(token, keys=keys, gateway=GATEWAY)
        except EvidenceError:
            raise UnavailableError from None
        if outcome.addressee != self._participant.organisation:
            raise UnavailableError
        return outcome


def ask_over(channel: grpc.aio.Channel) -> Question:
    """Asks over a channel to the gateway."""
    stub: Any = gateway_service_pb2_grpc.GatewayServiceStub(channel)

    async def ask(packet: str) -> str:
        try:
            asked = gateway_service_pb2.PreviewSubmissionRequest(packet=packet)
            answer = await stub.PreviewSubmission(asked, timeout=_PATIENCE_S)
        except grpc.aio.AioRpcError as error:
            _log.warning("preview_unanswered", reason=read_refusal(error).reason or error.code().name)
            overloaded = error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            raise (OverloadedError if overloaded else UnavailableError) from None
        outcome: str = answer.outcome
        return outcome

    return ask


def index_paths(paths: Iterable[str], leaves: Collection[str]) -> Mapping[str, str]:
    """Each path with indices of list elements in place of labels: what the caller knows them by."""
    orders: dict[str, dict[str, int]] = {}
    for leaf in sorted(leaves):
        for found in _LABELLED.finditer(leaf):
            order = orders.setdefault(leaf[: found.start()], {})
            order.setdefault(found.group(), len(order))

    def place(at: re.Match[str]) -> str:
        found = orders.get(at.string[: at.start()], {}).get(at.group())
        return at.group() if found is None else f"[{found}]"

    return {path: _LABELLED.sub(place, path) for path in paths}


def _unpack(packed: AnyMessage) -> Message:
    known = document_types().get(packed.TypeName().rpartition(".")[2])
    if known is None or known.DESCRIPTOR.full_name != packed.TypeName():
        raise InvalidRequestError([Violation("document", "is not a document: pack one of the contract's")])
    document: Message = known()
    try:
        packed.Unpack(document)
    except DecodeError:
        raise InvalidRequestError([Violation("document", "cannot be read: pack it anew")]) from None
    validate(document)
    return document


def _answer(outcome: Outcome, sealed: SealedExchange) -> preview_service_pb2.PreviewExchangeResponse:
    if outcome.kind != OUTCOME_KIND_PREVIEWED:
        raise PreviewRejectedError({"rejection": outcome.rejection.reason})
    if outcome.exchange_id != sealed.exchange_id:
        raise UnavailableError
    for decision in outcome.decisions:
        _show_indices(decision, sealed.original.leaves)
    return preview_service_pb2.PreviewExchangeResponse(
        decisions=outcome.decisions, record_hash=outcome.record_hash
    )


def _show_indices(decision: Decision, leaves: Collection[str]) -> None:
    lists = [decision.released, *(part.paths for name in _PARTS for part in getattr(decision, name))]
    for paths in lists:
        indexed = list(index_paths(paths, leaves).values())
        del paths[:]
        paths.extend(indexed)


def serve_previews(participant: Participant, ask: Question) -> ServedService:
    """The service, ready for a server."""
    file: Any = preview_service_pb2.DESCRIPTOR
    return serve(
        preview_service_pb2_grpc.add_PreviewServiceServicer_to_server,
        PreviewServicer(participant, ask),
        file.services_by_name["PreviewService"],
    )
