"""What a data protection officer does about a breach; every change and every search is a record first."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from publicprotection.oversight.v1 import disclosure_log_service_pb2 as log_pb2

from gateway.app.breaches.finding import Search, find_exchanges
from gateway.app.breaches.rows import AffectedRow, BreachRow, BreachStepRow
from gateway.app.clocks.matters import NewClock, start_clock, stop_clocks
from gateway.app.log_queries import record_query
from gateway.app.ports import Store
from gateway.app.records import RecordType, record
from gateway.app.subject_acts import Act, commit_act, open_work
from gateway.app.tools import Tools, Work
from gateway.core.breaches.cases import stand
from gateway.core.breaches.law import BreachLaw
from services.kit.access.actor import Actor

CLOCK: Final = "BREACH_COMMISSIONER_72_HOURS"
COMMISSIONER: Final = "COMMISSIONER"
PURPOSE: Final = log_pb2.LOG_PURPOSE_INTEGRITY_AND_SECURITY

OPENED: Final = "OPENED"
FOUND: Final = "EXCHANGES_FOUND"
CLOSED: Final = "CLOSED"
_SKEW: Final = timedelta(minutes=5)
"""By which a caller's clock may be ahead of ours."""


class UnknownBreachError(Exception):
    """The organisation has no such case."""


class UnknownStepError(Exception):
    """The law has no such step; the message lists those that it has."""


class BreachClosedError(Exception):
    """The case is closed."""


class FutureMomentError(Exception):
    """What cannot have happened yet. Attribute `field`: which moment of the request."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class BreachDesk:
    """Opens cases, finds what they concern, and notes what is done.

    Args:
        store: where they are.
        tools: the means of the process.
        law: the duties and steps in force now.
    """

    def __init__(self, store: Store, tools: Tools, law: Callable[[], BreachLaw]) -> None:
        self._store = store
        self._tools = tools
        self._law = law

    async def open(self, actor: Actor, kind: str, aware_at: datetime, reason: str) -> BreachRow:
        """Opens a case and starts its clock, which runs from when the controller knew.

        Args:
            actor: a person of the controller.
            kind: DISCLOSURE, ALTERATION or LOSS.
            aware_at: aware; not in the future.
            reason: what happened.

        Raises:
            FutureMomentError: nobody can know tomorrow's breach.
        """
        async with open_work(self._store, self._tools) as work:
            _require_past(work, "aware_at", aware_at)
            breach_id, own = work.tools.new_id(), actor.organisation
            due_at = await _start(work, breach_id, own, aware_at)
            said = await commit_act(work, Act(actor, reason))
            row = BreachRow(breach_id, own, kind, aware_at, work.at, due_at, said["scope"])
            await work.unit.breaches.add(row)
            await _record(work, breach_id, OPENED, until=_iso(due_at), **said)
            return row

    async def find(self, actor: Actor, breach_id: str, search: Search, reason: str) -> tuple[list[str], int]:
        """Adds to a case the exchanges that a search of the log finds; the search is on record.

        Returns:
            Those that are new to the case, by id, and how many it has now.

        Raises:
            UnknownBreachError: there is no such case of the caller's organisation.
            BreachClosedError: it is closed.
        """
        async with open_work(self._store, self._tools) as work:
            row = await require_breach(work, actor, breach_id)
            if row.closed_at is not None:
                raise BreachClosedError
            act = Act(actor, reason)
            question, found = await find_exchanges(work, actor.organisation, search)
            await record_query(work, act, PURPOSE, question)
            known = await work.unit.breaches.affected(breach_id)
            added = sorted(found - set(known))
            await work.unit.breaches.add_affected([AffectedRow(breach_id, each) for each in added])
            said = await commit_act(work, act)
            await _record(work, breach_id, FOUND, records=len(added), **said)
            return added, len(known) + len(added)

    async def note(
        self, actor: Actor, breach_id: str, step: str, taken_at: datetime, reason: str
    ) -> BreachRow:
        """Notes a step; settles the duty that it meets, and closes the case with the last of them.

        Raises:
            UnknownBreachError, UnknownStepError, FutureMomentError: as they say.
        """
        law = self._law()
        if law.find(step) is None:
            raise UnknownStepError(", ".join(each.id for each in law.steps))
        async with open_work(self._store, self._tools) as work:
            row = await require_breach(work, actor, breach_id)
            said = await commit_act(work, Act(actor, reason))
            await work.unit.breaches.add_step(
                BreachStepRow(breach_id, step, taken_at, work.at, said["scope"])
            )
            await _record(work, breach_id, step, **said)
            return await _settle(work, law, row)


async def require_breach(work: Work, actor: Actor, breach_id: str) -> BreachRow:
    """A case of the caller's organisation; UnknownBreachError for another's as for one that there is not."""
    row = await work.unit.breaches.find(breach_id)
    if row is None or row.organisation != actor.organisation:
        raise UnknownBreachError
    return row


def _require_past(work: Work, field: str, moment: datetime) -> None:
    if moment > work.at + _SKEW:
        raise FutureMomentError(field)


async def _start(work: Work, breach_id: str, organisation: str, aware_at: datetime) -> datetime:
    new = NewClock(CLOCK, breach_id, sender=organisation, organisation=organisation, start=aware_at)
    clock = await work.unit.clocks.find(await start_clock(work, new))
    if clock is None or clock.due_at is None:
        raise AssertionError("a clock that was just started")
    return clock.due_at


async def _settle(work: Work, law: BreachLaw, row: BreachRow) -> BreachRow:
    standing = stand(law, [each.step for each in await work.unit.breaches.steps(row.breach_id)])
    if standing.is_settled(COMMISSIONER):
        await stop_clocks(work, row.breach_id, CLOCK)
    if row.closed_at is not None or not standing.is_closed:
        return row
    await work.unit.breaches.close(row.breach_id, work.at)
    await _record(work, row.breach_id, CLOSED, organisation=row.organisation)
    return replace(row, closed_at=work.at)


async def _record(work: Work, breach_id: str, change: str, **codes: Any) -> None:
    await record(work, RecordType.BREACH_CHANGED, item=breach_id, change=change, **codes)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
