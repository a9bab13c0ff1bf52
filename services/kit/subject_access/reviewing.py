"""Reviewing a case: items page by page, what is about others for a reason, masks, preview, issue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_review_pb2 as review
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2

from services.kit.rpc.errors import InvalidRequestError, NotFoundError, Violation
from services.kit.subject_access import obstacles
from services.kit.subject_access.answering import Answering
from services.kit.subject_access.casebook import Casebook, refuse
from services.kit.subject_access.cases import Case, Kind
from services.kit.subject_access.casework import Casework
from services.kit.subject_access.errors import DecisionsRefusedError
from services.kit.subject_access.item_views import DISCLOSURES, source_of
from services.kit.subject_access.model import Event, ItemState, Mask, Settled, Who
from services.kit.subject_access.pack import Law
from services.kit.subject_access.publishing import preview
from services.kit.subject_access.wire import name_value, require_past

_PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Some items of a case.

    Attributes:
        total: how many there are of what was asked for.
        following: token for those that follow; empty at the end.
    """

    items: Sequence[Settled]
    total: int
    following: str


class Reviewing:
    """What people do with the items of a case.

    Args:
        book: the organisation's cases.
        work: steps of a case.
        answering: how its items stand.
        law: rules and wording.
    """

    def __init__(self, book: Casebook, work: Casework, answering: Answering, law: Law) -> None:
        self._book = book
        self._work = work
        self._answering = answering
        self._law = law

    async def list_items(self, request: pb2.ListCaseItemsRequest, who: Who) -> tuple[Case, Page]:
        """Items of a case; the reading is on record first.

        Raises:
            NotFoundError: there is no such case.
            InvalidRequestError: the token is none of this list.
        """
        case = await self._work.read_for(request.case_id, who)
        wanted = [each for each in self._answering.settle(case) if _is_wanted(each, request)]
        wanted.sort(key=source_of)
        return case, _cut(wanted, request)

    async def reveal(self, request: pb2.RevealItemsRequest, who: Who) -> tuple[Case, list[Settled]]:
        """Items with what they say, although it is about others; the reason is on record first.

        Raises:
            NotFoundError: there is no such case, or none of the items is of it.
        """
        ids = set(request.item_ids)

        def step(case: Case) -> Event:
            found = [each for each in request.item_ids if each in case.items]
            if not found:
                raise NotFoundError
            return self._book.event(Kind.REVEALED, who, items=found, reason=request.reason)

        case = await self._book.change(request.case_id, step)
        return case, [each for each in self._answering.settle(case) if each.item.item_id in ids]

    async def amend_mask(self, request: review.AmendMaskRequest, who: Who) -> Case:
        """Changes what is masked in a text.

        Raises:
            AccessRefusedError: NOT_MASKED: the gateway has proposed nothing yet.
            DecisionsRefusedError: SPAN_OUTSIDE_TEXT; REASON_MISSING: something is shown that was proposed to
                be masked, and nobody says why.
        """
        spans = sorted((each.start, each.end) for each in request.spans)

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case))
            refuse(None if request.item_id in case.masks else "NOT_MASKED")
            _require_spans(case, request, spans)
            uncovers = case.masks[request.item_id].uncovered(spans)
            detail = {"item_id": request.item_id, "spans": spans, "uncovers": uncovers}
            return self._book.event(Kind.MASK_AMENDED, who, **detail, reason=request.reason)

        return await self._book.change(request.case_id, step)

    async def preview(self, case_id: str, who: Who) -> tuple[bytes, bytes]:
        """What would be sent now, as JSON and PDF; the reading is on record first."""
        case = await self._work.read_for(case_id, who)
        refuse(None if case.collected else "NOT_COLLECTED")
        return await preview(self._book.participant, case, self._answering.settle(case), self._law)

    async def issue(self, request: review.IssueResponseRequest, who: Who) -> Case:
        """Notes that the pack was sent: the time ends (DPA 2018 s.54(1)).

        Raises:
            FutureDayError: it cannot have been sent yet.
            AccessRefusedError: NOT_APPROVED, CASE_ISSUED before, or BEFORE_APPROVAL.
        """
        day = require_past(request.issued_on, self._book.today, "issued_on")
        means = name_value(review.AccessMeans.DESCRIPTOR, request.means)

        def step(case: Case) -> Event:
            refuse(obstacles.to_issue(case, day))
            return self._book.event(Kind.ISSUED, who, issued_on=day.isoformat(), means=means)

        return await self._book.close(request.case_id, step)


def _is_wanted(settled: Settled, request: pb2.ListCaseItemsRequest) -> bool:
    item, state = settled.item, case_pb2.AccessItemState.Value(f"ACCESS_ITEM_STATE_{settled.state}")
    source = DISCLOSURES if item.is_disclosure else item.exchange_id
    return (
        (not request.states or state in request.states)
        and request.exchange_id in {"", source}
        and (not request.item_ids or item.item_id in request.item_ids)
        and not (request.texts and (settled.state is not ItemState.GIVEN or not item.is_text))
    )


def _cut(wanted: Sequence[Settled], request: pb2.ListCaseItemsRequest) -> Page:
    if request.page_token and not request.page_token.isdecimal():
        raise InvalidRequestError([Violation("page_token", "Use the token of the answer before.")])
    start, size = int(request.page_token or 0), request.page_size or _PAGE
    end = start + size
    return Page(wanted[start:end], len(wanted), str(end) if end < len(wanted) else "")


def _require_spans(case: Case, request: review.AmendMaskRequest, spans: Iterable[tuple[int, int]]) -> None:
    """DecisionsRefusedError unless the spans lie in the text, and what is uncovered has a reason."""
    spans, mask = list(spans), case.masks[request.item_id]
    length = len(str(case.items[request.item_id].value))
    if any(not 0 <= start < end <= length for start, end in spans):
        raise DecisionsRefusedError([Violation(request.item_id, "SPAN_OUTSIDE_TEXT")])
    if _lacks_reason(mask, spans, request.reason):
        raise DecisionsRefusedError([Violation(request.item_id, "REASON_MISSING")])


def _lacks_reason(mask: Mask, spans: Iterable[tuple[int, int]], reason: str) -> bool:
    return mask.uncovered(spans) and not reason.strip()
