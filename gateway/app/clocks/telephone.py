"""A disclosure by telephone, put on record afterwards: an immediate exchange was not confirmed."""

from datetime import UTC
from typing import Final

from publicprotection.exchange.v1 import clock_pb2, outcome_pb2

from gateway.app.arrivals import Exchange, Rejection
from gateway.app.collecting import named_in
from gateway.app.envelopes import report
from gateway.app.records import RecordType, commit_text, record
from gateway.app.register.rows import TelephoneRow
from gateway.app.tools import Work

UNKNOWN: Final = Rejection("EXCHANGE_UNKNOWN", "There is no such exchange that this organisation sent.")
NO_DESK: Final = Rejection("RECIPIENT_UNKNOWN", "The directory does not have the desk named.")
FUTURE: Final = Rejection("TOLD_IN_FUTURE", "The time of the call lies ahead: check it.")


async def check_telephone(work: Work, exchange: Exchange) -> Rejection | None:
    """Whether the sender sent that exchange, taken or not, and the desk exists."""
    document = _document(exchange)
    submission = await work.unit.submissions.find(document.exchange_id)
    if submission is None or submission.sender != exchange.sender:
        return UNKNOWN
    if work.tools.directory.desk(document.recipient.organisation, document.recipient.desk) is None:
        return NO_DESK
    ahead = document.told_at.ToDatetime(UTC) > work.at + work.tools.limits.clock_skew
    return FUTURE if ahead else None


async def take_telephone(work: Work, exchange: Exchange) -> None:
    """Records it as a disclosure, with what was told and to whom committed to, and answers."""
    document, scope = _document(exchange), exchange.exchange_id
    author = {"name": exchange.header.author.name, "role": exchange.header.author.role}
    told = {"person_told": document.person_told, "told": document.told}
    submission = await work.unit.submissions.find(document.exchange_id)
    leaf = await record(
        work,
        RecordType.TELEPHONE_DISCLOSURE,
        exchange=document.exchange_id,
        asserted_in=scope,
        sender=exchange.sender,
        recipient=f"{document.recipient.organisation}/{document.recipient.desk}",
        document_type=None if submission is None else submission.document_type,
        told_at=document.told_at.ToDatetime(UTC).isoformat(),
        about=await named_in(work, document.exchange_id),
        seal_hash=exchange.opened.seal_hash,
        author_commitment=await commit_text(work, scope, scope, "author", author),
        grounds_commitment=await commit_text(work, scope, scope, "grounds", told),
    )
    told_to = document.recipient.organisation, document.recipient.desk
    told_at = document.told_at.ToDatetime(UTC)
    await work.unit.telephoned.add(TelephoneRow(document.exchange_id, *told_to, told_at, work.at, leaf))
    outcome = outcome_pb2.Outcome(
        exchange_id=scope,
        kind=outcome_pb2.OUTCOME_KIND_TELEPHONE_RECORDED,
        record_hash=leaf,
        document_type=exchange.document_type,
        recipient=document.recipient,
    )
    await report(work, exchange.sender, outcome)


def _document(exchange: Exchange) -> clock_pb2.TelephoneDisclosure:
    if not isinstance(exchange.document, clock_pb2.TelephoneDisclosure):
        raise TypeError("not a disclosure by telephone")
    return exchange.document
