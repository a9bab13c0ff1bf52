"""Sending again what a recipient refused for the key that signed it: the delivery itself was never at fault.

The statement is signed anew if the gateway has another key since, word for word the same otherwise; the
delivery waits a while, for directories to arrive, and leaves under the checkpoint of that moment.
"""

from typing import Final

from publicprotection.transport.v1 import packet_pb2

from gateway.app.envelopes import packet_place
from gateway.app.resting import UnreadableError, close_at_rest, open_at_rest
from gateway.app.rows import DeliveryRow, PacketRow
from gateway.app.tools import Work
from services.kit.evidence.statement import Statement, sign_statement
from services.kit.exchange.notices import payload_of
from services.kit.exchange.packets import hash_of

_DOUBLINGS: Final = 7


async def send_again(work: Work, delivery: DeliveryRow) -> bool:
    """Lays a delivery out for the publisher once more.

    Args:
        work: the unit of work.
        delivery: as it stands; refused for a key, and not receipted.

    Returns:
        Whether it goes again. Not so if it is no longer kept, or its time is over.
    """
    row = await work.unit.outgoing.find(delivery.packet_id)
    if row is None:
        return False
    # Found, not made: a key that was destroyed is not to be there again.
    key = (await work.secrets.find_keys([row.key_scope])).get(row.key_scope)
    if key is None:
        return False
    try:
        packet = _open(row, key)
    except UnreadableError:
        return False
    said = Statement.model_validate_json(payload_of(packet.delivery.statement))
    if said.expired(work.at):
        return False
    packet.delivery.statement = sign_statement(said, key=work.tools.signing)
    body = close_at_rest(packet.SerializeToString(), key, _place(row), work.tools.entropy)
    pause = work.tools.limits.resend_after * 2 ** min(row.attempts, _DOUBLINGS)
    await work.unit.outgoing.send_again(row.packet_id, body, work.at + pause)
    await work.unit.deliveries.restate(delivery.delivery_id, hash_of(packet.delivery.statement))
    return True


def _open(row: PacketRow, key: bytes) -> packet_pb2.Packet:
    packet: packet_pb2.Packet = packet_pb2.Packet.FromString(open_at_rest(row.ciphertext, key, _place(row)))
    return packet


def _place(row: PacketRow) -> tuple[str, ...]:
    return packet_place(row.packet_id, row.organisation, row.record_hash)
