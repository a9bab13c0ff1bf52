"""Passing on: an enquiry to the owner of information, and the owner's answer to who asked.

Both go whole, under the seal of who wrote them: the gateway decides whether, and changes nothing. An owner
is asked only about what a search found, and only one that took part in something about the person: nobody
can tell others of somebody by way of an enquiry.
"""

from datetime import datetime, time, timedelta
from typing import Final

from publicprotection.exchange.v1 import outcome_pb2, subject_access_documents_pb2, subject_access_result_pb2

from gateway.app.arrivals import Exchange, Rejection
from gateway.app.digests import blind_subject, listing_of
from gateway.app.envelopes import report
from gateway.app.log_rows import LogFilter
from gateway.app.records import RecordType, commit_text, record
from gateway.app.subject_access.ports import EnquiryRow, LocationRow
from gateway.app.tools import Work
from gateway.app.working_days import LONDON
from services.kit.subject_access.checking import is_blanket
from services.kit.subject_access.wire import read_day, read_decision

# The same for what there is not and for another's: nobody learns which there are.
UNKNOWN: Final = Rejection(
    "ENQUIRY_UNKNOWN", "There is no such search or enquiry that this organisation may speak of."
)
_ANSWERED: Final = Rejection("ENQUIRY_ANSWERED", "This enquiry was answered before.")
_BLANKET: Final = Rejection(
    "BLANKET_EXEMPTION", "Everything cannot be withheld for one reason: give each item its own."
)

PURPOSE: Final = "ANSWER_REQUEST"

_Enquiry = subject_access_documents_pb2.SubjectAccessEnquiry
_Answer = subject_access_documents_pb2.SubjectAccessAnswer


async def check_enquiry(work: Work, exchange: Exchange) -> Rejection | None:
    """Whether who asks found the exchange by a search of its own, and the owner has to do with it."""
    enquiry = _enquiry(exchange)
    location = await work.unit.subject_access.find_location(enquiry.location_id)
    if location is None or location.organisation != exchange.sender:
        return UNKNOWN
    if enquiry.exchange_id not in location.exchange_ids or read_day(enquiry.answer_by) is None:
        return UNKNOWN
    known = work.tools.directory.organisation(enquiry.owner) is not None and enquiry.owner != exchange.sender
    return None if known and await _takes_part(work, enquiry.owner, location) else UNKNOWN


async def take_enquiry(work: Work, exchange: Exchange) -> None:
    """Records an enquiry and passes it on to the owner."""
    enquiry = _enquiry(exchange)
    location = await _require_location(work, enquiry.location_id)
    due = _end_of(enquiry)
    await work.unit.subject_access.add_enquiry(
        EnquiryRow(
            exchange.exchange_id,
            enquiry.location_id,
            enquiry.exchange_id,
            exchange.sender,
            enquiry.owner,
            due,
            work.at,
        )
    )
    leaf = await record(
        work,
        RecordType.ACCESS_ENQUIRED,
        exchange=exchange.exchange_id,
        queried_exchange=enquiry.exchange_id,
        sender=exchange.sender,
        recipient=enquiry.owner,
        purpose=PURPOSE,
        due=due.isoformat(),
        records=len(enquiry.items),
        about=location.subject_ids,
        seal_hash=exchange.opened.seal_hash,
        author_commitment=await _author(work, exchange),
    )
    kind = outcome_pb2.OUTCOME_KIND_ACCESS_ENQUIRED
    await _pass_on(work, exchange, enquiry.owner, kind, exchange.exchange_id, leaf)
    await _confirm(work, exchange, leaf)


async def check_answer(work: Work, exchange: Exchange) -> Rejection | None:
    """Whether the sender is the owner that was asked, for the first time, and answers item by item."""
    answer = _answer(exchange)
    row = await work.unit.subject_access.find_enquiry(answer.enquiry_id)
    if row is None or row.owner != exchange.sender:
        return UNKNOWN
    if row.answered_at is not None:
        return _ANSWERED
    decisions = {each.path: read_decision(each) for each in answer.decisions}
    return _BLANKET if is_blanket(decisions) else None


