"""Plays a subject access request: the letter, who owns what, masks, approval, the signed answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from publicprotection.common.v1.date_pb2 import Date
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_documents_pb2 as documents
from publicprotection.exchange.v1 import subject_access_review_pb2 as review
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from publicprotection.exchange.v1 import subject_access_terms_pb2 as terms_pb2

from deploy.story.clients import DEADLINE_S, AgencyClient
from deploy.story.documents import build_person
from deploy.story.model import ExpectedPack, SubjectAccess, Withhold
from deploy.story.played import PlayedAccess, PlayedStep
from deploy.story.watching import StepTimeoutError
from services.kit.subject_access.clock import day_of

PACK_PDF: Final = "subject-access.pdf"
PACK_JSON: Final = "subject-access.json"
"""The answer at the end of the story, in the folder of the world."""

Stub = Any
"""An asynchronous stub of SubjectAccessService: the generated type is the synchronous one."""

_POLL_S: Final = 0.25
_UNDECIDED: Final = case_pb2.ACCESS_ITEM_STATE_UNDECIDED


class AccessPlayer:
    """Plays one request after the other.

    Args:
        clients: By organisation.
        today: Day on which requests are received.
        patience_s: How long to wait for any one thing.
    """

    def __init__(self, clients: Mapping[str, AgencyClient], today: date, patience_s: float) -> None:
        self._clients: Final = clients
        self._today: Final = today
        self._patience_s: Final = patience_s

    async def play(self, said: SubjectAccess, request_id: str) -> PlayedAccess:
        """Play one.

        Raises:
            StepTimeoutError: Something that came over the broker did not come.
            grpc.aio.AioRpcError: A service refused a call that the story makes.
        """
        worker = self._clients[said.organisation].acting(said.worker)
        case_id = await self._open(worker, said, request_id)
        await self.call(worker.LocateData, pb2.LocateDataRequest(case_id=case_id))
        await self._until(worker, case_id, "LOCATED")
        asked = await self.call(worker.CollectItems, pb2.CollectItemsRequest(case_id=case_id))
        for owner in asked.owners_asked:
            await self._answer(self._clients[owner].acting(said.owners[owner]), said)
        await self._wait(lambda case: "OWNER_HAS_NOT_ANSWERED" not in case.open_points, worker, case_id)
        await self._decide(worker, case_id, said)
        await self.call(worker.MaskTexts, pb2.MaskTextsRequest(case_id=case_id))
        await self._wait(lambda case: not case.open_points, worker, case_id)
        return await self._finish(worker, said, case_id, tuple(asked.owners_asked))

    async def call(self, method: Callable[..., Awaitable[Any]], request: Any) -> Any:
        """Call one method of a stub, with a deadline."""
        return await method(request, timeout=DEADLINE_S)

    async def _get(self, worker: Stub, case_id: str) -> case_pb2.AccessCase:
        answer = await self.call(worker.GetCase, pb2.GetCaseRequest(case_id=case_id))
        case: case_pb2.AccessCase = answer.case
        return case

    async def _open(self, worker: Stub, said: SubjectAccess, request_id: str) -> str:
        received = Date(year=self._today.year, month=self._today.month, day=self._today.day)
        request = pb2.OpenCaseRequest(
            request_id=request_id,
            requester=terms_pb2.ACCESS_REQUESTER_SUBJECT,
            called=terms_pb2.ACCESS_CALLED_LETTER,
            words=said.words,
            subject=build_person(said.subject, self._today),
            received_on=received,
            reply_to=said.reply_to,
        )
        opened = await self.call(worker.OpenCase, request)
        known = pb2.EstablishIdentityRequest(
            case_id=opened.summary.case_id,
            evidence=[terms_pb2.IDENTITY_EVIDENCE_KNOWN_TO_STAFF],
            received_on=received,
        )
        await self.call(worker.EstablishIdentity, known)
        case_id: str = opened.summary.case_id
        return case_id

    async def _answer(self, owner: Stub, said: SubjectAccess) -> None:
        """Answer every enquiry that waits; each text that no rule decides is read by somebody."""
        found = await self._enquiries(owner)
        for enquiry in found:
            wanted = pb2.GetAccessEnquiryRequest(enquiry_id=enquiry.enquiry_id)
            shown = await self.call(owner.GetAccessEnquiry, wanted)
            decisions = [_decide(item, said.withhold) for item in shown.items if item.state == _UNDECIDED]
            answer = pb2.AnswerAccessEnquiryRequest(enquiry_id=enquiry.enquiry_id, decisions=decisions)
            await self.call(owner.AnswerAccessEnquiry, answer)

    async def _enquiries(self, owner: Stub) -> list[pb2.AccessEnquirySummary]:
        for _ in range(int(self._patience_s / _POLL_S)):
            listed = await self.call(owner.ListAccessEnquiries, pb2.ListAccessEnquiriesRequest())
            if listed.enquiries:
                return list(listed.enquiries)
            await asyncio.sleep(_POLL_S)
        raise StepTimeoutError("an owner was not asked in time")

    async def _decide(self, worker: Stub, case_id: str, said: SubjectAccess) -> None:
        case = await self._get(worker, case_id)
        decisions = []
        for item in case.items:
            if item.state == _UNDECIDED:
                made = _decide(item, said.withhold)
                decisions.append(
                    pb2.ItemDecision(
                        item_id=item.item_id,
                        disposition=made.disposition,
                        exemption=made.exemption,
                        reason=made.reason,
                        tell=made.tell,
                    )
                )
        if decisions:
            request = pb2.DecideItemsRequest(case_id=case_id, decisions=decisions)
            await self.call(worker.DecideItems, request)

    async def _finish(
        self, worker: Stub, said: SubjectAccess, case_id: str, owners: tuple[str, ...]
    ) -> PlayedAccess:
        officer = self._clients[said.organisation].acting(said.officer)
        await self.call(worker.PrepareResponse, pb2.PrepareResponseRequest(case_id=case_id))
        await self.call(officer.ApproveResponse, pb2.ApproveResponseRequest(case_id=case_id))
        pack = await self.call(officer.GetResponsePack, pb2.GetResponsePackRequest(case_id=case_id))
        await self.call(worker.IssueResponse, self._issue(case_id))
        return PlayedAccess(case_id, json.loads(pack.json)["pack"], pack.json, pack.pdf, owners)

    def _issue(self, case_id: str) -> review.IssueResponseRequest:
        """Handed over at once: on the day in London, which may be another than that of UTC."""
        today = day_of(datetime.now(UTC))
        on = Date(year=today.year, month=today.month, day=today.day)
        return review.IssueResponseRequest(case_id=case_id, issued_on=on, means=review.ACCESS_MEANS_IN_PERSON)

    async def _until(self, worker: Stub, case_id: str, event: str) -> None:
        await self._wait(lambda case: event in {each.event for each in case.history}, worker, case_id)

    async def _wait(self, met: Callable[[case_pb2.AccessCase], bool], worker: Stub, case_id: str) -> None:
        for _ in range(int(self._patience_s / _POLL_S)):
            case = await self._get(worker, case_id)
            if met(case):
                return
            await asyncio.sleep(_POLL_S)
        raise StepTimeoutError("the answer to a subject access request is still incomplete")


def compare_pack(expected: ExpectedPack, played: PlayedAccess) -> Iterator[str]:
    """What of an answer was not as stated; nothing if all was."""
    text = json.dumps(played.pack, ensure_ascii=False)
    rows = [row for document in played.pack["documents"] for row in document["rows"]]
    withheld = tuple(label for label, row in rows if row["withheld"])
    if withheld != expected.withheld:
        yield f"said to be withheld: {', '.join(withheld) or 'nothing'}"
    small = text.casefold()
    yield from (f"tells of {each}" for each in expected.lacks if each.casefold() in small)
    yield from (f"does not show {each}" for each in expected.shows if each not in text)


def save_packs(folder: Path, steps: Iterable[PlayedStep]) -> None:
    """Write the answers where somebody can open them."""
    for access in (step.access for step in steps if step.access is not None):
        (folder / PACK_PDF).write_bytes(access.pdf)
        (folder / PACK_JSON).write_bytes(access.file)


def _is_meant(row: Withhold, item: case_pb2.AccessItem) -> bool:
    within = item.path == row.path or item.path.startswith((f"{row.path}.", f"{row.path}["))
    return within and (not row.document_types or item.document_type in row.document_types)


def _decide(item: case_pb2.AccessItem, withhold: Iterable[Withhold]) -> documents.AccessDecision:
    """What somebody decides who has read the text."""
    row = next((each for each in withhold if _is_meant(each, item)), None)
    if row is None:
        return documents.AccessDecision(path=item.path, disposition=documents.ACCESS_DISPOSITION_GIVE)
    made = documents.AccessDecision(
        path=item.path,
        disposition=documents.ACCESS_DISPOSITION_WITHHOLD,
        exemption=row.exemption[item.regime],
        reason=f"{row.reason} ({item.label})",
    )
    if row.tell is not None:
        made.tell = documents.AccessTell.Value(f"ACCESS_TELL_{row.tell}")
    return made
