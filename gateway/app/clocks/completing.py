"""Somebody says that what a clock waits for was done outside the gateway: only who owes it, with a reason."""

from typing import Final

from publicprotection.exchange.v1 import clock_pb2, outcome_pb2

from gateway.app.arrivals import Exchange, Rejection
from gateway.app.clocks.moving import end_clock
from gateway.app.clocks.telling import clock_members, describe_clock
from gateway.app.envelopes import report
from gateway.app.records import RecordType, commit_text, record
from gateway.app.tools import Work

# The same for a clock that there is not and for another's: nobody learns which clocks run.
UNKNOWN: Final = Rejection("CLOCK_UNKNOWN", "There is no such clock that this organisation owes anything to.")
ENDED: Final = Rejection("CLOCK_ENDED", "Nothing is waited for any more: this clock has ended.")
HOLD: Final = Rejection("CLOCK_OF_HOLD", "This clock is that of a hold: grant or decline the hold.")


async def check_completion(work: Work, exchange: Exchange) -> Rejection | None:
    """Whether the sender is who owes it, and something is still waited for."""
    row = await work.unit.clocks.find(_document(exchange).clock_id)
    if row is None or row.organisation != exchange.sender or not row.is_known:
        return UNKNOWN
    if row.hold_id is not None:
        return HOLD
    return None if row.is_live else ENDED


async def take_completion(work: Work, exchange: Exchange) -> None:
    """Ends the clock, records who says so and why, and answers."""
    row = await work.unit.clocks.find(_document(exchange).clock_id)
    if row is None:
        raise AssertionError("checked before")
    await end_clock(work, row, met=True)
    document, scope = _document(exchange), exchange.exchange_id
    author = {"name": exchange.header.author.name, "role": exchange.header.author.role}
    reason = {"reason": document.reason, "evidence_reference": document.evidence_reference}
    leaf = await record(
        work,
        RecordType.CLOCK_COMPLETED,
        answered_in=scope,
        organisation=exchange.sender,
        in_time=row.due_at is None or work.at <= row.due_at,
        seal_hash=exchange.opened.seal_hash,
        author_commitment=await commit_text(work, scope, scope, "author", author),
        reason_commitment=await commit_text(work, scope, scope, "reason", reason),
        **await clock_members(work, row),
    )
    ended = await work.unit.clocks.find(row.clock_id)
    outcome = outcome_pb2.Outcome(
        exchange_id=scope,
        kind=outcome_pb2.OUTCOME_KIND_CLOCK_ENDED,
        record_hash=leaf,
        document_type=exchange.document_type,
        clock=describe_clock(work, ended or row),
    )
    await report(work, exchange.sender, outcome)


def _document(exchange: Exchange) -> clock_pb2.ClockCompletion:
    if not isinstance(exchange.document, clock_pb2.ClockCompletion):
        raise TypeError("not a completion")
    return exchange.document
