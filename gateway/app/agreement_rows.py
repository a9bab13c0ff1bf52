"""What the gateway keeps of agreements, and of past decisions so that they can be decided again.

No names: persons stand as keyed digests, and who it was is in the record's texts, encrypted.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One event in the life of an agreement (core.agreement_events).

    Attributes:
        kind: core.agreement_events.EventKind.
        agreement_id: which.
        version: of it; empty for a suspension.
        organisation: who acted; empty for what the calendar brought.
        person: keyed digest of who it was; empty where nobody was.
        job: of the person.
        party: who is suspended or resumed; empty: the whole agreement.
        digest: of the terms.
        text: YAML, of an import or a proposal.
        scope: under which the texts of the record are kept: who, and why.
        record_hash: leaf hash of its record.
    """

    kind: str
    agreement_id: str
    version: str
    organisation: str
    person: str
    job: str
    party: str
    digest: str
    text: str | None
    scope: str | None
    record_hash: str
    at: datetime
    position: int = 0


@dataclass(frozen=True, slots=True)
class AbstractRow:
    """A past decision without its content (core.abstracts).

    Attributes:
        organisations: its sender and its recipients.
        body: core.abstracts.Abstract as JSON, compressed.
    """

    exchange_id: str
    organisations: tuple[str, ...]
    body: bytes
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class FlowCountRow:
    """How many of one flow.

    Attributes:
        newest: day of the last, in London.
    """

    sender: str
    recipient: str
    document_type: str
    count: int
    newest: date
