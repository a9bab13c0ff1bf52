"""Immediate exchanges: their own sender's service watches whether they arrive, and says so if they do not.

It needs neither gateway nor broker for that: what it goes by is in its own store, and so is the warning.
"""

import asyncio
from datetime import datetime
from typing import Final

import structlog
from publicprotection.exchange.v1.clock_service_pb2 import (
    CONFIRMATION_STATE_CONFIRMED,
    CONFIRMATION_STATE_NOT_CONFIRMED,
    CONFIRMATION_STATE_REFUSED,
    CONFIRMATION_STATE_TELEPHONED,
    CONFIRMATION_STATE_WAITING,
)
from publicprotection.exchange.v1.decision_pb2 import DECISION_OUTCOME_REFUSED
from publicprotection.exchange.v1.header_pb2 import URGENCY_IMMEDIATE, Header
from publicprotection.exchange.v1.outbox_service_pb2 import ALARM_KIND_NOT_CONFIRMED
from publicprotection.exchange.v1.outcome_pb2 import (
    OUTCOME_KIND_ACKNOWLEDGED,
    OUTCOME_KIND_DELIVERY_REFUSED,
    OUTCOME_KIND_RECEIPTED,
    OUTCOME_KIND_REJECTED,
    Outcome,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.clocks.limits import immediate
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.store.clocks import StoredConfirmation
from services.kit.store.errors import StoreUnavailableError
from services.kit.store.outcomes import StoredAlarm
from services.kit.store.sent import SentExchange

CODE: Final = "NOT_CONFIRMED_TELEPHONE"
_OPEN: Final = (CONFIRMATION_STATE_WAITING, CONFIRMATION_STATE_NOT_CONFIRMED)
_ARRIVED: Final = {OUTCOME_KIND_RECEIPTED, OUTCOME_KIND_ACKNOWLEDGED}
_INTERVAL_S: Final = 1.0

_log = structlog.get_logger(__name__)


async def await_confirmation(
    connection: AsyncConnection, records: Records, header: Header, sent: SentExchange
) -> None:
    """Begins to wait for each desk of an immediate exchange, in the transaction that accepts it."""
    if header.urgency != URGENCY_IMMEDIATE:
        return
    confirm_by = sent.accepted_at + immediate().span
    rows = [
        StoredConfirmation(
            exchange_id=sent.exchange_id,
            organisation=to.organisation,
            desk=to.desk,
            document_type=sent.document_type,
            accepted_at=sent.accepted_at,
            confirm_by=confirm_by,
            state=CONFIRMATION_STATE_WAITING,
        )
        for to in header.recipients
    ]
    await records.confirmations.add(connection, rows)


async def advance_confirmations(
    connection: AsyncConnection, records: Records, outcome: Outcome, at: datetime
) -> None:
    """Notes what an outcome says of the arrival of an immediate exchange.

    What the gateway would not take, or a recipient's service refused, is not waited for: its sender is warned
    at once.
    """
    for row in await records.confirmations.of(connection, outcome.exchange_id):
        desk = (row.organisation, row.desk)
        concerned = desk == (outcome.recipient.organisation, outcome.recipient.desk)
        if outcome.kind in _ARRIVED and concerned:
            await records.confirmations.advance(
                connection, row, CONFIRMATION_STATE_CONFIRMED, only_from=_OPEN
            )
        elif outcome.kind == OUTCOME_KIND_REJECTED or (
            outcome.kind == OUTCOME_KIND_DELIVERY_REFUSED and concerned
        ):
            await records.confirmations.hasten(connection, row, at)
        elif desk in _refused(outcome):
            await records.confirmations.advance(connection, row, CONFIRMATION_STATE_REFUSED, only_from=_OPEN)


async def note_telephoned(
    connection: AsyncConnection, records: Records, exchange_id: str, organisation: str, desk: str
) -> None:
    """Ends the warning about one desk: it was told by telephone."""
    for row in await records.confirmations.of(connection, exchange_id):
        if (row.organisation, row.desk) == (organisation, desk):
            await records.confirmations.advance(
                connection, row, CONFIRMATION_STATE_TELEPHONED, only_from=_OPEN
            )


class ConfirmationWatch:
    """Warns of what was not confirmed in its minutes.

    Args:
        participant: who sent.
        records: where it is kept.
        interval_s: how often it looks.
    """

    def __init__(self, participant: Participant, records: Records, interval_s: float = _INTERVAL_S) -> None:
        immediate()  # a fault in its data refuses to start
        self._participant = participant
        self._records = records
        self._interval_s = interval_s

    async def run(self) -> None:
        """Watches until cancelled."""
        while True:
            try:
                await self.warn()
            except StoreUnavailableError as error:
                _log.error("confirmations_wait", component="store", reason=error.reason)
            await asyncio.sleep(self._interval_s)

    async def warn(self) -> int:
        """Raises an alarm for each desk whose minutes are over; how many those were.

        Raises:
            StoreUnavailableError: nothing was done.
        """
        now = self._participant.clock.now()
        async with self._records.store.read() as connection:
            due = await self._records.confirmations.due(connection, CONFIRMATION_STATE_WAITING, now)
        warned = [row for row in due if await self._warn_of(row, now)]
        for row in warned:
            _log.error("not_confirmed", exchange_id=row.exchange_id, organisation=row.organisation, code=CODE)
        if warned:
            self._records.signals.outcomes.notify()
        return len(warned)

    async def _warn_of(self, row: StoredConfirmation, now: datetime) -> bool:
        async def work(connection: AsyncConnection) -> bool:
            late = await self._records.confirmations.advance(
                connection, row, CONFIRMATION_STATE_NOT_CONFIRMED, only_from=[CONFIRMATION_STATE_WAITING]
            )
            if late:
                await self._records.alarms.add(connection, _alarm(row, now))
            return late

        return await self._records.store.write(work)


def _refused(outcome: Outcome) -> set[tuple[str, str]]:
    return {
        (each.recipient.organisation, each.recipient.desk)
        for each in outcome.decisions
        if each.outcome == DECISION_OUTCOME_REFUSED
    }


def _alarm(row: StoredConfirmation, now: datetime) -> StoredAlarm:
    desk = f"{row.organisation}/{row.desk}"
    return StoredAlarm(
        cause=f"unconfirmed:{row.exchange_id}:{desk}",
        kind=ALARM_KIND_NOT_CONFIRMED,
        code=CODE,
        at=now,
        exchange_id=row.exchange_id,
        path=desk,
    )
