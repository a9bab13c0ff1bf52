"""Packets: opening those that arrive, and closing those that go out."""

import hashlib
from dataclasses import dataclass, field

import structlog
from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.exchange.v1 import outcome_pb2
from publicprotection.transport.v1 import packet_pb2

from gateway.app.digests import digest_parts
from gateway.app.rows import OutcomeRow, PacketRow
from gateway.app.tools import Tools, Work
from services.kit.evidence.errors import EvidenceError, KeyRefusedError
from services.kit.evidence.hop import decrypt_hop, encrypt_hop
from services.kit.exchange.notices import sign_outcome

_log = structlog.get_logger(__name__)


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


async def post(work: Work, organisation: str, packet: packet_pb2.Packet) -> str:
    """Encrypts a packet to an organisation and lays it out for the publisher.

    Returns:
        The packet's id.

    Raises:
        KeyRefusedError: the directory has no usable encryption key of the organisation.
        HopRefusedError: the packet is too large.
    """
    key = work.tools.directory.keys.encryption_key(organisation, work.at)
    limit = work.tools.limits.packet_octets
    ciphertext = encrypt_hop(packet.SerializeToString(), key, max_bytes=limit).encode("ascii")
    packet_id = work.tools.new_id()
    await work.unit.outgoing.add(PacketRow(packet_id, organisation, ciphertext, work.at))
    return packet_id


async def report(work: Work, addressee: str, outcome: outcome_pb2.Outcome) -> None:
    """Signs an outcome and lays it out for its addressee.

    An addressee without a usable key cannot be told; that is logged, and keeps nothing else from happening.
    """
    outcome.outcome_id = work.tools.new_id()
    outcome.addressee = addressee
    outcome.at.CopyFrom(stamp(work))
    signed = sign_outcome(outcome, work.tools.signing)
    packet = packet_pb2.Packet(outcome=packet_pb2.OutcomeNotice(outcome=signed))
    try:
        packet_id = await post(work, addressee, packet)
    except KeyRefusedError as error:
        _log.error("outcome_undeliverable", organisation=addressee, reason=error.reason)
        return
    row = OutcomeRow(outcome.outcome_id, outcome.exchange_id, outcome.kind, addressee, packet_id, work.at)
    await work.unit.outgoing.add_outcome(row)


def stamp(work: Work) -> Timestamp:
    """The unit's time as a protobuf timestamp."""
    moment = Timestamp()
    moment.FromDatetime(work.at)
    return moment
