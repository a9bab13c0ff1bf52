"""An organisation decided whether a third party is told: on record either way (MAPPA 7.26, 10.5, 10.7).

The gateway decides nothing of it. The log gets codes and commitments; what was considered is kept encrypted
outside of it, and falls with its keys.
"""

from collections.abc import Iterator
from typing import Any, Final

from google.protobuf.json_format import MessageToDict
from publicprotection.documents.v1 import third_party_grounds_pb2 as grounds_pb2
from publicprotection.exchange.v1 import disclosure_pb2, outcome_pb2

from gateway.app.arrivals import Exchange, Rejection
from gateway.app.envelopes import report
from gateway.app.records import RecordType, commit_text, record
from gateway.app.subjects import Found, find_people, register_people
from gateway.app.tools import Work

DOCUMENT: Final = "DisclosureDecision"
_OUTCOME: Final = "DISCLOSURE_OUTCOME_"

# The same for a decision that there is not and for another's.
UNKNOWN: Final = Rejection(
    "DECISION_UNKNOWN", "There is no such decision that this organisation put on record: put it there first."
)
VERSION: Final = Rejection(
    "DECISION_VERSION", "The first version amends none, and each later one names the one before."
)


async def check_decision(work: Work, exchange: Exchange) -> Rejection | None:
    """Whether an amendment names a decision that the sender put on record."""
    document = _document(exchange)
    if (document.version > 1) != bool(document.amends):
        return VERSION
    if document.amends and not await is_own_decision(work, exchange.sender, document.amends):
        return UNKNOWN
    return None


async def take_decision(work: Work, exchange: Exchange) -> None:
    """Records it under the person whom it is about, and tells the sender."""
    found = await find_people(work, exchange)
    await register_people(work, exchange.exchange_id, found)
    leaf = await _record(work, exchange, found)
    await tell_recorded(work, exchange, leaf)


async def is_own_decision(work: Work, organisation: str, exchange_id: str) -> bool:
    """Whether an exchange is a decision that this organisation put on record."""
    known = await work.unit.submissions.find(exchange_id)
    return known is not None and (known.sender, known.document_type) == (organisation, DOCUMENT)


async def tell_recorded(work: Work, exchange: Exchange, leaf: str) -> None:
    """Tells the sender where it stands in the log."""
    outcome = outcome_pb2.Outcome(
        exchange_id=exchange.exchange_id,
        kind=outcome_pb2.OUTCOME_KIND_DISCLOSURE_RECORDED,
        record_hash=leaf,
        document_type=exchange.document_type,
    )
    await report(work, exchange.sender, outcome)


async def commit_author(work: Work, exchange: Exchange) -> str:
    """The commitment to the person who decided or told."""
    author = {"name": exchange.header.author.name, "role": exchange.header.author.role}
    return await commit_text(work, exchange.exchange_id, exchange.exchange_id, "author", author)


async def _record(work: Work, exchange: Exchange, found: Found) -> str:
    document, scope = _document(exchange), exchange.exchange_id
    considered = MessageToDict(document.consideration, preserving_proto_field_name=True)
    outcome = disclosure_pb2.DisclosureOutcome.Name(document.consideration.outcome)
    return await record(
        work,
        RecordType.DISCLOSURE_DECIDED,
        exchange=scope,
        sender=exchange.sender,
        document_type=exchange.document_type,
        item=document.decision_id,
        change=outcome.removeprefix(_OUTCOME),
        version=str(document.version),
        in_reply_to=document.amends or None,
        subject=found.subject_id,
        mentioned=_mentioned(exchange, found) or None,
        flags=list(_flags(document.consideration)),
        seal_hash=exchange.opened.seal_hash,
        author_commitment=await commit_author(work, exchange),
        grounds_commitment=await commit_text(work, scope, scope, "grounds", considered),
        reason_commitment=await _commit_reason(work, exchange),
    )


async def _commit_reason(work: Work, exchange: Exchange) -> str | None:
    reason, scope = _document(exchange).amended_because, exchange.exchange_id
    return await commit_text(work, scope, scope, "reason", {"reason": reason}) if reason else None


def _mentioned(exchange: Exchange, found: Found) -> list[list[str]]:
    rows = found.mentions(exchange.exchange_id)
    return [[row.about, row.subject_id] for row in rows if row.subject_id != found.subject_id]


def _flags(considered: disclosure_pb2.DisclosureConsideration) -> Iterator[str]:
    if considered.urgent_reason:
        yield "URGENT"
    if considered.representations == grounds_pb2.REPRESENTATIONS_NOT_SOUGHT:
        yield "PERSON_NOT_HEARD"


def _document(exchange: Exchange) -> disclosure_pb2.DisclosureDecision:
    document: Any = exchange.document
    if not isinstance(document, disclosure_pb2.DisclosureDecision):
        raise TypeError("not a decision whether to disclose")
    return document
