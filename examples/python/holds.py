"""Lists the holds that this organisation can lift; answers one of them."""

import sys

import grpc
from agency import DEADLINE_S, connect, parser, read_refusal
from publicprotection.exchange.v1 import hold_service_pb2 as holds
from publicprotection.exchange.v1.header_pb2 import Author
from publicprotection.exchange.v1.hold_service_pb2_grpc import HoldServiceStub

AUTHOR = Author(name="Rufus Oakenshaw", role="POLICE_OFFENDER_MANAGER")


def print_holds(channel: grpc.Channel) -> None:
    """Print what waits for this organisation: for whom, which categories, and by which rule."""
    for hold in HoldServiceStub(channel).ListHolds(holds.ListHoldsRequest(), timeout=DEADLINE_S).holds:
        waiting = hold.held
        print(f"{waiting.hold_id} {hold.document_type} from {hold.sender}, exchange {hold.exchange_id}")
        print(f"  for {waiting.recipient.organisation}: {', '.join(waiting.categories)}")
        print(f"  {waiting.rule.reason} [{waiting.rule.rule}, {waiting.rule.paragraph}]")


def grant(channel: grpc.Channel, hold_id: str, reason: str) -> str:
    """Say that the prerequisite is met; what waits follows as a supplement. The exchange of the answer."""
    request = holds.GrantHoldRequest(
        hold_id=hold_id, request_id=f"grant-{hold_id}"[:64], author=AUTHOR, reason=reason
    )
    return HoldServiceStub(channel).GrantHold(request, timeout=DEADLINE_S).acceptance.exchange_id


def decline(channel: grpc.Channel, hold_id: str, reason: str) -> str:
    """Say that it is not met; what waits stays withheld. The exchange of the answer."""
    request = holds.DeclineHoldRequest(
        hold_id=hold_id, request_id=f"decline-{hold_id}"[:64], author=AUTHOR, reason=reason
    )
    return HoldServiceStub(channel).DeclineHold(request, timeout=DEADLINE_S).acceptance.exchange_id


def main() -> int:
    """List, or answer one."""
    arguments = parser(__doc__)
    arguments.add_argument("--grant", metavar="HOLD", help="id of a hold to grant")
    arguments.add_argument("--decline", metavar="HOLD", help="id of a hold to decline")
    arguments.add_argument("--reason", default="", help="why: needed for an answer")
    given = arguments.parse_args()
    with connect(given.address, given.certificates) as channel:
        try:
            if given.grant:
                print(f"granted: exchange {grant(channel, given.grant, given.reason)}")
            elif given.decline:
                print(f"declined: exchange {decline(channel, given.decline, given.reason)}")
            else:
                print_holds(channel)
        except grpc.RpcError as error:
            print(read_refusal(error), file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
