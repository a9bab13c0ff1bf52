"""MinutesRequestService: the register of requests for minutes that this organisation keeps."""

from base64 import b64decode
from typing import Any

import grpc.aio
from publicprotection.exchange.v1 import minutes_case_pb2 as case_pb2
from publicprotection.exchange.v1 import minutes_request_service_pb2 as pb2
from publicprotection.exchange.v1 import minutes_request_service_pb2_grpc as pb2_grpc

from services.kit.access.actor import Clearance, current_actor
from services.kit.exchange.outbox import Outbox
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.minutes.casebook import Casebook
from services.kit.minutes.cases import Case
from services.kit.minutes.casework import Casework
from services.kit.minutes.drafting import Drafting
from services.kit.minutes.replying import Replying
from services.kit.minutes.rules import read_allow_list, read_rules, read_wording
from services.kit.minutes.sending import Sending, references
from services.kit.minutes.views import show_case, show_kind, summarise
from services.kit.rpc.errors import NotFoundError
from services.kit.rpc.service import ServedService, serve
from services.kit.subject_access.casebook import Casebook as AccessBook
from services.kit.subject_access.casework import Casework as AccessWork
from services.kit.subject_access.model import Who
from services.kit.subject_access.rules import read_rules as read_access_rules
from services.kit.subject_access.wire import who_of

_Context = grpc.aio.ServicerContext[Any, Any]


