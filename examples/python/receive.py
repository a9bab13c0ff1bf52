"""Children's services take in what has arrived, acknowledge it, and answer an enquiry.

Writes down the position of the last delivery handled, and goes on from there when started again.
"""

import sys
from pathlib import Path

import grpc
from agency import DEADLINE_S, connect, parser, read_refusal
from publicprotection.childrens.v1.childrens_service_pb2 import SendChildSafeguardingResponseRequest
from publicprotection.childrens.v1.childrens_service_pb2_grpc import ChildrensServiceStub
from publicprotection.common.v1.organisation_pb2 import MARKING_OFFICIAL_SENSITIVE
from publicprotection.documents.v1.child_pb2 import (
    ENQUIRY_RESULT_NOT_KNOWN,
    ChildSafeguardingEnquiry,
    ChildSafeguardingResponse,
)
from publicprotection.exchange.v1 import header_pb2 as header
from publicprotection.exchange.v1 import inbox_service_pb2 as inbox
from publicprotection.exchange.v1.inbox_service_pb2_grpc import InboxServiceStub

AUTHOR = header.Author(name="Maud Silverthorne", role="SOCIAL_WORKER", telephone="01632 960333")


def handle(channel: grpc.Channel, summary: inbox.DeliverySummary) -> None:
    """Get one delivery, show it to whoever is to act on it, acknowledge it, and answer it if it asks."""
    request = inbox.GetDeliveryRequest(delivery_id=summary.delivery_id)
    delivery = InboxServiceStub(channel).GetDelivery(request, timeout=DEADLINE_S).delivery
    print(f"{summary.document_type} from {summary.sender}, exchange {summary.exchange_id}")
    for withheld in delivery.withheld:
        print(f"  withheld: {withheld.category}")
    acknowledge(channel, summary.delivery_id)
    enquiry = ChildSafeguardingEnquiry()
    if delivery.document.Unpack(enquiry):  # an Any: its type_url names the document
        answer(channel, delivery, enquiry)


def acknowledge(channel: grpc.Channel, delivery_id: str) -> None:
    """Say that a person has read and understood it. The receipt, which no person gives, has gone already."""
    request = inbox.AcknowledgeDeliveryRequest(
        delivery_id=delivery_id, kind=inbox.ACKNOWLEDGEMENT_KIND_UNDERSTOOD, author=AUTHOR
    )
    InboxServiceStub(channel).AcknowledgeDelivery(request, timeout=DEADLINE_S)


def answer(channel: grpc.Channel, delivery: inbox.Delivery, enquiry: ChildSafeguardingEnquiry) -> None:
    """Answer to whoever asked, naming the exchange that is answered: that makes them a thread."""
    asked = delivery.summary.exchange_id
    request = SendChildSafeguardingResponseRequest(
        header=header.Header(
            recipients=[delivery.header.sender],
            purpose=header.PURPOSE_SAFEGUARD_CHILD,
            lawful_bases=[header.LAWFUL_BASIS_CHILDREN_ACT_2004_S10],
            conditions=[header.PROCESSING_CONDITION_SCH1_SAFEGUARDING],
            necessity="Probation must know before it approves the address.",
            author=AUTHOR,
            marking=MARKING_OFFICIAL_SENSITIVE,
            in_reply_to=asked,
            request_id=f"answer-to-{asked}"[:64],  # one answer to each enquiry, however often this runs
        ),
        document=ChildSafeguardingResponse(
            result=ENQUIRY_RESULT_NOT_KNOWN,
            subject=enquiry.subject,
            action="No child is known at this address; tell us of any change.",
        ),
    )
    verb = ChildrensServiceStub(channel).SendChildSafeguardingResponse
    acceptance = verb(request, timeout=DEADLINE_S).acceptance
    print(f"  answered: exchange {acceptance.exchange_id}")


def main() -> int:
    """Watch the inbox and handle what comes, until interrupted or `--count` are handled."""
    arguments = parser(__doc__)
    arguments.add_argument("--position", required=True, type=Path, help="file that keeps the last position")
    arguments.add_argument("--count", type=int, default=0, help="end after so many; 0: never")
    given = arguments.parse_args()
    with connect(given.address, given.certificates) as channel:
        last = int(given.position.read_text()) if given.position.exists() else 0
        request = inbox.WatchDeliveriesRequest(after_position=last)
        try:
            for handled, arrived in enumerate(InboxServiceStub(channel).WatchDeliveries(request), start=1):
                handle(channel, arrived.delivery)
                given.position.write_text(
                    str(arrived.delivery.position)
                )  # only now: a crash repeats, never skips
                if handled == given.count:
                    return 0
        except grpc.RpcError as error:  # the service was restarted, or refused something: start again later
            print(read_refusal(error), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
