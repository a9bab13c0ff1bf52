"""Probation asks children's services about an address, and learns what became of the enquiry.

Exit status: 0 confirmed, 1 refused, 2 not confirmed in time: telephone.
"""

import sys
import time
from datetime import date, timedelta

import grpc
from agency import DEADLINE_S, connect, parser, read_refusal
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.organisation_pb2 import MARKING_OFFICIAL_SENSITIVE, DeskReference
from publicprotection.common.v1.person_pb2 import Address, Person, PersonName
from publicprotection.documents.v1.child_pb2 import ENQUIRY_TRIGGER_PRE_RELEASE_ADDRESS as BEFORE_RELEASE
from publicprotection.documents.v1.child_pb2 import ChildSafeguardingEnquiry
from publicprotection.exchange.v1 import header_pb2 as header
from publicprotection.exchange.v1.decision_pb2 import DecisionOutcome
from publicprotection.exchange.v1.directory_service_pb2 import GetOrganisationRequest
from publicprotection.exchange.v1.directory_service_pb2_grpc import DirectoryServiceStub
from publicprotection.exchange.v1.facts_pb2 import ANSWER_YES, Fact, Facts
from publicprotection.exchange.v1.outbox_service_pb2 import GetExchangeRequest, GetExchangeResponse
from publicprotection.exchange.v1.outbox_service_pb2_grpc import OutboxServiceStub
from publicprotection.exchange.v1.outcome_pb2 import OUTCOME_KIND_RECEIPTED, OUTCOME_KIND_REJECTED
from publicprotection.probation.v1.probation_service_pb2 import SendChildSafeguardingEnquiryRequest
from publicprotection.probation.v1.probation_service_pb2_grpc import ProbationServiceStub

FRONT_DOOR = DeskReference(organisation="kent-childrens", desk="front-door")
TRY_AGAIN = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
}
ATTEMPTS = 5


def write_header(request_id: str) -> header.Header:
    """From whom, to whom, what for, on what basis. The sender's desk is where an answer will go."""
    return header.Header(
        sender=DeskReference(organisation="kent-probation", desk="sentence-management"),
        recipients=[FRONT_DOOR],
        purpose=header.PURPOSE_SAFEGUARD_CHILD,
        lawful_bases=[header.LAWFUL_BASIS_CHILDREN_ACT_2004_S11],
        conditions=[
            header.PROCESSING_CONDITION_SCH8_SAFEGUARDING,
            header.PROCESSING_CONDITION_SCH1_SAFEGUARDING,
        ],
        necessity="A child may live at the address to which he is to be released.",
        author=header.Author(name="Callum Tidewright", role="COMMUNITY_OFFENDER_MANAGER"),
        urgency=header.URGENCY_URGENT,
        marking=MARKING_OFFICIAL_SENSITIVE,
        facts=Facts(mappa_managed=Fact(answer=ANSWER_YES)),
        request_id=request_id,
    )


def write_enquiry(today: date) -> ChildSafeguardingEnquiry:
    """The document. Its proto says which fields are needed and what each means."""
    return ChildSafeguardingEnquiry(
        trigger=BEFORE_RELEASE,
        subject=Person(
            name=PersonName(family="Quillfeather", given="Marlon"),
            date_of_birth=Date(year=1987, month=3, day=14),
        ),
        address=Address(lines=["4 Quincunx Row"], town="Merrowhythe", postcode="CT97 4ZZ"),
        question="Does a child live there? What is your involvement with the family?",
        needed_by=write_date(today + timedelta(days=10)),
        release_date=write_date(today + timedelta(days=21)),
    )


def write_date(day: date) -> Date:
    """A date as the contract writes it: whole here, but a year alone is one too."""
    return Date(year=day.year, month=day.month, day=day.day)


def send(channel: grpc.Channel, request: SendChildSafeguardingEnquiryRequest) -> str:
    """Send, again if need be, always under the same request id: nothing is sent twice."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            verb = ProbationServiceStub(channel).SendChildSafeguardingEnquiry
            return verb(request, timeout=DEADLINE_S).acceptance.exchange_id
        except grpc.RpcError as error:
            if read_refusal(error).code not in TRY_AGAIN or attempt == ATTEMPTS:
                raise
            time.sleep(2**attempt)
    raise AssertionError("the last attempt returns or raises")


def await_confirmation(channel: grpc.Channel, exchange_id: str, limit_s: float) -> GetExchangeResponse:
    """Read what became of it until every delivery has its receipt, or the time is over."""
    deadline = time.monotonic() + limit_s
    while True:
        request = GetExchangeRequest(exchange_id=exchange_id)
        found = OutboxServiceStub(channel).GetExchange(request, timeout=DEADLINE_S)
        if is_confirmed(found) or time.monotonic() > deadline:
            return found
        time.sleep(0.5)


def is_confirmed(found: GetExchangeResponse) -> bool:
    """Whether something was released, and the recipient's service took delivery of all of it."""
    decisions = [decision for outcome in found.outcomes for decision in outcome.decisions]
    released = {decision.delivery_id for decision in decisions if decision.delivery_id}
    taken = {outcome.delivery_id for outcome in found.outcomes if outcome.kind == OUTCOME_KIND_RECEIPTED}
    return bool(released) and released <= taken


def print_outcomes(found: GetExchangeResponse) -> None:
    """Print what the gateway decided and why; an alarm means that somebody must look into it."""
    for outcome in found.outcomes:
        if outcome.kind == OUTCOME_KIND_REJECTED:
            print(f"rejected: {outcome.rejection.reason}: {outcome.rejection.advice}")
        for decision in outcome.decisions:
            print(f"{decision.recipient.organisation}: {DecisionOutcome.Name(decision.outcome)}")
            for withheld in decision.withheld:
                print(f"  withheld {withheld.category}: {withheld.rule.reason}")
            for held in decision.held:
                print(f"  waits for {held.organisation}: {held.prerequisite}")
    for alarm in found.alarms:
        print(f"ALARM {alarm.kind} about delivery {alarm.delivery_id}")


def find_telephone(channel: grpc.Channel, recipient: DeskReference) -> str:
    """Look up the number of a desk, for what cannot wait."""
    request = GetOrganisationRequest(organisation=recipient.organisation)
    found = DirectoryServiceStub(channel).GetOrganisation(request, timeout=DEADLINE_S).organisation
    return next(desk.telephone for desk in found.desks if desk.desk == recipient.desk)


def main() -> int:
    """Send one enquiry and say what became of it."""
    arguments = parser(__doc__)
    arguments.add_argument("--request-id", required=True, help="your system's own, one for each exchange")
    arguments.add_argument(
        "--patience", type=float, default=60, help="seconds until it counts as not confirmed"
    )
    given = arguments.parse_args()
    with connect(given.address, given.certificates) as channel:
        request = SendChildSafeguardingEnquiryRequest(
            header=write_header(given.request_id), document=write_enquiry(date.today())
        )
        try:
            exchange_id = send(channel, request)
        except grpc.RpcError as error:
            print(read_refusal(error), file=sys.stderr)
            return 1
        print(f"exchange {exchange_id}")
        found = await_confirmation(channel, exchange_id, given.patience)
        print_outcomes(found)
        if is_confirmed(found):
            return 0
        print(f"NOT CONFIRMED: telephone {find_telephone(channel, FRONT_DOOR)}")
        return 2


if __name__ == "__main__":
    sys.exit(main())
