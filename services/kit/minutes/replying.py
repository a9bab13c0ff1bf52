"""The reply: prepared, approved by somebody who did not write it, and sent."""

import asyncio
from base64 import b64encode
from datetime import date
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from publicprotection.documents.v1.minutes_request_pb2 import MinutesAnswer
from publicprotection.exchange.v1 import minutes_request_service_pb2 as pb2

from services.kit.calendar import local_day
from services.kit.minutes import obstacles
from services.kit.minutes.casebook import Casebook, refuse
from services.kit.minutes.cases import Case, Kind, State
from services.kit.minutes.drafting import Drafting
from services.kit.minutes.errors import NotApproverError
from services.kit.minutes.letters import build_letter
from services.kit.minutes.rules import Rules, Wording
from services.kit.rpc.validation import validate
from services.kit.subject_access.document import write_document
from services.kit.subject_access.model import Event, Who
from services.kit.subject_access.wire import name_value, write_day


class Replying:
    """Steps of a reply.

    Args:
        book: the register.
        drafting: writes summaries.
        rules: who approves, and what is needed.
        wording: of letters.
    """

    def __init__(self, book: Casebook, drafting: Drafting, rules: Rules, wording: Wording) -> None:
        self._book = book
        self._drafting = drafting
        self._rules = rules
        self._wording = wording

    async def prepare(self, request: pb2.PrepareReplyRequest, who: Who) -> Case:
        """Says what the answer is. Where nobody else approves it, it is ready to be sent.

        Raises:
            MinutesRefusedError: something is missing that this answer needs.
            InvalidRequestError: the summary lacks what one must have.
        """
        answer = name_value(MinutesAnswer.DESCRIPTOR, request.answer)
        said = {
            "answer": answer,
            "reasons": request.reasons,
            "safety_concerns": request.safety_concerns,
        }

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case))
            found = obstacles.to_answer(case, answer, request.reasons, self._rules, self._book.today)
            refuse(next(found, None))
            if answer == "SUMMARY":
                validate(self._summary(case, who))
            return self._book.event(Kind.PREPARED, who, **said)

        case = await self._book.change(request.case_id, step)
        return case if obstacles.needs_approval(case, self._rules) else await self._settle(case, who)

    async def give_back(self, case_id: str, reason: str, who: Who) -> Case:
        """Gives a reply back to be worked on."""

        def step(case: Case) -> Event:
            refuse(None if case.state is State.PREPARED else "NOT_PREPARED")
            self._require_approver(case, who)
            return self._book.event(Kind.RETURNED, who, reason=reason)

        return await self._book.change(case_id, step)

    async def approve(self, case_id: str, who: Who) -> Case:
        """Approves a reply.

        Raises:
            NotApproverError: whoever acts wrote it, or does not decide on minutes.
        """
        case = await self._book.read(case_id)
        refuse(None if case.state is State.PREPARED else "NOT_PREPARED")
        self._require_approver(case, who)
        return await self._settle(case, who)

    def _require_approver(self, case: Case, who: Who) -> None:
        if not obstacles.needs_approval(case, self._rules):
            return
        if (obstacle := obstacles.to_approval(case, who, self._rules)) is not None:
            raise NotApproverError({"obstacle": obstacle})

    async def _settle(self, case: Case, who: Who) -> Case:
        """Makes the letter and notes the approval; the letter is that of the request as it stands."""
        pdf = await asyncio.to_thread(write_document, self._letter(case, who))

        def step(now: Case) -> Event:
            refuse(None if now.events == case.events else "CHANGED_MEANWHILE")
            return self._book.event(Kind.APPROVED, who, letter=b64encode(pdf).decode())

        return await self._book.change(case.case_id, step)

    def _letter(self, case: Case, who: Who) -> dict[str, Any]:
        prepared = case.prepared or {}
        summary = None
        if prepared["answer"] == "SUMMARY":
            summary = MessageToDict(self._summary(case, who), preserving_proto_field_name=True)
        names = self._book.participant.directory().organisations
        return build_letter(
            case,
            prepared,
            summary,
            self._book.today,
            rules=self._rules,
            wording=self._wording,
            allowed=self._drafting.allowed,
            name_of=lambda each: names[each].name if each in names else each,
        )

    def _summary(self, case: Case, who: Who) -> Message:
        return write_final(self._drafting, case, who, self._book.today)


def write_final(drafting: Drafting, case: Case, who: Who, today: date) -> Message:
    """The summary as it leaves: approved by whoever did, or by `who` today if nobody has."""
    approver = case.approved_by or who
    day = today if case.approved_at is None else local_day(case.approved_at)
    written = MessageToDict(write_day(day), preserving_proto_field_name=True)
    return drafting.write(case, stage="SUMMARY_STAGE_FINAL", approved_by=approver.role, approved_on=written)
