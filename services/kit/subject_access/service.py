"""SubjectAccessService: cases of this organisation, and enquiries of others to it as owner."""

from base64 import b64decode
from typing import Any

import grpc.aio
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_review_pb2 as review
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from publicprotection.exchange.v1 import subject_access_service_pb2_grpc
from publicprotection.exchange.v1.reading_service_pb2 import READING_KIND_OUTCOMES

from services.kit.access.actor import current_actor
from services.kit.exchange.outbox import Outbox
from services.kit.exchange.participant import Participant
from services.kit.exchange.readings import Read, Reader, note_readings
from services.kit.exchange.records import Records
from services.kit.rpc.errors import NotFoundError
from services.kit.rpc.service import ServedService, serve
from services.kit.subject_access.answering import Answering
from services.kit.subject_access.casebook import Casebook
from services.kit.subject_access.cases import Case
from services.kit.subject_access.casework import Casework
from services.kit.subject_access.item_views import show_item, show_proposed, show_sources
from services.kit.subject_access.model import Settled, Who
from services.kit.subject_access.owning import Owning
from services.kit.subject_access.pack import Law
from services.kit.subject_access.reviewing import Reviewing
from services.kit.subject_access.rule_views import show_rules
from services.kit.subject_access.rules import read_rules, read_wording
from services.kit.subject_access.views import Standing, show_case, summarise, summarise_enquiry
from services.kit.subject_access.wire import who_of

_Context = grpc.aio.ServicerContext[Any, Any]


