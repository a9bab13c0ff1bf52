"""What people see of clocks: co-ordinators those of their area, an organisation its own."""

from datetime import UTC, datetime
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.exchange.v1 import clock_pb2
from publicprotection.oversight.v1 import clock_service_pb2 as pb2

from gateway.app.clocks.rows import ClockCounting, ClockFilter, ClockOrder, ClockRow, ClockSight, ClockTally
from gateway.app.clocks.telling import describe_clock, words_of
from gateway.app.keyset import Place, read_place, write_place
from gateway.app.ports import Store
from gateway.app.sight import sight_of
from gateway.app.tools import Tools, Work
from gateway.core.deadlines.starting import ClockState
from services.kit.access.actor import Actor, Scope

DEFAULT_PAGE: Final = 100
_WATCHED: Final = frozenset({ClockState.RUNNING, ClockState.OVERDUE})
# Under any other scope somebody sees what the own organisation owes or sent.
_WIDER: Final = frozenset({Scope.AREA, Scope.METADATA})
_PREFIX: Final = "CLOCK_STATE_"
_NOBODY: Final = "-"
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ORDERS: Final = {
    pb2.CLOCK_ORDER_UNSPECIFIED: ClockOrder.AGE,
    pb2.CLOCK_ORDER_DUE: ClockOrder.DUE,
    pb2.CLOCK_ORDER_NEWEST: ClockOrder.NEWEST,
}


class ClockView:
    """Lists and counts clocks. They are the operational view, as the register is, and hold no personal data.

    Args:
        store: where they are.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def page(self, actor: Actor, request: pb2.ListClocksRequest) -> pb2.ListClocksResponse:
        """A page of what the actor may see, and where the next one begins."""
        wanted, size = _filter(self._sight(actor), actor, request), request.page_size or DEFAULT_PAGE
        async with self._store.reading() as unit:
            work = Work(unit, self._tools, self._tools.key_store.batch(), self._tools.clock.now())
            found = await unit.clocks.page(wanted, size + 1)
        return pb2.ListClocksResponse(
            clocks=[_describe(work, row, actor) for row in found[:size]],
            next_cursor=_cursor(wanted.order, found[size - 1]) if len(found) > size else "",
        )

    async def count(self, actor: Actor, request: pb2.CountClocksRequest) -> list[pb2.ClockCount]:
        """How many of what the actor may see run, are overdue or have ended, by who owes it and limit."""
        counting = ClockCounting(
            self._sight(actor),
            _moment(request, "due_before") or _NEVER,
            frozenset(request.limits),
            _moment(request, "ended_since"),
        )
        async with self._store.reading() as unit:
            work = Work(unit, self._tools, self._tools.key_store.batch(), self._tools.clock.now())
            tallies = await unit.clocks.tally(counting)
        return [_count(work, each) for each in tallies]

    def _sight(self, actor: Actor) -> ClockSight:
        if actor.scope is Scope.METADATA:
            return ClockSight()
        if actor.scope is Scope.AREA:
            return ClockSight(all_of=sight_of(actor, self._tools.directory).organisations)
        return ClockSight(parties=frozenset({actor.organisation}))


def _filter(sight: ClockSight, actor: Actor, request: pb2.ListClocksRequest) -> ClockFilter:
    names = [clock_pb2.ClockState.Name(state).removeprefix(_PREFIX) for state in request.states]
    states = frozenset(ClockState(name) for name in names)
    return ClockFilter(
        sight=sight,
        # Of one clock, or one person's, all is asked for that there is.
        states=states or (frozenset() if request.clock_id or request.subject_id else _WATCHED),
        organisation=request.organisation,
        responsible=request.responsible,
        due_from=_moment(request, "due_from"),
        due_before=_moment(request, "due_before"),
        limit_ids=frozenset({*request.limits, *filter(None, [request.limit])}),
        matter=request.matter,
        subject_id=_person(actor, request.subject_id),
        clock_id=request.clock_id,
        escalated=request.escalated,
        order=_ORDERS[request.order],
        after=read_place(request.cursor) if request.cursor else Place(request.after_position),
    )


def _person(actor: Actor, subject_id: str) -> str:
    """An organisation learns of nobody by id which of its clocks are about the same person."""
    return subject_id if not subject_id or actor.scope in _WIDER else _NOBODY


def _cursor(order: ClockOrder, last: ClockRow) -> str:
    return write_place(last.position, last.due_at if order is ClockOrder.DUE else None)


def _count(work: Work, tally: ClockTally) -> pb2.ClockCount:
    title, paragraph = words_of(work, tally.limit_id)
    return pb2.ClockCount(
        responsible=tally.organisation,
        limit=tally.limit_id,
        title=title,
        paragraph=paragraph,
        running=tally.running,
        due_soon=tally.due_soon,
        overdue=tally.overdue,
        escalated=tally.escalated,
        met=tally.met,
        late=tally.late,
    )


def _moment(request: pb2.ListClocksRequest | pb2.CountClocksRequest, name: str) -> datetime | None:
    if not request.HasField(name):  # type: ignore[arg-type]  # one of two names, both of this message
        return None
    moment: datetime = getattr(request, name).ToDatetime(UTC)
    return moment


def _describe(work: Work, row: ClockRow, actor: Actor) -> pb2.Clock:
    return pb2.Clock(
        clock=describe_clock(work, row),
        matter=row.matter,
        document_type=row.document_type,
        sender=row.sender,
        escalated=row.escalated,
        ended_at=_stamp(row.ended_at),
        next_step_at=_stamp(row.next_at),
        position=row.position,
        subject_id=(row.subject_id or "") if actor.scope in _WIDER else "",
    )


def _stamp(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
