"""What waits in an area, for the co-ordinator who looks after it: ids, codes, times; no paths, no values."""

from collections.abc import Sequence
from typing import Final

from publicprotection.oversight.v1 import hold_queue_service_pb2 as pb2

from gateway.app.hold_filter import HoldFilter, HoldOrder
from gateway.app.hold_showing import HoldShowing
from gateway.app.keyset import Place, read_place, write_place
from gateway.app.ports import Store
from gateway.app.rows import HoldRow
from gateway.app.sight import sight_of
from gateway.app.tools import Tools
from services.kit.access.actor import Actor

DEFAULT_PAGE: Final = 100


class HoldQueue:
    """Lists, gets and counts holds.

    What is seen are holds of exchanges whose sender, recipient or owner lies in the caller's area. However
    many others there are, the calls of the store are the same.

    Args:
        store: where they are.
        tools: directory, clock, and the prerequisites in force.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def page(self, actor: Actor, request: pb2.ListHeldRequest) -> pb2.ListHeldResponse:
        """Open holds, and where the next page begins.

        Args:
            actor: the co-ordinator.
            request: which, in which order, and which page.
        """
        wanted, size = self._wanted(actor, request), request.page_size or DEFAULT_PAGE
        async with self._store.reading() as unit:
            found = await unit.holds.queue(wanted, size + 1)
            holds = found[:size]
            turned = await unit.holds.turned([hold.exchange_id for hold in holds])
        showing = HoldShowing(self._tools, turned)
        return pb2.ListHeldResponse(
            held=[showing.show(hold) for hold in holds],
            next_cursor=_cursor(wanted.order, found[size - 1]) if len(found) > size else "",
        )

    async def find(self, actor: Actor, hold_id: str) -> pb2.HeldExchange | None:
        """One hold, open or ended. None: there is none, or none of the caller's area."""
        async with self._store.reading() as unit:
            hold = await unit.holds.find(hold_id)
            turned = await unit.holds.turned([] if hold is None else [hold.exchange_id])
        if hold is None or self._area(actor).isdisjoint(_concerned(hold)):
            return None
        return HoldShowing(self._tools, turned).show(hold)

    async def count(self, actor: Actor) -> list[pb2.HeldCount]:
        """How many are open, by owner, prerequisite and document type."""
        seen, now = self._area(actor), self._tools.clock.now()
        async with self._store.reading() as unit:
            tallies = await unit.holds.tally(seen, now)
        showing = HoldShowing(self._tools, ())
        return [showing.count(each) for each in tallies]

    def _wanted(self, actor: Actor, request: pb2.ListHeldRequest) -> HoldFilter:
        by_escalation = request.order == pb2.HOLD_ORDER_ESCALATION
        return HoldFilter(
            concerned=self._area(actor),
            owner=request.owner,
            is_unowned=request.only_unowned,
            prerequisite=request.prerequisite,
            document_type=request.document_type,
            exchange_id=request.exchange_id,
            escalated_by=self._tools.clock.now() if request.only_escalated else None,
            order=HoldOrder.ESCALATION if by_escalation else HoldOrder.AGE,
            after=read_place(request.cursor) if request.cursor else Place(request.after_position),
        )

    def _area(self, actor: Actor) -> frozenset[str]:
        """The organisations of the caller's area; no other scope sees the queue."""
        return sight_of(actor, self._tools.directory).organisations or frozenset()


def _cursor(order: HoldOrder, last: HoldRow) -> str:
    return write_place(last.position, last.escalates_at if order is HoldOrder.ESCALATION else None)


def _concerned(hold: HoldRow) -> Sequence[str]:
    return (hold.sender, hold.recipient_organisation, hold.organisation)
