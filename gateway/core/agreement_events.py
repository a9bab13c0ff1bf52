"""What happens to agreements: acts of people, what the calendar brings, and why an act is refused."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from gateway.core.agreements import Agreement

WHOLE_AGREEMENT: Final = ""
"""In the place of a party: all of them."""


class EventKind(StrEnum):
    """What happened. The last three are brought about by other events or by the calendar, and noted."""

    IMPORTED = "IMPORTED"
    """Taken over with its state and its signatures on paper, before anything else was there."""
    PROPOSED = "PROPOSED"
    SIGNED = "SIGNED"
    REFUSED = "REFUSED"
    SUSPENDED = "SUSPENDED"
    RESUMED = "RESUMED"
    ENDED = "ENDED"
    CAME_INTO_FORCE = "CAME_INTO_FORCE"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"


@dataclass(frozen=True, slots=True)
class AgreementEvent:
    """One event.

    Attributes:
        agreement: which.
        version: of it; empty for a suspension, which concerns all versions.
        day: on which it happened.
        organisation: who acted; empty for what is noted.
        person: who for it: the same text for the same person, and no name.
        job: of the person.
        party: who is suspended or resumed; empty: the whole agreement.
        digest: of the text that was shown, for a signature or a refusal.
        terms: the text, of an import or a proposal.
    """

    kind: EventKind
    agreement: str
    day: date
    version: str = ""
    organisation: str = ""
    person: str = ""
    job: str = ""
    party: str = WHOLE_AGREEMENT
    digest: str = ""
    terms: Agreement | None = None


class Objection(StrEnum):
    """Why an act cannot be; the value is the advice."""

    NOT_EMPTY = "There are agreements already: propose this one instead."
    NOT_SIGNED = "It is in force without the signature of every controller: add it, or write DRAFT."
    UNKNOWN_AGREEMENT = "There is no such agreement, or no such version of it."
    VERSION_NOT_LATER = "Give it a version that is later than every version there is."
    NOT_AS_DRAFT = "Write DRAFT for `state`, and neither `signatures` nor `suspended`: those follow."
    START_PASSED = "Its first day is over: propose a version that starts when all can have signed."
    NOT_A_PARTY = "Only a party can do this."
    NOT_OPEN = "It is no draft any more, or a later version is signed."
    OTHER_TEXT = "The digest is not that of this version's text: read it again, and sign what you read."
    NO_SIGNATURE_NEEDED = "This organisation's signature is not needed."
    SAME_PERSON = "You signed before: somebody else of your organisation must sign too."
    SIGNED_TWICE = "Two people of this organisation signed already."
    NOT_THE_OWNER = "Only the agreement's owner can do this."
    SUSPENDED_ITSELF = "This organisation is suspended: another party must do this."
    SUSPENDED_BEFORE = "It is suspended already."
    NOT_SUSPENDED = "It is not suspended."
    NOT_IN_FORCE = "It is not in force, nor going to be."
