"""How outcomes move exchanges and holds on."""

from datetime import UTC
from typing import Final

from publicprotection.exchange.v1.gateway_documents_pb2 import HoldAnswer
from publicprotection.exchange.v1.hold_service_pb2 import (
    HOLD_STATE_ANSWERED,
    HOLD_STATE_DECLINED,
    HOLD_STATE_EXPIRED,
    HOLD_STATE_GRANTED,
    HOLD_STATE_LIFTED,
    HOLD_STATE_OPEN,
)
from publicprotection.exchange.v1.outbox_service_pb2 import (
    EXCHANGE_STATE_ACCEPTED,
    EXCHANGE_STATE_DECIDED,
    EXCHANGE_STATE_REJECTED,
    EXCHANGE_STATE_SENT,
)
from publicprotection.exchange.v1.outcome_pb2 import (
    OUTCOME_KIND_DECIDED,
    OUTCOME_KIND_EXPIRED,
    OUTCOME_KIND_FACTS_RECORDED,
    OUTCOME_KIND_HOLD_DECLINED,
    OUTCOME_KIND_HOLD_GRANTED,
    OUTCOME_KIND_HOLD_KEY_TURNED,
    OUTCOME_KIND_HOLD_LIFTED,
    OUTCOME_KIND_HOLD_REQUESTED,
    OUTCOME_KIND_PASSED_ON,
    OUTCOME_KIND_REJECTED,
    OUTCOME_KIND_SUBJECT_LOCATED,
    OUTCOME_KIND_TEXTS_MASKED,
    Outcome,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.exchange.records import Records
from services.kit.store.outcomes import StoredHold

_DECIDED: Final = {
    OUTCOME_KIND_DECIDED,
    OUTCOME_KIND_FACTS_RECORDED,
    OUTCOME_KIND_HOLD_GRANTED,
    OUTCOME_KIND_HOLD_DECLINED,
    OUTCOME_KIND_PASSED_ON,
    OUTCOME_KIND_SUBJECT_LOCATED,
    OUTCOME_KIND_TEXTS_MASKED,
}
_UNDECIDED: Final[set[int]] = {EXCHANGE_STATE_ACCEPTED, EXCHANGE_STATE_SENT}
_HOLD_STATES: Final[dict[int, int]] = {
    OUTCOME_KIND_HOLD_GRANTED: HOLD_STATE_GRANTED,
    OUTCOME_KIND_HOLD_DECLINED: HOLD_STATE_DECLINED,
}
# Ended without an answer: whoever was asked is told, whatever became of an answer that was on its way.
_ENDED: Final[dict[int, int]] = {
    OUTCOME_KIND_HOLD_LIFTED: HOLD_STATE_LIFTED,
    OUTCOME_KIND_EXPIRED: HOLD_STATE_EXPIRED,
}
# Rejections of an answer after which there is nothing left to answer.
_SETTLED: Final = {"HOLD_CLOSED", "HOLD_EXPIRED", "HOLD_UNKNOWN", "REQUEST_REPEATED"}


async def advance_exchange(connection: AsyncConnection, records: Records, outcome: Outcome) -> None:
    """Notes that the gateway decided on an exchange of ours, or would not accept it."""
    if outcome.kind == OUTCOME_KIND_REJECTED:
        state: int = EXCHANGE_STATE_REJECTED
    elif outcome.kind in _DECIDED:
        state = EXCHANGE_STATE_DECIDED
    else:
        return
    await records.sent.advance(connection, {outcome.exchange_id}, state, only_from=_UNDECIDED)


async def advance_holds(
    connection: AsyncConnection, records: Records, outcome: Outcome, organisation: str
) -> None:
    """Opens the holds that this organisation is asked to answer, and closes those that were settled.

    One to which an answer of ours was not taken is opened again.
    """
    held = [held for decision in outcome.decisions for held in decision.held]
    asked_here = {waiting.hold_id for waiting in held if waiting.organisation == organisation}
    if outcome.kind == OUTCOME_KIND_HOLD_REQUESTED:
        for waiting in held:
            if waiting.organisation == organisation:
                await records.holds.add(
                    connection, _open(outcome, waiting.hold_id, waiting.SerializeToString())
                )
    elif outcome.kind in _HOLD_STATES and outcome.document_type == HoldAnswer.DESCRIPTOR.name:
        # Said about an answer of ours. Said about an exchange of ours, it lists what still waits.
        settled = {waiting.hold_id for waiting in held}
        await records.holds.set_state(connection, settled, _HOLD_STATES[outcome.kind])
    elif outcome.kind == OUTCOME_KIND_HOLD_KEY_TURNED:
        for waiting in held:
            await records.holds.renew(connection, waiting.hold_id, waiting.SerializeToString())
            await records.holds.set_state(connection, {waiting.hold_id}, HOLD_STATE_OPEN)
    elif outcome.kind in _ENDED and outcome.addressee == organisation:
        await records.holds.set_state(connection, asked_here, _ENDED[outcome.kind])
    elif outcome.kind == OUTCOME_KIND_REJECTED and outcome.rejection.reason not in _SETTLED:
        await _reopen(connection, records, outcome.exchange_id)


async def _reopen(connection: AsyncConnection, records: Records, answer: str) -> None:
    """Opens the hold that a rejected answer of ours was for: it waits still, and only we can answer it."""
    sent = await records.sent.find(connection, answer)
    if sent is None or sent.document_type != HoldAnswer.DESCRIPTOR.name:
        return
    original = await records.sent.original(connection, answer)
    hold_id = original.leaves.get("document.hold_id", "") if original else ""
    hold = await records.holds.find(connection, hold_id)
    if hold is not None and hold.state == HOLD_STATE_ANSWERED:
        await records.holds.set_state(connection, {hold_id}, HOLD_STATE_OPEN)


def _open(outcome: Outcome, hold_id: str, held: bytes) -> StoredHold:
    return StoredHold(
        hold_id=hold_id,
        exchange_id=outcome.exchange_id,
        sender=outcome.sender,
        document_type=outcome.document_type,
        state=HOLD_STATE_OPEN,
        asked_at=outcome.at.ToDatetime(UTC),
        held=held,
    )
