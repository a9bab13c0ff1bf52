"""What the gateway keeps: values as the store takes and gives them. Times are aware, UTC.

None of them holds a name, a text or a value of a document in clear: ids, codes, paths, digests, ciphertext.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.kit.evidence.leaves import JsonValue

Entry = dict[str, JsonValue | list[str] | None]


WITHDRAWN: Final = "WITHDRAWN"
"""In the place of a recipient's refusal: a delivery that was stopped before it was published."""


class SubmissionState(StrEnum):
    """What became of a submission."""

    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"


class HoldState(StrEnum):
    """Where a hold stands.

    LIFTED: another fact, or another hold's grant, made it needless. EXPIRED: nobody answered in time.
    WITHDRAWN: its exchange was.
    """

    OPEN = "OPEN"
    GRANTED = "GRANTED"
    DECLINED = "DECLINED"
    LIFTED = "LIFTED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """A sealed exchange that arrived.

    Attributes:
        seal_hash: SHA-256 of the seal's signed part, hexadecimal.
        request_key: keyed digest of sender and request id; None where it claims none.
        leaf_digest: keyed digest of the leaves, element labels aside.
        ciphertext: the seal, encrypted at rest, while anything of it may still be released.
        issued_at: when the sender sealed it, by its own clock.
    """

    exchange_id: str
    sender: str
    seal_hash: str
    document_type: str
    state: SubmissionState
    received_at: datetime
    issued_at: datetime
    request_key: bytes | None = None
    leaf_digest: bytes | None = None
    ciphertext: bytes | None = None


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """One exchange in the register. Purpose, urgency and marking are the numbers of the contract's enums.

    Attributes:
        thread_id: the first exchange of those that answer each other; its own id if it answers none.
        bases: numbers of exchange.v1.LawfulBasis, as texts.
        victim: whether the document says anything about a victim.
    """

    exchange_id: str
    sender: str
    document_type: str
    purpose: int
    urgency: int
    decided_at: datetime
    subject_id: str
    in_reply_to: str | None
    author_commitment: str
    necessity_commitment: str | None
    grounds_commitment: str | None = None
    position: int = 0
    thread_id: str = ""
    marking: int = 0
    bases: tuple[str, ...] = ()
    victim: bool = False


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision for one recipient.

    Attributes:
        body: exchange.v1.Decision as its sender sees it, as protobuf JSON.
        result: how it stands: a gateway.app.register.rows.Result.
        withheld: categories that were not released.
        held: categories that wait.
    """

    exchange_id: str
    organisation: str
    desk: str
    body: str
    decided_at: datetime
    record_hash: str
    result: str = ""
    withheld: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold.

    Attributes:
        organisation: who can grant or decline; empty where the directory lists nobody who could.
        body: exchange.v1.Held as protobuf JSON, as the sender may see it.
        key: digest of what waits and for what, by which a later decision knows it again.
        asked_as: side or kind of prerequisites.yaml as which the organisation is asked.
        tell_sender: how much the sender may learn of it: NOTHING, CATEGORY or REASON.
        escalates_to: organisation to which it is escalated; empty where there is none.
        expires_at: when it ends unanswered; None: it waits until it is answered.
        sender: of its exchange; with the document type here too, since what waits is looked for by them.
    """

    hold_id: str
    exchange_id: str
    recipient_organisation: str
    recipient_desk: str
    organisation: str
    prerequisite: str
    body: str
    key: str
    state: HoldState
    opened_at: datetime
    escalates_at: datetime
    closed_at: datetime | None = None
    asked_as: str = ""
    tell_sender: str = "REASON"
    escalates_to: str = ""
    escalates_to_role: str = ""
    expires_at: datetime | None = None
    sender: str = ""
    document_type: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class HoldKeyRow:
    """A key to a hold that somebody turned.

    Attributes:
        key: its place among the keys that the answer needs.
        person: keyed digest of the person's id at the organisation.
        name: keyed digest of the person's name: the same person may have an id in another organisation.
        answered_in: the sealed answer.
    """

    hold_id: str
    exchange_id: str
    prerequisite: str
    key: int
    organisation: str
    person: bytes
    name: bytes
    job: str
    answered_in: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A release on its way, or there.

    Attributes:
        released: paths disclosed, and `path#function` for those released in a derived form only.
        statement_hash: SHA-256 of the compact statement, hexadecimal; the receipt quotes it.
        acknowledged: furthest exchange.v1.AcknowledgementKind so far.
        refused: stable reason for which the recipient's service refused it.
    """

    delivery_id: str
    exchange_id: str
    organisation: str
    desk: str
    packet_id: str
    record_hash: str
    statement_hash: str
    released: tuple[str, ...]
    supplementary_to: str | None
    created_at: datetime
    receipted_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged: int = 0
    refused: str | None = None
    published_at: datetime | None = None

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was stopped before it was published: nobody got it."""
        return self.refused == WITHDRAWN


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """An outcome sent, or to be sent."""

    outcome_id: str
    exchange_id: str
    kind: int
    addressee: str
    packet_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PacketRow:
    """A packet for one organisation, encrypted at rest; published oldest first, once its record has a proof.

    Attributes:
        key_scope: whose data key encrypts it.
        record_hash: leaf hash of the record without which it must not leave.
    """

    packet_id: str
    organisation: str
    key_scope: str
    record_hash: str
    ciphertext: bytes
    created_at: datetime
    position: int = 0
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class DuePacket:
    """A packet that is due, and the index of its record in the log."""

    packet: PacketRow
    leaf_index: int


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact on record about an exchange; `recipient` limits it to one organisation's release."""

    exchange_id: str
    name: str
    party: str | None
    answer: str
    organisation: str
    holds_from: datetime | None
    holds_until: datetime | None
    recipient: str | None
    asserted_in: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class TextRow:
    """One text outside the log, encrypted at rest under the data key of `key_scope`.

    Attributes:
        exchange_id: with which it came; None if with none.
    """

    scope: str
    name: str
    exchange_id: str | None
    key_scope: str
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One entry of the disclosure log.

    Attributes:
        entry: canonical JSON; None once pruned.
        record_hash: its RFC 9162 leaf hash, hexadecimal.
        position: place in the queue for the sequencer.
        leaf_index: index in the tree; None until it is sequenced.
        retention_class: says how long the entry is kept; None: as long as the log.
    """

    entry: str | None
    record_hash: str
    type: str
    exchange_id: str | None
    at: datetime
    position: int = 0
    leaf_index: int | None = None
    retention_class: str | None = None


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """A message set aside: the hash of `Arrival.message_hash`, which queue, why."""

    message_hash: str
    organisation: str
    reason: str
    at: datetime