class SubjectAccessServicer(subject_access_service_pb2_grpc.SubjectAccessServiceServicer):
    """Works on cases. Refusals are those of `Casework`, `Answering` and `Owning`.

    Args:
        participant: the organisation.
        records: where its cases are kept.
        outbox: sends for them.
    """

    def __init__(self, participant: Participant, records: Records, outbox: Outbox) -> None:
        law = Law(read_rules(), read_wording())
        self._law = law
        self._participant = participant
        self._records = records
        self._book = Casebook(participant, records, outbox)
        self._work = Casework(self._book, law.rules)
        self._answering = Answering(self._book, law)
        self._reviewing = Reviewing(self._book, self._work, self._answering, law)
        self._owning = Owning(participant, records, outbox, law)

    async def OpenCase(self, request: pb2.OpenCaseRequest, _context: _Context) -> pb2.OpenCaseResponse:
        """Opens a case."""
        return pb2.OpenCaseResponse(summary=self._summary(await self._work.open(request, _who())))

    async def ListCases(self, request: pb2.ListCasesRequest, _context: _Context) -> pb2.ListCasesResponse:
        """Cases whose answer is not issued, oldest first; or those whose answer is, newest first."""
        cases, following = await self._book.list_cases(request)
        return pb2.ListCasesResponse(cases=[self._summary(each) for each in cases], next_page_token=following)

    async def GetCase(self, request: pb2.GetCaseRequest, _context: _Context) -> pb2.GetCaseResponse:
        """One case; the reading is on record first."""
        case = await self._work.read_for(request.case_id, _who())
        return pb2.GetCaseResponse(case=show_case(self._standing(case), items=not request.without_items))

    async def ListCaseItems(
        self, request: pb2.ListCaseItemsRequest, _context: _Context
    ) -> pb2.ListCaseItemsResponse:
        """Items of a case, page by page; the reading is on record first."""
        case, page = await self._reviewing.list_items(request, _who())
        standing = self._standing(case)
        return pb2.ListCaseItemsResponse(
            summary=summarise(standing),
            items=[self._show(case, each) for each in page.items],
            next_page_token=page.following,
            total=page.total,
            sources=list(show_sources(case, standing.settled)),
        )

    async def RevealItems(
        self, request: pb2.RevealItemsRequest, _context: _Context
    ) -> pb2.RevealItemsResponse:
        """Items about others with what they say; the reason is on record first."""
        case, items = await self._reviewing.reveal(request, _who())
        return pb2.RevealItemsResponse(items=[self._show(case, each, revealed=True) for each in items])

    async def AmendMask(self, request: review.AmendMaskRequest, _context: _Context) -> pb2.AmendMaskResponse:
        """Changes what is masked in a text."""
        case = await self._reviewing.amend_mask(request, _who())
        settled = self._answering.settle(case)
        item = next(each for each in settled if each.item.item_id == request.item_id)
        return pb2.AmendMaskResponse(summary=self._summary(case), item=self._show(case, item))

    async def PreviewResponse(
        self, request: review.PreviewResponseRequest, _context: _Context
    ) -> review.PreviewResponseResponse:
        """What would be sent if it were approved now; the reading is on record first."""
        json, pdf = await self._reviewing.preview(request.case_id, _who())
        return review.PreviewResponseResponse(pdf=pdf, json=json)

    async def IssueResponse(
        self, request: review.IssueResponseRequest, _context: _Context
    ) -> pb2.IssueResponseResponse:
        """Notes that the pack was sent."""
        return pb2.IssueResponseResponse(summary=self._summary(await self._reviewing.issue(request, _who())))

    async def GetAccessRules(
        self, _request: review.GetAccessRulesRequest, _context: _Context
    ) -> review.GetAccessRulesResponse:
        """Exemptions and evidence, as this service applies them."""
        return show_rules(self._law.rules)

    async def AskIdentity(
        self, request: pb2.AskIdentityRequest, _context: _Context
    ) -> pb2.AskIdentityResponse:
        """Notes a question who they are."""
        case = await self._work.ask_identity(request.case_id, request.reason, _who())
        return pb2.AskIdentityResponse(summary=self._summary(case))

    async def EstablishIdentity(
        self, request: pb2.EstablishIdentityRequest, _context: _Context
    ) -> pb2.EstablishIdentityResponse:
        """Notes who they are."""
        case = await self._work.establish_identity(request, _who())
        return pb2.EstablishIdentityResponse(summary=self._summary(case))

    async def AskClarification(
        self, request: pb2.AskClarificationRequest, _context: _Context
    ) -> pb2.AskClarificationResponse:
        """Notes a question which information is meant."""
        case = await self._work.ask_clarification(request.case_id, request.reason, _who())
        return pb2.AskClarificationResponse(summary=self._summary(case))

    async def ReceiveClarification(
        self, request: pb2.ReceiveClarificationRequest, _context: _Context
    ) -> pb2.ReceiveClarificationResponse:
        """Notes the answer."""
        case = await self._work.receive_clarification(request, _who())
        return pb2.ReceiveClarificationResponse(summary=self._summary(case))

    async def ExtendTime(self, request: pb2.ExtendTimeRequest, _context: _Context) -> pb2.ExtendTimeResponse:
        """Extends the time."""
        return pb2.ExtendTimeResponse(summary=self._summary(await self._work.extend(request, _who())))

    async def LocateData(self, request: pb2.LocateDataRequest, _context: _Context) -> pb2.LocateDataResponse:
        """Asks the gateway where data lies."""
        case = await self._work.locate(request.case_id, _who())
        return pb2.LocateDataResponse(summary=self._summary(case))

    async def CollectItems(
        self, request: pb2.CollectItemsRequest, _context: _Context
    ) -> pb2.CollectItemsResponse:
        """Gathers items and asks their owners."""
        case, asked = await self._answering.collect(request.case_id, _who())
        return pb2.CollectItemsResponse(summary=self._summary(case), owners_asked=asked)

    async def AddItem(self, request: pb2.AddItemRequest, _context: _Context) -> pb2.AddItemResponse:
        """Adds what stands in a case system."""
        case, item_id = await self._answering.add(request, _who())
        return pb2.AddItemResponse(summary=self._summary(case), item_id=item_id)

    async def DecideItems(
        self, request: pb2.DecideItemsRequest, _context: _Context
    ) -> pb2.DecideItemsResponse:
        """Decides items."""
        case = await self._answering.decide(request, _who())
        return pb2.DecideItemsResponse(summary=self._summary(case))

    async def MaskTexts(self, request: pb2.MaskTextsRequest, _context: _Context) -> pb2.MaskTextsResponse:
        """Has texts masked."""
        case, texts = await self._answering.mask(request.case_id, _who())
        return pb2.MaskTextsResponse(summary=self._summary(case), texts=texts)

    async def PrepareResponse(
        self, request: pb2.PrepareResponseRequest, _context: _Context
    ) -> pb2.PrepareResponseResponse:
        """Hands the response to the data protection officer."""
        case = await self._answering.prepare(request.case_id, _who())
        return pb2.PrepareResponseResponse(summary=self._summary(case))

    async def ReturnResponse(
        self, request: pb2.ReturnResponseRequest, _context: _Context
    ) -> pb2.ReturnResponseResponse:
        """Gives it back."""
        case = await self._answering.give_back(request.case_id, request.reason, _who())
        return pb2.ReturnResponseResponse(summary=self._summary(case))

    async def ApproveResponse(
        self, request: pb2.ApproveResponseRequest, _context: _Context
    ) -> pb2.ApproveResponseResponse:
        """Approves it."""
        case = await self._answering.approve(request.case_id, _who())
        return pb2.ApproveResponseResponse(summary=self._summary(case))

    async def GetResponsePack(
        self, request: pb2.GetResponsePackRequest, _context: _Context
    ) -> pb2.GetResponsePackResponse:
        """The pack as it was approved; NotFoundError before. The reading is on record first."""
        case = await self._work.read_for(request.case_id, _who())
        if case.pack is None:
            raise NotFoundError
        return pb2.GetResponsePackResponse(pdf=b64decode(case.pack["pdf"]), json=case.pack["json"].encode())

    async def ListAccessEnquiries(
        self, request: pb2.ListAccessEnquiriesRequest, _context: _Context
    ) -> pb2.ListAccessEnquiriesResponse:
        """Enquiries of others, oldest first."""
        found = await self._owning.list_enquiries(answered=request.include_answered)
        enquiries = [summarise_enquiry(each, self._owning.today) for each in found]
        return pb2.ListAccessEnquiriesResponse(enquiries=enquiries)

    async def GetAccessEnquiry(
        self, request: pb2.GetAccessEnquiryRequest, _context: _Context
    ) -> pb2.GetAccessEnquiryResponse:
        """One enquiry with its items; the reading is on record first."""
        enquiry, items = await self._owning.get(request.enquiry_id)
        await self._note_reading(enquiry.enquiry_id)
        return pb2.GetAccessEnquiryResponse(
            summary=summarise_enquiry(enquiry, self._owning.today),
            items=[show_proposed(item, decision) for item, decision in items],
        )

    async def AnswerAccessEnquiry(
        self, request: pb2.AnswerAccessEnquiryRequest, _context: _Context
    ) -> pb2.AnswerAccessEnquiryResponse:
        """Answers one."""
        enquiry = await self._owning.answer(request, _who())
        return pb2.AnswerAccessEnquiryResponse(summary=summarise_enquiry(enquiry, self._owning.today))

    def _summary(self, case: Case) -> case_pb2.AccessCaseSummary:
        return summarise(self._standing(case))

    def _standing(self, case: Case) -> Standing:
        settled = self._answering.settle(case)
        points = self._answering.open_points(case)
        return Standing(case, settled, points, self._law, self._book.today)

    def _show(self, case: Case, settled: Settled, *, revealed: bool = False) -> case_pb2.AccessItem:
        return show_item(case, settled, self._law, self._book.today, revealed=revealed)

    async def _note_reading(self, enquiry_id: str) -> None:
        actor, who = current_actor(), _who()
        reader = Reader(actor.system.client, who.name, who.job)
        await note_readings(
            self._participant, self._records, reader, [Read(READING_KIND_OUTCOMES, enquiry_id)]
        )


def serve_subject_access(participant: Participant, records: Records, outbox: Outbox) -> ServedService:
    """The service, ready for a server."""
    return serve(
        subject_access_service_pb2_grpc.add_SubjectAccessServiceServicer_to_server,
        SubjectAccessServicer(participant, records, outbox),
        pb2.DESCRIPTOR.services_by_name["SubjectAccessService"],
    )


def _who() -> Who:
    """The person of the call: nothing that a request says names who acts."""
    return who_of(current_actor())
