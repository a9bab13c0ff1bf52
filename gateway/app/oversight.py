"""What co-ordinators see of exchanges: the register, which is the operational view and no evidence."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from google.protobuf.json_format import Parse
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.oversight.v1 import register_service_pb2

from gateway.app.ports import Store, Unit
from gateway.app.rows import DeliveryRow, ExchangeRow

DEFAULT_PAGE: Final = 100


class RegisterView:
    """Reads the exchange register: paths and categories, never values."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(self, after: int, size: int) -> list[register_service_pb2.RegisteredExchange]:
        """Exchanges after a position, oldest first; size 0 is the default of 100."""
        async with self._store.reading() as unit:
            return await _registered(unit, await unit.register.page(after, size or DEFAULT_PAGE))

    async def find(self, exchange_id: str) -> register_service_pb2.RegisteredExchange | None:
        """One exchange."""
        async with self._store.reading() as unit:
            row = await unit.register.find(exchange_id)
            return None if row is None else (await _registered(unit, [row]))[0]


async def _registered(
    unit: Unit, rows: Sequence[ExchangeRow]
) -> list[register_service_pb2.RegisteredExchange]:
    ids = [row.exchange_id for row in rows]
    people = await _people(unit, {row.subject_id for row in rows})
    found = {row.exchange_id: _exchange(row, people) for row in rows}
    for decision in await unit.register.decisions(ids):
        Parse(decision.body, found[decision.exchange_id].decisions.add())
    for delivery in await unit.deliveries.of_exchanges(ids):
        found[delivery.exchange_id].deliveries.append(_delivery(delivery))
    return list(found.values())


async def _people(unit: Unit, entries: Collection[str]) -> dict[str, str]:
    """From entry to the oldest that is the same person now: what links make of it, not what the row said."""
    people: dict[str, str] = {}
    for row in await unit.subjects.reached(entries):
        people.setdefault(row.seed, row.entry.subject_id)
    return people


def _exchange(row: ExchangeRow, people: Mapping[str, str]) -> register_service_pb2.RegisteredExchange:
    view = register_service_pb2.RegisteredExchange(
        exchange_id=row.exchange_id,
        sender=row.sender,
        document_type=row.document_type,
        subject=people.get(row.subject_id, row.subject_id),
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
