"""What people see of exchanges: the register, which is the operational view and no evidence.

A co-ordinator sees those of the area, an organisation's data protection officer those that it took part in,
the operator's auditor ids, times and codes of all.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from google.protobuf.json_format import Parse
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.exchange.v1.decision_pb2 import Decision
from publicprotection.oversight.v1 import register_service_pb2

from gateway.app.ports import Store, Unit
from gateway.app.rows import DecisionRow, DeliveryRow, ExchangeRow
from gateway.app.sight import Sight, sight_of
from gateway.app.tools import Tools
from services.kit.access.actor import Actor

DEFAULT_PAGE: Final = 100


class RegisterView:
    """Reads the exchange register: paths and categories, never values.

    Args:
        store: where it is.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def page(
        self, actor: Actor, after: int, size: int
    ) -> list[register_service_pb2.RegisteredExchange]:
        """Exchanges after a position, oldest first; size 0 is the default of 100."""
        sight = sight_of(actor, self._tools.directory)
        async with self._store.reading() as unit:
            rows = await unit.register.page(after, size or DEFAULT_PAGE, sight.organisations)
            return await _registered(unit, rows, sight)

    async def find(self, actor: Actor, exchange_id: str) -> register_service_pb2.RegisteredExchange | None:
        """One exchange; None also for one that the actor does not see."""
        sight = sight_of(actor, self._tools.directory)
        async with self._store.reading() as unit:
            row = await unit.register.find(exchange_id)
            decided = await unit.register.decisions([exchange_id])
            if row is None or not sight.covers([row.sender, *(each.organisation for each in decided)]):
                return None
            return (await _registered(unit, [row], sight))[0]


async def _registered(
    unit: Unit, rows: Sequence[ExchangeRow], sight: Sight
) -> list[register_service_pb2.RegisteredExchange]:
    ids, senders = [row.exchange_id for row in rows], {row.exchange_id: row.sender for row in rows}
    people = await _people(unit, {row.subject_id for row in rows}) if sight.people else {}
    found = {row.exchange_id: _exchange(row, people, sight) for row in rows}
    for decision in await unit.register.decisions(ids):
        if (shown := _decision(decision, senders[decision.exchange_id], sight)) is not None:
            found[decision.exchange_id].decisions.append(shown)
    for delivery in await unit.deliveries.of_exchanges(ids):
        # An organisation sees its own and those of what it sent, never who else received.
        if sight.whole or sight.covers([senders[delivery.exchange_id], delivery.organisation]):
            found[delivery.exchange_id].deliveries.append(_delivery(delivery))
    return list(found.values())


def _decision(row: DecisionRow, sender: str, sight: Sight) -> Decision | None:
    """A decision as far as it is seen: it is written for the sender, and tells a recipient too much."""
    decision = Parse(row.body, Decision())
    if sight.people or (not sight.whole and sight.covers([sender])):
        return decision
    if not sight.whole:
        return None
    return Decision(
        recipient=decision.recipient,
        outcome=decision.outcome,
        decided_at=decision.decided_at,
        delivery_id=decision.delivery_id,
        rulebook=decision.rulebook,
    )


async def _people(unit: Unit, entries: Collection[str]) -> dict[str, str]:
    """From entry to the oldest that is the same person now: what links make of it, not what the row said."""
    people: dict[str, str] = {}
    for row in await unit.subjects.reached(entries):
        people.setdefault(row.seed, row.entry.subject_id)
    return people


def _exchange(
    row: ExchangeRow, people: Mapping[str, str], sight: Sight
) -> register_service_pb2.RegisteredExchange:
    view = register_service_pb2.RegisteredExchange(
        exchange_id=row.exchange_id,
        sender=row.sender,
        document_type=row.document_type,
        subject=people.get(row.subject_id, row.subject_id) if sight.people else "",
        in_reply_to=row.in_reply_to or "",
        position=row.position,
    )
    view.decided_at.FromDatetime(row.decided_at)
    # Numbers of the contract's enumerations, as the sender wrote them.
    setattr(view, "purpose", row.purpose)  # noqa: B010
    setattr(view, "urgency", row.urgency)  # noqa: B010
    return view


def _delivery(row: DeliveryRow) -> register_service_pb2.DeliveryStatus:
    return register_service_pb2.DeliveryStatus(
        delivery_id=row.delivery_id,
        organisation=row.organisation,
        desk=row.desk,
        published_at=_stamp(row.published_at),
        receipted_at=_stamp(None if row.refused else row.receipted_at),
        acknowledged_at=_stamp(row.acknowledged_at),
        supplementary_to=row.supplementary_to or "",
    )


def _stamp(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
