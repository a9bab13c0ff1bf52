"""What the gateway told of recalls: what was recalled is surfaced no more, and waits to be confirmed."""

from datetime import UTC, datetime

from publicprotection.exchange.v1.outcome_pb2 import (
    OUTCOME_KIND_RECALL_CONFIRMED,
    OUTCOME_KIND_RECALL_TOLD,
    Outcome,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.exchange.records import Records
from services.kit.store.recalls import StoredRecall


async def advance_recalls(connection: AsyncConnection, records: Records, outcome: Outcome) -> None:
    """Keeps what an outcome says of something that was received here and recalled."""
    if outcome.kind == OUTCOME_KIND_RECALL_TOLD:
        await _take(connection, records, outcome)
    elif outcome.kind == OUTCOME_KIND_RECALL_CONFIRMED:
        await records.recalls.confirm(connection, outcome.recall.recall_id, outcome.at.ToDatetime(UTC))


async def stop_recalled(
    connection: AsyncConnection, records: Records, exchange_id: str, at: datetime
) -> None:
    """Has a delivery that arrives after its recall not surfaced at all."""
    if await records.recalls.of_exchange(connection, exchange_id) is not None:
        await records.inbox.end(connection, exchange_id, at)


async def _take(connection: AsyncConnection, records: Records, outcome: Outcome) -> None:
    notice, told_at = outcome.recall, outcome.at.ToDatetime(UTC)
    told = StoredRecall(
        recall_id=notice.recall_id,
        exchange_id=notice.recalled_exchange_id,
        sender=outcome.sender,
        document_type=outcome.document_type,
        told_at=told_at,
        notice=notice.SerializeToString(),
    )
    if await records.recalls.add(connection, told):
        await records.inbox.end(connection, notice.recalled_exchange_id, told_at)
