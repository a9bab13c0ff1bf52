"""What the board of clocks asks the services."""

from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.exchange.v1.clock_pb2 import ClockState
from publicprotection.exchange.v1.clock_service_pb2 import ListUnconfirmedRequest, ListUnconfirmedResponse
from publicprotection.exchange.v1.clock_service_pb2_grpc import ClockServiceStub
from publicprotection.oversight.v1.clock_service_pb2 import (
    CLOCK_ORDER_DUE,
    CLOCK_ORDER_NEWEST,
    ListClocksRequest,
)

from services.console.calls import Pending, at_agency
from services.console.pages.clocks.views import View
from services.console.session import has_role
from services.kit.access.actor import Role

PAGE_SIZE: Final = 25
ALL_STATES: Final = tuple(state for state in ClockState.values() if state)
_RUNNING, _OVERDUE = ClockState.CLOCK_STATE_RUNNING, ClockState.CLOCK_STATE_OVERDUE
_STATES: Final = {
    View.DUE: (_RUNNING, _OVERDUE),
    View.SOON: (_RUNNING,),
    View.OVERDUE: (_OVERDUE,),
    View.ESCALATED: (_RUNNING, _OVERDUE),
    View.LATE: (ClockState.CLOCK_STATE_LATE,),
    View.MET: (ClockState.CLOCK_STATE_MET,),
}
_ENDED: Final = frozenset({View.LATE, View.MET})
_MOST_UNCONFIRMED: Final = 500


def ask_for(view: View, soon: Timestamp, cursor: str, agency: str, limit: str) -> ListClocksRequest:
    """The clocks of a view.

    Args:
        view: which.
        soon: until when something is due soon.
        cursor: of the part that is asked for.
        agency: only those that it owes; empty: any.
        limit: only those of it; empty: any.
    """
    return ListClocksRequest(
        states=_STATES[view],
        order=CLOCK_ORDER_NEWEST if view in _ENDED else CLOCK_ORDER_DUE,
        cursor=cursor,
        page_size=PAGE_SIZE,
        responsible=agency,
        limits=[limit] if limit else [],
        escalated=view is View.ESCALATED,
        due_before=soon if view is View.SOON else None,
    )


def is_confirmer() -> bool:
    """Whether whoever is signed in acts on time limits for the organisation, and does not only read them."""
    return has_role(Role.SUPERVISOR, Role.MAPPA_COORDINATOR, Role.MEETING_CHAIR, Role.PRACTITIONER)


def list_unconfirmed() -> Pending[ListUnconfirmedResponse] | None:
    """The own organisation's immediate exchanges that nobody confirmed; None: not for this person."""
    if not is_confirmer():
        return None
    asked = ListUnconfirmedRequest(page_size=_MOST_UNCONFIRMED)
    pending: Pending[ListUnconfirmedResponse] = at_agency(ClockServiceStub).ListUnconfirmed.future(asked)
    return pending
