"""Asks what would become of an enquiry, and sends nothing."""

import sys
from datetime import date

from agency import DEADLINE_S, connect, parser
from enquire import write_enquiry, write_header
from google.protobuf.any_pb2 import Any
from publicprotection.exchange.v1.decision_pb2 import DecisionOutcome
from publicprotection.exchange.v1.preview_service_pb2 import PreviewExchangeRequest
from publicprotection.exchange.v1.preview_service_pb2_grpc import PreviewServiceStub


def main() -> int:
    """Print for each recipient what it would get, what not, and why."""
    given = parser(__doc__).parse_args()
    document = Any()
    document.Pack(write_enquiry(date.today()))
    request = PreviewExchangeRequest(header=write_header("only-a-preview"), document=document)
    with connect(given.address, given.certificates) as channel:
        answer = PreviewServiceStub(channel).PreviewExchange(request, timeout=DEADLINE_S)
    for decision in answer.decisions:
        print(f"{decision.recipient.organisation}: {DecisionOutcome.Name(decision.outcome)}")
        print(f"  would get {len(decision.released)} values")
        for withheld in decision.withheld:
            print(f"  would not get {withheld.category}: {withheld.rule.reason} [{withheld.rule.paragraph}]")
        for held in decision.held:
            print(f"  would wait for {held.organisation} ({held.role}): {held.prerequisite}")
        if decision.HasField("instead"):
            print(f"  instead: {decision.instead.document_type} {decision.instead.explanation}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
