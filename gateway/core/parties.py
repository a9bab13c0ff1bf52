"""Steps 1 and 2: who sends to whom, in which standing, and whether sharing is the right kind of release."""

from collections.abc import Iterator

from publicprotection.exchange.v1 import header_pb2

from gateway.core.flow import Flow, Stop, refuse
from gateway.core.model import Answer

THIRD_PARTY = "THIRD_PARTY"
ASSOCIATE = "ASSOCIATE"


def standing_of(flow: Flow) -> str:
    """The recipient's standing towards this case: its kind's, or ASSOCIATE by the chair (MAPPA 13a.26)."""
    return _standing(flow, flow.recipient.kind, flow.recipient.id)


def sender_standing_of(flow: Flow) -> str:
    """The sender's standing towards this case."""
    return _standing(flow, flow.sender.kind, flow.sender.id)


def check_release_kind(flow: Flow) -> Iterator[Stop]:
    """Only sharing between agencies is decided here; disclosure and responses are workflows of their own."""
    if flow.header.release_kind not in (
        header_pb2.RELEASE_KIND_UNSPECIFIED,
        header_pb2.RELEASE_KIND_SHARING,
    ):
        yield refuse(flow.gates.release_kind)


def check_standing(flow: Flow) -> Iterator[Stop]:
    """A third party gets nothing by sharing: only disclosure can reach it (MAPPA 9.1, 10.2)."""
    partner = flow.submission.purpose in flow.world.rulebook.kinds[flow.recipient.kind].partner_for
    if standing_of(flow) == THIRD_PARTY and not partner:
        yield refuse(flow.gates.third_party)


def _standing(flow: Flow, kind: str, organisation: str) -> str:
    standing = flow.world.rulebook.kinds[kind].standing
    if standing != THIRD_PARTY:
        return standing
    designated = flow.submission.book.about_recipient("associate_designated", organisation)
    return ASSOCIATE if designated is Answer.YES else THIRD_PARTY
