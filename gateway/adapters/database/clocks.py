"""The clocks in the database; answers its port (gateway.app.clocks.ports)."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import RowMapping, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.clock_queries import ended_query, page_query, tally_query
from gateway.adapters.database.clock_tables import CLOCK
from gateway.adapters.database.rows import columns_of, fetch, fetch_one, insert_plain, named
from gateway.app.clocks.rows import LIVE, ClockCounting, ClockFilter, ClockRow, ClockTally
from gateway.core.deadlines.starting import ClockState
from gateway.core.deadlines.steps import Step, StepKind

_LIVE: Final = [state.value for state in LIVE]
_IS_LIVE: Final = CLOCK.c.state.in_(_LIVE)
_DUE: Final = (
    select(CLOCK)
    .where(CLOCK.c.next_at <= bindparam("now", type_=CLOCK.c.next_at.type))
    .order_by(CLOCK.c.next_at, CLOCK.c.position)
)
_MATTERS: Final = (
    select(CLOCK).where(CLOCK.c.matter.in_(bindparam("keys", expanding=True))).order_by(CLOCK.c.position)
)
_SUBJECTS: Final = (
    select(CLOCK)
    .where(
        CLOCK.c.subject_id.in_(bindparam("keys", expanding=True)),
        CLOCK.c.limit_id.in_(bindparam("limits", expanding=True)),
        _IS_LIVE,
    )
    .order_by(CLOCK.c.position)
)


@dataclass(frozen=True, slots=True)
class ClockTable:
    """See gateway.app.clocks.ports.Clocks."""

    connection: AsyncConnection

    async def add(self, rows: Sequence[ClockRow]) -> None:
        """As the port."""
        if rows:
            await insert_plain(self.connection, CLOCK, [_columns(row) for row in rows])

    async def find(self, clock_id: str) -> ClockRow | None:
        """As the port."""
        row = await fetch_one(self.connection, select(CLOCK).where(CLOCK.c.clock_id == clock_id))
        return None if row is None else read_clock(row)

    async def of_matters(self, matters: Collection[str]) -> list[ClockRow]:
        """As the port."""
        return [read_clock(row) for row in await fetch(self.connection, _MATTERS, {"keys": list(matters)})]

    async def of_subjects(self, subject_ids: Collection[str], limit_ids: Collection[str]) -> list[ClockRow]:
        """As the port."""
        values = {"keys": list(subject_ids), "limits": list(limit_ids)}
        return [read_clock(row) for row in await fetch(self.connection, _SUBJECTS, values)]

    async def due(self, now: datetime, limit: int) -> list[ClockRow]:
        """As the port."""
        return [read_clock(row) for row in await fetch(self.connection, _DUE.limit(limit), {"now": now})]

    async def start(self, row: ClockRow) -> None:
        """As the port."""
        waiting = (CLOCK.c.clock_id == row.clock_id) & (CLOCK.c.state == ClockState.WAITING.value)
        await self.connection.execute(update(CLOCK).where(waiting).values(_columns(row)))

    async def advance(self, row: ClockRow, taken: ClockRow) -> bool:
        """As the port."""
        unchanged = (
            (CLOCK.c.clock_id == row.clock_id)
            & (CLOCK.c.step == row.step)
            & (CLOCK.c.state == row.state.value)
        )
        done = await self.connection.execute(update(CLOCK).where(unchanged).values(_columns(taken)))
        return done.rowcount == 1

    async def postpone(self, clock_id: str, until: datetime) -> None:
        """As the port."""
        waits = (CLOCK.c.clock_id == clock_id) & CLOCK.c.next_at.is_not(None)
        await self.connection.execute(update(CLOCK).where(waits).values(next_at=until))

    async def end(self, clock_id: str, state: ClockState, at: datetime) -> None:
        """As the port."""
        live = (CLOCK.c.clock_id == clock_id) & _IS_LIVE
        values = {"state": state.value, "ended_at": at, "next_at": None}
        await self.connection.execute(update(CLOCK).where(live).values(values))

    async def make_known(self, clock_id: str) -> None:
        """As the port."""
        await self.connection.execute(update(CLOCK).where(CLOCK.c.clock_id == clock_id).values(is_known=True))

    async def forget(self, matters: Collection[str]) -> None:
        """As the port."""
        await self.connection.execute(delete(CLOCK).where(CLOCK.c.matter.in_(list(matters))))

    async def page(self, wanted: ClockFilter, limit: int) -> list[ClockRow]:
        """As the port."""
        return [read_clock(row) for row in await fetch(self.connection, page_query(wanted).limit(limit))]

    async def tally(self, counting: ClockCounting) -> list[ClockTally]:
        """As the port."""
        tallies = [ClockTally(**named(row)) for row in await fetch(self.connection, tally_query(counting))]
        if counting.ended_since is None or not counting.limit_ids:
            return tallies
        by_kind = {(each.organisation, each.limit_id): each for each in tallies}
        for row in await fetch(self.connection, ended_query(counting, counting.ended_since)):
            known = by_kind.get((row["organisation"], row["limit_id"]))
            known = known or ClockTally(row["organisation"], row["limit_id"])
            by_kind[known.organisation, known.limit_id] = replace(known, met=row["met"], late=row["late"])
        return list(by_kind.values())


def _columns(row: ClockRow) -> dict[str, Any]:
    steps = [[step.kind.value, step.at.astimezone(UTC).isoformat(), step.to, step.role] for step in row.steps]
    return {**columns_of(row, "position"), "state": row.state.value, "steps": json.dumps(steps)}


def read_clock(row: RowMapping) -> ClockRow:
    """A row of the table as the clock that it is."""
    steps = tuple(
        Step(StepKind(kind), datetime.fromisoformat(at), to, role)
        for kind, at, to, role in json.loads(row["steps"])
    )
    return ClockRow(**named(row, "steps", "state"), steps=steps, state=ClockState(row["state"]))
