"""A breach case as it is kept: ids, codes, times (aware, UTC); words stand encrypted elsewhere."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BreachRow:
    """A case.

    Attributes:
        organisation: the controller whose case it is.
        kind: DISCLOSURE, ALTERATION or LOSS.
        aware_at: when the controller knew.
        due_at: until when the Commissioner is to be told.
        opened_in: scope of who opened it, and why.
        closed_at: when the last duty was settled; None while one is open.
    """

    breach_id: str
    organisation: str
    kind: str
    aware_at: datetime
    opened_at: datetime
    due_at: datetime
    opened_in: str
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BreachStepRow:
    """A step: what, when it was taken and noted, and the scope of who noted it, and why."""

    breach_id: str
    step: str
    taken_at: datetime
    noted_at: datetime
    noted_in: str


@dataclass(frozen=True, slots=True)
class AffectedRow:
    """An exchange that a breach concerns."""

    breach_id: str
    exchange_id: str
