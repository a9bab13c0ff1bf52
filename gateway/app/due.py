"""What is due to be pruned or reviewed, and when: for whoever answers for it, before it happens."""

from collections.abc import AsyncIterator, Collection
from datetime import UTC, date, datetime, time
from typing import Final

from publicprotection.oversight.v1 import retention_service_pb2 as pb2

from gateway.app.describing import read_descriptions
from gateway.app.log_queries import Question, record_query
from gateway.app.log_rows import LogFilter
from gateway.app.ports import Store
from gateway.app.retention_rows import DueRow
from gateway.app.seen import organisations_seen
from gateway.app.standing_holds import StandingHolds, standing_holds
from gateway.app.subject_acts import Act, open_work
from gateway.app.subject_people import stamp
from gateway.app.tools import Tools, Work
from gateway.core.retention_model import RetentionClass
from gateway.core.retention_periods import birthday, cutoff, due_at
from gateway.core.subjects.people import Birth
from services.kit.access.actor import Actor

DEFAULT_PAGE: Final = 100


class DueView:
    """Lists what is due.

    Args:
        store: where the records are.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def list(self, actor: Actor, request: pb2.ListDueRequest) -> list[pb2.DueItem]:
        """A page; asking is on record first.

        Raises:
            UnreadableError: what was kept of somebody's birth was altered or moved.
        """
        async with open_work(self._store, self._tools) as work:
            question = Question(LogFilter(), {"queried": "DUE", "page_size": request.page_size or None})
            await record_query(work, Act(actor, request.acting.reason), request.purpose, question)
            until = request.until.ToDatetime(UTC) if request.HasField("until") else work.at
            size = request.page_size or DEFAULT_PAGE
            seen = organisations_seen(work, actor)
            found = [each async for each in _exchanges(work, until, request.after_exchange, size, seen)]
            alone = [] if request.after_exchange else [each async for each in _alone(work, until)]
            # Records of no exchange are of no area; whoever has none sees nothing.
            return [*alone, *found] if seen else []


async def _alone(work: Work, until: datetime) -> AsyncIterator[pb2.DueItem]:
    """Classes whose records are pruned each for itself."""
    for kept in work.tools.retention.classes:
        if kept.is_pruned and kept.starts == "RECORD":
            row = await work.unit.expiry.oldest(kept.id, cutoff(until, kept.years))
            if row is not None:
                yield _item(kept, row, due_at(row.oldest, kept.years), None)


async def _exchanges(
    work: Work, until: datetime, after: str, size: int, seen: Collection[str]
) -> AsyncIterator[pb2.DueItem]:
    holds = await standing_holds(work)
    rows: list[tuple[RetentionClass, DueRow]] = []
    for kept in work.tools.retention.classes:
        if kept.documents and kept.applies and kept.then != "KEEP":
            before = cutoff(until, kept.years) if kept.is_pruned else until
            due = await work.unit.expiry.exchanges(kept.id, before, after, size, concerning=seen)
            rows += [(kept, row) for row in due]
    for kept, row in sorted(rows, key=lambda each: each[1].exchange_id or "")[:size]:
        yield await _show(work, holds, kept, row)


async def _show(work: Work, holds: StandingHolds, kept: RetentionClass, row: DueRow) -> pb2.DueItem:
    exchange_id = row.exchange_id or ""
    when: datetime | None = None
    if kept.starts == "BIRTH":
        when = await _review_at(work, exchange_id, kept.years or 0)
    elif kept.years is not None:
        when = due_at(row.newest, kept.years)
    return _item(kept, row, when, await holds.on_exchange(work, exchange_id))


async def _review_at(work: Work, exchange_id: str, years: int) -> datetime | None:
    """The birthday from which somebody's records are reviewed; None if no full date is known, or erased."""
    case = [row.subject_id for row in await work.unit.subjects.mentioned(exchange_id) if row.is_case]
    said = await read_descriptions(work, await work.unit.subjects.descriptions(case)) if case else ()
    days = [_day(each.birth, years) for each in said if each.birth is not None and each.party_id in case]
    # Where documents differ, the latest: nothing is reviewed before its time.
    return max((day for day in days if day is not None), default=None)


def _day(born: Birth, years: int) -> datetime | None:
    if not (born.month and born.day):
        return None
    return datetime.combine(birthday(date(*born), years), time(), UTC)


def _item(kept: RetentionClass, row: DueRow, when: datetime | None, held: str | None) -> pb2.DueItem:
    return pb2.DueItem(
        retention_class=kept.id,
        exchange_id=row.exchange_id or "",
        records=row.records,
        due_at=None if when is None else stamp(when),
        then=pb2.RETENTION_END_PRUNE if kept.is_pruned else pb2.RETENTION_END_REVIEW,
        legal_hold_id=held or "",
    )
