"""What a change of agreements does at once: whatever waits is decided again, and so is what has not left yet.

All of it in the transaction of the change: after it nothing is decided, held or published by what was before.
"""

from collections.abc import Collection, Iterable
from typing import Final

import structlog
from publicprotection.exchange.v1 import outcome_pb2

from gateway.app.envelopes import report
from gateway.app.redecide import KeptExchangeError, redecide, rule_again
from gateway.app.register.keeping import relist
from gateway.app.release import Done, released_marks
from gateway.app.rows import DeliveryRow
from gateway.app.tools import Work
from gateway.app.withdrawing import withdraw
from gateway.core.model import Desk, Outcome, Ruling

REASON: Final = "AGREEMENT_CHANGED"

_log = structlog.get_logger(__name__)


async def decide_again(work: Work, organisations: Collection[str], cause: str) -> int:
    """Decides again what is under way between these organisations.

    Args:
        work: the unit of work, in which the change is written already.
        organisations: all that the change concerns.
        cause: leaf hash of its record.

    Returns:
        How many exchanges that were.
    """
    exchanges = await work.unit.flows.under_way(organisations)
    for exchange_id in exchanges:
        try:
            async with work.unit.savepoint():
                await _decide_again(work, exchange_id, cause)
        except KeptExchangeError as error:
            # Its holds stay as they are; nothing of it leaves.
            _log.error("not_decided_again", exchange_id=exchange_id, reason=str(error))
            await _stop(work, exchange_id)
    return len(exchanges)


async def _decide_again(work: Work, exchange_id: str, cause: str) -> None:
    unpublished = await _unpublished(work, exchange_id)
    rulings = await rule_again(work, exchange_id) if unpublished else ()
    stopped = [each for each in unpublished if not _stands(each, rulings)]
    for delivery in stopped:
        await withdraw(work, delivery, REASON)
    desks = {Desk(each.organisation, each.desk) for each in stopped}
    done = await redecide(work, exchange_id, cause, also=desks)
    await relist(work, exchange_id)
    await _tell_sender(work, exchange_id, cause, done)


async def _stop(work: Work, exchange_id: str) -> None:
    """What cannot be read any more cannot be decided again either: it does not leave."""
    for delivery in await _unpublished(work, exchange_id):
        await withdraw(work, delivery, REASON)
    await relist(work, exchange_id)


async def _unpublished(work: Work, exchange_id: str) -> list[DeliveryRow]:
    found = await work.unit.deliveries.of_exchanges([exchange_id])
    return [each for each in found if each.published_at is None and each.receipted_at is None]


def _stands(delivery: DeliveryRow, rulings: Iterable[Ruling]) -> bool:
    """Whether all that a delivery carries may still go to its desk."""
    to = Desk(delivery.organisation, delivery.desk)
    ruling = next((each for each in rulings if each.recipient == to), None)
    if ruling is None or ruling.outcome is not Outcome.RELEASED:
        return False
    return released_marks(ruling).issuperset(delivery.released)


async def _tell_sender(work: Work, exchange_id: str, cause: str, done: list[Done]) -> None:
    target = await work.unit.register.find(exchange_id)
    if not done or target is None:
        return
    outcome = outcome_pb2.Outcome(
        exchange_id=exchange_id,
        kind=outcome_pb2.OUTCOME_KIND_DECIDED,
        decisions=[each.decision for each in done],
        statements=[each.statement for each in done if each.statement is not None],
        record_hash=cause,
        document_type=target.document_type,
    )
    await report(work, target.sender, outcome)
