"""Which holds a co-ordinator asks for, and how many there are of which."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.app.keyset import START, Place


class HoldOrder(StrEnum):
    """In which order holds are listed."""

    AGE = "AGE"
    """Oldest first."""

    ESCALATION = "ESCALATION"
    """By when they are escalated: those that were come first."""


@dataclass(frozen=True, slots=True)
class HoldFilter:
    """Which open holds are asked for; None and empty are any.

    Attributes:
        concerned: only those whose sender, recipient or owner is one of these organisations.
        owner: only those of which this organisation owns the answer.
        is_unowned: only those that nobody could be asked for.
        escalated_by: only those whose time of escalation is this moment or lies before it.
        after: where the page begins.
    """

    concerned: frozenset[str]
    owner: str = ""
    is_unowned: bool = False
    prerequisite: str = ""
    document_type: str = ""
    exchange_id: str = ""
    escalated_by: datetime | None = None
    order: HoldOrder = HoldOrder.AGE
    after: Place = START


@dataclass(frozen=True, slots=True)
class HoldTally:
    """How many open holds there are of one owner, prerequisite and document type.

    Attributes:
        owner: empty where nobody could be asked.
        escalated: of them, those whose time of escalation has passed.
        oldest: since when the oldest waits.
    """

    owner: str
    prerequisite: str
    document_type: str
    open: int
    escalated: int
    oldest: datetime
