"""Receipts and acknowledgements: a machine took delivery, or refused it; a person has it."""

import re
from collections.abc import Callable
from datetime import UTC
from typing import Final, TypeVar

from google.protobuf.message import Message
from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import inbox_service_pb2, outcome_pb2
from publicprotection.transport.v1 import packet_pb2

from gateway.app.clocks.tracking import note_acknowledgement, note_receipt
from gateway.app.collecting import named_in
from gateway.app.envelopes import Unusable, report
from gateway.app.figures.noting import note_delivery
from gateway.app.records import RecordType, commit_text, record
from gateway.app.register.keeping import relist_delivered
from gateway.app.resend import send_again
from gateway.app.retention import drop_settled
from gateway.app.rows import DeliveryRow
from gateway.app.tools import Work
from gateway.core.tallies import Figure
from services.kit.evidence.errors import EvidenceError
from services.kit.exchange.notices import KEY_REFUSALS, verify_acknowledgement, verify_receipt

_CODE: Final = re.compile(r"[A-Za-z0-9_]{1,64}")

M = TypeVar("M", bound=Message)


async def take_receipt(work: Work, organisation: str, token: str) -> Unusable | None:
    """Notes that a delivery arrived, or was refused; tells the sender. A repeat has no effect.

    Args:
        work: the unit of work.
        organisation: whose queue it came by.
        token: compact JWS of transport.v1.ReceiptClaims.
    """
    claims = _verified(work, verify_receipt, token)
    if isinstance(claims, Unusable):
        return claims
    if claims.recipient.organisation != organisation:
        return Unusable("SIGNED_BY_ANOTHER")
    # A delivery that does not verify does not say for which desk it was.
    desk = None if claims.refused and not claims.recipient.desk else claims.recipient.desk
    delivery = await _own_delivery(work, organisation, claims.delivery_id, desk)
    if delivery is None:
        return Unusable("DELIVERY_UNKNOWN")
    if delivery.receipted_at is not None:
        return None
    if not claims.refused and claims.statement_hash != delivery.statement_hash:
        return Unusable("RECEIPT_OF_ANOTHER_STATEMENT")
    if claims.refused in KEY_REFUSALS:
        await _refuse_key(work, delivery, claims)
    else:
        await _settle(work, delivery, claims)
    return None


async def take_acknowledgement(work: Work, organisation: str, token: str) -> Unusable | None:
    """Notes that a person has a delivery; tells the sender. A repeat, or less than before, has no effect.

    Args:
        work: the unit of work.
        organisation: whose queue it came by.
        token: compact JWS of transport.v1.AcknowledgementClaims.
    """
    claims = _verified(work, verify_acknowledgement, token)
    if isinstance(claims, Unusable):
        return claims
    if claims.recipient.organisation != organisation:
        return Unusable("SIGNED_BY_ANOTHER")
    delivery = await _own_delivery(work, organisation, claims.delivery_id, claims.recipient.desk)
    if delivery is None or delivery.refused is not None:
        return Unusable("DELIVERY_UNKNOWN")
    if claims.kind not in inbox_service_pb2.AcknowledgementKind.values() or not claims.kind:
        return Unusable("ACKNOWLEDGEMENT_MALFORMED")
    if claims.kind > delivery.acknowledged:
        await _acknowledge(work, delivery, claims)
    return None


def _verified(work: Work, verify: Callable[..., M], token: str) -> M | Unusable:
    """The claims, signed by the recipient that they name."""
    try:
        return verify(token, keys=work.tools.directory.keys.verifying_at(work.at))
    except EvidenceError as error:
        return Unusable(f"SIGNATURE_{error.reason.upper()}")


async def _own_delivery(
    work: Work, organisation: str, delivery_id: str, desk: str | None
) -> DeliveryRow | None:
    """The delivery, if it is one to this organisation, and to this desk where one is given."""
    delivery = await work.unit.deliveries.find(delivery_id)
    if delivery is None or delivery.organisation != organisation:
        return None
    return delivery if desk in (None, delivery.desk) else None


