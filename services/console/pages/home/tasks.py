"""What needs doing today: for each kind of work, whom it is for and how it is counted.

Every count is asked for at the same time. One that cannot be had is left out and said to be so: a home page
that fails because one service is busy helps nobody.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.exchange.v1.clock_service_pb2 import ListUnconfirmedRequest
from publicprotection.exchange.v1.clock_service_pb2_grpc import ClockServiceStub as AgencyClockServiceStub
from publicprotection.exchange.v1.hold_service_pb2 import ListHoldsRequest
from publicprotection.exchange.v1.hold_service_pb2_grpc import HoldServiceStub
from publicprotection.exchange.v1.minutes_request_service_pb2 import ListMinutesCasesRequest
from publicprotection.exchange.v1.minutes_request_service_pb2_grpc import MinutesRequestServiceStub
from publicprotection.exchange.v1.subject_access_service_pb2 import (
    ListAccessEnquiriesRequest,
    ListCasesRequest,
)
from publicprotection.exchange.v1.subject_access_service_pb2_grpc import SubjectAccessServiceStub
from publicprotection.exchange.v1.witness_service_pb2 import ListAlarmsRequest
from publicprotection.exchange.v1.witness_service_pb2_grpc import WitnessServiceStub
from publicprotection.oversight.v1.agreement_service_pb2 import (
    AGREEMENT_STANDING_DRAFT,
    AgreementVersion,
    ListAgreementsRequest,
)
from publicprotection.oversight.v1.agreement_service_pb2_grpc import AgreementServiceStub
from publicprotection.oversight.v1.breach_service_pb2 import ListBreachesRequest
from publicprotection.oversight.v1.breach_service_pb2_grpc import BreachServiceStub
from publicprotection.oversight.v1.clock_service_pb2 import CountClocksRequest
from publicprotection.oversight.v1.clock_service_pb2_grpc import ClockServiceStub
from publicprotection.oversight.v1.hold_queue_service_pb2 import CountHeldRequest
from publicprotection.oversight.v1.hold_queue_service_pb2_grpc import HoldQueueServiceStub

from services.console.calls import Pending, at_agency, at_gateway
from services.console.errors import BusyError, FaultError, NotFoundError, RefusedError, UnavailableError
from services.console.session import person
from services.kit.access.actor import Role

DUE_SOON: Final = timedelta(days=2)
_MISSED: Final = (RefusedError, UnavailableError, BusyError, NotFoundError, FaultError)

_MOST: Final = 500
"""As many as one call may ask for: alarms come oldest first, and a short answer would lack the new ones."""

_COORDINATORS: Final = frozenset({Role.MAPPA_COORDINATOR})
_OFFICERS: Final = frozenset({Role.DATA_PROTECTION_OFFICER})
_CASEWORK: Final = frozenset({Role.PRACTITIONER, Role.SUPERVISOR})
_CLOCKS: Final = _COORDINATORS | _OFFICERS | _CASEWORK
_TELLING: Final = _COORDINATORS | _CASEWORK
_ANSWERING: Final = _OFFICERS | frozenset({Role.SUPERVISOR})
_AGREEING: Final = _ANSWERING | _COORDINATORS | frozenset({Role.AGREEMENT_SIGNATORY})
_MINUTES: Final = _ANSWERING | _COORDINATORS | frozenset({Role.MEETING_CHAIR})


@dataclass(frozen=True, slots=True)
class Count:
    """How much there is of one kind of work.

    Attributes:
        number: of all that waits.
        late: of those, whose time is over or nearly so.
    """

    number: int
    late: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of work.

    Attributes:
        endpoint: the page where it is done.
        text: what one is and what many are: `hold`, `holds`.
        late: what those are whose time is over.
        roles: whose work it is.
        ask: begins to count.
        read: makes a count of the answer.
    """

    endpoint: str
    text: tuple[str, str]
    late: str
    roles: frozenset[Role]
    ask: Callable[[], Pending[Any]]
    read: Callable[[Any], Count]


@dataclass(frozen=True, slots=True)
class Counted:
    """A task and how much there is of it; `count` is None if that cannot be had now."""

    task: Task
    count: Count | None


def count_tasks(roles: Iterable[Role]) -> list[Counted]:
    """Everything that waits for somebody with these roles."""
    held = frozenset(roles)
    begun = [(task, task.ask()) for task in TASKS if not task.roles.isdisjoint(held)]
    return [Counted(task, _collect(task, pending)) for task, pending in begun]


def _collect(task: Task, pending: Pending[Any]) -> Count | None:
    try:
        return task.read(pending.result())
    except _MISSED:
        return None


def _lacks_own(version: AgreementVersion) -> bool:
    """Whether somebody of the own organisation has still to sign a draft."""
    own = (each for each in version.parties if each.organisation == person().organisation)
    return any(each.signatures_given < each.signatures_needed for each in own)


