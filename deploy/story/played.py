"""What happened when the story was played: the results of each step, as the parties themselves saw them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message
from publicprotection.exchange.v1.decision_pb2 import Decision
from publicprotection.exchange.v1.header_pb2 import Header
from publicprotection.exchange.v1.hold_service_pb2 import Hold
from publicprotection.exchange.v1.inbox_service_pb2 import AcknowledgementKind, Delivery
from publicprotection.exchange.v1.outbox_service_pb2 import GetExchangeResponse
from publicprotection.exchange.v1.outcome_pb2 import Outcome
from publicprotection.oversight.v1.disclosure_log_service_pb2 import LogRecord
from publicprotection.oversight.v1.register_service_pb2 import RegisteredExchange

from deploy.story.model import Acknowledge, Step
from services.kit.evidence.bundle import Report
from services.kit.evidence.delivery_evidence import DeliveryReport
from services.kit.exchange.documents import document_type


@dataclass(frozen=True)
class Arrival:
    """A delivery as its recipient reads it: the message, and the document taken out of it."""

    delivery: Delivery
    document: Message

    @classmethod
    def of(cls, delivery: Delivery) -> Arrival:
        """Take the document out."""
        document = document_type(delivery.summary.document_type)()
        delivery.document.Unpack(document)
        return cls(delivery, document)


@dataclass(frozen=True)
class PlayedSend:
    """A document that was sent: what the sender was told, and what arrived, by `organisation/desk`."""

    exchange_id: str
    header: Header
    document: Message
    decisions: dict[str, Decision]
    arrivals: dict[str, Arrival]
    exchange: GetExchangeResponse


@dataclass(frozen=True)
class PlayedAnswer:
    """A hold that was answered: the holds as listed, the sender's outcome, and what followed."""

    asked: PlayedSend
    holds: tuple[Hold, ...]
    outcomes: tuple[Outcome, ...]
    decisions: dict[str, Decision]
    arrivals: dict[str, Arrival]
    exchange: GetExchangeResponse


@dataclass(frozen=True)
class PlayedAcknowledgement:
    """An acknowledgement that reached the sender."""

    said: Acknowledge
    delivery_id: str
    kind: AcknowledgementKind.ValueType
    outcome: Outcome


@dataclass(frozen=True)
class PlayedAccess:
    """A subject access request that was answered.

    Attributes:
        pack: What the person gets, as JSON.
        file: The same with its signature, as it is verified.
        pdf: The letter.
        owners: Who was asked, as owner.
    """

    case_id: str
    pack: dict[str, Any]
    file: bytes
    pdf: bytes
    owners: tuple[str, ...]


@dataclass(frozen=True)
class PlayedStep:
    """One step, and what was not as stated (empty: all was)."""

    step: Step
    sent: PlayedSend | None = None
    answered: PlayedAnswer | None = None
    acknowledged: tuple[PlayedAcknowledgement, ...] = ()
    access: PlayedAccess | None = None
    mismatches: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadRecord:
    """The record as the co-ordination unit reads it.

    Attributes:
        entries: of the log.
        register: of exchanges.
        proven: what the recipients' own evidence proves, a report for each delivery that verified.
        exported: what the whole log proves as a file; None if it does not verify, or was not exported.
        mismatches: what was not as it must be (empty: all was).
    """

    entries: tuple[LogRecord, ...] = ()
    register: tuple[RegisteredExchange, ...] = ()
    proven: tuple[DeliveryReport, ...] = ()
    exported: Report | None = None
    mismatches: tuple[str, ...] = ()


@dataclass
class PlayedStory:
    """All that happened, in order."""

    steps: list[PlayedStep] = field(default_factory=list)
    record: ReadRecord = ReadRecord()

    @property
    def as_stated(self) -> bool:
        """Whether each step, and the record, ended as stated."""
        return bool(self.steps) and not self.mismatches

    @property
    def mismatches(self) -> list[str]:
        """Everything that was not as stated."""
        found = [f"{step.step.id}: {text}" for step in self.steps for text in step.mismatches]
        return found + [f"record: {text}" for text in self.record.mismatches]
