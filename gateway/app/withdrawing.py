"""Stopping a delivery before it is published: its packet is emptied, and that it was stopped is on record.

What the broker has already cannot be stopped here: the recipient's service goes by `not_after` and by what it
is told.
"""

from gateway.app.collecting import named_in
from gateway.app.figures.noting import note_delivery
from gateway.app.records import RecordType, record
from gateway.app.rows import WITHDRAWN, DeliveryRow
from gateway.app.tools import Work
from gateway.core.tallies import Figure


async def withdraw(work: Work, delivery: DeliveryRow, reason: str) -> str:
    """Stops a delivery that is not published.

    Args:
        work: the unit of work.
        delivery: as it stands.
        reason: stable code in capitals.

    Returns:
        Leaf hash of the record.
    """
    submission = await work.unit.submissions.find(delivery.exchange_id)
    if submission is None:
        raise AssertionError("a delivery without its exchange")
    await work.unit.outgoing.drop_ciphertext(delivery.packet_id)
    await work.unit.deliveries.settle(delivery.delivery_id, work.at, WITHDRAWN)
    await note_delivery(work, delivery, Figure.NOT_TAKEN)
    return await record(
        work,
        RecordType.DELIVERY_WITHDRAWN,
        exchange=delivery.exchange_id,
        delivery=delivery.delivery_id,
        sender=submission.sender,
        recipient=f"{delivery.organisation}/{delivery.desk}",
        disclosure=delivery.record_hash,
        reason=reason,
        about=await named_in(work, delivery.exchange_id),
    )
