"""A third party was told what had been decided: who, whom, what and when go on record (MAPPA 10.7, 10.8)."""

from datetime import UTC
from typing import Final

from google.protobuf.json_format import MessageToDict
from publicprotection.exchange.v1 import disclosure_pb2

from gateway.app.arrivals import Exchange, Rejection
from gateway.app.collecting import named_in
from gateway.app.records import RecordType, commit_text, record
from gateway.app.third_party.deciding import UNKNOWN, commit_author, is_own_decision, tell_recorded
from gateway.app.tools import Work

FUTURE: Final = Rejection("TELLING_IN_FUTURE", "The time of the telling lies ahead: check it.")


async def check_telling(work: Work, exchange: Exchange) -> Rejection | None:
    """Whether the sender put that decision on record, and the telling does not lie ahead."""
    document = _document(exchange)
    if not await is_own_decision(work, exchange.sender, document.decided_in):
        return UNKNOWN
    ahead = document.telling.told_at.ToDatetime(UTC) > work.at + work.tools.limits.clock_skew
    return FUTURE if ahead else None


async def take_telling(work: Work, exchange: Exchange) -> None:
    """Records it, under the person whom the decision is about, and tells the sender."""
    document, scope = _document(exchange), exchange.exchange_id
    told = MessageToDict(document.telling, preserving_proto_field_name=True)
    leaf = await record(
        work,
        RecordType.DISCLOSURE_TOLD,
        exchange=scope,
        sender=exchange.sender,
        document_type=exchange.document_type,
        in_reply_to=document.decided_in,
        told_at=document.telling.told_at.ToDatetime(UTC).isoformat(),
        about=await named_in(work, document.decided_in),
        seal_hash=exchange.opened.seal_hash,
        author_commitment=await commit_author(work, exchange),
        grounds_commitment=await commit_text(work, scope, scope, "grounds", told),
    )
    await tell_recorded(work, exchange, leaf)


def _document(exchange: Exchange) -> disclosure_pb2.DisclosureTold:
    if not isinstance(exchange.document, disclosure_pb2.DisclosureTold):
        raise TypeError("not a telling")
    return exchange.document
