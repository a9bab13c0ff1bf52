"""What the gateway stops holding, and when: ciphertext only while held or undelivered (design section 2)."""

from gateway.app.rows import HoldState
from gateway.app.tools import Work


async def drop_settled(work: Work, exchange_id: str) -> None:
    """Deletes an exchange's ciphertext once no hold is open and every delivery is receipted."""
    holds = await work.unit.holds.of_exchange(exchange_id)
    deliveries = await work.unit.deliveries.of_exchanges([exchange_id])
    if any(hold.state is HoldState.OPEN for hold in holds):
        return
    if all(delivery.receipted_at is not None for delivery in deliveries):
        await work.unit.submissions.drop_ciphertext(exchange_id)
