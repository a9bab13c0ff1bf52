"""What co-ordinators see: the exchange register; and the disclosure log, each query of which is a record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from google.protobuf.json_format import Parse
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.oversight.v1 import disclosure_log_service_pb2, register_service_pb2

from gateway.app.ports import Store, Unit
from gateway.app.records import RecordType, record
from gateway.app.rows import DeliveryRow, ExchangeRow, RecordRow
from gateway.app.tools import Tools, Work

DEFAULT_PAGE: Final = 100

_LogPurpose = disclosure_log_service_pb2.LogPurpose


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


class LogView:
    """Reads the disclosure log, for the purposes of DPA 2018 section 62(4) alone."""

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def page(
        self, organisation: str, request: disclosure_log_service_pb2.ListRecordsRequest
    ) -> list[RecordRow]:
        """Records after a position, oldest first. The query is recorded before it is answered.

        Args:
            organisation: who asks.
            request: validated; its purpose is one of the four.
        """
        async with self._store.writing() as unit:
            work = Work(unit, self._tools, self._tools.key_store.batch(), self._tools.clock.now())
            await _record_query(work, organisation, request)
            size = request.page_size or DEFAULT_PAGE
            return await unit.log.page(request.after_position, size, request.exchange_id or None)


async def _record_query(
    work: Work, organisation: str, request: disclosure_log_service_pb2.ListRecordsRequest
) -> None:
    # What was asked for is the caller's own text: it goes into the record only if it names an exchange.
    asked = request.exchange_id
    known = bool(asked) and await work.unit.submissions.find(asked) is not None
    await record(
        work,
        RecordType.LOG_QUERY,
        organisation=organisation,
        purpose=_LogPurpose.Name(request.purpose).removeprefix("LOG_PURPOSE_"),
        after=str(request.after_position),
        page_size=request.page_size or DEFAULT_PAGE,
        queried=asked if known else ("UNKNOWN" if asked else None),
    )


async def _registered(
    unit: Unit, rows: Sequence[ExchangeRow]
) -> list[register_service_pb2.RegisteredExchange]:
    ids = [row.exchange_id for row in rows]
    found = {row.exchange_id: _exchange(row) for row in rows}
    for decision in await unit.register.decisions(ids):
        Parse(decision.body, found[decision.exchange_id].decisions.add())
    for delivery in await unit.deliveries.of_exchanges(ids):
        found[delivery.exchange_id].deliveries.append(_delivery(delivery))
    return list(found.values())


def _exchange(row: ExchangeRow) -> register_service_pb2.RegisteredExchange:
    view = register_service_pb2.RegisteredExchange(
        exchange_id=row.exchange_id,
        sender=row.sender,
        document_type=row.document_type,
        subject=row.subject_id,
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
