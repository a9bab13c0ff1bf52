"""The summary: composed, put before those who contributed, and decided item by item."""

from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from publicprotection.documents.v1.minutes_request_pb2 import MinutesExemption
from publicprotection.documents.v1.summary_pb2 import ExecutiveSummary
from publicprotection.exchange.v1 import minutes_case_pb2 as case_pb2
from publicprotection.exchange.v1 import minutes_request_service_pb2 as pb2

from services.kit.evidence.seal import TYPE_PATH
from services.kit.exchange.deliveries import build_document
from services.kit.minutes import obstacles
from services.kit.minutes.casebook import Casebook, refuse
from services.kit.minutes.cases import Case, Kind, LeftOut
from services.kit.minutes.composing import compose, find_faults, is_blanket, leave_out, redact_persons
from services.kit.minutes.errors import BlanketLeftOutError, ExemptionsRefusedError
from services.kit.minutes.rules import AllowList, Rules
from services.kit.rpc.errors import Violation
from services.kit.subject_access.model import Event, Who
from services.kit.subject_access.wire import name_value, write_day

_WRITTEN = ("referral_reason", "discussion", "disclosure", "other_actions", "level_change_reasons")


class Drafting:
    """Steps of a summary.

    Args:
        book: the register.
        rules: which exemptions there are.
        allowed: what a summary holds.
    """

    def __init__(self, book: Casebook, rules: Rules, allowed: AllowList) -> None:
        self._book = book
        self._rules = rules
        self.allowed = allowed

    async def compose(self, request: pb2.ComposeSummaryRequest, who: Who) -> Case:
        """Composes a draft from minutes. What was heard and decided of an earlier one counts no more."""
        minutes = await self._read_minutes(request)
        written = {name: getattr(request, name) for name in _WRITTEN}
        draft = compose(minutes, written, self.allowed)

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case))
            refuse(None if "SUMMARY" in self._rules.route(case.route).gives else "ANSWER_NOT_OPEN")
            return self._book.event(Kind.COMPOSED, who, draft=draft)

        return await self._book.change(request.case_id, step)

    async def _read_minutes(self, request: pb2.ComposeSummaryRequest) -> dict[str, Any]:
        """The minutes that are given, or were sent from here; MinutesRefusedError if there are none."""
        given: Message = request.minutes
        if not request.HasField("minutes"):
            async with self._book.records.store.read() as connection:
                original = await self._book.records.sent.original(connection, request.minutes_exchange_id)
            leaves = {} if original is None else original.leaves
            refuse(None if leaves.get(TYPE_PATH) == self.allowed.minutes else "MINUTES_NOT_SENT")
            _, given = build_document(leaves)
        return MessageToDict(given, preserving_proto_field_name=True)

    async def hear(self, request: pb2.HearContributorRequest, who: Who) -> Case:
        """Notes what a contributor claims. It is weighed, and is no veto (13b.32)."""
        claims = [read_item(each) for each in request.claims]

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case))
            refuse(None if request.organisation in case.contributors else "NOT_ASKED")
            self._check(case, claims, "claims")
            said = [_claim(case, number, each) for number, each in enumerate(claims)]
            return self._book.event(
                Kind.CONTRIBUTOR_HEARD,
                who,
                organisation=request.organisation,
                claims=said,
                said=request.said,
            )

        return await self._book.change(request.case_id, step)

    async def decide(self, request: pb2.DecideSummaryItemsRequest, who: Who) -> Case:
        """Decides all that is left out, item by item.

        Raises:
            ExemptionsRefusedError: an item cannot be left out so.
            BlanketLeftOutError: everything is, for one reason.
        """
        left_out = [read_item(each) for each in request.exemptions]
        overruled = {each.claim_id: each.reason for each in request.overruled}

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case))
            self._check(case, left_out, "exemptions")
            refuse(None if overruled.keys() <= case.claims.keys() else "CLAIM_UNKNOWN")
            if is_blanket(case.draft or {}, left_out, self.allowed):
                raise BlanketLeftOutError
            kept = [_stored(each) for each in left_out]
            return self._book.event(Kind.DECIDED, who, left_out=kept, overruled=overruled)

        return await self._book.change(request.case_id, step)

    def write(self, case: Case, **about: Any) -> ExecutiveSummary:
        """The summary as it would leave now; `about` is what it says of itself."""
        draft = leave_out(case.draft or {}, case.left_out)
        if self._rules.route(case.route).personal_data == "REDACTED":
            draft = redact_persons(draft, self.allowed)
        kind = self._rules.kind(case.opened["kind"])
        requester = "" if kind is None else f"SUMMARY_REQUESTER_{kind.requester}"
        return ParseDict({**draft, "requester": requester, **about}, ExecutiveSummary())

    def write_draft(self, case: Case) -> ExecutiveSummary:
        """The draft that contributors get: nothing is left out yet of what they brought."""
        day = case.comments_by
        until = {} if day is None else _json(write_day(day))
        kind = self._rules.kind(case.opened["kind"])
        requester = "" if kind is None else f"SUMMARY_REQUESTER_{kind.requester}"
        members = {"requester": requester, "stage": "SUMMARY_STAGE_DRAFT", "comments_by": until}
        return ParseDict({**(case.draft or {}), **members}, ExecutiveSummary())

    def _check(self, case: Case, items: list[LeftOut], field: str) -> None:
        refuse("SUMMARY_MISSING" if case.draft is None and items else None)
        faults = list(find_faults(case.draft or {}, items, self._rules, self.allowed))
        if faults:
            raise ExemptionsRefusedError(
                [Violation(f"{field}[{number}]", code) for number, code in faults],
                {"fault": faults[0][1]},
            )


def read_item(written: case_pb2.SummaryExemption) -> LeftOut:
    """An item as it was stated."""
    return LeftOut(
        written.field,
        written.passage,
        name_value(MinutesExemption.DESCRIPTOR, written.exemption),
        written.reason,
        written.may_very_well_prejudice,
    )


def _claim(case: Case, number: int, item: LeftOut) -> dict[str, Any]:
    return {"claim_id": f"{len(case.events) + 1}-{number + 1}", "item": _stored(item)}


def _stored(item: LeftOut) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__slots__}


def _json(message: Message) -> dict[str, Any]:
    written: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
    return written
