"""People who answer holds, and the evidence that they state."""

from typing import Any

from publicprotection.common.v1.date_pb2 import Date
from publicprotection.exchange.v1 import answering_pb2

ROLES = ("PRACTITIONER", "SUPERVISOR", "MAPPA_COORDINATOR", "MEETING_CHAIR")
DAY = Date(year=2026, month=11, day=20)


def answerer(organisation: str, **changes: Any) -> answering_pb2.Answerer:
    """A person of an organisation; with every role, unless told otherwise."""
    members: dict[str, Any] = {
        "subject": "p-1",
        "name": "Rufus Oakenshaw",
        "job": "POLICE_OFFENDER_MANAGER",
        "roles": ROLES,
        "organisation": organisation,
        "desk": "public-protection",
    }
    return answering_pb2.Answerer(**{**members, **changes})


def evidence(*kinds: str) -> list[answering_pb2.Evidence]:
    """One whole piece of each kind; of every kind if none is named."""
    known = [name.removeprefix("EVIDENCE_KIND_") for name in answering_pb2.EvidenceKind.keys()[1:]]
    return [
        answering_pb2.Evidence(
            kind=answering_pb2.EvidenceKind.Value(f"EVIDENCE_KIND_{kind}"),
            reference="log 12",
            consulted="duty manager, kent-children",
            on=DAY,
        )
        for kind in kinds or known
    ]
