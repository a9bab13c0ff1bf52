"""An answer to a hold: only from the organisation that was asked, once; then the decision again."""

from typing import Final

from google.protobuf.json_format import MessageToDict
from publicprotection.exchange.v1 import decision_pb2, gateway_documents_pb2, outcome_pb2

from gateway.app.arrivals import Exchange, Rejection
from gateway.app.assertions import assertable, keep_facts
from gateway.app.collecting import named_in
from gateway.app.envelopes import report
from gateway.app.figures.noting import note_closed
from gateway.app.hold_ending import held_of
from gateway.app.hold_persons import Turning, examine, key_row
from gateway.app.records import RecordType, commit_text, record
from gateway.app.redecide import redecide
from gateway.app.release import Done
from gateway.app.rows import HoldRow, HoldState
from gateway.app.tools import Work
from gateway.core.facts import read_assertion
from gateway.core.model import Answer, Desk, Tell
from gateway.core.prerequisites import HoldReply
from services.kit.evidence.answering import AnswerFault

# The same for a hold that there is not and for another's: nobody learns which holds exist.
UNKNOWN: Final = Rejection("HOLD_UNKNOWN", "There is no such hold that this organisation can answer.")
CLOSED: Final = Rejection("HOLD_CLOSED", "This hold was answered before, or is not needed any more.")
EXPIRED: Final = Rejection("HOLD_EXPIRED", "The time for this hold ran out: what waited is withheld.")
REFUSED: Final = {
    AnswerFault.PERSON_UNKNOWN: Rejection(
        "HOLD_PERSON_UNKNOWN", "Answer as a person whom this organisation's own service has authenticated."
    ),
    AnswerFault.WRONG_PERSON: Rejection(
        "HOLD_WRONG_PERSON", "Have somebody answer whose job or role the hold's requirement names."
    ),
    AnswerFault.AUTHOR_ANSWERS: Rejection(
        "HOLD_AUTHOR_ANSWERS", "Have somebody other than the author of the exchange answer."
    ),
    AnswerFault.NOT_THE_AUTHOR: Rejection("HOLD_NOT_THE_AUTHOR", "Have the author of the exchange answer."),
    AnswerFault.SAME_PERSON: Rejection(
        "HOLD_SAME_PERSON", "You have turned the other key: have a colleague turn this one."
    ),
    AnswerFault.SAME_AGENCY: Rejection(
        "HOLD_SAME_AGENCY", "The other key was turned here: this one is for another organisation."
    ),
    AnswerFault.EVIDENCE_MISSING: Rejection(
        "HOLD_EVIDENCE_MISSING", "State one piece of evidence of each kind that the requirement names."
    ),
}


async def check_hold_answer(work: Work, exchange: Exchange) -> Rejection | None:
    """Whether the sender was asked, the hold is still open, and the person is one who may answer."""
    hold = await work.unit.holds.find(_document(exchange).hold_id)
    if hold is None or hold.organisation != exchange.sender:
        return UNKNOWN
    if hold.state is not HoldState.OPEN:
        return EXPIRED if hold.state is HoldState.EXPIRED else CLOSED
    if hold.expires_at is not None and hold.expires_at <= work.at:
        return EXPIRED
    found = await examine(work, exchange, hold)
    if found is None:
        return CLOSED
    return REFUSED[found] if isinstance(found, AnswerFault) else None


async def take_hold_answer(work: Work, exchange: Exchange) -> None:
    """Turns a key to the hold, or declines it; with no key left it is decided again."""
    hold = await work.unit.holds.find(_document(exchange).hold_id)
    turning = None if hold is None else await examine(work, exchange, hold)
    if hold is None or not isinstance(turning, Turning):
        raise AssertionError("checked before")
    granted = _document(exchange).verdict == gateway_documents_pb2.HOLD_VERDICT_GRANT
    if granted:
        await work.unit.holds.turn(key_row(work, exchange, hold, turning))
    if granted and not turning.is_last:
        leaf = await _record(work, exchange, hold, RecordType.HOLD_KEY_TURNED)
        await _tell_answerer(work, exchange, hold, outcome_pb2.OUTCOME_KIND_HOLD_KEY_TURNED, leaf)
    else:
        await _settle(work, exchange, hold, granted=granted)


