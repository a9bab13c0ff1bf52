"""What the gateway keeps of legal holds and of what is due. Times are aware, UTC."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LegalHoldRow:
    """A legal hold: on an entry of the subject register, or on an exchange.

    Attributes:
        placed_in: scope of the texts that say who placed it and why.
        lifted_in: the same for who lifted it; None while it is in force.
    """

    legal_hold_id: str
    subject_id: str | None
    exchange_id: str | None
    placed_at: datetime
    placed_in: str
    lifted_at: datetime | None = None
    lifted_in: str | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class DueRow:
    """The unpruned records of a class, of one exchange or, each for itself, of none.

    Attributes:
        oldest: when the first of them was made.
        newest: when the last was.
    """

    retention_class: str
    exchange_id: str | None
    records: int
    oldest: datetime
    newest: datetime
