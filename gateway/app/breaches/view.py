"""What a controller sees of its breach cases, and the records that one concerns as a file."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Any

from publicprotection.oversight.v1 import breach_service_pb2 as pb2

from gateway.app.breaches.desk import PURPOSE, require_breach
from gateway.app.breaches.finding import list_records
from gateway.app.breaches.rows import BreachRow, BreachStepRow
from gateway.app.log_queries import Question, record_query
from gateway.app.log_rows import LogFilter
from gateway.app.ports import Store
from gateway.app.rows import RecordRow
from gateway.app.subject_acts import Act, open_work, read_act
from gateway.app.subject_people import stamp
from gateway.app.tools import Tools, Work
from gateway.core.breaches.cases import stand
from gateway.core.breaches.law import BreachLaw
from gateway.core.log.checking import excerpt
from services.kit.access.actor import Actor
from services.kit.evidence.canonical import canonical


class BreachView:
    """Reads cases.

    Args:
        store: where they are.
        tools: the means of the process.
        law: the duties and steps in force now.
    """

    def __init__(self, store: Store, tools: Tools, law: Callable[[], BreachLaw]) -> None:
        self._store = store
        self._tools = tools
        self._law = law

    async def list(self, actor: Actor, *, include_closed: bool) -> list[pb2.Breach]:
        """The cases of the caller's organisation, newest first."""
        async with open_work(self._store, self._tools) as work:
            rows = await work.unit.breaches.of_organisation(actor.organisation)
            wanted = [row for row in rows if include_closed or row.closed_at is None]
            return [await self._show(work, row) for row in wanted]

    async def get(self, actor: Actor, breach_id: str) -> pb2.GetBreachResponse:
        """One case; UnknownBreachError if the caller's organisation has none by that id."""
        async with open_work(self._store, self._tools) as work:
            row = await require_breach(work, actor, breach_id)
            steps = [await _step(work, each) for each in await work.unit.breaches.steps(breach_id)]
            exchanges = await work.unit.breaches.affected(breach_id)
            return pb2.GetBreachResponse(
                breach=await self._show(work, row),
                steps=steps,
                exchanges=exchanges,
                choices=_choices(self._law()),
            )

    async def show(self, row: BreachRow) -> pb2.Breach:
        """A case as it stands now."""
        async with open_work(self._store, self._tools) as work:
            return await self._show(work, row)

    async def export(self, actor: Actor, breach_id: str, reason: str) -> AsyncIterator[bytes]:
        """The records about what a case concerns, as the caller's organisation may see them, line by line.

        Raises:
            UnknownBreachError: the caller's organisation has no such case.
        """
        async with open_work(self._store, self._tools) as work:
            row = await require_breach(work, actor, breach_id)
            question = Question(LogFilter(), {"queried": "BREACH"})
            await record_query(work, Act(actor, reason), PURPOSE, question)
            exchanges = await work.unit.breaches.affected(breach_id)
        yield _line(_heading(row, len(exchanges)))
        for exchange_id in exchanges:
            async with open_work(self._store, self._tools) as work:
                records = await list_records(work, actor.organisation, exchange_id)
            shown = (_exported(each, actor.organisation) for each in records)
            yield b"".join(_line(each) for each in shown if each is not None)

    async def _show(self, work: Work, row: BreachRow) -> pb2.Breach:
        steps = await work.unit.breaches.steps(row.breach_id)
        standing = stand(self._law(), [each.step for each in steps])
        return pb2.Breach(
            breach_id=row.breach_id,
            kind=pb2.BreachKind.Value(f"BREACH_KIND_{row.kind}"),
            aware_at=stamp(row.aware_at),
            opened_at=stamp(row.opened_at),
            due_at=stamp(row.due_at),
            closed_at=None if row.closed_at is None else stamp(row.closed_at),
            exchanges=len(await work.unit.breaches.affected(row.breach_id)),
            duties=[
                pb2.BreachDuty(
                    duty=each.duty.id,
                    title=each.duty.title,
                    paragraph=each.duty.paragraph,
                    settled_by=each.settled_by or "",
                )
                for each in standing.duties
            ],
        )


def _choices(law: BreachLaw) -> list[pb2.BreachStepChoice]:
    return [
        pb2.BreachStepChoice(
            step=each.id, title=each.title, paragraph=each.paragraph, settles=each.settles or ""
        )
        for each in law.steps
    ]


async def _step(work: Work, row: BreachStepRow) -> pb2.BreachStep:
    said = await read_act(work, row.noted_in)
    return pb2.BreachStep(
        step=row.step,
        taken_at=stamp(row.taken_at),
        noted_at=stamp(row.noted_at),
        person=said.person,
        job=said.role,
        reason=said.reason,
    )


def _heading(row: BreachRow, exchanges: int) -> Mapping[str, Any]:
    return {
        "breach": row.breach_id,
        "organisation": row.organisation,
        "kind": row.kind,
        "aware_at": _iso(row.aware_at),
        "due_at": _iso(row.due_at),
        "exchanges": exchanges,
    }


def _exported(row: RecordRow, organisation: str) -> Mapping[str, Any] | None:
    seen = excerpt(json.loads(row.entry or "{}"), organisation)
    if seen is None:
        return None
    return {"record": seen, "record_hash": row.record_hash, "index": row.leaf_index}


def _line(value: Mapping[str, Any]) -> bytes:
    return canonical(value) + b"\n"


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