def _soon() -> Timestamp:
    made = Timestamp()
    made.FromDatetime(datetime.now(UTC) + DUE_SOON)
    return made


def _ask_clocks() -> Pending[Any]:
    return at_gateway(ClockServiceStub).CountClocks.future(CountClocksRequest(due_before=_soon()))


def _read_clocks(answer: Any) -> Count:
    """Clocks that run on for weeks are nobody's work today."""
    overdue = sum(count.overdue for count in answer.counts)
    return Count(overdue + sum(count.due_soon for count in answer.counts), overdue)


def _read_held(answer: Any) -> Count:
    counts = answer.counts
    return Count(sum(count.open for count in counts), sum(count.escalated for count in counts))


def _read_cases(answer: Any) -> Count:
    return Count(len(answer.cases), sum(case.clock.overdue for case in answer.cases))


def _read_breaches(answer: Any) -> Count:
    now = datetime.now(UTC)
    late = [each for each in answer.breaches if each.HasField("due_at") and each.due_at.ToDatetime(UTC) < now]
    return Count(len(answer.breaches), len(late))


def _read_alarms(answer: Any) -> Count:
    number = sum(not alarm.HasField("settlement") for alarm in answer.alarms)
    return Count(number, number)


TASKS: Final = (
    Task(
        "holds.show_queue", ("exchange held in your area", "exchanges held in your area"),
        "escalated", _COORDINATORS,
        lambda: at_gateway(HoldQueueServiceStub).CountHeld.future(CountHeldRequest()), _read_held,
    ),
    Task(
        "holds.show_asked", ("held exchange for you to answer", "held exchanges for you to answer"),
        "",
        _COORDINATORS | _CASEWORK,
        lambda: at_agency(HoldServiceStub).ListHolds.future(ListHoldsRequest()),
        lambda answer: Count(len(answer.holds)),
    ),
    Task(
        "clocks.show_board", ("time limit due or overdue", "time limits due or overdue"),
        "overdue", _CLOCKS,
        _ask_clocks, _read_clocks,
    ),
    Task(
        "clocks.show_unconfirmed", ("notification not confirmed", "notifications not confirmed"),
        "to be telephoned",
        _TELLING,
        lambda: at_agency(AgencyClockServiceStub).ListUnconfirmed.future(
            ListUnconfirmedRequest(page_size=_MOST)
        ),
        lambda answer: Count(len(answer.confirmations), len(answer.confirmations)),
    ),
    Task(
        "subject_access.show_queue", ("subject access request", "subject access requests"),
        "overdue", _ANSWERING,
        lambda: at_agency(SubjectAccessServiceStub).ListCases.future(ListCasesRequest()), _read_cases,
    ),
    Task(
        "subject_access.show_enquiries", ("question from another agency", "questions from other agencies"),
        "overdue",
        _ANSWERING,
        lambda: at_agency(SubjectAccessServiceStub).ListAccessEnquiries.future(ListAccessEnquiriesRequest()),
        lambda answer: Count(len(answer.enquiries), sum(each.overdue for each in answer.enquiries)),
    ),
    Task(
        "requests.show_register", ("request for minutes", "requests for minutes"),
        "overdue", _MINUTES,
        lambda: at_agency(MinutesRequestServiceStub).ListMinutesCases.future(ListMinutesCasesRequest()),
        lambda answer: Count(len(answer.cases), sum(case.overdue for case in answer.cases)),
    ),
    Task(
        "breaches.show_breaches", ("breach case open", "breach cases open"),
        "past 72 hours", _OFFICERS,
        lambda: at_gateway(BreachServiceStub).ListBreaches.future(ListBreachesRequest()), _read_breaches,
    ),
    Task(
        "agreements.show_register", ("agreement to sign", "agreements to sign"),
        "", frozenset({Role.AGREEMENT_SIGNATORY}),
        lambda: at_gateway(AgreementServiceStub).ListAgreements.future(
            ListAgreementsRequest(standings=[AGREEMENT_STANDING_DRAFT])
        ),
        lambda answer: Count(sum(_lacks_own(each) for each in answer.agreements)),
    ),
    Task(
        "agreements.show_register", ("agreement to review", "agreements to review"),
        "", _AGREEING,
        lambda: at_gateway(AgreementServiceStub).ListAgreements.future(
            ListAgreementsRequest(review_due=True)
        ),
        lambda answer: Count(len(answer.agreements)),
    ),
    Task(
        "alarms.show_alarms", ("alarm about the log", "alarms about the log"),
        "not settled", _ANSWERING | _COORDINATORS,
        lambda: at_agency(WitnessServiceStub).ListAlarms.future(ListAlarmsRequest(page_size=_MOST)),
        _read_alarms,
    ),
)  # fmt: skip
"""In the order of the page: what hurts people first."""
