"""A submission: verify, drop duplicates, decide, record, and lay out what is to leave."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple

from publicprotection.exchange.v1 import outcome_pb2

from gateway.app.agreed_now import decide_now
from gateway.app.arrivals import Exchange, Rejection, check_exchange, open_submission, read_exchange
from gateway.app.assertions import check_assertion, take_assertion
from gateway.app.clocks.completing import check_completion, take_completion
from gateway.app.clocks.telephone import check_telephone, take_telephone
from gateway.app.clocks.tracking import note_decision
from gateway.app.collecting import collect
from gateway.app.envelopes import Unusable, report
from gateway.app.figures.noting import note_first
from gateway.app.hold_answer import check_hold_answer, take_hold_answer
from gateway.app.past_decisions import keep_abstract
from gateway.app.recalls.confirming import check_confirmation, take_confirmation
from gateway.app.recalls.recalling import check_recall, take_recall
from gateway.app.register.keeping import list_decided
from gateway.app.rejections import reject
from gateway.app.release import Before, carry_out
from gateway.app.retention import drop_settled, keep_seal
from gateway.app.rows import SubmissionRow, SubmissionState
from gateway.app.subject_access.locating import check_location, take_location
from gateway.app.subject_access.masking import check_masking, take_masking
from gateway.app.subject_access.routing import check_answer, check_enquiry, take_answer, take_enquiry
from gateway.app.subjects import find_people, learn_people, register_people
from gateway.app.third_party.deciding import check_decision, take_decision
from gateway.app.third_party.telling import check_telling, take_telling
from gateway.app.tools import Work
from gateway.core.documents import is_for_gateway
from gateway.core.model import Case
from services.kit.evidence.opening import OpenedSeal
from services.kit.exchange.previews import is_preview


async def take_submission(work: Work, organisation: str, seal: str) -> Unusable | None:
    """Takes a sealed exchange. One that was taken before has no further effect.

    Args:
        work: the unit of work.
        organisation: whose queue it came by.
        seal: compact SD-JWT with all its disclosures.

    Returns:
        Why the message can never be used, if so. An exchange that is rejected, refused or held is dealt with.
    """
    opened = open_submission(work, organisation, seal)
    if isinstance(opened, Unusable):
        return opened
    if is_preview(opened.exchange_id):
        return Unusable("SEALED_AS_PREVIEW")
    known = await work.unit.submissions.find(opened.exchange_id)
    if known is not None:
        same = (known.seal_hash, known.sender) == (opened.seal_hash, opened.issuer)
        return None if same else Unusable("EXCHANGE_ID_REUSED")
    exchange = read_exchange(opened, work.tools)
    if isinstance(exchange, Rejection):
        await reject(work, opened, exchange)
        return None
    await _take(work, seal, opened, exchange)
    return None


async def _take(work: Work, seal: str, opened: OpenedSeal, exchange: Exchange) -> None:
    rejection = check_exchange(work, exchange) or await _check_record(work, exchange)
    if rejection is not None:
        await reject(work, opened, rejection, exchange)
        return
    if is_for_gateway(exchange.document_type):
        await work.unit.submissions.add(_submission(work, exchange, ciphertext=None))
        await _USE_CASES[exchange.document_type].take(work, exchange)
        return
    await work.unit.submissions.add(
        _submission(work, exchange, ciphertext=await keep_seal(work, exchange.exchange_id, seal))
    )
    if not await _decide(work, exchange):  # what was released just now is not receipted
        await drop_settled(work, exchange.exchange_id)


async def _check_record(work: Work, exchange: Exchange) -> Rejection | None:
    """Checks against what is on record."""
    rejection = await _check_request(work, exchange)
    if rejection is None and is_for_gateway(exchange.document_type):
        rejection = await _USE_CASES[exchange.document_type].check(work, exchange)
    return rejection


async def _check_request(work: Work, exchange: Exchange) -> Rejection | None:
    earlier = await work.unit.submissions.find_request(exchange.request_key)
    if earlier is None:
        return None
    if earlier.leaf_digest == exchange.leaf_digest:
        return Rejection("REQUEST_REPEATED", "This request was taken before, as another exchange.")
    return Rejection("REQUEST_ID_REUSED", "This request id stands for another exchange: use a new one.")


def _submission(work: Work, exchange: Exchange, ciphertext: bytes | None) -> SubmissionRow:
    return SubmissionRow(
        exchange_id=exchange.exchange_id,
        sender=exchange.sender,
        seal_hash=exchange.opened.seal_hash,
        document_type=exchange.document_type,
        state=SubmissionState.ACCEPTED,
        received_at=work.at,
        issued_at=exchange.opened.issued_at,
        request_key=exchange.request_key,
        leaf_digest=exchange.leaf_digest,
        ciphertext=ciphertext,
    )


async def _decide(work: Work, exchange: Exchange) -> bool:
    """Decides and carries out; whether anything was released."""
    found = await find_people(work, exchange)
    await register_people(work, exchange.exchange_id, found)
    registered = await collect(work, exchange, found)
    before = Before(about=tuple({row.subject_id: None for row in found.mentions(exchange.exchange_id)}))
    case = Case(
        exchange_id=exchange.exchange_id,
        document_type=exchange.document_type,
        header=exchange.header,
        document=exchange.document,
        leaves=exchange.leaves,
        facts=(),
        at=work.at,
        known_parties=found.known_parties,
    )
    rulings = await decide_now(work, case)
    await keep_abstract(work, case)
    done = [await carry_out(work, exchange, registered, ruling, before) for ruling in rulings]
    await learn_people(work, exchange, found, rulings)
    await note_decision(work, exchange, registered, case, rulings, done, again=False)
    await list_decided(work, registered, [each.decision for each in done])
    note_first(work, registered, [each.decision for each in done])
    outcome = outcome_pb2.Outcome(
        exchange_id=exchange.exchange_id,
        kind=outcome_pb2.OUTCOME_KIND_DECIDED,
        decisions=[each.decision for each in done],
        statements=[each.statement for each in done if each.statement is not None],
        record_hash=done[0].record_hash,
        document_type=exchange.document_type,
    )
    await report(work, exchange.sender, outcome)
    return bool(outcome.statements)


class _UseCase(NamedTuple):
    """What is done with a document for the gateway itself."""

    check: Callable[[Work, Exchange], Awaitable[Rejection | None]]
    take: Callable[[Work, Exchange], Awaitable[None]]


_USE_CASES: Final[Mapping[str, _UseCase]] = {
    "HoldAnswer": _UseCase(check_hold_answer, take_hold_answer),
    "FactAssertion": _UseCase(check_assertion, take_assertion),
    "SubjectLocation": _UseCase(check_location, take_location),
    "SubjectAccessEnquiry": _UseCase(check_enquiry, take_enquiry),
    "SubjectAccessAnswer": _UseCase(check_answer, take_answer),
    "TextMasking": _UseCase(check_masking, take_masking),
    "ClockCompletion": _UseCase(check_completion, take_completion),
    "TelephoneDisclosure": _UseCase(check_telephone, take_telephone),
    "ExchangeRecall": _UseCase(check_recall, take_recall),
    "RecallConfirmation": _UseCase(check_confirmation, take_confirmation),
    "DisclosureDecision": _UseCase(check_decision, take_decision),
    "DisclosureTold": _UseCase(check_telling, take_telling),
}
