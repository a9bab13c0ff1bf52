"""DisclosureDecisionService: decisions whether to disclose to a third party, kept where they are made."""

from typing import Any

import grpc.aio
from publicprotection.exchange.v1 import disclosure_service_pb2 as pb2
from publicprotection.exchange.v1 import disclosure_service_pb2_grpc as pb2_grpc

from services.kit.access.actor import Clearance, current_actor
from services.kit.disclosures.casebook import Casebook
from services.kit.disclosures.casework import Casework
from services.kit.disclosures.decisions import Decision
from services.kit.disclosures.rules import read_rules
from services.kit.disclosures.views import show, state_value, summarise
from services.kit.exchange.outbox import Outbox
from services.kit.exchange.participant import Participant
from services.kit.exchange.reach import reach_of
from services.kit.exchange.records import Records
from services.kit.rpc.errors import ClearanceMissingError, NotFoundError
from services.kit.rpc.service import ServedService, serve
from services.kit.subject_access.model import Who
from services.kit.subject_access.wire import who_of

_Context = grpc.aio.ServicerContext[Any, Any]


class DisclosureDecisionServicer(pb2_grpc.DisclosureDecisionServiceServicer):
    """Works on decisions. Refusals are those of `Casework`.

    Args:
        participant: the organisation.
        records: where they are kept.
        outbox: puts them on the gateway's record.
    """

    def __init__(self, participant: Participant, records: Records, outbox: Outbox) -> None:
        self._participant = participant
        self._book = Casebook(participant, records)
        self._work = Casework(self._book, outbox, read_rules())

    async def RecordDecision(
        self, request: pb2.RecordDecisionRequest, _context: _Context
    ) -> pb2.RecordDecisionResponse:
        """Records a decision; ClearanceMissingError where it concerns terrorism: only who is cleared may."""
        if request.consideration.counter_terrorism and not _is_cleared():
            raise ClearanceMissingError
        desk = current_actor().require_person().desk
        decision = await self._work.record(request, _who(), desk)
        return pb2.RecordDecisionResponse(summary=self._summary(decision))

    async def ConfirmDecision(
        self, request: pb2.ConfirmDecisionRequest, _context: _Context
    ) -> pb2.ConfirmDecisionResponse:
        """Decides what waits."""
        before = await self._find(request.decision_id)
        decision = await self._work.confirm(before, request, _who())
        return pb2.ConfirmDecisionResponse(summary=self._summary(decision))

    async def AmendDecision(
        self, request: pb2.AmendDecisionRequest, _context: _Context
    ) -> pb2.AmendDecisionResponse:
        """Amends a decision."""
        before = await self._find(request.decision_id)
        if request.consideration.counter_terrorism and not _is_cleared():
            raise ClearanceMissingError
        decision = await self._work.amend(before, request, _who())
        return pb2.AmendDecisionResponse(summary=self._summary(decision))

    async def NoteTold(self, request: pb2.NoteToldRequest, _context: _Context) -> pb2.NoteToldResponse:
        """Notes that a third party was told."""
        before = await self._find(request.decision_id)
        decision = await self._work.note_told(before, request, _who())
        return pb2.NoteToldResponse(summary=self._summary(decision))

    async def ListDecisions(
        self, request: pb2.ListDecisionsRequest, _context: _Context
    ) -> pb2.ListDecisionsResponse:
        """Decisions within reach, oldest first."""
        found = await self._book.list(request.subject_reference)
        shown = [each for each in found if self._is_seen(each) and self._is_wanted(each, request)]
        return pb2.ListDecisionsResponse(decisions=[self._summary(each) for each in shown])

    async def GetDecision(
        self, request: pb2.GetDecisionRequest, _context: _Context
    ) -> pb2.GetDecisionResponse:
        """One decision; the reading is on record first."""
        decision = await self._work.read_for(await self._find(request.decision_id), _who())
        sent = {each.request_id for each in decision.events if each.request_id}
        exchanges = {each: await self._book.exchange_of(each) for each in sorted(sent)}
        return show(decision, self._book.today, exchanges)

    async def _find(self, decision_id: str) -> Decision:
        """NotFoundError where there is no such decision, or the person may not know of it."""
        decision = await self._book.read(decision_id)
        if not self._is_seen(decision):
            raise NotFoundError
        return decision

    def _is_seen(self, decision: Decision) -> bool:
        """Whether the person of the call reaches a decision; terrorism is for those who are cleared."""
        reach = reach_of(current_actor(), self._participant.directory(), self._participant.organisation)
        return reach.covers(decision.opened["desk"]) and (not decision.concerns_terrorism or _is_cleared())

    def _is_wanted(self, decision: Decision, request: pb2.ListDecisionsRequest) -> bool:
        if request.due_for_review and not decision.is_due(self._book.today):
            return False
        return not request.state or state_value(decision) == request.state

    def _summary(self, decision: Decision) -> pb2.DecisionSummary:
        return summarise(decision, self._book.today)


def serve_disclosure_decisions(participant: Participant, records: Records, outbox: Outbox) -> ServedService:
    """The service, ready for a server."""
    return serve(
        pb2_grpc.add_DisclosureDecisionServiceServicer_to_server,
        DisclosureDecisionServicer(participant, records, outbox),
        pb2.DESCRIPTOR.services_by_name["DisclosureDecisionService"],
    )


def _who() -> Who:
    """The person of the call: nothing that a request says names who acts."""
    return who_of(current_actor())


def _is_cleared() -> bool:
    return Clearance.TERRORISM in current_actor().require_person().clearances
