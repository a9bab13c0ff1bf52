"""Closing and opening packets: what travels is a packet's bytes, encrypted to the next hop."""

import hashlib
from typing import Final

from google.protobuf.message import DecodeError
from publicprotection.transport.v1.packet_pb2 import Packet

from services.kit.bus import Received
from services.kit.directory import GATEWAY
from services.kit.evidence.errors import EvidenceError, HopRefusedError, KeyRefusedError
from services.kit.evidence.hop import decrypt_hop, encrypt_hop
from services.kit.exchange.errors import GatewayKeyMissingError
from services.kit.exchange.participant import Participant
from services.kit.rpc.errors import TooLargeError
from services.kit.store.packets import OutgoingPacket

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
    """Encrypts a packet to the gateway's current key.

    Raises:
        GatewayKeyMissingError: the directory is stale, or has no usable key.
        TooLargeError: larger than a packet may be.
    """
    at, directory = participant.clock.now(), participant.directory()
    if directory.is_stale(at):
        raise GatewayKeyMissingError
    try:
        key = directory.keys.encryption_key(GATEWAY, at)
        jwe = encrypt_hop(packet.SerializeToString(), key, max_bytes=participant.max_packet_octets)
    except KeyRefusedError:
        raise GatewayKeyMissingError from None
    except HopRefusedError:
        raise TooLargeError({"limit": str(participant.max_packet_octets)}) from None
    kind = packet.WhichOneof("content") or ""
    return OutgoingPacket(participant.new_id(), kind, at, jwe, exchange_id, delivery_id)


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


def hash_of(text: str) -> str:
    """SHA-256 of a text, 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()
