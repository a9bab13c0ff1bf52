"""What the gateway holds of an exchange, and until when: only while held or undelivered (design section 2).

The seal is kept under the exchange's data key, not as it came: it outlives the key to which it was encrypted.
"""

from gateway.app.resting import UnreadableError, close_at_rest, open_at_rest
from gateway.app.rows import HoldState
from gateway.app.scopes import exchange_scope
from gateway.app.tools import Work


async def keep_seal(work: Work, exchange_id: str, seal: str) -> bytes:
    """Encrypts a seal for as long as anything of it may still be released."""
    key = await work.secrets.data_key(exchange_scope(exchange_id))
    return close_at_rest(seal.encode("ascii"), key, _place(exchange_id), work.tools.entropy)


async def reopen_seal(work: Work, exchange_id: str, ciphertext: bytes) -> str:
    """Decrypts what `keep_seal` made.

    Raises:
        UnreadableError: the key was destroyed, or the ciphertext was altered or moved.
    """
    scope = exchange_scope(exchange_id)
    key = (await work.secrets.find_keys([scope])).get(scope)  # not made anew: it was destroyed for good
    if key is None:
        raise UnreadableError
    return open_at_rest(ciphertext, key, _place(exchange_id)).decode("ascii")


async def drop_settled(work: Work, exchange_id: str) -> None:
    """Deletes an exchange's ciphertext once no hold is open and every delivery is receipted."""
    holds = await work.unit.holds.of_exchange(exchange_id)
    deliveries = await work.unit.deliveries.of_exchanges([exchange_id])
    if any(hold.state is HoldState.OPEN for hold in holds):
        return
    if all(delivery.receipted_at is not None for delivery in deliveries):
        await work.unit.submissions.drop_ciphertext(exchange_id)


def _place(exchange_id: str) -> tuple[str, ...]:
    return ("submission", exchange_id)
