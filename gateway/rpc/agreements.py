"""AgreementService: agreements proposed, signed, stopped and ended, and what they would change, over gRPC."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc.aio
from google.protobuf.json_format import MessageToDict
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.oversight.v1 import agreement_service_pb2 as pb2
from publicprotection.oversight.v1 import agreement_service_pb2_grpc as pb2_grpc

from gateway.app.agreement_desk import ActRefusedError, AgreementDesk, Done
from gateway.app.agreement_impact import AgreementImpact
from gateway.app.agreement_view import AgreementView, UnknownAgreementError
from gateway.app.agreement_writing import write_structured
from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.ports import StoreUnavailableError
from gateway.core.agreement_events import WHOLE_AGREEMENT, Objection
from gateway.core.errors import DataError
from services.kit.access.actor import current_actor
from services.kit.rpc.errors import (
    CallError,
    InvalidRequestError,
    NotFoundError,
    UnavailableError,
    Violation,
)
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]
_Answer = TypeVar("_Answer")


class AgreementRefusedError(CallError):
    """The act cannot be; `objection` says why, and `advice` what to do."""

    code = grpc.StatusCode.FAILED_PRECONDITION
    reason = "AGREEMENT_ACT_REFUSED"

    def __init__(self, objection: Objection) -> None:
        super().__init__({"objection": objection.name})
        self.advice = objection.value  # type: ignore[misc]  # one reason, and an advice for each objection


@dataclass(frozen=True, slots=True)
class AgreementParts:
    """What the service answers from."""

    desk: AgreementDesk
    view: AgreementView
    impact: AgreementImpact


class AgreementServicer(pb2_grpc.AgreementServiceServicer):
    """Takes what people do about agreements, and shows them."""

    def __init__(self, parts: AgreementParts) -> None:
        self._desk, self._view, self._impact = parts.desk, parts.view, parts.impact

    async def ListAgreements(
        self, request: pb2.ListAgreementsRequest, _context: _Context
    ) -> pb2.ListAgreementsResponse:
        """Those that the caller may see."""
        found = await _ask(self._view.page(current_actor(), request))
        return pb2.ListAgreementsResponse(agreements=found)

    async def GetAgreement(
        self, request: pb2.GetAgreementRequest, _context: _Context
    ) -> pb2.GetAgreementResponse:
        """One version; NotFoundError if there is none that the caller may see."""
        return await _ask(self._view.get(current_actor(), request.agreement_id, request.version))

    async def CompareAgreements(
        self, request: pb2.CompareAgreementsRequest, _context: _Context
    ) -> pb2.CompareAgreementsResponse:
        """The differences of two versions."""
        found = await _ask(self._view.compare(current_actor(), request))
        return pb2.CompareAgreementsResponse(differences=found)

    async def ProposeAgreement(
        self, request: pb2.ProposeAgreementRequest, _context: _Context
    ) -> pb2.ProposeAgreementResponse:
        """Proposes; InvalidRequestError names the line and what to write instead."""
        text = request.yaml or write_structured(MessageToDict(request.structured))
        terms, _ = await _ask(self._desk.propose(current_actor(), text, request.reason))
        return pb2.ProposeAgreementResponse(
            agreement=await _ask(self._view.summary(terms.id, terms.version)),
            differences=await _ask(self._view.changes(terms.id, terms.version)),
        )

    async def SignAgreement(
        self, request: pb2.SignAgreementRequest, _context: _Context
    ) -> pb2.SignAgreementResponse:
        """Signs."""
        named = request.agreement_id, request.version
        done = await _ask(self._desk.sign(current_actor(), *named, request.digest))
        return pb2.SignAgreementResponse(agreement=await _ask(self._view.summary(*named)), act=_act(done))

    async def RefuseAgreement(
        self, request: pb2.RefuseAgreementRequest, _context: _Context
    ) -> pb2.RefuseAgreementResponse:
        """Refuses a draft."""
        named = request.agreement_id, request.version, request.digest
        done = await _ask(self._desk.refuse(current_actor(), *named, request.reason))
        return pb2.RefuseAgreementResponse(act=_act(done))

    async def SuspendParty(
        self, request: pb2.SuspendPartyRequest, _context: _Context
    ) -> pb2.SuspendPartyResponse:
        """Stops a party or the whole."""
        named = request.agreement_id, request.party or WHOLE_AGREEMENT
        done = await _ask(self._desk.suspend(current_actor(), *named, request.reason))
        return pb2.SuspendPartyResponse(act=_act(done))

    async def ResumeParty(
        self, request: pb2.ResumePartyRequest, _context: _Context
    ) -> pb2.ResumePartyResponse:
        """Ends a suspension."""
        named = request.agreement_id, request.party or WHOLE_AGREEMENT
        done = await _ask(self._desk.resume(current_actor(), *named, request.reason))
        return pb2.ResumePartyResponse(act=_act(done))

    async def EndAgreement(
        self, request: pb2.EndAgreementRequest, _context: _Context
    ) -> pb2.EndAgreementResponse:
        """Ends a version."""
        named = request.agreement_id, request.version
        done = await _ask(self._desk.end(current_actor(), *named, request.reason))
        return pb2.EndAgreementResponse(act=_act(done))

    async def ShowImpact(self, request: pb2.ShowImpactRequest, _context: _Context) -> pb2.ShowImpactResponse:
        """What a version would change."""
        return await _ask(self._impact.show(current_actor(), request))

    async def ListGaps(self, request: pb2.ListGapsRequest, _context: _Context) -> pb2.ListGapsResponse:
        """Flows without a clause."""
        return await _ask(self._impact.gaps(current_actor(), request))


async def _ask(answer: Awaitable[_Answer]) -> _Answer:
    """What is answered; refusals as those of a call."""
    try:
        return await answer
    except UnknownAgreementError:
        raise NotFoundError from None
    except ActRefusedError as refused:
        raise _refusal(refused.objection) from None
    except DataError as fault:
        # The text of an agreement is about no person; its fault says line and remedy.
        where = f"yaml:{fault.line}"
        raise InvalidRequestError([Violation(where, f"{fault.item}: {fault.advice}")]) from None
    except (StoreUnavailableError, KeyStoreUnavailableError):
        raise UnavailableError from None


def _refusal(objection: Objection) -> CallError:
    if objection is Objection.UNKNOWN_AGREEMENT:
        return NotFoundError()
    return AgreementRefusedError(objection)


def _act(done: Done) -> pb2.AgreementAct:
    at = Timestamp()
    at.FromDatetime(done.at)
    return pb2.AgreementAct(record_hash=done.record_hash, decided_again=done.decided_again, at=at)


def serve_agreements(parts: AgreementParts) -> ServedService:
    """The service, ready for a server."""
    file: Any = pb2.DESCRIPTOR
    return serve(
        pb2_grpc.add_AgreementServiceServicer_to_server,
        AgreementServicer(parts),
        file.services_by_name["AgreementService"],
    )
