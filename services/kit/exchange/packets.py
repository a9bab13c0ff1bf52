"""Closing and opening packets: what travels is a packet's bytes, encrypted to the next hop."""

import hashlib
from typing import Final

from google.protobuf.message import DecodeError
from publicprotection.transport.v1.packet_pb2 import Packet

from services.kit.bus import Received
from services.kit.directory import GATEWAY
from services.kit.evidence.errors import EvidenceError, HopRefusedError, KeyRefusedError
from services.kit.evidence.hop import decrypt_hop, encrypt_hop, fits_hop, kid_of
from services.kit.evidence.keys import EncryptionKey
from services.kit.exchange.errors import GatewayKeyMissingError
from services.kit.exchange.participant import Participant
from services.kit.rpc.errors import TooLargeError
from services.kit.store.packets import OutgoingPacket
from services.kit.store.vault import Place

EXCHANGE: Final = "submissions"
MESSAGE_TYPE: Final = "packet"  # the broker learns no more than that


class MalformedMessageError(Exception):
    """A message from the queue can never be used.

    Attributes:
        code: stable reason, in capitals.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def outgoing_queue(organisation: str) -> str:
    """The routing key under which an organisation sends."""
    return f"from.{organisation}"


def incoming_queue(organisation: str) -> str:
    """The queue from which an organisation receives."""
    return f"to.{organisation}"


def close_packet(
    packet: Packet,
    participant: Participant,
    *,
    exchange_id: str | None = None,
    delivery_id: str | None = None,
) -> OutgoingPacket:
    """Makes a packet ready to wait in the outbox, encrypted at rest.

    It is encrypted to the gateway only when it leaves (`encrypt_waiting`): one that waited while the gateway
    changed its key can still be opened there.

    Raises:
        GatewayKeyMissingError: the directory is stale, or has no usable key.
        TooLargeError: larger than a packet may be.
    """
    _gateway_key(participant)
    content = packet.SerializeToString()
    if not fits_hop(len(content), max_bytes=participant.max_packet_octets):
        raise TooLargeError({"limit": str(participant.max_packet_octets)})
    packet_id, kind = participant.new_id(), packet.WhichOneof("content") or ""
    body = participant.vault.encrypt(content, _place(packet_id))
    return OutgoingPacket(packet_id, kind, participant.clock.now(), body, exchange_id, delivery_id)


def encrypt_waiting(packet_id: str, body: bytes, participant: Participant) -> bytes:
    """Encrypts what `close_packet` made to the gateway's key of now; errors as `encrypt_packet`."""
    return _encrypt(participant.vault.decrypt(body, _place(packet_id)), participant).encode("ascii")


def encrypt_packet(packet: Packet, participant: Participant) -> str:
    """Encrypts a packet to the gateway's current key; compact JWE.

    Raises:
        GatewayKeyMissingError: the directory is stale, or has no usable key.
        TooLargeError: larger than a packet may be.
    """
    return _encrypt(packet.SerializeToString(), participant)


def _encrypt(content: bytes, participant: Participant) -> str:
    try:
        return encrypt_hop(content, _gateway_key(participant), max_bytes=participant.max_packet_octets)
    except HopRefusedError:
        raise TooLargeError({"limit": str(participant.max_packet_octets)}) from None


def _gateway_key(participant: Participant) -> EncryptionKey:
    at, directory = participant.clock.now(), participant.directory()
    if directory.is_stale(at):
        raise GatewayKeyMissingError
    try:
        return directory.keys.encryption_key(GATEWAY, at)
    except KeyRefusedError:
        raise GatewayKeyMissingError from None


def _place(packet_id: str) -> Place:
    return Place("packet", "body", packet_id)


def open_packet(received: Received, participant: Participant) -> Packet:
    """Decrypts and parses a message from the queue.

    Raises:
        MalformedMessageError: not from the gateway, not encrypted to us, or not a packet that we know.
    """
    if received.user_id != GATEWAY:
        raise MalformedMessageError("WRONG_PUBLISHER")
    try:
        packet = Packet.FromString(decrypt_hop(received.message.body.decode("ascii"), participant.decryption))
    except EvidenceError as error:
        raise MalformedMessageError(error.reason.upper()) from None
    except (UnicodeDecodeError, DecodeError):
        raise MalformedMessageError("MALFORMED") from None
    return packet


def is_anothers(received: Received, participant: Participant) -> bool:
    """Whether a message is encrypted to a key that the directory lists as somebody else's."""
    kid = kid_of(received.message.body)
    record = participant.directory().keys.record(kid) if kid is not None else None
    return record is not None and record.key.owner != participant.organisation


def hash_message(received: Received) -> str:
    """SHA-256 of a message as it came, 64 hex digits."""
    return hash_of(received.message.body.hex())


def hash_of(text: str) -> str:
    """SHA-256 of a text, 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()
