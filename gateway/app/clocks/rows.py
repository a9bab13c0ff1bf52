"""One clock as it is kept: ids, codes and times, no personal data."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.app.keyset import START, Place
from gateway.core.deadlines.starting import ClockState
from gateway.core.deadlines.steps import Step

LIVE = (ClockState.WAITING, ClockState.RUNNING, ClockState.OVERDUE)
"""States in which something is waited for."""


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A clock.

    Attributes:
        limit_id: which time limit: an id of clocks.yaml, or the prerequisite of a hold.
        matter: the exchange that it is about, or the id of another matter.
        document_type: of the exchange; empty for another matter.
        sender: of the exchange, or whoever the matter is of.
        organisation: who owes what is waited for; empty where the directory lists nobody who could.
        role: as what.
        recipient_organisation: of the desk concerned; None where it is about the whole.
        subject_id: made-up id of whom the exchange is about.
        is_known: whether the responsible organisation may learn of the exchange.
        is_told: whether the sender may learn of the clock.
        agreed: the end of the day that was agreed in place of the limit.
        steps: what follows, with the times of it; stored, so that nothing moves them afterwards.
        step: how many of them were taken.
        next_at: when the next is due; None: none is.
    """

    clock_id: str
    limit_id: str
    matter: str
    document_type: str
    sender: str
    organisation: str
    role: str
    recipient_organisation: str | None
    recipient_desk: str | None
    hold_id: str | None
    subject_id: str | None
    state: ClockState
    is_known: bool
    is_told: bool
    opened_at: datetime
    started_at: datetime | None = None
    due_at: datetime | None = None
    agreed: datetime | None = None
    steps: tuple[Step, ...] = ()
    step: int = 0
    next_at: datetime | None = None
    ended_at: datetime | None = None
    escalated: bool = False
    position: int = 0

    @property
    def is_live(self) -> bool:
        """Whether something is waited for."""
        return self.state in LIVE


class ClockOrder(StrEnum):
    """In which order clocks are listed."""

    AGE = "AGE"
    """Oldest first."""

    DUE = "DUE"
    """By when they are due; those without a day are left out."""

    NEWEST = "NEWEST"
    """Newest first."""


@dataclass(frozen=True, slots=True)
class ClockSight:
    """Whose clocks somebody sees; None is any.

    Attributes:
        parties: only those that one of these organisations owes, or sent and may learn of.
        all_of: only those that one of these organisations owes or sent.
    """

    parties: frozenset[str] | None = None
    all_of: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class ClockFilter:
    """Which clocks are asked for; None and empty are any.

    Attributes:
        sight: whose.
        organisation: only those that this one owes or sent.
        responsible: only those that this one owes.
        limit_ids: only those of one of these limits.
        after: where the page begins.
    """

    sight: ClockSight

    states: frozenset[ClockState] = frozenset()
    organisation: str = ""
    responsible: str = ""
    due_from: datetime | None = None
    due_before: datetime | None = None
    limit_ids: frozenset[str] = frozenset()
    matter: str = ""
    subject_id: str = ""
    clock_id: str = ""
    escalated: bool = False
    order: ClockOrder = ClockOrder.AGE
    after: Place = START


@dataclass(frozen=True, slots=True)
class ClockTally:
    """How many clocks of one limit run for one organisation.

    Attributes:
        organisation: who owes what is waited for; empty where the directory lists nobody who could.
        running: the limit has not passed.
        due_soon: of those, due before the moment asked about.
        escalated: of those that run or are overdue, those that went to the next step.
        met: ended in time.
        late: ended after the limit.
    """

    organisation: str
    limit_id: str
    running: int = 0
    due_soon: int = 0
    overdue: int = 0
    escalated: int = 0
    met: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class ClockCounting:
    """Which clocks are counted.

    Attributes:
        sight: whose.
        due_before: until when a running one counts as due soon.
        limit_ids: only those of one of these limits; empty: any.
        ended_since: those too that ended from then on, if limits are named; None: none that ended.
    """

    sight: ClockSight
    due_before: datetime
    limit_ids: frozenset[str] = frozenset()
    ended_since: datetime | None = None
