"""What people see of clocks: co-ordinators those of their area, an organisation its own."""

from datetime import UTC, datetime
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.exchange.v1 import clock_pb2
from publicprotection.oversight.v1 import clock_service_pb2 as pb2

from gateway.app.clocks.rows import ClockFilter, ClockRow
from gateway.app.clocks.telling import describe_clock
from gateway.app.ports import Store
from gateway.app.tools import Tools, Work
from gateway.core.deadlines.starting import ClockState
from services.kit.access.actor import Actor, Scope

DEFAULT_PAGE: Final = 100
_WATCHED: Final = frozenset({ClockState.RUNNING, ClockState.OVERDUE})
# Under any other scope somebody sees what the own organisation owes or sent.
_WIDER: Final = frozenset({Scope.AREA, Scope.METADATA})
_PREFIX: Final = "CLOCK_STATE_"


class ClockView:
    """Lists clocks. They are the operational view, as the register is, and hold no personal data.

    Args:
        store: where they are.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def list(self, actor: Actor, request: pb2.ListClocksRequest) -> list[pb2.Clock]:
        """A page of what the actor may see, oldest first."""
        wanted = _filter(self._tools, actor, request)
        size = request.page_size or DEFAULT_PAGE
        async with self._store.reading() as unit:
            work = Work(unit, self._tools, self._tools.key_store.batch(), self._tools.clock.now())
            rows = await unit.clocks.page(wanted, request.after_position, size)
            return [_describe(work, row) for row in rows]


def _filter(tools: Tools, actor: Actor, request: pb2.ListClocksRequest) -> ClockFilter:
    names = [clock_pb2.ClockState.Name(state).removeprefix(_PREFIX) for state in request.states]
    return ClockFilter(
        parties=None if actor.scope in _WIDER else frozenset({actor.organisation}),
        all_of=_area(tools, actor) if actor.scope is Scope.AREA else None,
        states=frozenset(ClockState(name) for name in names) or _WATCHED,
        organisation=request.organisation,
        due_from=_moment(request, "due_from"),
        due_before=_moment(request, "due_before"),
        limit_id=request.limit,
        matter=request.matter,
        escalated=request.escalated,
    )


def _area(tools: Tools, actor: Actor) -> frozenset[str]:
    """The organisations of a co-ordinator's area; none where nobody says which it is."""
    area = actor.require_person().area
    known = tools.directory.organisations.values()
    return frozenset(each.organisation for each in known if area and each.area == area)


def _moment(request: pb2.ListClocksRequest, name: str) -> datetime | None:
    if not request.HasField(name):  # type: ignore[arg-type]  # one of two names, both of this message
        return None
    moment: datetime = getattr(request, name).ToDatetime(UTC)
    return moment


def _describe(work: Work, row: ClockRow) -> pb2.Clock:
    return pb2.Clock(
        clock=describe_clock(work, row),
        matter=row.matter,
        document_type=row.document_type,
        sender=row.sender,
        escalated=row.escalated,
        ended_at=_stamp(row.ended_at),
        next_step_at=_stamp(row.next_at),
        position=row.position,
    )


def _stamp(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