class MinutesRequestServicer(pb2_grpc.MinutesRequestServiceServicer):
    """Works on requests. Refusals are those of `Casework`, `Drafting`, `Replying` and `Sending`.

    Args:
        participant: the organisation.
        records: where its register is kept.
        outbox: sends for it.
    """

    def __init__(self, participant: Participant, records: Records, outbox: Outbox) -> None:
        self._rules = read_rules()
        self._book = Casebook(participant, records)
        self._work = Casework(self._book, self._rules)
        self._drafting = Drafting(self._book, self._rules, read_allow_list())
        self._replying = Replying(self._book, self._drafting, self._rules, read_wording())
        access = AccessWork(AccessBook(participant, records, outbox), read_access_rules())
        self._sending = Sending(self._book, outbox, self._drafting, self._rules, access)

    async def ListRequesterKinds(
        self, _request: pb2.ListRequesterKindsRequest, _context: _Context
    ) -> pb2.ListRequesterKindsResponse:
        """Who may ask."""
        return pb2.ListRequesterKindsResponse(
            kinds=[show_kind(each, self._rules) for each in self._rules.kinds]
        )

    async def RegisterMinutesRequest(
        self, request: pb2.RegisterMinutesRequestRequest, _context: _Context
    ) -> pb2.RegisterMinutesRequestResponse:
        """Registers a request."""
        case = await self._work.register(request, _who())
        return pb2.RegisterMinutesRequestResponse(summary=self._summary(case), advice=self._advice(case))

    async def ListMinutesCases(
        self, request: pb2.ListMinutesCasesRequest, _context: _Context
    ) -> pb2.ListMinutesCasesResponse:
        """Requests, oldest first."""
        found = await self._book.list(
            answered=request.include_answered, due_before=self._book.now if request.overdue_only else None
        )
        return pb2.ListMinutesCasesResponse(cases=[self._summary(each) for each in found if _is_seen(each)])

    async def GetMinutesCase(
        self, request: pb2.GetMinutesCaseRequest, _context: _Context
    ) -> pb2.GetMinutesCaseResponse:
        """One request; the reading is on record first."""
        await self._require(request.case_id)
        case = await self._work.read_for(request.case_id, _who())
        exchange_ids = await self._exchanges(case)
        shown = show_case(case, self._drafting, self._rules, self._book.now, exchange_ids, _who())
        return pb2.GetMinutesCaseResponse(case=shown)

    async def AskWhatIsWanted(
        self, request: pb2.AskWhatIsWantedRequest, _context: _Context
    ) -> pb2.AskWhatIsWantedResponse:
        """Notes a question."""
        await self._require(request.case_id)
        case = await self._work.ask_back(request.case_id, request.question, _who())
        return pb2.AskWhatIsWantedResponse(summary=self._summary(case))

    async def SettleWhatIsWanted(
        self, request: pb2.SettleWhatIsWantedRequest, _context: _Context
    ) -> pb2.SettleWhatIsWantedResponse:
        """Settles what is wanted."""
        await self._require(request.case_id)
        case = await self._work.settle_wanted(request, _who())
        return pb2.SettleWhatIsWantedResponse(summary=self._summary(case), advice=self._advice(case))

    async def NoteGround(self, request: pb2.NoteGroundRequest, _context: _Context) -> pb2.NoteGroundResponse:
        """Notes a ground."""
        await self._require(request.case_id)
        return pb2.NoteGroundResponse(summary=self._summary(await self._work.note_ground(request, _who())))

    async def ComposeSummary(
        self, request: pb2.ComposeSummaryRequest, _context: _Context
    ) -> pb2.ComposeSummaryResponse:
        """Composes a draft."""
        await self._require(request.case_id)
        case = await self._drafting.compose(request, _who())
        return pb2.ComposeSummaryResponse(summary=self._summary(case), draft=self._drafting.write(case))

    async def AskContributors(
        self, request: pb2.AskContributorsRequest, _context: _Context
    ) -> pb2.AskContributorsResponse:
        """Puts the draft before contributors."""
        await self._require(request.case_id)
        case, exchange_id = await self._sending.ask_contributors(request, _who(), _desk())
        return pb2.AskContributorsResponse(summary=self._summary(case), exchange_id=exchange_id)

    async def HearContributor(
        self, request: pb2.HearContributorRequest, _context: _Context
    ) -> pb2.HearContributorResponse:
        """Notes what one said."""
        await self._require(request.case_id)
        return pb2.HearContributorResponse(summary=self._summary(await self._drafting.hear(request, _who())))

    async def DecideSummaryItems(
        self, request: pb2.DecideSummaryItemsRequest, _context: _Context
    ) -> pb2.DecideSummaryItemsResponse:
        """Decides what is left out."""
        await self._require(request.case_id)
        case = await self._drafting.decide(request, _who())
        return pb2.DecideSummaryItemsResponse(summary=self._summary(case))

    async def PrepareReply(
        self, request: pb2.PrepareReplyRequest, _context: _Context
    ) -> pb2.PrepareReplyResponse:
        """Prepares a reply."""
        await self._require(request.case_id)
        return pb2.PrepareReplyResponse(summary=self._summary(await self._replying.prepare(request, _who())))

    async def ReturnReply(
        self, request: pb2.ReturnReplyRequest, _context: _Context
    ) -> pb2.ReturnReplyResponse:
        """Gives a reply back."""
        await self._require(request.case_id)
        case = await self._replying.give_back(request.case_id, request.reason, _who())
        return pb2.ReturnReplyResponse(summary=self._summary(case))

    async def ApproveReply(
        self, request: pb2.ApproveReplyRequest, _context: _Context
    ) -> pb2.ApproveReplyResponse:
        """Approves a reply."""
        await self._require(request.case_id)
        case = await self._replying.approve(request.case_id, _who())
        return pb2.ApproveReplyResponse(summary=self._summary(case))

    async def SendReply(self, request: pb2.SendReplyRequest, _context: _Context) -> pb2.SendReplyResponse:
        """Sends a reply."""
        await self._require(request.case_id)
        case = await self._sending.send(request, _who(), _desk())
        return pb2.SendReplyResponse(summary=self._summary(case), exchange_ids=await self._exchanges(case))

    async def GetReplyLetter(
        self, request: pb2.GetReplyLetterRequest, _context: _Context
    ) -> pb2.GetReplyLetterResponse:
        """The letter as it was approved; NotFoundError before. The reading is on record first."""
        await self._require(request.case_id)
        case = await self._work.read_for(request.case_id, _who())
        if not case.letter:
            raise NotFoundError
        return pb2.GetReplyLetterResponse(pdf=b64decode(case.letter))

    async def _require(self, case_id: str) -> None:
        """NotFoundError where there is no such request, or the person may not know of it."""
        if not _is_seen(await self._book.read(case_id)):
            raise NotFoundError

    async def _exchanges(self, case: Case) -> list[str]:
        return [await self._book.exchange_of(each) for each in references(case).values()]

    def _summary(self, case: Case) -> case_pb2.MinutesCaseSummary:
        return summarise(case, self._book.now)

    def _advice(self, case: Case) -> str:
        return self._rules.route(case.route).advice


def serve_minutes_requests(participant: Participant, records: Records, outbox: Outbox) -> ServedService:
    """The service, ready for a server."""
    return serve(
        pb2_grpc.add_MinutesRequestServiceServicer_to_server,
        MinutesRequestServicer(participant, records, outbox),
        pb2.DESCRIPTOR.services_by_name["MinutesRequestService"],
    )


def _who() -> Who:
    """The person of the call: nothing that a request says names who acts."""
    return who_of(current_actor())


def _desk() -> str:
    return current_actor().require_person().desk


def _is_seen(case: Case) -> bool:
    """Whether the person of the call may know of a request: terrorism is for those who are cleared."""
    if not case.opened["counter_terrorism"]:
        return True
    return Clearance.TERRORISM in current_actor().require_person().clearances
