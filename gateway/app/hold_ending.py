"""Holds that end without an answer: nobody answered in time, they are needless, or the exchange withdrawn.

Each is a record, and whoever was asked is told: nobody works on an answer that is not wanted any more.
"""

from typing import Final

from google.protobuf.json_format import Parse
from publicprotection.exchange.v1 import decision_pb2, outcome_pb2

from gateway.app.collecting import named_in
from gateway.app.envelopes import report
from gateway.app.figures.noting import note_closed
from gateway.app.records import RecordType, record
from gateway.app.rows import HoldRow, HoldState
from gateway.app.tools import Work
from services.kit.directory import GATEWAY

_KINDS: Final = {
    HoldState.LIFTED: outcome_pb2.OUTCOME_KIND_HOLD_LIFTED,
    HoldState.WITHDRAWN: outcome_pb2.OUTCOME_KIND_HOLD_LIFTED,
    HoldState.EXPIRED: outcome_pb2.OUTCOME_KIND_EXPIRED,
}


async def end_hold(work: Work, hold: HoldRow, state: HoldState) -> str:
    """Ends an open hold, puts that on record, and tells the organisation that was asked.

    Args:
        work: the unit of work.
        hold: open.
        state: LIFTED, WITHDRAWN or EXPIRED.

    Returns:
        Leaf hash of the record.
    """
    await work.unit.holds.close(hold.hold_id, state, work.at)
    await note_closed(work, hold, state)
    leaf = await record(
        work,
        RecordType.HOLD_ENDED,
        exchange=hold.exchange_id,
        hold=hold.hold_id,
        organisation=hold.organisation or GATEWAY,  # which opened it, where nobody could be asked
        recipient=f"{hold.recipient_organisation}/{hold.recipient_desk}",
        prerequisite=hold.prerequisite,
        reason=state.value,
        due=hold.escalates_at.isoformat(),
        about=await named_in(work, hold.exchange_id),
    )
    if hold.organisation:
        await _tell_asked(work, hold, _KINDS[state], leaf)
    return leaf


async def withdraw_holds(work: Work, exchange_id: str) -> None:
    """Ends every open hold of an exchange that was withdrawn."""
    for hold in await work.unit.holds.of_exchange(exchange_id):
        if hold.state is HoldState.OPEN:
            await end_hold(work, hold, HoldState.WITHDRAWN)


def held_of(hold: HoldRow) -> decision_pb2.Held:
    """What waits, as it was opened, with its paths."""
    held = decision_pb2.Held()
    Parse(hold.body, held)
    return held


async def _tell_asked(work: Work, hold: HoldRow, kind: outcome_pb2.OutcomeKind.ValueType, leaf: str) -> None:
    target = await work.unit.register.find(hold.exchange_id)
    if target is None:
        raise AssertionError("a hold without its exchange")
    held = held_of(hold)
    held.ClearField("paths")
    outcome = outcome_pb2.Outcome(
        exchange_id=hold.exchange_id,
        kind=kind,
        decisions=[decision_pb2.Decision(recipient=held.recipient, held=[held])],
        record_hash=leaf,
        document_type=target.document_type,
        sender=target.sender,
    )
    await report(work, hold.organisation, outcome)