async def _refuse_key(work: Work, delivery: DeliveryRow, claims: packet_pb2.ReceiptClaims) -> None:
    """Sends again what was refused for the key alone; the sender is told each time, and may telephone."""
    if delivery.published_at is None:
        return  # it waits to go again already
    if await send_again(work, delivery):
        await _note(work, delivery, claims.refused)
    else:
        await _settle(work, delivery, claims)


async def _settle(work: Work, delivery: DeliveryRow, claims: packet_pb2.ReceiptClaims) -> None:
    refused = _code(claims.refused) if claims.refused else None
    await work.unit.deliveries.settle(delivery.delivery_id, work.at, refused)
    await work.unit.outgoing.drop_ciphertext(delivery.packet_id)
    await drop_settled(work, delivery.exchange_id)
    await _note(work, delivery, refused)
    if refused is not None:
        await relist_delivered(work, delivery.exchange_id)
        await note_delivery(work, delivery, Figure.NOT_TAKEN)
    else:
        await note_receipt(work, delivery, claims.received_at.ToDatetime(UTC))


async def _note(work: Work, delivery: DeliveryRow, refused: str | None) -> None:
    """Records that a delivery arrived, or why it was refused, and tells its sender."""
    leaf = await record(
        work,
        RecordType.RECEIPT if refused is None else RecordType.DELIVERY_REFUSED,
        exchange=delivery.exchange_id,
        delivery=delivery.delivery_id,
        recipient=f"{delivery.organisation}/{delivery.desk}",
        statement_hash=delivery.statement_hash,
        disclosure=delivery.record_hash,
        about=await named_in(work, delivery.exchange_id),
        reason=refused,
    )
    kind = (
        outcome_pb2.OUTCOME_KIND_RECEIPTED if refused is None else outcome_pb2.OUTCOME_KIND_DELIVERY_REFUSED
    )
    await _tell_sender(work, delivery, kind, leaf, refused)


async def _acknowledge(work: Work, delivery: DeliveryRow, claims: packet_pb2.AcknowledgementClaims) -> None:
    await work.unit.deliveries.acknowledge(delivery.delivery_id, work.at, claims.kind)
    await relist_delivered(work, delivery.exchange_id)
    if not delivery.acknowledged:
        await note_delivery(work, delivery, Figure.ACKNOWLEDGED)
    kind = inbox_service_pb2.AcknowledgementKind.Name(claims.kind).removeprefix("ACKNOWLEDGEMENT_KIND_")
    person = {"name": claims.person, "role": claims.role}
    leaf = await record(
        work,
        RecordType.ACKNOWLEDGEMENT,
        exchange=delivery.exchange_id,
        delivery=delivery.delivery_id,
        recipient=f"{delivery.organisation}/{delivery.desk}",
        acknowledgement=kind,
        about=await named_in(work, delivery.exchange_id),
        author_commitment=await commit_text(
            work, delivery.exchange_id, f"{delivery.delivery_id}.{kind.lower()}", "author", person
        ),
    )
    await _tell_sender(work, delivery, outcome_pb2.OUTCOME_KIND_ACKNOWLEDGED, leaf, None)
    await note_acknowledgement(work, delivery)


async def _tell_sender(
    work: Work,
    delivery: DeliveryRow,
    kind: outcome_pb2.OutcomeKind.ValueType,
    leaf: str,
    refused: str | None,
) -> None:
    exchange = await work.unit.register.find(delivery.exchange_id)
    if exchange is None:
        raise AssertionError("a delivery without its exchange")
    outcome = outcome_pb2.Outcome(
        exchange_id=delivery.exchange_id,
        kind=kind,
        delivery_id=delivery.delivery_id,
        recipient=organisation_pb2.DeskReference(organisation=delivery.organisation, desk=delivery.desk),
        record_hash=leaf,
        document_type=exchange.document_type,
    )
    if refused is not None:
        outcome.rejection.reason = refused
        outcome.rejection.advice = "The recipient's service could not verify it: telephone the desk."
    await report(work, exchange.sender, outcome)


def _code(reason: str) -> str:
    """A stable reason as the recipient's service gives it; anything else is not repeated."""
    return reason if _CODE.fullmatch(reason) else "NOT_STATED"
