"""Legal holds: while one is in force, nothing about a subject or of an exchange is pruned or erased."""

from publicprotection.oversight.v1 import retention_service_pb2 as pb2

from gateway.app.log_queries import Question, record_query
from gateway.app.log_rows import LogFilter
from gateway.app.ports import Store
from gateway.app.records import RecordType, record
from gateway.app.retention_rows import LegalHoldRow
from gateway.app.scopes import exchange_scope, subject_scope
from gateway.app.seen import keep_exchanges, keep_holds, require_seen
from gateway.app.subject_acts import Act, SettledError, commit_act, open_work, read_act
from gateway.app.subject_people import stamp
from gateway.app.tools import Tools, Work
from services.kit.access.actor import Actor


class UnknownItemError(Exception):
    """There is no exchange, or no legal hold, by that id."""


class LegalHoldDesk:
    """Places, lifts and lists legal holds.

    Args:
        store: where they are.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def place(self, act: Act, subject: str, exchange_id: str) -> str:
        """Places one on a subject or, where that is empty, on an exchange; returns its id.

        Raises:
            UnknownSubjectError: there is no such subject, or none in the area.
            UnknownItemError: there is no such exchange, or none in the area.
        """
        async with open_work(self._store, self._tools) as work:
            if subject:
                await require_seen(work, act.actor, subject)
            elif exchange_id not in await keep_exchanges(work, act.actor, [exchange_id]):
                raise UnknownItemError
            return await _place(work, act, subject or None, None if subject else exchange_id)

    async def lift(self, act: Act, legal_hold_id: str) -> None:
        """Lifts one.

        Raises:
            UnknownItemError: there is no such legal hold, or none in the area.
            SettledError: it was lifted before.
        """
        async with open_work(self._store, self._tools) as work:
            row = await work.unit.legal_holds.find(legal_hold_id)
            seen = await keep_holds(work, act.actor, [] if row is None else [row])
            if row is None or not seen:
                raise UnknownItemError
            if row.lifted_at is not None:
                raise SettledError
            said = await commit_act(work, act, _reason_scope(row.subject_id, row.exchange_id))
            await work.unit.legal_holds.lift(legal_hold_id, work.at, said["scope"])
            await record(
                work,
                RecordType.LEGAL_HOLD_LIFTED,
                item=legal_hold_id,
                subject=row.subject_id,
                exchange=row.exchange_id,
                **said,
            )

    async def list(self, actor: Actor, request: pb2.ListLegalHoldsRequest) -> list[pb2.LegalHold]:
        """Those in force in the area, oldest first; asking is on record first."""
        async with open_work(self._store, self._tools) as work:
            question = Question(LogFilter(), {"queried": "LEGAL_HOLDS"})
            await record_query(work, Act(actor, request.acting.reason), request.purpose, question)
            seen = await keep_holds(work, actor, await work.unit.legal_holds.in_force())
            return [await _show(work, row) for row in seen]


async def _place(work: Work, act: Act, subject: str | None, exchange_id: str | None) -> str:
    legal_hold_id = work.tools.new_id()
    said = await commit_act(work, act, _reason_scope(subject, exchange_id))
    row = LegalHoldRow(legal_hold_id, subject, exchange_id, work.at, said["scope"])
    await work.unit.legal_holds.add(row)
    kind = RecordType.LEGAL_HOLD_PLACED
    await record(work, kind, item=legal_hold_id, subject=subject, exchange=exchange_id, **said)
    return legal_hold_id


def _reason_scope(subject: str | None, exchange_id: str | None) -> str | None:
    """The reason may name somebody: it goes when what it was about is erased."""
    if subject is not None:
        return subject_scope(subject)
    return None if exchange_id is None else exchange_scope(exchange_id)


async def _show(work: Work, row: LegalHoldRow) -> pb2.LegalHold:
    return pb2.LegalHold(
        legal_hold_id=row.legal_hold_id,
        subject=row.subject_id or "",
        exchange_id=row.exchange_id or "",
        placed_at=stamp(row.placed_at),
        placed_by=await read_act(work, row.placed_in),
    )