async def take_answer(work: Work, exchange: Exchange) -> None:
    """Records an answer and passes it on to who asked."""
    row = await work.unit.subject_access.find_enquiry(_answer(exchange).enquiry_id)
    if row is None:
        raise AssertionError("checked before")
    await work.unit.subject_access.answer_enquiry(row.enquiry_id, work.at)
    location = await _require_location(work, row.location_id)
    leaf = await record(
        work,
        RecordType.ACCESS_ANSWERED,
        exchange=exchange.exchange_id,
        queried_exchange=row.exchange_id,
        in_reply_to=row.enquiry_id,
        sender=exchange.sender,
        recipient=row.organisation,
        due=row.due.isoformat(),
        in_time=work.at <= row.due,
        records=len(_answer(exchange).decisions),
        about=location.subject_ids,
        seal_hash=exchange.opened.seal_hash,
        author_commitment=await _author(work, exchange),
    )
    kind = outcome_pb2.OUTCOME_KIND_ACCESS_ANSWERED
    await _pass_on(work, exchange, row.organisation, kind, row.enquiry_id, leaf)
    await _confirm(work, exchange, leaf)


async def _takes_part(work: Work, owner: str, location: LocationRow) -> bool:
    """Whether anything about the person ever went from or to an organisation."""
    listed = tuple(blind_subject(work.tools.key_store, each) for each in location.subject_ids)
    if not listed:
        return False
    wanted = LogFilter(
        listed=(listed, (listing_of(owner),)), types=(RecordType.COLLECTION, RecordType.DISCLOSURE)
    )
    return bool(await work.unit.log.select(wanted, 1))


async def _pass_on(  # noqa: PLR0913, PLR0917  # what goes to whom, and for which record
    work: Work,
    exchange: Exchange,
    to: str,
    kind: outcome_pb2.OutcomeKind.ValueType,
    about: str,
    leaf: str,
) -> None:
    seal = exchange.opened.seal.compact
    passed = subject_access_result_pb2.PassedOn(exchange_id=exchange.exchange_id, seal=seal)
    outcome = outcome_pb2.Outcome(
        exchange_id=about,
        kind=kind,
        record_hash=leaf,
        document_type=exchange.document_type,
        sender=exchange.sender,
        access=subject_access_result_pb2.SubjectAccessResult(passed=passed),
    )
    await report(work, to, outcome)


async def _confirm(work: Work, exchange: Exchange, leaf: str) -> None:
    outcome = outcome_pb2.Outcome(
        exchange_id=exchange.exchange_id,
        kind=outcome_pb2.OUTCOME_KIND_PASSED_ON,
        record_hash=leaf,
        document_type=exchange.document_type,
    )
    await report(work, exchange.sender, outcome)


async def _author(work: Work, exchange: Exchange) -> str:
    scope = exchange.exchange_id
    author = {"name": exchange.header.author.name, "role": exchange.header.author.role}
    return await commit_text(work, scope, scope, "author", author)


async def _require_location(work: Work, location_id: str) -> LocationRow:
    row = await work.unit.subject_access.find_location(location_id)
    if row is None:
        raise AssertionError("checked before")
    return row


def _end_of(enquiry: _Enquiry) -> datetime:
    """The end of the last day, in London."""
    day = read_day(enquiry.answer_by)
    if day is None:
        raise AssertionError("checked before")
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=LONDON)


def _enquiry(exchange: Exchange) -> _Enquiry:
    if not isinstance(exchange.document, _Enquiry):
        raise TypeError("not an enquiry of an owner")
    return exchange.document


def _answer(exchange: Exchange) -> _Answer:
    if not isinstance(exchange.document, _Answer):
        raise TypeError("not an answer of an owner")
    return exchange.document
