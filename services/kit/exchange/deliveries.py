"""Receiving a delivery: it must verify, be for a desk of ours, be valid still, and be readable here.

What does not is refused with a receipt that says so, and raises an alarm: the sender must learn that its
warning did not arrive.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from google.protobuf.message import Message
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1.header_pb2 import Header
from publicprotection.exchange.v1.inbox_service_pb2 import ACKNOWLEDGEMENT_KIND_UNSPECIFIED
from publicprotection.transport.v1 import packet_pb2

from services.kit.directory import GATEWAY
from services.kit.evidence.checkpoint import SignedCheckpoint
from services.kit.evidence.errors import EvidenceError, ReleaseRefusedError
from services.kit.evidence.leaves import unflatten
from services.kit.evidence.release import Release, open_release
from services.kit.evidence.seal import TYPE_PATH, is_name
from services.kit.evidence.statement import Statement, verify_statement
from services.kit.exchange.documents import document_type
from services.kit.exchange.headers import is_named
from services.kit.exchange.notices import sign_receipt
from services.kit.exchange.packets import close_packet, hash_of
from services.kit.exchange.participant import Participant, stamp
from services.kit.exchange.previews import is_preview
from services.kit.exchange.proofs import store_proof, verify_proof
from services.kit.store.inbox import DeliveryContent, ReceivedDelivery
from services.kit.store.packets import OutgoingPacket

_SENDER: Final = "header.sender.organisation"
_REPLY: Final = "header.in_reply_to"
_MAX_ID: Final = 64


@dataclass(frozen=True, slots=True)
class RefusedDelivery:
    """Why a delivery is refused, a code in capitals; exchange and desk if the gateway vouches for them."""

    code: str
    exchange_id: str = ""
    desk: str = ""


@dataclass(frozen=True, slots=True)
class VerifiedDelivery:
    """A delivery that verifies: what was released, and the checkpoint that its record is under."""

    release: Release
    checkpoint: SignedCheckpoint


def verify_delivery(
    delivery: packet_pb2.Delivery, participant: Participant, at: datetime
) -> VerifiedDelivery | RefusedDelivery:
    """Verifies a delivery for this organisation at a moment: released, addressed, usable, and on record."""
    directory, said = participant.directory(), None
    keys = directory.keys.verifying_at(at)
    try:
        said = verify_statement(delivery.statement, keys=keys, gateway=GATEWAY)
        _check_addressed(said, delivery.delivery_id, participant)
        release = open_release(delivery.seal, said, keys=keys, recipient=said.recipient)
        _check_usable(release, at)
        checkpoint = verify_proof(delivery.proof, said.record_hash, directory, at)
    except EvidenceError as error:
        return RefusedDelivery(
            error.reason.upper(), said.exchange_id if said else "", said.recipient.desk if said else ""
        )
    return VerifiedDelivery(release, checkpoint)


def build_document(leaves: Mapping[str, Any]) -> tuple[Header, Message]:
    """Builds header and document new, from released leaves alone.

    Raises:
        LeafError: a document that this version does not know, or leaves that do not make one.
    """
    found = document_type(leaves.get(TYPE_PATH))
    header = {path: value for path, value in leaves.items() if path.startswith("header")}
    document = {path: value for path, value in leaves.items() if path.startswith("document")}
    return unflatten(header, Header, prefix="header"), unflatten(document, found, prefix="document")


def describe_delivery(
    delivery: packet_pb2.Delivery, found: VerifiedDelivery, at: datetime
) -> tuple[ReceivedDelivery, DeliveryContent]:
    """A verified delivery as it is stored."""
    release, said = found.release, found.release.statement
    received = ReceivedDelivery(
        delivery_id=said.delivery_id,
        exchange_id=said.exchange_id,
        sender=said.sender,
        desk=said.recipient.desk,
        document_type=str(release.leaves[TYPE_PATH]),
        received_at=at,
        not_after=said.not_after,
        supplementary_to=said.supplementary_to or "",
        in_reply_to=_read_reply(release.leaves.get(_REPLY)),
        acknowledged=ACKNOWLEDGEMENT_KIND_UNSPECIFIED,
        statement_hash=hash_of(delivery.statement),
    )
    proof = store_proof(delivery.proof, found.checkpoint)
    return received, DeliveryContent(delivery.seal, delivery.statement, release.leaves, proof)


def make_receipt(
    delivery: packet_pb2.Delivery, participant: Participant, at: datetime, *, desk: str, refused: str = ""
) -> OutgoingPacket:
    """The receipt for a delivery, taken or refused; errors as `close_packet`."""
    claims = packet_pb2.ReceiptClaims(
        delivery_id=delivery.delivery_id,
        recipient=DeskReference(organisation=participant.organisation, desk=desk),
        received_at=stamp(at),
        statement_hash=hash_of(delivery.statement),
        refused=refused,
    )
    receipt = packet_pb2.Receipt(receipt=sign_receipt(claims, participant.signing))
    return close_packet(packet_pb2.Packet(receipt=receipt), participant, delivery_id=delivery.delivery_id)


def _check_addressed(said: Statement, delivery_id: str, participant: Participant) -> None:
    if said.delivery_id != delivery_id:
        raise ReleaseRefusedError("other_delivery")
    if said.recipient.organisation != participant.organisation:
        raise ReleaseRefusedError("other_recipient")
    if participant.directory().desk(participant.organisation, said.recipient.desk) is None:
        raise ReleaseRefusedError("unknown_desk")


def _check_usable(release: Release, at: datetime) -> None:
    if is_preview(release.statement.exchange_id):
        raise ReleaseRefusedError("only_a_preview")
    if release.statement.expired(at):
        raise ReleaseRefusedError("delivery_expired")
    if release.leaves.get(_SENDER, release.statement.sender) != release.statement.sender:
        raise ReleaseRefusedError("other_sender")
    # Under the sender's own signature: the gateway may withhold from a desk, and may choose none.
    if not is_named(release.opened.leaves, release.statement.recipient):
        raise ReleaseRefusedError("not_named_by_sender")
    build_document(release.leaves)


def _read_reply(stated: object) -> str:
    """The exchange that the sender says it answers; empty if that cannot be an id, and so links nothing."""
    return str(stated) if is_name(stated) and len(str(stated)) <= _MAX_ID else ""
