"""Counts in the database; answers its port (gateway.app.figures.ports)."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Table, and_, cast, delete, false, func, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from gateway.adapters.database.clock_tables import CLOCK
from gateway.adapters.database.clocks import read_clock
from gateway.adapters.database.deferring import DeferringConnection
from gateway.adapters.database.recall_tables import RECALL
from gateway.adapters.database.rows import fetch, named
from gateway.adapters.database.tables import EXCHANGE, HOLD
from gateway.adapters.database.tally_tables import TALLY
from gateway.app.clocks.rows import ClockRow
from gateway.app.figures.periods import Grain, start_of
from gateway.app.figures.ports import Part, Wanted
from gateway.app.recalls.rows import RecallRow
from gateway.app.rows import ExchangeRow, HoldRow, HoldState
from gateway.core.deadlines.starting import ClockState
from gateway.core.tallies import Figure, KeptFrom, Tally

_T: Final = TALLY.c
# What an organisation to which something was to go may know of it: what came, and what became of that.
_RECEIVED: Final = [Figure.DELIVERED.value, Figure.ACKNOWLEDGED.value, Figure.NOT_TAKEN.value]
_BY_RULE: Final = [Figure.WITHHELD_BY_RULE.value, Figure.REFUSED_BY_RULE.value]
_KEY: Final = tuple(column for column in TALLY.primary_key.columns)
_SUM: Final = cast(func.sum(_T.count), BigInteger)  # PostgreSQL adds up to a decimal
_PART: Final = (_T.figure, _T.sender, _T.recipient, _T.owing, _T.document_type, _T.purpose, _T.code)


@dataclass(frozen=True, slots=True)
class TallyTable:
    """See gateway.app.figures.ports.Tallies."""

    connection: DeferringConnection

    def add(self, tallies: Iterable[Tally]) -> None:
        """As the port."""
        self.connection.counted.update(tallies)

    async def settle(self) -> None:
        """Writes what was counted: one statement, whatever it was."""
        rows = list(_rows(self.connection.counted))
        self.connection.counted.clear()
        if rows:
            await self.connection.execute(_add_up(self.connection.dialect.name), rows)

    async def clear(self) -> None:
        """As the port."""
        self.connection.counted.clear()
        await self.connection.execute(delete(TALLY))

    async def since(self) -> date | None:
        """As the port."""
        first = select(func.min(_T.start)).where(_T.grain == Grain.DAY.value)
        found = (await self.connection.execute(first)).scalar_one()
        return None if found is None else date.fromisoformat(found)

    async def parts(self, wanted: Wanted) -> list[Part]:
        """As the port."""
        query = select(*_PART, _SUM).where(*_conditions(wanted)).group_by(*_PART)
        rows: Sequence[Any] = (await self.connection.execute(query)).all()
        return [Part(Figure(row[0]), *row[1:]) for row in rows]

    async def series(self, wanted: Wanted) -> Mapping[date, Mapping[Figure, int]]:
        """As the port."""
        query = select(_T.start, _T.figure, _SUM).where(*_conditions(wanted), _T.figure.not_in(_BY_RULE))
        found: dict[date, dict[Figure, int]] = {}
        rows: Sequence[Any] = (await self.connection.execute(query.group_by(_T.start, _T.figure))).all()
        for start, figure, count in rows:
            found.setdefault(date.fromisoformat(start), {})[Figure(figure)] = int(count)
        return found

    async def open_holds(self, wanted: Wanted) -> int:
        """As the port."""
        told = HOLD.c.tell_sender != "NOTHING"
        seen = _seen(wanted, EXCHANGE.c.sender, HOLD.c.recipient_organisation, HOLD.c.organisation)
        own = or_(and_(EXCHANGE.c.sender == wanted.own, told), HOLD.c.organisation == wanted.own)
        both = HOLD.join(EXCHANGE, EXCHANGE.c.exchange_id == HOLD.c.exchange_id)
        query = (
            select(func.count())
            .select_from(both)
            .where(HOLD.c.state == HoldState.OPEN.value, own if wanted.own else seen)
        )
        query = query.where(*_unhidden(wanted, HOLD, EXCHANGE.c.document_type))
        return int((await self.connection.execute(query)).scalar_one())

    async def overdue_clocks(self, wanted: Wanted) -> int:
        """As the port."""
        seen = _seen(wanted, CLOCK.c.sender, CLOCK.c.recipient_organisation, CLOCK.c.organisation)
        own = or_(
            and_(CLOCK.c.sender == wanted.own, CLOCK.c.is_told.is_(True)),
            and_(CLOCK.c.organisation == wanted.own, CLOCK.c.is_known.is_(True)),
        )
        overdue = CLOCK.c.ended_at.is_(None), CLOCK.c.state == ClockState.OVERDUE.value
        query = select(func.count()).select_from(CLOCK).where(*overdue)
        query = query.where(own if wanted.own else seen, *_unhidden(wanted, CLOCK, CLOCK.c.document_type))
        return int((await self.connection.execute(query)).scalar_one())

    async def exchanges(self, after: int, limit: int) -> Sequence[ExchangeRow]:
        """As the port."""
        query = select(EXCHANGE).where(EXCHANGE.c.position > after).order_by(EXCHANGE.c.position)
        return [ExchangeRow(**named(row)) for row in await fetch(self.connection, query.limit(limit))]

    async def clocks(self, after: int, limit: int) -> Sequence[ClockRow]:
        """As the port."""
        query = select(CLOCK).where(CLOCK.c.position > after).order_by(CLOCK.c.position)
        return [read_clock(row) for row in await fetch(self.connection, query.limit(limit))]

    async def holds(self, exchange_ids: Collection[str]) -> Sequence[HoldRow]:
        """As the port."""
        query = select(HOLD).where(HOLD.c.exchange_id.in_(list(exchange_ids)))
        rows = await fetch(self.connection, query)
        return [HoldRow(**{**named(row), "state": HoldState(row["state"])}) for row in rows]

    async def recalls(self, exchange_ids: Collection[str]) -> Sequence[RecallRow]:
        """As the port."""
        query = select(RECALL).where(RECALL.c.exchange_id.in_(list(exchange_ids)))
        return [RecallRow(**named(row)) for row in await fetch(self.connection, query)]


def _rows(counted: Counter[Tally]) -> Iterator[dict[str, Any]]:
    """Rows for each grain, in the order of the key."""
    found: Counter[tuple[Any, ...]] = Counter()
    for tally, count in counted.items():
        under = asdict(tally)
        day, figure = under.pop("day"), under.pop("figure")
        for grain in Grain:
            found[(grain.value, start_of(grain, day).isoformat(), figure.value, *under.values())] += count
    for key, count in sorted(found.items()):
        yield {**{column.name: value for column, value in zip(_KEY, key, strict=True)}, "count": count}


@cache
def _add_up(dialect: str) -> Any:
    """The statement that adds to what is there."""
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(TALLY)
    added = {"count": _T.count + insert.excluded.count}
    return insert.on_conflict_do_update(index_elements=list(_KEY), set_=added)


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield _T.grain == wanted.grain.value
    yield _T.start.between(wanted.first.isoformat(), wanted.last.isoformat())
    yield _own(wanted.own) if wanted.own else _seen(wanted, _T.sender, _T.recipient, _T.owing)
    if not wanted.cleared:
        yield _T.kept_from.bitwise_and(KeptFrom.UNCLEARED.value) == 0
    if wanted.organisation:
        yield or_(*(each == wanted.organisation for each in (_T.sender, _T.recipient, _T.owing)))
    if wanted.document_type:
        yield _T.document_type == wanted.document_type


def _own(organisation: str) -> ColumnElement[bool]:
    sent = and_(_T.sender == organisation, _T.kept_from.bitwise_and(KeptFrom.SENDER.value) == 0)
    owed = and_(_T.owing == organisation, _T.kept_from.bitwise_and(KeptFrom.OWING.value) == 0)
    return or_(sent, owed, and_(_T.recipient == organisation, _T.figure.in_(_RECEIVED)))


def _seen(wanted: Wanted, *parties: ColumnElement[Any]) -> ColumnElement[bool]:
    if wanted.organisations is None:
        return ~false()
    return or_(*(each.in_(sorted(wanted.organisations)) for each in parties))


def _unhidden(wanted: Wanted, table: Table, document: ColumnElement[Any]) -> Iterator[ColumnElement[bool]]:
    to, desk = table.c.recipient_organisation, table.c.recipient_desk
    if wanted.hidden and not wanted.cleared:
        hidden = tuple_(func.coalesce(to, ""), func.coalesce(desk, "")).in_(sorted(wanted.hidden))
        yield ~hidden
    if wanted.organisation:
        sender = EXCHANGE.c.sender if table is HOLD else table.c.sender
        yield or_(*(each == wanted.organisation for each in (sender, to, table.c.organisation)))
    if wanted.document_type:
        yield document == wanted.document_type
