"""Steps 1 and 2: who sends to whom, in which standing, and whether sharing is the right kind of release."""

from collections.abc import Iterator

from publicprotection.exchange.v1 import header_pb2

from gateway.core.flow import Flow, Stop, refuse
from gateway.core.model import Answer
from gateway.core.release_model import Release
from gateway.core.vocabulary import short_name

THIRD_PARTY = "THIRD_PARTY"
ASSOCIATE = "ASSOCIATE"


def standing_of(flow: Flow) -> str:
    """The recipient's standing towards this case: its kind's, or ASSOCIATE by the chair (MAPPA 13a.26)."""
    return _standing(flow, flow.recipient.kind, flow.recipient.id)


def sender_standing_of(flow: Flow) -> str:
    """The sender's standing towards this case."""
    return _standing(flow, flow.sender.kind, flow.sender.id)


def check_release_kind(flow: Flow) -> Iterator[Stop]:
    """The release kind must carry this document to this recipient (releases.yaml; MAPPA 9.1, 10.2)."""
    if not releases_of(flow):
        yield refuse(flow.gates.release_kind)


def releases_of(flow: Flow) -> tuple[Release, ...]:
    """The rows of releases.yaml for this flow; what is not said to be another release kind is sharing."""
    kind = short_name(header_pb2.ReleaseKind, "RELEASE_KIND_", flow.header.release_kind) or "SHARING"
    submission = flow.submission
    flown = submission.case.document_type, submission.purpose, flow.sender.kind, flow.recipient.kind
    rows = flow.world.rulebook.carrying(*flown)
    return tuple(each for each in rows if each.release_kind == kind and _is_for_standing(flow, each))


def _is_for_standing(flow: Flow, release: Release) -> bool:
    return not release.standings or standing_of(flow) in release.standings


def check_standing(flow: Flow) -> Iterator[Stop]:
    """A third party gets nothing by sharing: only disclosure can reach it (MAPPA 9.1, 10.2)."""
    partner = flow.submission.purpose in flow.world.rulebook.kinds[flow.recipient.kind].partner_for
    reached = partner or any(each.third_parties for each in releases_of(flow))
    if standing_of(flow) == THIRD_PARTY and not reached:
        yield refuse(flow.gates.third_party)


def _standing(flow: Flow, kind: str, organisation: str) -> str:
    standing = flow.world.rulebook.kinds[kind].standing
    if standing != THIRD_PARTY:
        return standing
    designated = flow.submission.book.about_recipient("associate_designated", organisation)
    return ASSOCIATE if designated is Answer.YES else THIRD_PARTY
