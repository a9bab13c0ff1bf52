"""A recall as it is kept: ids, codes and times. Times are aware, UTC."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RecallRow:
    """A recall.

    Attributes:
        recall_id: the exchange by which it came.
        exchange_id: what is recalled; once at most.
        kind: a `RecallKind` without prefix.
        replaced_by: the exchange that takes its place, if one does.
    """

    recall_id: str
    exchange_id: str
    sender: str
    kind: str
    replaced_by: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class RecallToldRow:
    """An organisation that had what was recalled, and when it confirmed; None: it has not."""

    recall_id: str
    organisation: str
    confirmed_at: datetime | None = None