async def _settle(work: Work, exchange: Exchange, hold: HoldRow, *, granted: bool) -> None:
    """Closes the hold, puts on record what the answer says, decides again, and tells both sides."""
    state = HoldState.GRANTED if granted else HoldState.DECLINED
    await work.unit.holds.close(hold.hold_id, state, work.at)
    await note_closed(work, hold, state)
    kind = RecordType.HOLD_GRANTED if granted else RecordType.HOLD_DECLINED
    leaf = await _record(work, exchange, hold, kind)
    await _keep_facts(work, exchange, hold, Answer.YES if granted else Answer.NO)
    desk = Desk(hold.recipient_organisation, hold.recipient_desk)
    done = await redecide(work, hold.exchange_id, leaf, also=[desk])
    told = outcome_pb2.OUTCOME_KIND_HOLD_GRANTED if granted else outcome_pb2.OUTCOME_KIND_HOLD_DECLINED
    await tell_sender(work, hold, told, leaf, done)
    await _tell_answerer(work, exchange, hold, told, leaf)


async def _keep_facts(work: Work, exchange: Exchange, hold: HoldRow, answer: Answer) -> None:
    reply = HoldReply(answer, exchange.sender, work.at)
    paths = list(held_of(hold).paths)
    implied = work.tools.answer(hold.prerequisite, paths, hold.recipient_organisation, reply)
    stated = read_assertion(_document(exchange).facts, exchange.sender, work.at)
    who, about = _document(exchange).answerer, hold.exchange_id
    beside = await assertable(work, about, exchange.sender, who, stated)
    await keep_facts(work, about, exchange.exchange_id, [*implied, *beside])


async def _record(work: Work, exchange: Exchange, hold: HoldRow, kind: RecordType) -> str:
    document, scope = _document(exchange), exchange.exchange_id
    author = {
        "name": exchange.header.author.name,
        "role": exchange.header.author.role,
        "answerer": MessageToDict(document.answerer, preserving_proto_field_name=True),
    }
    reason = {
        "reason": document.reason,
        "evidence_reference": document.evidence_reference,
        "evidence": [MessageToDict(each, preserving_proto_field_name=True) for each in document.evidence],
    }
    return await record(
        work,
        kind,
        exchange=hold.exchange_id,
        hold=hold.hold_id,
        answered_in=scope,
        sender=exchange.sender,
        recipient=f"{hold.recipient_organisation}/{hold.recipient_desk}",
        prerequisite=hold.prerequisite,
        due=hold.escalates_at.isoformat(),
        in_time=work.at <= hold.escalates_at,
        about=await named_in(work, hold.exchange_id),
        seal_hash=exchange.opened.seal_hash,
        author_commitment=await commit_text(work, scope, scope, "author", author),
        reason_commitment=await commit_text(work, scope, scope, "reason", reason),
    )


async def tell_sender(
    work: Work,
    hold: HoldRow,
    kind: outcome_pb2.OutcomeKind.ValueType,
    leaf: str,
    done: list[Done],
) -> None:
    """Tells the sender what became of a hold.

    A sender who may not learn that something waited is told of a release that follows, as of any decision:
    it must be able to compare it with its original. Of all else it hears nothing.
    """
    if hold.tell_sender == Tell.NOTHING:
        done = [each for each in done if each.statement is not None]
        kind = outcome_pb2.OUTCOME_KIND_DECIDED
        if not done:
            return
    target = await work.unit.register.find(hold.exchange_id)
    if target is None:
        raise AssertionError("a hold without its exchange")
    outcome = outcome_pb2.Outcome(
        exchange_id=hold.exchange_id,
        kind=kind,
        decisions=[each.decision for each in done],
        statements=[each.statement for each in done if each.statement is not None],
        record_hash=leaf,
        document_type=target.document_type,
    )
    await report(work, target.sender, outcome)


async def _tell_answerer(
    work: Work,
    exchange: Exchange,
    hold: HoldRow,
    kind: outcome_pb2.OutcomeKind.ValueType,
    leaf: str,
) -> None:
    """Confirms to whoever answered; which hold it was, and nothing of what followed."""
    held = held_of(hold)
    held.ClearField("paths")
    for row in await work.unit.holds.turned([hold.exchange_id]):
        if row.hold_id == hold.hold_id:
            held.turned.add(key=row.key, job=row.job).at.FromDatetime(row.at)
    outcome = outcome_pb2.Outcome(
        exchange_id=exchange.exchange_id,
        kind=kind,
        decisions=[decision_pb2.Decision(recipient=held.recipient, held=[held])],
        record_hash=leaf,
        document_type=exchange.document_type,
    )
    await report(work, exchange.sender, outcome)


def _document(exchange: Exchange) -> gateway_documents_pb2.HoldAnswer:
    if not isinstance(exchange.document, gateway_documents_pb2.HoldAnswer):
        raise TypeError("not an answer to a hold")
    return exchange.document
