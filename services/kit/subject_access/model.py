"""The words of a case: items, decisions of them, and what happens in it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from services.kit.evidence.values import JsonValue
from services.kit.subject_access.rules import Regime, Tell

ADDED: Final = "added."
"""Begins the path of an item that somebody added from a case system."""

DISCLOSURE: Final = "disclosure."
"""Begins the path of an item that is a disclosure, not a leaf of a document."""


class Disposition(StrEnum):
    """What becomes of an item."""

    GIVE = "GIVE"
    WITHHOLD = "WITHHOLD"


class By(StrEnum):
    """Who decided an item."""

    OWNER = "OWNER"
    CONTROLLER = "CONTROLLER"
    """The organisation that answers the request."""

    RULE = "RULE"
    """Nobody yet: what the rules propose stands."""


class ItemState(StrEnum):
    """Where an item stands."""

    OWNER_ASKED = "OWNER_ASKED"
    UNDECIDED = "UNDECIDED"
    GIVEN = "GIVEN"
    WITHHELD = "WITHHELD"


class CaseState(StrEnum):
    """How far a case has come."""

    OPEN = "OPEN"
    IN_HAND = "IN_HAND"
    PREPARED = "PREPARED"
    ANSWERED = "ANSWERED"
    ISSUED = "ISSUED"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is held about the person.

    Attributes:
        path: of the leaf; begins with `disclosure.` for a disclosure.
        title: of the document.
        label: of the leaf, in words.
        value: as sealed.
        shown: the value in words; for a disclosure its columns.
        is_text: written by a person, so that it may name anybody.
        owner: whose information it is.
        on: day of the exchange.
        own: whether its category is that of the person's part in the exchange.
        is_case: whether the person is the subject of the exchange's case, so that no other has that part.
        purpose: of its exchange, as a code.
    """

    item_id: str
    exchange_id: str
    document_type: str
    path: str
    category: str
    title: str
    label: str
    value: JsonValue = field(repr=False)
    shown: str = field(repr=False)
    is_text: bool
    owner: str
    sender: str
    regime: Regime
    on: date
    own: bool
    is_case: bool
    purpose: str = ""

    @property
    def about(self) -> str:
        """Whom it is about, such as VICTIM."""
        return next((each for each in ABOUTS if self.category.startswith(f"{each}_")), "OTHER")

    @property
    def kind(self) -> str:
        """What kind of information, such as RISK."""
        return self.category.removeprefix(f"{self.about}_")

    @property
    def is_added(self) -> bool:
        """Whether somebody added it from a case system."""
        return self.path.startswith(ADDED)

    @property
    def is_disclosure(self) -> bool:
        """Whether it is a disclosure and not a leaf."""
        return self.path.startswith(DISCLOSURE)


ABOUTS: Final = ("SUBJECT", "VICTIM", "CHILD", "ADULT_AT_RISK", "STAFF", "OTHER", "REFERRER")


@dataclass(frozen=True, slots=True)
class SeriousHarm:
    """Whether giving an item would be likely to cause serious harm, in whose opinion (DPA 2018 Sch. 3)."""

    met: bool
    reason: str = field(repr=False)
    opinion_of: str = ""
    opinion_on: date | None = None


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """Whether somebody else agrees, or it is reasonable without (DPA 2018 Sch. 2 para. 16; s.45(4)(e)).

    Attributes:
        consent: GIVEN, REFUSED, NOT_SOUGHT or NO_ANSWER.
    """

    consent: str
    reasonable: bool
    reason: str = field(repr=False)

    @property
    def allows(self) -> bool:
        """Whether the item may be given."""
        return self.consent == "GIVEN" or self.reasonable


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided of an item.

    Attributes:
        exemption: code; empty where it is given.
        until: from when the reason may be over.
        serious_harm: what harm was weighed.
        third_party: what rights of others were weighed.
    """

    disposition: Disposition
    exemption: str = ""
    reason: str = field(default="", repr=False)
    tell: Tell | None = None
    until: date | None = None
    serious_harm: SeriousHarm | None = None
    third_party: ThirdParty | None = None


@dataclass(frozen=True, slots=True)
class Mask:
    """What is masked in a text: spans as code points, ends excluded.

    Attributes:
        proposed: by the gateway.
        spans: that are masked.
        changed: whether somebody here changed them.
    """

    proposed: tuple[tuple[int, int], ...]
    spans: tuple[tuple[int, int], ...]
    changed: bool = False

    def uncovered(self, spans: Iterable[tuple[int, int]]) -> bool:
        """Whether other spans would show anything that was proposed to be masked."""
        kept = {place for start, end in spans for place in range(start, end)}
        return any(place not in kept for start, end in self.proposed for place in range(start, end))


@dataclass(frozen=True, slots=True)
class Settled:
    """An item as it stands; the decision is None while there is none."""

    item: Item
    state: ItemState
    decision: Decision | None
    by: By | None


@dataclass(frozen=True, slots=True)
class Who:
    """The person who did something."""

    subject: str
    name: str = field(repr=False)
    job: str
    role: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a case.

    Attributes:
        kind: one of `cases.Kind`.
        who: None for what arrived.
        detail: JSON.
        request_id: under which something was sent for it; empty if nothing was.
    """

    kind: str
    at: datetime
    who: Who | None
    detail: dict[str, Any] = field(repr=False)
    request_id: str = ""
