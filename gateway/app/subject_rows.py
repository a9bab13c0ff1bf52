"""What the gateway keeps of people: made-up ids, keyed digests, ciphertext. Times are aware, UTC."""

from dataclasses import dataclass
from datetime import datetime

from gateway.core.subjects.linking import Contradiction, LinkState, Pair
from gateway.core.subjects.traces import TraceKind


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One thing by which somebody is known.

    Attributes:
        system: number of common.v1.IdentifierSystem; 0 where an exchange named somebody without identifier.
        blind_index: of the identifier; None without one.
    """

    subject_id: str
    created_at: datetime
    system: int = 0
    blind_index: bytes | None = None


@dataclass(frozen=True, slots=True)
class ReachedRow:
    """An entry that is the same person as another.

    Attributes:
        seed: the entry asked about; itself among those reached.
        births: digests of full dates of birth that documents stated with the entry.
    """

    seed: str
    entry: EntryRow
    births: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class MentionRow:
    """An exchange names somebody, as what, and whether as the subject of its case."""

    subject_id: str
    exchange_id: str
    about: str
    is_case: bool


@dataclass(frozen=True, slots=True)
class TraceRow:
    """By what somebody without a common identifier may be known again."""

    blind_index: bytes
    subject_id: str
    kind: TraceKind


@dataclass(frozen=True, slots=True)
class LinkRow:
    """Two entries that are one person, or were, or may be, or are said not to be.

    Attributes:
        exchange_id: whose document states both; None where a person says so.
        contradiction: why a person has to decide, where a document's link was held.
        made_in: scope of the texts that say which person made it and why; None for a document's link.
        settled_in: the same for who decided or undid it.
    """

    link_id: str
    first_id: str
    second_id: str
    state: LinkState
    exchange_id: str | None
    contradiction: Contradiction | None
    made_at: datetime
    made_in: str | None = None
    settled_at: datetime | None = None
    settled_in: str | None = None
    position: int = 0

    @property
    def pair(self) -> Pair:
        """The two, the lesser first."""
        return self.first_id, self.second_id


@dataclass(frozen=True, slots=True)
class DescriptionRow:
    """What a document says of somebody, encrypted.

    Attributes:
        text_id: keyed digest of content and key scope: the same said twice is kept once.
        party_id: the entry that it describes; None for somebody who has none.
        key_scope: whose data key encrypts it.
    """

    text_id: bytes
    party_id: str | None
    key_scope: str
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class CaseTextRow:
    """An exchange that names somebody describes somebody: themselves, or who stands beside them."""

    subject_id: str
    text_id: bytes


@dataclass(frozen=True, slots=True)
class ToldRow:
    """A desk has stated or received what a description says of a kind: IDENTITY, LOCATION or CONTACT."""

    text_id: bytes
    organisation: str
    desk: str
    kind: str


@dataclass(frozen=True, slots=True)
class Learnt:
    """What an exchange that was not refused adds to the register."""

    traces: tuple[TraceRow, ...] = ()
    links: tuple[LinkRow, ...] = ()
    descriptions: tuple[DescriptionRow, ...] = ()
    case_texts: tuple[CaseTextRow, ...] = ()
    told: tuple[ToldRow, ...] = ()
