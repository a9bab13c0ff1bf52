"""Packets: opening those that arrive, and closing those that go out."""

import hashlib
from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.exchange.v1 import outcome_pb2
from publicprotection.transport.v1 import packet_pb2

from gateway.app.digests import digest_parts
from gateway.app.resting import close_at_rest
from gateway.app.rows import OutcomeRow, PacketRow
from gateway.app.scopes import exchange_scope
from gateway.app.tools import Tools, Work
from services.kit.evidence.errors import EvidenceError, HopRefusedError
from services.kit.evidence.hop import decrypt_hop, fits_hop
from services.kit.exchange.notices import sign_outcome

PROOF_OCTETS: Final = 4 << 10
"""More than a checkpoint and the longest inclusion path take."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message from an organisation's queue.

    Attributes:
        organisation: whose queue it is.
        user: who published it, as the broker checked.
        body: ciphertext.
    """

    organisation: str
    user: str | None
    body: bytes = field(repr=False)

    @property
    def body_hash(self) -> str:
        """SHA-256 of the body, hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def message_hash(self) -> str:
        """SHA-256 of queue, publisher and body: another's copy of a message is another message."""
        return digest_parts(self.organisation, self.user or "", self.body_hash)


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a message can never be used: a stable code in capitals."""

    reason: str


def open_packet(body: bytes, tools: Tools) -> packet_pb2.Packet | Unusable:
    """Decrypts and parses; a refusal says which of the two failed."""
    try:
        plaintext = decrypt_hop(body.decode("ascii"), tools.decryption)
        packet: packet_pb2.Packet = packet_pb2.Packet.FromString(plaintext)
    except UnicodeDecodeError:
        return Unusable("MALFORMED")
    except EvidenceError as error:
        return Unusable(f"UNDECRYPTABLE_{error.reason.upper()}")
    except DecodeError:
        return Unusable("MALFORMED")
    return packet if packet.WhichOneof("content") else Unusable("EMPTY")


async def post(
    work: Work, organisation: str, packet: packet_pb2.Packet, *, exchange_id: str, record_hash: str
) -> str:
    """Lays a packet out for the publisher, who adds the proof of its record and encrypts it for the way.

    Until then it is kept under the exchange's data key: what waits long needs no other key when the
    organisation changes its own, and cannot be read any more once the exchange's is destroyed.

    Args:
        work: the unit of work.
        organisation: the addressee.
        packet: a delivery or an outcome, without its proof.
        exchange_id: the exchange concerned.
        record_hash: leaf hash of the record that covers it.

    Returns:
        The packet's id.

    Raises:
        HopRefusedError: the packet is too large.
    """
    plaintext = packet.SerializeToString()
    if not fits_hop(len(plaintext) + PROOF_OCTETS, max_bytes=work.tools.limits.packet_octets):
        raise HopRefusedError("too_large")
    packet_id, scope = work.tools.new_id(), exchange_scope(exchange_id)
    place = packet_place(packet_id, organisation, record_hash)
    key = await work.secrets.data_key(scope)
    ciphertext = close_at_rest(plaintext, key, place, work.tools.entropy)
    await work.unit.outgoing.add(PacketRow(packet_id, organisation, scope, record_hash, ciphertext, work.at))
    return packet_id


def packet_place(packet_id: str, organisation: str, record_hash: str) -> tuple[str, ...]:
    """Where a packet is kept, for encryption at rest: bound to its addressee and its record."""
    return ("packet", packet_id, organisation, record_hash)


async def report(work: Work, addressee: str, outcome: outcome_pb2.Outcome) -> None:
    """Signs an outcome and lays it out for its addressee."""
    outcome.outcome_id = work.tools.new_id()
    outcome.addressee = addressee
    outcome.at.CopyFrom(stamp(work))
    signed = sign_outcome(outcome, work.tools.signing)
    packet = packet_pb2.Packet(outcome=packet_pb2.OutcomeNotice(outcome=signed))
    packet_id = await post(
        work, addressee, packet, exchange_id=outcome.exchange_id, record_hash=outcome.record_hash
    )
    row = OutcomeRow(outcome.outcome_id, outcome.exchange_id, outcome.kind, addressee, packet_id, work.at)
    await work.unit.outgoing.add_outcome(row)


def stamp(work: Work) -> Timestamp:
    """The unit's time as a protobuf timestamp."""
    moment = Timestamp()
    moment.FromDatetime(work.at)
    return moment
