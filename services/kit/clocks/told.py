"""Clocks of which the gateway told: what it said last of each."""

from datetime import UTC
from typing import Final

from publicprotection.exchange.v1.outcome_pb2 import (
    OUTCOME_KIND_CLOCK_ENDED,
    OUTCOME_KIND_CLOCK_ESCALATED,
    OUTCOME_KIND_CLOCK_OVERDUE,
    OUTCOME_KIND_CLOCK_REMINDER,
    Outcome,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.exchange.records import Records
from services.kit.store.clocks import StoredClock

_STEPS: Final = {OUTCOME_KIND_CLOCK_REMINDER, OUTCOME_KIND_CLOCK_ESCALATED, OUTCOME_KIND_CLOCK_OVERDUE}


async def advance_clocks(connection: AsyncConnection, records: Records, outcome: Outcome) -> None:
    """Keeps what an outcome says of a clock. What ended is not brought back by a step that arrives later."""
    if outcome.kind not in _STEPS | {OUTCOME_KIND_CLOCK_ENDED} or not outcome.clock.clock_id:
        return
    known = await records.clocks.find(connection, outcome.clock.clock_id)
    if known is not None and known.told == OUTCOME_KIND_CLOCK_ENDED and outcome.kind in _STEPS:
        return
    # The end that answers a completion speaks of that; the exchange is the one told of before.
    about = known if outcome.kind == OUTCOME_KIND_CLOCK_ENDED else None
    told = StoredClock(
        clock_id=outcome.clock.clock_id,
        exchange_id=outcome.exchange_id if about is None else about.exchange_id,
        document_type=outcome.document_type if about is None else about.document_type,
        sender=outcome.sender if about is None else about.sender,
        state=outcome.clock.state,
        told=outcome.kind,
        told_at=outcome.at.ToDatetime(UTC),
        notice=outcome.clock.SerializeToString(),
    )
    await records.clocks.put(connection, told)
