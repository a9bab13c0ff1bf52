"""Prints the thread of an exchange: what was sent and received about the matter, oldest first."""

import sys

from agency import DEADLINE_S, connect, parser
from publicprotection.exchange.v1.thread_service_pb2 import GetThreadRequest, ThreadEntryKind
from publicprotection.exchange.v1.thread_service_pb2_grpc import ThreadServiceStub


def main() -> int:
    """Ask for the thread of any exchange that belongs to it."""
    arguments = parser(__doc__)
    arguments.add_argument("exchange_id")
    given = arguments.parse_args()
    with connect(given.address, given.certificates) as channel:
        request = GetThreadRequest(exchange_id=given.exchange_id)
        for entry in ThreadServiceStub(channel).GetThread(request, timeout=DEADLINE_S).entries:
            kind = ThreadEntryKind.Name(entry.kind).removeprefix("THREAD_ENTRY_KIND_")
            reply = f" in reply to {entry.in_reply_to}" if entry.in_reply_to else ""
            print(f"{kind:<13} {entry.document_type} by {entry.sender}, exchange {entry.exchange_id}{reply}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
