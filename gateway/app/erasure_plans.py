"""What an erasure would come to, for whoever has to decide on it: nothing is changed."""

from collections.abc import Sequence

from publicprotection.oversight.v1 import retention_service_pb2 as pb2

from gateway.app.erasing import exchanges_of, find_obstacles
from gateway.app.erasure_telling import find_recipients
from gateway.app.legal_holds import UnknownItemError
from gateway.app.log_queries import Question, record_query
from gateway.app.log_rows import LogFilter
from gateway.app.ports import Store
from gateway.app.seen import keep_exchanges, require_seen
from gateway.app.subject_acts import Act, open_work
from gateway.app.tools import Tools, Work


class ErasurePlans:
    """Plans erasures.

    Args:
        store: where records and register are.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def make(self, act: Act, request: pb2.PlanErasureRequest) -> pb2.PlanErasureResponse:
        """What would go, stay, stand in the way, and who would have to be told; asking is on record first.

        Raises:
            UnknownSubjectError, UnknownItemError: there is no such subject or exchange, or none in the area.
        """
        async with open_work(self._store, self._tools) as work:
            people, alone, shared = await _find_meant(work, act, request)
            codes = {"queried": "ERASURE", "queried_exchange": request.exchange_id or None}
            await record_query(work, act, request.purpose, Question(LogFilter(), codes, tuple(people)))
            obstacles = [each async for each in find_obstacles(work, people, alone, recall=False)]
            return pb2.PlanErasureResponse(
                exchanges=alone,
                exchanges_kept=shared,
                recipients=await find_recipients(work, alone),
                obstacles=obstacles,
            )


async def _find_meant(
    work: Work, act: Act, request: pb2.PlanErasureRequest
) -> tuple[Sequence[str], list[str], list[str]]:
    """The entries of the person, and the exchanges that would go, and stay."""
    if request.exchange_id:
        if request.exchange_id not in await keep_exchanges(work, act.actor, [request.exchange_id]):
            raise UnknownItemError
        return (), [request.exchange_id], []
    person = await require_seen(work, act.actor, request.subject)
    return person.ids, *(await exchanges_of(work, person.ids))
