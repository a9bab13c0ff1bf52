"""A hold as a co-ordinator sees it: who owns the answer, how long it waits, and what is missing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1 import answering_pb2, hold_service_pb2
from publicprotection.oversight.v1 import hold_queue_service_pb2 as pb2

from gateway.app.hold_ending import held_of
from gateway.app.hold_filter import HoldTally
from gateway.app.rows import HoldKeyRow, HoldRow, HoldState
from gateway.app.tools import Tools
from gateway.core.prerequisites import requirement_of
from services.kit.evidence.answering import missing_keys

_STATES: Final = {
    HoldState.OPEN: hold_service_pb2.HOLD_STATE_OPEN,
    HoldState.GRANTED: hold_service_pb2.HOLD_STATE_GRANTED,
    HoldState.DECLINED: hold_service_pb2.HOLD_STATE_DECLINED,
    HoldState.LIFTED: hold_service_pb2.HOLD_STATE_LIFTED,
    HoldState.WITHDRAWN: hold_service_pb2.HOLD_STATE_LIFTED,
    HoldState.EXPIRED: hold_service_pb2.HOLD_STATE_EXPIRED,
}


class HoldShowing:
    """Shows holds, all as of one moment.

    Args:
        tools: clock, and the prerequisites in force.
        turned: keys turned to the holds that will be shown, and perhaps to others.
    """

    def __init__(self, tools: Tools, turned: Iterable[HoldKeyRow]) -> None:
        self._tools = tools
        self._turned = tuple(turned)
        self._now = tools.clock.now()

    def show(self, hold: HoldRow) -> pb2.HeldExchange:
        """One hold."""
        held = held_of(hold)
        shown = pb2.HeldExchange(
            hold_id=hold.hold_id,
            exchange_id=hold.exchange_id,
            document_type=hold.document_type,
            sender=hold.sender,
            recipient=DeskReference(organisation=hold.recipient_organisation, desk=hold.recipient_desk),
            owner=hold.organisation,
            role=held.role,
            prerequisite=hold.prerequisite,
            categories=held.categories,
            whole_exchange=held.whole_exchange,
            escalates_to=hold.escalates_to,
            escalates_to_role=hold.escalates_to_role,
            position=hold.position,
            state=_STATES[hold.state],
        )
        self._time(shown, hold)
        self._require(shown, hold)
        return shown

    def count(self, tally: HoldTally) -> pb2.HeldCount:
        """One count."""
        counted = pb2.HeldCount(
            owner=tally.owner,
            prerequisite=tally.prerequisite,
            document_type=tally.document_type,
            open=tally.open,
            escalated=tally.escalated,
        )
        counted.oldest.FromDatetime(tally.oldest)
        prerequisite = self._tools.prerequisites.get(tally.prerequisite)
        if prerequisite is not None:
            counted.title, counted.paragraph = prerequisite.title, prerequisite.paragraph
        return counted

    def _time(self, shown: pb2.HeldExchange, hold: HoldRow) -> None:
        ends: datetime = hold.closed_at or self._now
        shown.opened_at.FromDatetime(hold.opened_at)
        shown.age.FromTimedelta(ends - hold.opened_at)
        shown.escalates_at.FromDatetime(hold.escalates_at)
        shown.escalated = hold.escalates_at <= ends
        if hold.expires_at is not None:
            shown.expires_at.FromDatetime(hold.expires_at)
        if hold.closed_at is not None:
            shown.closed_at.FromDatetime(hold.closed_at)

    def _require(self, shown: pb2.HeldExchange, hold: HoldRow) -> None:
        """What is missing, by the rulebook in force."""
        turned = [row for row in self._turned if row.hold_id == hold.hold_id]
        for row in turned:
            shown.turned.add(key=row.key, job=row.job).at.FromDatetime(row.at)
        prerequisite = self._tools.prerequisites.get(hold.prerequisite)
        if prerequisite is None:
            return
        shown.title, shown.paragraph = prerequisite.title, prerequisite.paragraph
        requirement = requirement_of(prerequisite, hold.asked_as) or answering_pb2.AnswerRequirement()
        shown.requirement.CopyFrom(requirement)
        if hold.state is HoldState.OPEN:
            shown.missing.extend(missing_keys(requirement, {row.key for row in turned}))
