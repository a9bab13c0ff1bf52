"""A stored delivery as the organisation's systems see it."""

from collections.abc import Iterable, Iterator
from typing import Final

from google.protobuf.any_pb2 import Any as AnyMessage
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1 import decision_pb2, inbox_service_pb2

from services.kit.evidence.statement import AgreementClause, Statement, WithheldTold
from services.kit.exchange.deliveries import build_document
from services.kit.exchange.notices import payload_of
from services.kit.exchange.participant import stamp
from services.kit.store.inbox import DeliveryContent, ReceivedDelivery

_FLAG: Final = "DECISION_FLAG_"


def summarise_delivery(received: ReceivedDelivery, organisation: str) -> inbox_service_pb2.DeliverySummary:
    """A delivery without its document."""
    return inbox_service_pb2.DeliverySummary(
        delivery_id=received.delivery_id,
        exchange_id=received.exchange_id,
        sender=received.sender,
        recipient=DeskReference(organisation=organisation, desk=received.desk),
        document_type=received.document_type,
        received_at=stamp(received.received_at),
        supplementary_to=received.supplementary_to,
        in_reply_to=received.in_reply_to,
        acknowledged=inbox_service_pb2.AcknowledgementKind.ValueType(received.acknowledged),
        position=received.position,
    )


def compose_delivery(
    summary: inbox_service_pb2.DeliverySummary, content: DeliveryContent
) -> inbox_service_pb2.Delivery:
    """A delivery with its document, built new from the leaves released (design section 4)."""
    said = Statement.model_validate_json(payload_of(content.statement))
    header, document = build_document(content.leaves)
    packed = AnyMessage()
    packed.Pack(document)
    delivery = inbox_service_pb2.Delivery(
        summary=summary,
        header=header,
        document=packed,
        withheld=[_describe_withheld(told) for told in said.withheld_told],
        agreement=_describe_agreement(said.agreement),
        rulebook=said.rulebook,
        flags=list(_read_flags(said.flags)),
        seal=content.seal,
        statement=content.statement,
        proof=inbox_service_pb2.RecordProof(
            checkpoint=content.proof.checkpoint,
            index=content.proof.index,
            hashes=[bytes.fromhex(each) for each in content.proof.path],
        ),
    )
    if said.not_after is not None:
        delivery.not_after.FromDatetime(said.not_after)
    return delivery


def _describe_withheld(told: WithheldTold) -> decision_pb2.Withheld:
    withheld = decision_pb2.Withheld(category=told.category)
    if told.rule is not None:
        withheld.rule.rule = told.rule
        withheld.rule.reason = told.reason or ""
    return withheld


def _describe_agreement(agreement: AgreementClause | None) -> decision_pb2.AgreementReference | None:
    if agreement is None:
        return None
    return decision_pb2.AgreementReference(
        agreement=agreement.id, version=agreement.version, clause=agreement.clause
    )


def _read_flags(codes: Iterable[str]) -> Iterator[decision_pb2.DecisionFlag.ValueType]:
    known = decision_pb2.DecisionFlag.keys()
    return (decision_pb2.DecisionFlag.Value(_FLAG + code) for code in codes if _FLAG + code in known)
