"""What waits in an area, for the co-ordinator who looks after it: ids, codes, times; no paths, no values."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1 import answering_pb2
from publicprotection.oversight.v1 import hold_queue_service_pb2 as pb2

from gateway.app.hold_ending import held_of
from gateway.app.ports import Store, Unit
from gateway.app.rows import ExchangeRow, HoldKeyRow, HoldRow
from gateway.app.tools import Tools
from gateway.core.prerequisites import requirement_of
from services.kit.access.actor import Actor
from services.kit.evidence.answering import missing_keys

DEFAULT_PAGE: Final = 100
_STEP: Final = 200


class HoldQueue:
    """Lists open holds.

    Args:
        store: where they are.
        tools: directory, clock, and the prerequisites in force.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def page(self, actor: Actor, request: pb2.ListHeldRequest) -> list[pb2.HeldExchange]:
        """Open holds of exchanges whose sender, recipient or owner lies in the caller's area, oldest first.

        Args:
            actor: the co-ordinator.
            request: which page.
        """
        now, size = self._tools.clock.now(), request.page_size or DEFAULT_PAGE
        found: list[pb2.HeldExchange] = []
        async with self._store.reading() as unit:
            async for hold, sent in self._of_area(unit, actor.require_person().area, request.after_position):
                if request.only_escalated and hold.escalates_at > now:
                    continue
                turned = await unit.holds.turned([hold.exchange_id])
                found.append(
                    self._show(hold, sent, [row for row in turned if row.hold_id == hold.hold_id], now)
                )
                if len(found) == size:
                    break
        return found

    async def _of_area(self, unit: Unit, area: str, after: int) -> AsyncIterator[tuple[HoldRow, ExchangeRow]]:
        while holds := await unit.holds.open_after(after, _STEP):
            for hold in holds:
                sent = await unit.register.find(hold.exchange_id)
                if sent is not None and self._is_in(area, hold, sent):
                    yield hold, sent
            after = holds[-1].position

    def _is_in(self, area: str, hold: HoldRow, sent: ExchangeRow) -> bool:
        """An empty area is nobody's: it shows nothing."""
        concerned = (sent.sender, hold.recipient_organisation, hold.organisation)
        known = (self._tools.directory.organisation(each) for each in concerned if each)
        return bool(area) and any(each is not None and each.area == area for each in known)

    def _show(
        self, hold: HoldRow, sent: ExchangeRow, turned: list[HoldKeyRow], now: datetime
    ) -> pb2.HeldExchange:
        held = held_of(hold)
        shown = pb2.HeldExchange(
            hold_id=hold.hold_id,
            exchange_id=hold.exchange_id,
            document_type=sent.document_type,
            sender=sent.sender,
            recipient=DeskReference(organisation=hold.recipient_organisation, desk=hold.recipient_desk),
            owner=hold.organisation,
            role=held.role,
            prerequisite=hold.prerequisite,
            categories=held.categories,
            whole_exchange=held.whole_exchange,
            escalates_to=hold.escalates_to,
            escalates_to_role=hold.escalates_to_role,
            position=hold.position,
        )
        self._time(shown, hold, now)
        self._require(shown, hold, turned)
        return shown

    def _time(self, shown: pb2.HeldExchange, hold: HoldRow, now: datetime) -> None:
        shown.opened_at.FromDatetime(hold.opened_at)
        shown.age.FromTimedelta(now - hold.opened_at)
        shown.escalates_at.FromDatetime(hold.escalates_at)
        if hold.expires_at is not None:
            shown.expires_at.FromDatetime(hold.expires_at)

    def _require(self, shown: pb2.HeldExchange, hold: HoldRow, turned: list[HoldKeyRow]) -> None:
        """What is missing, by the rulebook in force."""
        for row in turned:
            shown.turned.add(key=row.key, job=row.job).at.FromDatetime(row.at)
        prerequisite = self._tools.prerequisites.get(hold.prerequisite)
        if prerequisite is None:
            return
        shown.title, shown.paragraph = prerequisite.title, prerequisite.paragraph
        requirement = requirement_of(prerequisite, hold.asked_as) or answering_pb2.AnswerRequirement()
        shown.requirement.CopyFrom(requirement)
        shown.missing.extend(missing_keys(requirement, {row.key for row in turned}))
