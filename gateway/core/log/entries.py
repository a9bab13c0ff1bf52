"""The words of the disclosure log: verbs, types of record, and what is declared of each type.

The verbs are those of DPA 2018 section 62(1), and one each for what is on record besides: that nothing went,
that something waits, who permitted it, that it arrived, and what the gateway goes by.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.core.log.members import FRAME, Seen


class Verb(StrEnum):
    """What kind of operation a record is about."""

    COLLECTION = "COLLECTION"
    ALTERATION = "ALTERATION"
    CONSULTATION = "CONSULTATION"
    DISCLOSURE = "DISCLOSURE"
    COMBINATION = "COMBINATION"
    ERASURE = "ERASURE"
    REFUSAL = "REFUSAL"
    HOLD = "HOLD"
    APPROVAL = "APPROVAL"
    RECEIPT = "RECEIPT"
    RECALL = "RECALL"
    GOVERNANCE = "GOVERNANCE"


SECTION_62: Final = frozenset(
    {
        Verb.COLLECTION,
        Verb.ALTERATION,
        Verb.CONSULTATION,
        Verb.DISCLOSURE,
        Verb.COMBINATION,
        Verb.ERASURE,
    }
)
"""The operations that DPA 2018 section 62(1) names (its paragraph (d) includes transfers)."""


class RecordType(StrEnum):
    """What a record says happened."""

    COLLECTION = "COLLECTION"
    DISCLOSURE = "DISCLOSURE"
    REFUSAL = "REFUSAL"
    HOLD = "HOLD"
    HOLD_GRANTED = "HOLD_GRANTED"
    HOLD_DECLINED = "HOLD_DECLINED"
    HOLD_KEY_TURNED = "HOLD_KEY_TURNED"
    HOLD_ENDED = "HOLD_ENDED"
    FACTS_RECORDED = "FACTS_RECORDED"
    EXCHANGE_RECALLED = "EXCHANGE_RECALLED"
    RECALL_CONFIRMED = "RECALL_CONFIRMED"
    DISCLOSURE_DECIDED = "DISCLOSURE_DECIDED"
    DISCLOSURE_TOLD = "DISCLOSURE_TOLD"
    CLOCK_REMINDED = "CLOCK_REMINDED"
    CLOCK_ESCALATED = "CLOCK_ESCALATED"
    CLOCK_OVERDUE = "CLOCK_OVERDUE"
    CLOCK_ENDED = "CLOCK_ENDED"
    CLOCK_COMPLETED = "CLOCK_COMPLETED"
    TELEPHONE_DISCLOSURE = "TELEPHONE_DISCLOSURE"
    RECEIPT = "RECEIPT"
    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT"
    DELIVERY_REFUSED = "DELIVERY_REFUSED"
    REJECTION = "REJECTION"
    SUBMISSION_REFUSED = "SUBMISSION_REFUSED"
    PREVIEW = "PREVIEW"
    PREVIEW_REJECTED = "PREVIEW_REJECTED"
    LOG_QUERY = "LOG_QUERY"
    SUBJECT_QUERY = "SUBJECT_QUERY"
    REGISTER_EXPORTED = "REGISTER_EXPORTED"
    SUBJECT_LOCATED = "SUBJECT_LOCATED"
    ACCESS_ENQUIRED = "ACCESS_ENQUIRED"
    ACCESS_ANSWERED = "ACCESS_ANSWERED"
    TEXTS_MASKED = "TEXTS_MASKED"
    ACCESS_REFUSED = "ACCESS_REFUSED"
    SUBJECT_LINKED = "SUBJECT_LINKED"
    SUBJECT_UNLINKED = "SUBJECT_UNLINKED"
    SUBJECT_CONFLICT = "SUBJECT_CONFLICT"
    CONFLICT_RESOLVED = "CONFLICT_RESOLVED"
    CANDIDATE_CONFIRMED = "CANDIDATE_CONFIRMED"
    CANDIDATE_REJECTED = "CANDIDATE_REJECTED"
    DELIVERY_WITHDRAWN = "DELIVERY_WITHDRAWN"
    AGREEMENT_CHANGED = "AGREEMENT_CHANGED"
    RULEBOOK_CHANGED = "RULEBOOK_CHANGED"
    DIRECTORY_CHANGED = "DIRECTORY_CHANGED"
    KEY_CHANGED = "KEY_CHANGED"
    BREACH_CHANGED = "BREACH_CHANGED"
    LEGAL_HOLD_PLACED = "LEGAL_HOLD_PLACED"
    LEGAL_HOLD_LIFTED = "LEGAL_HOLD_LIFTED"
    SUBJECT_ERASED = "SUBJECT_ERASED"
    EXCHANGE_ERASED = "EXCHANGE_ERASED"
    RECORDS_PRUNED = "RECORDS_PRUNED"


@dataclass(frozen=True, slots=True)
class RecordSpec:
    """One type of record.

    Attributes:
        verb: its kind of operation.
        says: when it is written, as a sentence.
        paragraphs: what asks for it.
        satisfies: ids of the guidance's record sections that it answers.
        required: members that it must have, besides those of every entry.
        optional: members that it may have.
        parties: members that name who may see it, besides the co-ordination unit, and what each may see.
    """

    verb: Verb
    says: str
    paragraphs: str
    satisfies: tuple[str, ...]
    required: frozenset[str]
    optional: frozenset[str]
    parties: Mapping[str, Seen]

    @property
    def members(self) -> frozenset[str]:
        """All members that it may have."""
        return FRAME | self.required | self.optional
